"""What is publicly known against the packages that Seed pins, as the registry's own record of each says it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import msgspec
from pip._internal.models.index import PyPI

AT_ONCE = 4
WITHIN = 10.0
"""Seconds for one answer."""

PIN = re.compile(r"^([a-z0-9-]+)(?:\[[a-z,-]+\])?==(\S+)", re.MULTILINE)


class Weakness(msgspec.Struct, frozen=True):
    """One published weakness."""

    id: str
    summary: str | None = None
    withdrawn: str | None = None
    fixed_in: tuple[str, ...] = ()


class _Info(msgspec.Struct):
    version: str


class _Package(msgspec.Struct):
    info: _Info
    vulnerabilities: tuple[Weakness, ...]


def pins(*locks: Path) -> dict[str, str]:
    """This will give name -> version of everything that the lock files pin."""
    return {name: version for lock in locks for name, version in PIN.findall(lock.read_text())}


async def known(pinned: dict[str, str], transport: httpx.AsyncBaseTransport | None = None) -> dict[str, list[Weakness] | None]:
    """This will give what is known against each version; None where the registry says nothing of that version.

    Raises httpx.TransportError where it cannot be reached.
    """
    free = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(timeout=WITHIN, follow_redirects=True, transport=transport) as client:

        async def one(name: str, version: str) -> list[Weakness] | None:
            # Some mirrors have no record of a version, but one of the package, which is about its latest version.
            for path in (f"{name}/{version}/json", f"{name}/json"):
                async with free:
                    reply = await client.get(f"{PyPI.pypi_url}/{path}")
                if reply.status_code == 200:
                    package = msgspec.json.decode(reply.content, type=_Package)
                    if package.info.version == version:
                        return [weakness for weakness in package.vulnerabilities if not weakness.withdrawn]
            return None

        found = await asyncio.gather(*(one(name, version) for name, version in pinned.items()))
    return dict(zip(pinned, found, strict=True))
