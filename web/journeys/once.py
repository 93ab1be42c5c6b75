"""Commands that run once for each Idempotency-Key: the same key and input get the same answer, refusals too."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from domain.aggregate import Refusal
from domain.commands.base import TooManyAtOnce
from domain.idempotency import AlreadyAnswered, Claimed, ClaimLost, InProgress, OtherBody
from domain.log import Position
from domain.records import Answered
from web.journeys.refusals import CardAlreadyUsed, CardUnknown, KeyMissing, KeyUsedForAnother, StillRunning
from web.journeys.visit import Visit

T = TypeVar("T")

KEY = re.compile(r"[\x21-\x7e]{8,255}")
WAITED = 5.0
"""Seconds a repetition waits for the first one's answer."""

FINAL: tuple[type[Exception], ...] = (Refusal, CardUnknown, CardAlreadyUsed)
"""What stops a journey for good, TooManyAtOnce aside. Whatever else stops it may be tried again under the same key."""

REFUSED = 409


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks and what for (`scope`), the client's key, and what was asked, in a form of its own."""

    scope: str
    key: str
    body: bytes


class Claim:
    """The right to answer a request."""

    def __init__(self, claimed: Claimed) -> None:
        self._claimed = claimed

    def answered(self, status: int, body: bytes) -> Answered:
        """This will make the record that keeps the answer, to be written with the command's events."""
        mine = self._claimed
        return Answered(scope=mine.scope, key=mine.key, claimant=mine.claimant, status=status, body=body)


async def run(
    visit: Visit,
    request: Request,
    command: Callable[[Claim], Awaitable[T]],
    again: Callable[[bytes, Position], T],
) -> T:
    """This will run the command, or give the answer it had: `again` makes it of what was kept.

    Raises KeyMissing where there is none or a malformed one, KeyUsedForAnother, StillRunning, and what the command raises.
    """
    if not KEY.fullmatch(request.key):
        raise KeyMissing
    answers = visit.services.log.idempotency
    body_hash = visit.services.secrets.body_hash(request.body)
    found = await answers.claim(request.scope, request.key, body_hash, visit.clock())
    if isinstance(found, InProgress):
        waited = await answers.wait(request.scope, request.key, body_hash, WAITED)
        found = waited or await answers.claim(request.scope, request.key, body_hash, visit.clock())
    match found:
        case AlreadyAnswered():
            return _repeat(found, again)
        case OtherBody():
            raise KeyUsedForAnother
        case InProgress():
            raise StillRunning
        case Claimed():
            return await _first(visit, found, command)


async def _first(visit: Visit, claimed: Claimed, command: Callable[[Claim], Awaitable[T]]) -> T:
    claim = Claim(claimed)
    try:
        try:
            return await command(claim)
        except FINAL as refusal:
            if not isinstance(refusal, TooManyAtOnce):
                kept = msgspec.json.encode(type(refusal).__name__)
                await visit.services.log.append([], [claim.answered(REFUSED, kept)])
            raise
    except ClaimLost:
        # Too slow: another repetition has taken it over, and its answer is the one.
        raise StillRunning from None
    except BaseException:
        await visit.services.log.idempotency.release(claimed)  # leaves a claim alone that has its answer
        raise


def _repeat(found: AlreadyAnswered, again: Callable[[bytes, Position], T]) -> T:
    if found.status != REFUSED:
        return again(found.body, found.position)
    raise _refusals()[msgspec.json.decode(found.body, type=str)]


def _refusals() -> dict[str, type[Exception]]:
    return {refusal.__name__: refusal for kind in FINAL for refusal in (kind, *_below(kind))}


def _below(kind: type[Exception]) -> list[type[Exception]]:
    return [each for direct in kind.__subclasses__() for each in (direct, *_below(direct))]
