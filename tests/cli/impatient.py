"""Run as a program: gunicorn with our worker, before an application that only says what it was sent. Its port is printed.

Arguments: connections it may have, seconds for a header, seconds for an answer.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from cli import web_server


async def application(scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
    """Answers with the body's length; at /slow only after a while, at /large with more than sockets hold."""
    if scope["type"] == "lifespan":
        for name in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{name}.complete"})
        print("closed in order", flush=True)
        return
    if scope["path"] == "/slow":
        await asyncio.sleep(60)
    size = 0
    while (event := await receive()).get("more_body"):
        size += len(event["body"])
    size += len(event.get("body", b""))
    body = b"x" * 50_000_000 if scope["path"] == "/large" else str(size).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


class Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn with nothing else."""

    def load_config(self) -> None:
        """As in `seed web`."""
        for name, value in {
            "bind": "127.0.0.1:0",
            "workers": 1,
            "worker_class": web_server.ImpatientWorker,
            "worker_connections": int(sys.argv[1]),
            "asgi_lifespan": "on",
            "graceful_timeout": 10,
            "control_socket_disable": True,
            "when_ready": lambda arbiter: print(arbiter.LISTENERS[0].sock.getsockname()[1], flush=True),
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        """The application above."""
        return application


if __name__ == "__main__":
    web_server.HEADER_WITHIN, web_server.ANSWERED_WITHIN = float(sys.argv[2]), float(sys.argv[3])
    Server().run()
