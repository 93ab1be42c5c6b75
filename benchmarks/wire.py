"""HTTP/1.1 over plain sockets: as little work as possible, so that what is measured is the server."""

from __future__ import annotations

import asyncio
from typing import NamedTuple, cast


class Lost(Exception):
    """The connection ended before its answer did."""


class Answer(NamedTuple):
    """What came back. `retry_after` is in seconds."""

    status: int
    retry_after: str | None
    body: bytes


class Connection(asyncio.Protocol):
    """One connection with one request at a time; every answer says its length, as Seed's do."""

    def __init__(self) -> None:
        self.is_open = True
        self._transport: asyncio.Transport
        self._buffer = b""
        self._answer: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """This will keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """This will fail the request under way."""
        self.is_open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Lost())

    async def ask(self, request: bytes) -> Answer:
        """This will send a request and give its answer. Raises Lost."""
        if not self.is_open:
            raise Lost
        self._buffer = b""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        """This will end the request when its answer is whole."""
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end or self._answer is None or self._answer.done():
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        status = int(first.split(" ", 2)[1])
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if len(body) < int(fields.get("content-length", 0)):
            return
        if fields.get("connection", "").lower() == "close":
            self.close()
        self._answer.set_result(Answer(status, fields.get("retry-after"), body))

    def close(self) -> None:
        """This will end the connection."""
        self.is_open = False
        self._transport.close()


async def ask(port: int, request: bytes) -> Answer:
    """This will send a request to a port of this machine, over a connection of its own. Raises Lost and OSError.

    A phone has a connection of its own, and a proxy by default makes one for each request: so the web processes share them out.
    """
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    try:
        return await connection.ask(request)
    finally:
        connection.close()
