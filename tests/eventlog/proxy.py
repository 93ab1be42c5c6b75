"""A proxy in front of PostgreSQL that loses what it is told to lose."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

READY = b"Z\x00\x00\x00\x05I"
"""ReadyForQuery outside a transaction: what was asked for has been done, and committed."""


class Proxy:
    """Forwards bytes over a Unix socket.

    `lose_replies` cuts the connections whose next `lose_replies` answers are complete, without forwarding them;
    `lose_requests` cuts those that ask something, before PostgreSQL hears of it; `closed` lets nobody in.
    """

    def __init__(self, server_socket: Path, folder: Path) -> None:
        self._server_socket = server_socket
        self._folder = folder
        self.lose_replies = 0
        self.lose_requests = 0
        self.lost = 0
        self.closed = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """This will forward one connection until either side, or the order to lose something, ends it."""
        if self.closed:
            writer.close()
            return
        server_reader, server_writer = await asyncio.open_unix_connection(str(self._server_socket))
        tasks = [
            asyncio.create_task(self._requests(reader, server_writer)),
            asyncio.create_task(self._replies(server_reader, writer)),
        ]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        for stream in (writer, server_writer):
            stream.close()
            with suppress(OSError):
                await stream.wait_closed()

    async def _requests(self, reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if self.lose_requests and b"INSERT" in data:
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
    proxy = Proxy(Path(str(known["host"])) / f".s.PGSQL.{known.get('port', 5432)}", folder)
    server = await asyncio.start_unix_server(proxy.serve, folder / ".s.PGSQL.5432")
    try:
        yield proxy, make_conninfo(dsn, host=str(folder), port=5432)
    finally:
        server.close()
        shutil.rmtree(folder)
