"""HTTP on loopback: turns a request into a call of `Web` and its reply into bytes."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from standins.cards.http import Reply, Request, in_json
from standins.cards.web import Web

LARGEST_BODY = 65536


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
    server_version = "cards-standin"
    sys_version = ""
    timeout = 60
    wbufsize = -1  # a reply leaves in one piece
    disable_nagle_algorithm = True
    answering: Web

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            message = f"The body needs a Content-Length of at most {LARGEST_BODY}."
            reply: Reply | None = in_json(413, {"error": {"type": "invalid_request_error", "message": message}})
        else:
            address = urlsplit(self.path)
            request = Request(
                method=self.command,
                path=address.path,
                query=address.query,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(length)),
            )
            reply = self.answering.answer(request)
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

    do_GET = do_HEAD = do_POST = do_DELETE = do_PUT = do_PATCH = _serve  # noqa: N815 (the standard library's names)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not logged: what they hold is about people and cards."""
