"""A Juice that answers at once, run as a program beside a portal: it takes every card, and passes on whatever else is asked.

What is measured then is the portal and not the stand-in. Its first line of input is `{"url": the real one's, "port": its own}`.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec

from benchmarks.contestant import say, task

AMOUNT = 5000
HOP_BY_HOP = {"host", "connection", "content-length", "transfer-encoding", "content-encoding", "accept-encoding", "keep-alive"}

_numbers = itertools.count(1)


def offer(currency: str) -> dict[str, Any]:
    """This will say what any card is worth."""
    return {"amount": AMOUNT, "currency": currency}


def reply(asked: dict[str, Any], currency: str) -> dict[str, Any]:
    """This will redeem any card."""
    number = next(_numbers)
    return {
        "message_id": asked["message_id"],
        "transaction": f"I{number:09}",
        "type": "JC",
        "serial": asked["serial"],
        "at": datetime.now(UTC).isoformat(),
        "account": asked.get("account", ""),
        "meter": asked.get("meter"),
        "amount": AMOUNT,
        "currency": currency,
        "lines": [{"kind": "energy", "amount": AMOUNT, "units": "20.0", "unit": "kWh"}],
        "units": "20.0",
        "unit": "kWh",
        "tokens": [{"kind": "credit", "digits": f"{number:020}", "order": 1}],
        "wallet_change": 0,
        "wallet_balance": 0,
    }


class InstantJuice:
    """One connection after another, each kept open."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self._url = url
        self._client = client
        self._currencies: dict[str, str] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """This will answer the requests of a connection until it ends."""
        try:
            while True:
                first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
                method, path, _ = first.split(" ", 2)
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                status, content = await self._answer(method, path, headers, body)
                head = f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
                writer.write(head.encode() + content)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        utility, _, what = path.removeprefix("/u/").partition("/")
        if method == "POST" and what in ("cards/check", "redemptions"):
            asked = msgspec.json.decode(body)
            currency = await self._currency(utility, headers)
            return 200, msgspec.json.encode(offer(currency) if what == "cards/check" else reply(asked, currency))
        passed = await self._client.request(method, self._url + path, headers=_passed(headers), content=body)
        return passed.status_code, passed.content

    async def _currency(self, utility: str, headers: dict[str, str]) -> str:
        if utility not in self._currencies:
            told = await self._client.get(f"{self._url}/u/{utility}/utility", headers=_passed(headers))
            self._currencies[utility] = told.raise_for_status().json()["currency"]
        return self._currencies[utility]


def _passed(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in HOP_BY_HOP | {"content-type"}} | {
        "content-type": "application/json"
    }


async def main(asked: dict[str, Any]) -> None:
    """This will answer until its input ends."""
    async with httpx.AsyncClient(timeout=30) as client:
        server = await asyncio.start_server(InstantJuice(asked["url"], client).serve, "127.0.0.1", asked["port"])
        say({"servers": ()})
        async with server:
            await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(task()))
