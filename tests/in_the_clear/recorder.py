"""A proxy between two parties that writes down every word of theirs."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import httpx

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"}
"""What is said to the proxy alone, or no longer true of a body that was read."""


class Part(NamedTuple):
    """One part of an exchange: on which wire, in the `request` or the `reply`, its `target`, `headers` or `body`."""

    wire: str
    side: str
    part: str
    text: str


class Server(ThreadingHTTPServer):
    """Says nothing of whoever goes away before the reply."""

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Recorder:
    """Hands requests on to `target`, and keeps what was said in `parts`. Bodies are kept as they read, unpacked."""

    def __init__(self, wire: str, target: str) -> None:
        self.wire = wire
        self.target = target.rstrip("/")
        self.parts: list[Part] = []
        self._client = httpx.Client(timeout=60)
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                recorder.hand_on(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = handle_any

            def log_message(self, *_: object) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where to ask instead of `target`."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def port(self) -> int:
        """Where to ask instead of the target's own port."""
        return self._server.server_port

    def stop(self) -> None:
        """This will listen no more."""
        self._server.shutdown()
        self._server.server_close()

    def hand_on(self, asked: BaseHTTPRequestHandler) -> None:
        """This will ask the target the same, write both sides down, and give its reply."""
        assert "chunked" not in asked.headers.get("Transfer-Encoding", ""), "a body of unknown length is not recorded"
        body = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        headers = [(name, value) for name, value in asked.headers.items() if name.lower() not in HOP]
        self._keep("request", f"{asked.command} {asked.path}", asked.headers.items(), body)
        try:
            reply = self._client.request(asked.command, self.target + asked.path, headers=headers, content=body)
        except httpx.HTTPError:
            asked.close_connection = True
            return
        self._keep("reply", str(reply.status_code), reply.headers.multi_items(), reply.content)
        asked.send_response(reply.status_code)
        for name, value in reply.headers.multi_items():
            if name.lower() not in HOP:
                asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(reply.content)))
        asked.end_headers()
        asked.wfile.write(reply.content)

    def _keep(self, side: str, target: str, headers: object, body: bytes) -> None:
        lines = "\n".join(f"{name}: {value}" for name, value in headers)  # type: ignore[attr-defined]
        text = body.decode("utf-8", "replace")
        for part, said in (("target", target), ("headers", lines), ("body", text)):
            self.parts.append(Part(self.wire, side, part, said))
