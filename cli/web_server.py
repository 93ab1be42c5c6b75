"""Gunicorn's asgi worker, made impatient: half-sent requests end, connections are bounded, and stopping is prompt.

The worker of gunicorn 27 takes `worker_connections` without looking at it, puts no time on a request's header (`timeout` is a
heartbeat, `keepalive` begins after the first answer) and, when told to stop, waits for idle connections until the arbiter
kills it, so that nothing is closed in order. A buffering proxy in front hides all that; Seed is to stand without one too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from socket import socket
from typing import Any

from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.workers import gasgi

from cli.garbage import settle

HEADER_WITHIN = 10.0
"""Seconds that a new connection has for its first request line and header. Later ones have gunicorn's `keepalive`."""

ANSWERED_WITHIN = 60.0
"""Seconds from a request's header to its answer's last byte, sent and taken."""

STOPPED_WITHIN = 2.5
"""Seconds that requests under way have to end once the worker is told to stop."""


class ImpatientProtocol(ASGIProtocol):  # type: ignore[misc]
    """One connection, with one deadline at a time: for the header, then for the answer."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """This will take the connection; where there are too many, the one that has waited longest with half a header goes."""
        super().connection_made(transport)
        worker: ImpatientWorker = self.worker
        worker.connections.add(self)
        if len(worker.connections) > worker.worker_connections:
            if not worker.silent:
                self._send_error_response(503, "Too many connections.", (("Retry-After", "1"),))
                self._close_transport()
                return
            next(iter(worker.silent)).abort()
        worker.silent[self] = None
        self._set_deadline(HEADER_WITHIN)

    def connection_lost(self, exc: Exception | None) -> None:
        """This will forget the connection."""
        worker: ImpatientWorker = self.worker
        worker.connections.discard(self)
        worker.silent.pop(self, None)
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    def abort(self) -> None:
        """This will end the connection at once, whatever it still holds."""
        self.worker.silent.pop(self, None)
        self.transport.abort()

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way: none was sent yet, not all of its header, or the last one is answered."""
        return bool(self._awaiting_request) or self in self.worker.silent

    def _on_headers_complete(self) -> bool:
        self.worker.silent.pop(self, None)
        self._set_deadline(ANSWERED_WITHIN)
        skips_body: bool = super()._on_headers_complete()
        return skips_body

    def _set_deadline(self, seconds: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.worker.loop.call_later(seconds, self.abort)


class ImpatientWorker(gasgi.ASGIWorker):  # type: ignore[misc]
    """The worker. `silent` are the connections that have not sent a whole header yet, the eldest first."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.connections: set[ImpatientProtocol] = set()
        self.silent: dict[ImpatientProtocol, None] = {}

    def init_process(self) -> None:
        """This will run the worker, with our protocol where gunicorn's would be: it offers no other way to name one."""
        gasgi.ASGIProtocol = ImpatientProtocol
        super().init_process()

    async def _serve(self) -> None:
        settle()
        self.loop.create_server = partial(_taking_one_at_a_time, self.loop.create_server, self.cfg.backlog)
        await super()._serve()

    async def _shutdown(self) -> None:
        for server in self.servers:
            server.close()
        deadline = self.loop.time() + STOPPED_WITHIN
        while self.connections and self.loop.time() < deadline:
            for connection in [each for each in self.connections if each.is_idle]:
                connection.abort()
            await asyncio.sleep(0.05)
        for connection in list(self.connections):
            connection.abort()
        await asyncio.sleep(0)  # lets the transports report that they are gone
        await super()._shutdown()


async def _taking_one_at_a_time(
    create_server: Callable[..., Awaitable[asyncio.Server]], backlog: int, *arguments: Any, sock: socket, **options: Any
) -> asyncio.Server:
    """This will serve on a socket that several processes share, so that each takes what comes as it has time.

    asyncio accepts as many connections in one go as may wait: whoever woke first took them all, while the others stood idle.
    """
    server = await create_server(*arguments, sock=sock, backlog=1, **options)
    sock.listen(backlog)
    return server
