"""A proxy in front of PostgreSQL that loses what it is told to lose."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

READY = b"Z\x00\x00\x00\x05I"
"""ReadyForQuery outside a transaction: what was asked for has been done, and committed."""

EVENT = b"wallet-opened"
"""In a request that holds an event."""


class Proxy:
    """Forwards bytes over a Unix socket.

    `lose_replies` cuts the connections whose next `lose_replies` answers are complete, without forwarding them;
    `lose_requests` cuts those that bring an event, before PostgreSQL hears of it.
    """

    def __init__(self, server_socket: Path) -> None:
        self._server_socket = server_socket
        self._serving: set[asyncio.Task[None]] = set()
        self.lose_replies = 0
        self.lose_requests = 0
        self.lost = 0
        self.closed = False

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """This will serve one connection."""
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def close(self) -> None:
        """This will cut all connections and let nobody in any more."""
        self.closed = True
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.closed:
            writer.close()
            return
        server_reader, server_writer = await asyncio.open_unix_connection(str(self._server_socket))
        ways = (self._requests(reader, server_writer), self._replies(server_reader, writer))
        tasks = [asyncio.create_task(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            writer.close()
            server_writer.close()

    async def _requests(self, reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if self.lose_requests and EVENT in data:
                self.lose_requests -= 1
                self.lost += 1
                return
            server.write(data)
            await server.drain()

    async def _replies(self, server: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        swallowed = b""
        while data := await server.read(65536):
            if self.lose_replies and (b"INSERT" in data or swallowed):
                swallowed += data
                if swallowed.endswith(READY):
                    self.lose_replies -= 1
                    self.lost += 1
                    return
                continue
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def proxied(dsn: str) -> AsyncIterator[tuple[Proxy, str]]:
    """This will run a proxy in front of a database, and give it with the DSN that leads through it."""
    known = conninfo_to_dict(dsn)
    folder = Path(tempfile.mkdtemp(prefix="proxy-"))
    proxy = Proxy(Path(str(known["host"])) / f".s.PGSQL.{known.get('port', 5432)}")
    server = await asyncio.start_unix_server(proxy.accept, folder / ".s.PGSQL.5432")
    try:
        yield proxy, make_conninfo(dsn, host=str(folder), port=5432)
    finally:
        server.close()
        await proxy.close()
        shutil.rmtree(folder)
