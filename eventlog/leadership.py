"""Of several followers with one name, one leads; the others stand by and take over when its connection ends."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from typing import Any

from psycopg import AsyncConnection

from eventlog.waiting import waited

logger = logging.getLogger(__name__)

STANDBY = 1.0
"""Seconds between two looks whether the leader is gone."""


class LeadershipLost(Exception):
    """Another follower of this name leads: what this one was about to write is not written."""


async def lead(connection: AsyncConnection[Any], schema: str, name: str, stop: asyncio.Event | None) -> bool:
    """This will wait until this connection leads; False where `stop` was set before, or was not given and another leads.

    The lead is a session's advisory lock: it ends with the connection, however that ends.
    """
    told = False
    while stop is None or not stop.is_set():
        row = await (await connection.execute("SELECT pg_try_advisory_lock(%s::bigint)", [lock_of(schema, name)])).fetchone()
        if row is not None and row[0]:
            return True
        if stop is None:
            return False
        if not told:
            logger.info("%s of %s stands by", name, schema)
            told = True
        await waited(stop, STANDBY)
    return False


def lock_of(schema: str, name: str) -> int:
    """This will give the advisory lock's number: 64 bits of a hash."""
    return int.from_bytes(hashlib.blake2b(f"{schema}/{name}".encode(), digest_size=8).digest(), signed=True)
