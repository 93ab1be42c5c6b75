"""Idempotency-Keys: done once, answered alike."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError

from domain.idempotency import AlreadyAnswered, Claimed, ClaimLost, InProgress, OtherBody
from domain.records import Answered
from eventlog.idempotency import NotClaimed
from eventlog.log import EventLog
from eventlog.operations import LEASE as SECONDS
from eventlog.pool import Pool
from tests.eventlog.scenes import NOON, log_of, wallet_opened
from tests.pg import UTILITY_SCHEMA

SCOPE = "visitor:redeem"
LEASE = timedelta(seconds=SECONDS)
BODY = b'{"redemption":"1"}'


async def claimed(log: EventLog, at: datetime = NOON, key: str = "key") -> Claimed:
    claim = await log.claim(SCOPE, key, b"body", at)
    assert isinstance(claim, Claimed)
    return claim


def answer(claim: Claimed, body: bytes = BODY) -> Answered:
    return Answered(scope=claim.scope, key=claim.key, claimant=claim.claimant, status=202, body=body)


class ACommandWithAKey:
    async def test_is_answered_alike_ever_after(self, log: EventLog) -> None:
        claim = await claimed(log)
        position = await log.append(wallet_opened(), [answer(claim)])
        known = await log.claim(SCOPE, "key", b"body", NOON + timedelta(days=2))
        assert known == AlreadyAnswered(status=202, body=BODY, position=position)

    async def test_that_was_refused_is_answered_alike_too(self, log: EventLog) -> None:
        claim = await claimed(log)
        assert await log.append([], [answer(claim)]) == 0
        assert await log.claim(SCOPE, "key", b"body", NOON) == AlreadyAnswered(status=202, body=BODY, position=0)

    async def test_is_claimed_by_one_of_many(self, pool: Pool) -> None:
        claims = await asyncio.gather(*(log_of(pool).claim(SCOPE, "key", b"body", NOON) for _ in range(32)))
        assert sorted(type(claim).__name__ for claim in claims) == ["Claimed"] + ["InProgress"] * 31

    async def test_is_another_under_another_scope(self, log: EventLog) -> None:
        await claimed(log)
        assert isinstance(await log.claim("customer:redeem", "key", b"body", NOON), Claimed)

    async def test_and_another_body_is_told_so(self, log: EventLog) -> None:
        claim = await claimed(log)
        assert isinstance(await log.claim(SCOPE, "key", b"other", NOON), OtherBody)
        await log.append([], [answer(claim)])
        assert isinstance(await log.claim(SCOPE, "key", b"other", NOON), OtherBody)

    async def test_may_be_given_again_once_it_was_released(self, log: EventLog) -> None:
        await log.release(await claimed(log))
        await claimed(log)

    async def test_keeps_its_answer_when_it_is_released_late(self, log: EventLog) -> None:
        claim = await claimed(log)
        await log.append([], [answer(claim)])
        await log.release(claim)
        assert isinstance(await log.claim(SCOPE, "key", b"body", NOON), AlreadyAnswered)

    async def test_leaves_no_answer_when_its_events_are_refused(self, log: EventLog) -> None:
        events = wallet_opened()
        await log.append(events)
        claim = await claimed(log)
        with pytest.raises(IntegrityError):
            await log.append(events, [answer(claim)])
        assert isinstance(await log.claim(SCOPE, "key", b"body", NOON), InProgress)
        await log.append(wallet_opened(), [answer(claim)])
        assert isinstance(await log.claim(SCOPE, "key", b"body", NOON), AlreadyAnswered)

    async def test_cannot_be_answered_by_who_did_not_claim_it(self, log: EventLog) -> None:
        with pytest.raises(NotClaimed):
            await log.append(wallet_opened(), [answer(Claimed(SCOPE, "key", uuid4()))])


class ARepetition:
    async def test_waits_for_the_first_ones_answer(self, log: EventLog) -> None:
        claim = await claimed(log)
        waiting = asyncio.create_task(log.idempotency.wait(SCOPE, "key", b"body"))
        await asyncio.sleep(0.01)
        await log.append([], [answer(claim)])
        assert await waiting == AlreadyAnswered(status=202, body=BODY, position=0)

    async def test_stops_waiting_when_that_takes_too_long(self, log: EventLog) -> None:
        await claimed(log)
        assert await log.idempotency.wait(SCOPE, "key", b"body", seconds=0.1) == InProgress()

    async def test_learns_that_the_first_one_was_released(self, log: EventLog) -> None:
        claim = await claimed(log)
        waiting = asyncio.create_task(log.idempotency.wait(SCOPE, "key", b"body"))
        await log.release(claim)
        assert await waiting is None


class AClaimWhoseHolderWasKilled:
    async def test_is_taken_over_after_its_lease(self, pool: Pool) -> None:
        await claimed(log_of(pool))
        survivor = log_of(pool)
        assert isinstance(await survivor.claim(SCOPE, "key", b"body", NOON + LEASE), InProgress)
        taken = await survivor.claim(SCOPE, "key", b"body", NOON + LEASE + timedelta(seconds=1))
        assert isinstance(taken, Claimed)
        await survivor.append(wallet_opened(), [answer(taken)])

    @pytest.mark.parametrize("processes", [1, 2])
    async def test_lets_its_holder_write_nothing_if_it_was_only_slow(self, pool: Pool, processes: int) -> None:
        slow = quick = log_of(pool)
        if processes == 2:
            quick = log_of(pool)
        lost = await claimed(slow)
        taken = await claimed(quick, NOON + LEASE + timedelta(seconds=1))
        events = wallet_opened()
        with pytest.raises(ClaimLost):
            await slow.append(events, [answer(lost)])
        assert await slow.load(events[0].originator_id) == []
        await quick.append(wallet_opened(), [answer(taken)])


class AnAnswer:
    async def test_is_kept_sealed_and_its_key_hashed(self, log: EventLog, database: str) -> None:
        key = f"ann@person.example {uuid4()}"
        claim = await claimed(log, key=key)
        await log.append([], [answer(claim, b"Ann Person")])
        with psycopg.connect(database) as connection:
            row = connection.execute(
                f"SELECT encode(answer, 'escape'), encode(key, 'escape') FROM {UTILITY_SCHEMA}.idempotency"
            ).fetchone()
        assert "Ann" not in str(row) and "person" not in str(row)

    async def test_stays_for_ever(self, log: EventLog) -> None:
        claim = await claimed(log)
        await log.append([], [answer(claim)])
        years_later = NOON + timedelta(days=3650)
        await log.sweep(years_later)
        assert isinstance(await log.claim(SCOPE, "key", b"body", years_later), AlreadyAnswered)
