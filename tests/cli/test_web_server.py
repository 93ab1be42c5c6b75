"""The web server against those who send slowly, send half, or do not go."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from cli.tether import die_with_parent
from cli.web import CONNECTIONS, Site
from cli.web_server import STOPPED_WITHIN, ImpatientWorker
from config import Settings
from tests.running import ROOT

ASKED = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
PATIENCE = 20.0


class Served:
    """A running server, and the sockets a test opened."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port

    def connect(self, sent: bytes = b"") -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        connection.sendall(sent)
        return connection

    def answer(self, sent: bytes = ASKED) -> bytes:
        """This will give the status line of an answer."""
        with self.connect(sent) as connection:
            return connection.recv(4096).partition(b"\r\n")[0]


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """Starts a server: `connections` at most, seconds for a header, seconds for an answer."""
    started: list[subprocess.Popen[str]] = []

    def start(connections: int = 100, header: float = 60, answered: float = 60) -> Served:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.impatient", str(connections), str(header), str(answered)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGTERM),
        )
        started.append(process)
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip().isdigit():
                return Served(process, int(line))
        raise AssertionError("the server did not start")

    yield start
    for process in started:
        process.terminate()
        process.communicate(timeout=PATIENCE)


@contextmanager
def held(served: Served, sent: bytes, number: int = 1) -> Iterator[list[socket.socket]]:
    """This will hold connections that sent something."""
    connections = [served.connect(sent) for _ in range(number)]
    try:
        yield connections
    finally:
        for connection in connections:
            connection.close()


def is_ended(connection: socket.socket) -> bool:
    """Whether the server ended the connection, in good time: nothing more comes."""
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    return True


class AConnection:
    @pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
    def test_that_does_not_come_to_its_request_is_ended(self, serve: Callable[..., Served], sent: bytes) -> None:
        served = serve(header=0.5)
        with held(served, sent) as (connection,):
            assert is_ended(connection)
        assert served.answer() == b"HTTP/1.1 200 OK"

    def test_that_drips_its_header_is_ended_all_the_same(self, serve: Callable[..., Served]) -> None:
        served = serve(header=0.5)
        with held(served, b"GET / HTTP/1.1\r\n") as (connection,), pytest.raises(ConnectionError):
            for _ in range(200):
                connection.sendall(b"X-Slow: 1\r\n")
                time.sleep(0.05)

    def test_that_drips_its_body_is_ended(self, serve: Callable[..., Served]) -> None:
        served = serve(answered=0.5)
        with held(served, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx") as (connection,):
            assert is_ended(connection)

    def test_that_does_not_take_its_answer_is_ended(self, serve: Callable[..., Served]) -> None:
        served = serve(answered=0.5)
        with held(served, b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n") as (connection,):
            time.sleep(2)
            taken = 0
            try:
                while block := connection.recv(1 << 20):
                    taken += len(block)
            except ConnectionResetError:
                pass
            assert taken < 50_000_000

    def test_that_keeps_asking_is_kept(self, serve: Callable[..., Served]) -> None:
        served = serve(header=0.5, answered=0.5)
        with held(served, b"") as (connection,):
            for _ in range(10):
                connection.sendall(ASKED)
                assert connection.recv(4096).startswith(b"HTTP/1.1 200 OK")
                time.sleep(0.1)


class TooManyConnections:
    def test_leave_room_for_whoever_sends_a_whole_request(self, serve: Callable[..., Served]) -> None:
        served = serve(connections=10)
        with held(served, b"GET / HTTP/1.1\r\nHost: x\r\n", 30) as connections:
            assert [served.answer() for _ in range(20)] == [b"HTTP/1.1 200 OK"] * 20
            assert is_ended(connections[0])

    def test_with_requests_under_way_are_refused(self, serve: Callable[..., Served]) -> None:
        served = serve(connections=5)
        with held(served, b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n", 5):
            time.sleep(0.5)
            assert served.answer() == b"HTTP/1.1 503 Service Unavailable"


class Stopping:
    @pytest.mark.parametrize(
        "sent",
        [
            b"",
            b"GET / HTTP/1.1\r\nHost: x\r\n",
            ASKED,
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
            b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n",
        ],
    )
    def test_is_prompt_and_in_order_whatever_connections_stand(self, serve: Callable[..., Served], sent: bytes) -> None:
        served = serve()
        with held(served, sent, 3):
            time.sleep(0.3)
            served.process.terminate()
            told, _ = served.process.communicate(timeout=PATIENCE)
        assert served.process.returncode == 0
        assert "closed in order" in told and "SIGKILL" not in told


class TheSite:
    def test_is_served_by_this_worker_and_given_the_time_to_stop(self) -> None:
        served = Site(Settings.from_environment({})).cfg
        assert served.worker_class is ImpatientWorker
        assert served.worker_connections == CONNECTIONS
        assert served.graceful_timeout > STOPPED_WITHIN + 2
