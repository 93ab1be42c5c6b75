"""People who redeem cards over HTTP and do not give up: each from an address of their own."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

import httpx

_sources = count(1)

RETRY_S = 0.2


@dataclass
class Acknowledged:
    """A command that the site acknowledged: what it promised to keep."""

    card: dict[str, Any]
    redemption_id: str
    status: str
    position: int
    sent_at: float = 0.0


def sellable(utility: dict[str, Any]) -> list[str]:
    """This will give the STS meters of a demo's utility for which Juice sells at present."""
    return [
        account["meter"]
        for account in utility["accounts"]
        if account["meter_kind"] == "STS" and not any(meter["blocked"] for meter in account["meters"])
    ]


def spare_cards(utility: dict[str, Any], number: int) -> list[dict[str, Any]]:
    """This will give the last activated cards but `number`: the walks in a browser take theirs from the front."""
    return [card for card in utility["cards"] if card["state"] == "activated"][-number - 20 : -number]


def is_low_balance(message: dict[str, Any]) -> bool:
    """Whether a caught message is a notice of a low balance: one of those may come at any moment."""
    return "left on" in message["subject"] + message["text"]


def source() -> dict[str, str]:
    """This will give the header of an address that nobody had before."""
    number = next(_sources)
    return {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}


async def redeem(api: str, client: httpx.AsyncClient, card: dict[str, Any], number: str) -> Acknowledged:
    """This will redeem a card under one Idempotency-Key, again and again until it is acknowledged.

    Whoever gets no answer asks again: what was written before must then be answered, not done twice.
    """
    headers = {**source(), "Idempotency-Key": str(uuid.uuid4())}
    body = {"serial": card["serial"], "code": card["code"], "number": number}
    answered = await insist(client, f"{api}/redemptions", body, headers, 202)
    told = answered.reply.json()
    return Acknowledged(card, told["redemption_id"], told["status"], told["position"], answered.sent_at)


class Answered(NamedTuple):
    """A reply, and when the request that it answers was sent, by the event loop's clock."""

    reply: httpx.Response
    sent_at: float


async def insist(
    client: httpx.AsyncClient, url: str, body: dict[str, Any], headers: dict[str, str], *wanted: int, patience_s: float = 180
) -> Answered:
    """This will post until one of the `wanted` statuses comes; what is not there for a moment is no answer."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    while True:
        sent_at = loop.time()
        try:
            reply = await client.post(url, json=body, headers=headers, timeout=20)
        except httpx.HTTPError as error:
            told = type(error).__name__
        else:
            if reply.status_code in wanted:
                return Answered(reply, sent_at)
            told = f"{reply.status_code}: {reply.text}"
            still = reply.status_code == 409 and "still" in reply.text.lower()
            if not still and reply.status_code not in (429, 500, 502, 503):
                raise AssertionError(told)
        if loop.time() > deadline:
            raise AssertionError(f"{url.rpartition('/')[2]}: no answer in {patience_s:.0f} s, at last {told}")
        await asyncio.sleep(RETRY_S)


async def until_ended(api: str, client: httpx.AsyncClient, done: Acknowledged, patience_s: float = 180) -> dict[str, Any]:
    """This will wait for a redemption's end, and give what the site says of it."""
    deadline = asyncio.get_running_loop().time() + patience_s
    while True:
        try:
            reply = await client.get(f"{api}/redemptions/{done.status}", headers=source(), timeout=20)
            if reply.status_code == 200 and reply.json()["has_ended"]:
                told: dict[str, Any] = reply.json()
                return told
        except httpx.HTTPError:
            pass
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"redemption {done.redemption_id} has no end after {patience_s} s")
        await asyncio.sleep(RETRY_S)
