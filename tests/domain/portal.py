"""A Portal on a log in memory, with predictable secrets: for tests of commands."""

from __future__ import annotations

import hashlib
import hmac
import itertools
from functools import lru_cache
from uuid import UUID

from domain.portal import Portal
from tests.domain.memory_log import MemoryLog


class PlainPasswords:
    """Hashes that a test can read; as fast as they are worthless."""

    def keyed(self, password: str) -> str:
        return "keyed:" + hashlib.sha256(password.encode()).hexdigest()

    async def slow_hash(self, password: str) -> str:
        return f"slow:{password}"

    async def matches(self, slow_hash: str | None, *meant: str) -> bool:
        return slow_hash in [f"slow:{password}" for password in meant]

    def is_outdated(self, slow_hash: str) -> bool:
        return False

    def is_common(self, password: str) -> bool:
        return password == "password1"


@lru_cache(4096)
def mac(purpose: str, message: bytes) -> bytes:
    return hmac.digest(b"test" + purpose.encode(), message, "sha256")


def natural_id(kind: str, key: str) -> UUID:
    return UUID(bytes=mac("id", f"{kind}:{key}".encode())[:16])


def make_portal(log: MemoryLog | None = None) -> Portal:
    """This will make a Portal whose randomness counts up, so that every run is the same."""
    numbers = itertools.count()

    def randomness(size: int) -> bytes:
        return hashlib.shake_256(next(numbers).to_bytes(8)).digest(size)

    return Portal(
        log or MemoryLog(), code="blue", natural_id=natural_id, mac=mac, passwords=PlainPasswords(), randomness=randomness
    )
