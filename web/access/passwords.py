"""Hashing passwords: argon2id for a person's own, a keyed hash for the ones that Seed makes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Protocol, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

THREADS = 2
WAITING = 64
"""How many may wait for a thread: at 40 ms each that is over a second; whoever comes then is told to come again."""

T = TypeVar("T")


class PasswordsBusy(Exception):
    """Too many passwords wait to be checked; nothing was checked."""


class Verifier(Protocol):
    """Makes the keyed hash of a machine-made password."""

    def password_verifier(self, password: str) -> str:
        """This will give the keyed hash."""
        ...


class ArgonPasswords:
    """The threads that hash, shared by all utilities of a process. Parameters: OWASP's for argon2id, 19 MiB, 2 passes, 1 lane."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._waiting = 0
        self._dummy = self._hasher.hash("a password that nobody has", salt=bytes(16))

    def under(self, secrets: Verifier) -> UtilityPasswords:
        """This will give the passwords of one utility."""
        return UtilityPasswords(self, secrets)

    def close(self) -> None:
        """This will end the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """This will hash a password. Raises PasswordsBusy."""
        return await self._run(self._hasher.hash, password)

    async def verify(self, hashed: str | None, *meant: str) -> bool:
        """This will verify a password, in one turn however many ways it may be meant; where there is no hash it works as
        long and says False. Raises PasswordsBusy."""
        matches = await self._run(self._verify_any, hashed or self._dummy, *meant)
        return matches and hashed is not None

    def _verify_any(self, hashed: str, *meant: str) -> bool:
        return any(self._verify(hashed, password) for password in meant)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, hashed: str) -> bool:
        """This will say whether a hash was made with other parameters than ours."""
        return self._hasher.check_needs_rehash(hashed)

    async def _run(self, work: Callable[..., T], *arguments: str) -> T:
        if self._waiting >= WAITING:
            raise PasswordsBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1


class UtilityPasswords:
    """What the domain asks of passwords, for one utility."""

    def __init__(self, argon: ArgonPasswords, secrets: Verifier) -> None:
        self._argon = argon
        self._secrets = secrets

    def keyed(self, password: str) -> str:
        """This will give the keyed hash of a machine-made password."""
        return self._secrets.password_verifier(password)

    async def slow_hash(self, password: str) -> str:
        """This will hash a person's own password with argon2id. Raises PasswordsBusy."""
        return await self._argon.hash(password)

    async def matches(self, slow_hash: str | None, *meant: str) -> bool:
        """This will verify against a slow hash; given None it takes the same time and is false. Raises PasswordsBusy."""
        return await self._argon.verify(slow_hash, *meant)

    def is_outdated(self, slow_hash: str) -> bool:
        """This will say whether a slow hash was made with other parameters than today's."""
        return self._argon.is_outdated(slow_hash)

    def is_common(self, password: str) -> bool:
        """This will say whether the password is one of the 30,000 that are used most."""
        return password.lower() in _common()


@cache
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])
