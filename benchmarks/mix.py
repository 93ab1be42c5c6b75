"""What people do on a busy day, as requests that are ready to be sent: each from an address of its own."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from itertools import cycle
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx

from benchmarks.load import Kind
from tests.processes.people import sellable, source

DEVICES = 5
"""Of each account that has a password: as many are logged in from the beginning."""

PURCHASES = 18
"""Of each account; twenty an hour are taken."""

SHARES = {"dashboard": 0.4, "activity": 0.15, "usage": 0.1, "account": 0.1, "landing": 0.1, "login": 0.08}
ONCE = {"redemption": 0.04, "purchase": 0.03}


class Customer(NamedTuple):
    """Somebody who is logged in, with the cookies of their browser: `host` is their utility's name."""

    host: str
    account: dict[str, Any]
    token: str
    device: str
    meters: Sequence[dict[str, Any]]


def customers(demo: dict[str, Any]) -> list[Customer]:
    """This will log in every account of the demo that has a password, from a few devices."""
    found = []
    for utility in demo["utilities"]:
        for account in (each for each in utility["accounts"] if "password" in each):
            for _ in range(DEVICES):
                with httpx.Client(base_url=demo["site"], headers={**source(), "Host": utility["host"]}, timeout=30) as client:
                    reply = client.post("/login", data={"number": account["number"], "password": account["password"]})
                    token, device = reply.cookies["seed"], reply.cookies["seed-device"]
                    told = client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).raise_for_status().json()
                found.append(Customer(utility["host"], account, token, device, told["meters"]))
    return found


def kinds(demo: dict[str, Any]) -> list[Kind]:
    """This will make the requests of every kind; redemptions as many as there are cards to redeem."""
    people = customers(demo)
    made = {
        "dashboard": [page(each, "/dashboard") for each in people],
        "activity": [page(each, "/activity") for each in people],
        "usage": [page(each, "/usage") for each in people],
        "account": [request("GET", "/api/v1/me", each.host, bearer=each.token) for each in people],
        "landing": [request("GET", "/", utility["host"]) for utility in demo["utilities"]],
        "login": [login(each) for each in people],
        "redemption": redemptions(demo),
        "purchase": purchases(people),
    }
    shares = SHARES | ONCE
    return [Kind(name=name, share=shares[name], requests=made[name], once=name in ONCE) for name in made]


def redemptions(demo: dict[str, Any]) -> list[bytes]:
    """This will make one for each card that was not used yet."""
    made = []
    for utility in demo["utilities"]:
        meters = cycle(sellable(utility))
        for card in (each for each in utility["cards"] if each["state"] == "activated"):
            body = {"serial": card["serial"], "code": card["code"], "number": next(meters)}
            made.append(command("/api/v1/redemptions", utility["host"], body))
    return made


def purchases(people: Sequence[Customer]) -> list[bytes]:
    """This will make as many as an account may begin, for the first meter of each."""
    one_each = {each.account["number"]: each for each in people if not any(m["blocked"] for m in each.account["meters"])}
    return [
        command("/api/v1/purchases", each.host, {"meter_id": each.meters[0]["meter_id"], "amount": 2500}, bearer=each.token)
        for _ in range(PURCHASES)
        for each in one_each.values()
    ]


def page(customer: Customer, path: str) -> bytes:
    """This will make the request of a browser that is logged in."""
    return request("GET", path, customer.host, more={"Cookie": f"seed={customer.token}", "Accept": "text/html"})


def login(customer: Customer) -> bytes:
    """This will make the request of a browser that logs in, and has before."""
    form = urlencode({"number": customer.account["number"], "password": customer.account["password"]})
    more = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"seed-device={customer.device}"}
    return request("POST", "/login", customer.host, body=form.encode(), more=more)


def command(path: str, host: str, body: dict[str, Any], bearer: str | None = None) -> bytes:
    """This will make a command under a key of its own."""
    more = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    return request("POST", path, host, body=json.dumps(body).encode(), more=more, bearer=bearer)


def request(
    method: str, path: str, host: str, *, body: bytes = b"", more: dict[str, str] | None = None, bearer: str | None = None
) -> bytes:
    """This will write out a request."""
    fields = {"Host": host, **source(), **(more or {})}
    if bearer is not None:
        fields["Authorization"] = f"Bearer {bearer}"
    if body:
        fields["Content-Length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body
