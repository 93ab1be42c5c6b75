"""HTTP on loopback: turns a request into a call of `Web` and its reply into bytes."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from standins.juice.problems import Problem
from standins.juice.web import Reply, Request, Web, dumped

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
    server_version = "juice-standin"
    sys_version = ""
    timeout = 60
    wbufsize = -1  # a reply leaves in one piece
    disable_nagle_algorithm = True
    answering: Web

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            problem = Problem(413, "BodyTooLarge", f"The body needs a Content-Length of at most {LARGEST_BODY}.")
            reply: Reply | None = Reply(problem.status, problem.document())
        else:
            address = urlsplit(self.path)
            request = Request(
                method=self.command,
                path=address.path,
                query=dict(parse_qsl(address.query, keep_blank_values=True)),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(length)),
            )
            reply = self.answering.answer(request)
        if reply is None:
            self.close_connection = True
            return
        body = dumped(reply.document)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _serve  # noqa: N815 (the standard library's names)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not logged: what they ask is about people and cards."""
