"""HTTP on loopback: turns what comes in into a `Request`, and the `Reply` to it into bytes."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

LARGEST_BODY = 65_536

LOOPBACK_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?")
"""A page elsewhere that points a name of its own at loopback must not reach what is here."""


@dataclass(frozen=True)
class Request:
    """What was asked; names of headers are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def parameters(self) -> dict[str, str]:
        """What the query says, the last of each name."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def in_json(status: int, document: Any, **headers: str) -> Reply:
    """This will answer with a document."""
    written = json.dumps(document, separators=(",", ":")).encode()
    return Reply(status, written, {"Content-Type": "application/json", "Cache-Control": "no-store", **headers})


class Web(Protocol):
    """Answers requests; None closes the connection without a reply."""

    def answer(self, request: Request) -> Reply | None:
        """This will answer a request."""

    def too_large(self) -> Reply:
        """This will answer a request whose body is larger than LARGEST_BODY, or does not say how large it is."""


def make_server(listener: socket.socket, web: Web) -> ThreadingHTTPServer:
    """This will make a server on a bound socket; it answers once `serve_forever` runs."""

    class Handler(_Handler):
        answering = web

    server = ThreadingHTTPServer(listener.getsockname()[:2], Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.daemon_threads = True
    return server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "standin"
    sys_version = ""
    timeout = 60
    wbufsize = -1  # a reply leaves in one piece
    disable_nagle_algorithm = True
    answering: Web

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            reply: Reply | None = self.answering.too_large()
        else:
            reply = self.answering.answer(self._request(int(length)))
        if reply is None:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def _request(self, length: int) -> Request:
        address = urlsplit(self.path)
        return Request(
            method=self.command,
            path=address.path,
            query=address.query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
        )

    do_GET = do_HEAD = do_POST = do_DELETE = do_PUT = do_PATCH = _serve  # noqa: N815 (the standard library's names)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not logged: what they hold is about people and cards."""
