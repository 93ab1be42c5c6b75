"""Bodies that a lost connection cut off, sent to the real server over a real socket."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest

from tests.running import Running

PATIENCE = 20.0


@pytest.fixture
def login(running_portal: Running) -> dict[str, str]:
    account = running_portal.demo["utilities"][0]["accounts"][3]
    return {"number": account["number"], "password": account["password"]}


def send(portal: Running, path: str, media_type: str, length: str, body: bytes) -> None:
    """This will send a body and lose the connection."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{portal.port}\r\nContent-Type: {media_type}\r\n{length}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", portal.port), timeout=PATIENCE) as connection:
        connection.sendall(head.encode() + body)
        time.sleep(0.2)


def statuses(portal: Running, route: str) -> list[int]:
    """This will give what the log says of the requests of a route, in order."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in portal.log_of("web").splitlines() if line.startswith("{")]
    return [line["status"] for line in lines if line.get("event") == "request" and line.get("route") == route]


def new_statuses(portal: Running, route: str, before: int) -> list[int]:
    """This will wait for a request to be logged."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and len(statuses(portal, route)) == before:
        time.sleep(0.05)
    return statuses(portal, route)[before:]


class ABodyCutOff:
    def test_is_not_acted_upon_where_it_is_a_form(self, running_portal: Running, login: dict[str, str]) -> None:
        body = f"number={login['number']}&password={login['password']}&more=".encode()
        form = "application/x-www-form-urlencoded"
        for length, status in ((f"Content-Length: {len(body)}", 303), (f"Content-Length: {len(body) + 9}", 400)):
            before = len(statuses(running_portal, "/login"))
            send(running_portal, "/login", form, length, body)
            assert new_statuses(running_portal, "/login", before) == [status]

    def test_is_not_acted_upon_where_it_is_json(self, running_portal: Running, login: dict[str, str]) -> None:
        body = json.dumps(login).encode()
        route = "/api/v1/session"
        for length, status in ((f"Content-Length: {len(body)}", 201), (f"Content-Length: {len(body) + 9}", 400)):
            before = len(statuses(running_portal, route))
            send(running_portal, route, "application/json", length, body)
            assert new_statuses(running_portal, route, before) == [status]

    def test_is_not_acted_upon_where_it_comes_in_chunks(self, running_portal: Running, login: dict[str, str]) -> None:
        chunked = "Transfer-Encoding: chunked"
        body = f"number={login['number']}&password={login['password']}&more=".encode()
        before = len(statuses(running_portal, "/login"))
        send(running_portal, "/login", "application/x-www-form-urlencoded", chunked, b"%x\r\n%s\r\n" % (len(body), body))
        assert new_statuses(running_portal, "/login", before) == [411]
        body = json.dumps(login).encode()[:-1]
        before = len(statuses(running_portal, "/api/v1/session"))
        send(running_portal, "/api/v1/session", "application/json", chunked, b"%x\r\n%s\r\n" % (len(body), body))
        assert new_statuses(running_portal, "/api/v1/session", before) == [400]
