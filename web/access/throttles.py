"""Throttles: attempts counted in the control schema, so that all web processes count together.

What is counted (a source, a number, a serial) is kept as a keyed hash only. It is counted before the attempt is made and given
back where it proves right, so that a thousand at once pass no more than a thousand one after another.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import psycopg
import structlog

from web.access.limits import ALL, Delay, Rate
from web.journeys.refusals import TooManyTries
from web.services import Pool, Secrets

TAKE = """
INSERT INTO seed.throttles AS t (utility, purpose, subject, failures, started_at, last_at, free_at)
VALUES (%(utility)s, %(purpose)s, %(subject)s, 1, %(now)s, %(now)s, %(now)s::timestamptz + %(each)s::interval)
ON CONFLICT (utility, purpose, subject) DO UPDATE
SET failures = t.failures + 1, last_at = %(now)s, free_at = greatest(t.free_at, %(now)s) + %(each)s::interval
WHERE greatest(t.free_at, %(now)s) + %(each)s::interval <= %(now)s::timestamptz + %(within)s::interval
RETURNING free_at
"""
GIVE_BACK = """
UPDATE seed.throttles SET failures = greatest(0, failures - 1), free_at = free_at - %(each)s::interval
WHERE utility = %(utility)s AND purpose = %(purpose)s AND subject = %(subject)s
"""
FAILED = """
INSERT INTO seed.throttles AS t (utility, purpose, subject, failures, started_at, last_at, free_at)
VALUES (%(utility)s, %(purpose)s, %(subject)s, 1, %(now)s, %(now)s, %(now)s)
ON CONFLICT (utility, purpose, subject) DO UPDATE
SET failures = CASE WHEN t.last_at <= %(forgotten)s THEN 1 ELSE t.failures + 1 END,
    started_at = CASE WHEN t.last_at <= %(forgotten)s THEN %(now)s ELSE t.started_at END,
    last_at = %(now)s,
    free_at = %(now)s::timestamptz + CASE WHEN t.last_at <= %(forgotten)s OR t.failures < %(free)s THEN interval '0'
        ELSE least(%(first)s::interval * power(2, least(t.failures - %(free)s, 30)), %(longest)s::interval) END
"""
ATTEMPT = f"{FAILED}WHERE t.free_at <= %(now)s RETURNING failures, free_at"
UNCOUNT = """
UPDATE seed.throttles
SET failures = greatest(0, failures - 1), free_at = CASE WHEN free_at = %(held)s THEN %(now)s ELSE free_at END
WHERE utility = %(utility)s AND purpose = %(purpose)s AND subject = %(subject)s
"""
EASE = """
UPDATE seed.throttles SET failures = failures / 2, free_at = %(now)s
WHERE utility = %(utility)s AND purpose = %(purpose)s AND subject = %(subject)s AND failures > 0
"""
FREE_AT = "SELECT free_at FROM seed.throttles WHERE utility = %(utility)s AND purpose = %(purpose)s AND subject = %(subject)s"
STANDINGS = """
SELECT purpose, subject, failures, last_at, free_at FROM seed.throttles
WHERE utility = %s AND (purpose, subject) IN (SELECT * FROM unnest(%s::text[], %s::bytea[]))
"""
FORGET = "DELETE FROM seed.throttles WHERE utility = %(utility)s AND purpose = %(purpose)s AND subject = %(subject)s"

logger = structlog.get_logger("seed.web")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How much of a rate is left, for the RateLimit header: `reset` is in seconds."""

    purpose: str
    most: int
    remaining: int
    reset: int


class Held(NamedTuple):
    """What is held against a subject: failures that are not forgotten, and when its next try is free."""

    failures: int
    free_at: datetime


@dataclass(frozen=True)
class Taken:
    """A unit of a rate that was taken."""

    throttles: Throttles
    parameters: dict[str, Any]
    standing: Standing

    @property
    def giving_back(self) -> tuple[str, dict[str, Any]]:
        """The statement that returns what was taken."""
        return GIVE_BACK, self.parameters

    async def give_back(self) -> None:
        """This will return what was taken, since the attempt was a right one, or nobody judged it."""
        await self.throttles.give_back(self)


@dataclass(frozen=True)
class Attempt:
    """An attempt that counts as a failure until it succeeds; with it, there are so many `failures`."""

    throttles: Throttles
    parameters: dict[str, Any]
    failures: int

    async def succeeded(self) -> None:
        """This will forget all failures of what was tried."""
        await self.throttles.run(FORGET, self.parameters)

    @property
    def giving_back(self) -> tuple[str, dict[str, Any]]:
        """The statement that no longer counts it."""
        return UNCOUNT, self.parameters

    async def give_back(self) -> None:
        """This will no longer count it, since it was not a wrong one."""
        await self.throttles.give_back(self)


class Throttles:
    """The throttles of one utility, at one moment. `standings` collects what was taken, for the reply's headers.

    What everybody shares is not among them: how full it is would tell a flood when it has worked.
    """

    def __init__(self, pool: Pool, secrets: Secrets, utility: str, now: datetime) -> None:
        self._pool = pool
        self._secrets = secrets
        self._utility = utility
        self._now = now
        self.standings: list[Standing] = []

    async def take(self, rate: Rate, subject: object) -> Taken:
        """This will count one. Raises TooManyTries."""
        parameters = self._rate_parameters(rate, subject)
        return await self._taken(rate, parameters, await self.run(TAKE, parameters))

    async def _taken(self, rate: Rate, parameters: dict[str, Any], row: tuple[Any, ...] | None) -> Taken:
        if row is None:
            free_at = (await self.run(FREE_AT, parameters) or (self._now,))[0]
            wait = free_at + rate.within / rate.most - rate.within - self._now
            self._told(rate, 0, wait)
            raise TooManyTries(rate.purpose, _seconds(wait))
        spent = row[0] - self._now
        remaining = int((rate.within - spent) / (rate.within / rate.most) + 1e-6)
        return Taken(self, parameters, self._told(rate, remaining, spent))

    async def attempt(self, delay: Delay, subject: object) -> Attempt:
        """This will count one attempt, as a failure until it has succeeded. Raises TooManyTries."""
        parameters = self._delay_parameters(delay, subject)
        return await self._attempted(delay, parameters, await self.run(ATTEMPT, parameters))

    async def _attempted(self, delay: Delay, parameters: dict[str, Any], row: tuple[Any, ...] | None) -> Attempt:
        if row is None:
            free_at = (await self.run(FREE_AT, parameters) or (self._now,))[0]
            raise TooManyTries(delay.purpose, _seconds(free_at - self._now))
        failures, held = row
        return Attempt(self, parameters | {"held": held}, failures)

    def check(self, delay: Delay, held: Held) -> None:
        """This will refuse to go on while a delay lasts. Raises TooManyTries."""
        if held.free_at > self._now:
            raise TooManyTries(delay.purpose, _seconds(held.free_at - self._now))

    async def failed(self, delay: Delay, subject: object) -> None:
        """This will count a failure."""
        await self.run(FAILED, self._delay_parameters(delay, subject))

    async def eased(self, *counted: tuple[Delay, str]) -> None:
        """This will halve the failures: something right that has its price does not wash a thousand wrong ones away."""
        await self._run_all((EASE, self._parameters(delay, subject)) for delay, subject in counted)

    async def held(self, *asked: tuple[Delay, str]) -> dict[Delay, Held]:
        """This will give what is held against one subject of each delay, in one look."""
        wanted = {(each["purpose"], each["subject"]): delay for delay, each in ((d, self._parameters(d, s)) for d, s in asked)}
        purposes, subjects = zip(*wanted, strict=True)
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(STANDINGS, (self._utility, [*purposes], [*subjects]))).fetchall()
        found = {delay: Held(failures=0, free_at=self._now) for delay, _ in asked}
        for purpose, subject, failures, last_at, free_at in rows:
            delay = wanted[purpose, subject]
            found[delay] = Held(failures=failures if last_at > self._now - delay.forget else 0, free_at=free_at)
        return found

    async def begin(self, counted: Iterable[tuple[Delay, str]], rate: Rate, subject: object) -> tuple[Attempt | Taken, ...]:
        """This will count an attempt of each subject and one of the rate, in one go; nothing where one of them is refused.

        Raises TooManyTries.
        """
        wanted = [(delay, self._delay_parameters(delay, each)) for delay, each in counted]
        taking = self._rate_parameters(rate, subject)
        *rows, last = await self._run_all([*((ATTEMPT, parameters) for _, parameters in wanted), (TAKE, taking)])
        attempts: Iterable[Awaitable[Attempt | Taken]] = (
            self._attempted(*each, row) for each, row in zip(wanted, rows, strict=True)
        )
        ends = await asyncio.gather(*attempts, self._taken(rate, taking, last), return_exceptions=True)
        made = tuple(end for end in ends if not isinstance(end, BaseException))
        refusals = [end for end in ends if isinstance(end, BaseException)]
        if refusals:
            await self.give_back(*made)
            raise refusals[0]
        return made

    async def run(self, statement: str, parameters: dict[str, Any]) -> tuple[Any, ...] | None:
        """This will run one statement and give its first row, if any."""
        async with self._pool.connection() as connection, connection.cursor() as cursor:
            await cursor.execute(statement, parameters)
            return await cursor.fetchone() if cursor.description else None

    async def give_back(self, *counted: Taken | Attempt) -> None:
        """This will no longer count what was counted."""
        await self._run_all(each.giving_back for each in counted)

    async def _run_all(self, wanted: Iterable[tuple[str, dict[str, Any]]]) -> list[tuple[Any, ...] | None]:
        """This will run statements in one go, in an order in which no two such callers wait for each other, and give the first
        row of each, if any.
        """
        numbered = sorted(enumerate(wanted), key=lambda each: (each[1][1]["purpose"], each[1][1]["subject"]))
        async with self._pool.connection() as connection, connection.pipeline():
            cursors = [(number, await connection.execute(*each)) for number, each in numbered]
        rows = {number: await cursor.fetchone() if cursor.description else None for number, cursor in cursors}
        return [rows[number] for number in range(len(rows))]

    def _told(self, rate: Rate, remaining: int, reset: timedelta) -> Standing:
        standing = Standing(purpose=rate.purpose, most=rate.most, remaining=remaining, reset=_seconds(reset))
        if not rate.shared:
            self.standings.append(standing)
        return standing

    def _delay_parameters(self, delay: Delay, subject: object) -> dict[str, Any]:
        return self._parameters(delay, subject) | {
            "free": delay.free,
            "first": delay.first,
            "longest": delay.longest,
            "forgotten": self._now - delay.forget,
        }

    def _rate_parameters(self, rate: Rate, subject: object) -> dict[str, Any]:
        return self._parameters(rate, subject) | {"each": rate.within / rate.most, "within": rate.within}

    def _parameters(self, limit: Rate | Delay, subject: object) -> dict[str, Any]:
        hashed = self._secrets.mac(f"throttle:{limit.purpose}", str(subject).encode())
        return {"utility": self._utility, "purpose": limit.purpose, "subject": hashed, "now": self._now}


@asynccontextmanager
async def judging(*counted: Taken | Attempt, wrong: tuple[type[Exception], ...]) -> AsyncIterator[None]:
    """This will give back what was counted for a try, unless the try is judged within, or found `wrong`.

    Whatever else stops it (no time to look at the password, a database that is away), whoever comes again is not guessing.
    A cancelled try stays counted: nobody guesses for nothing by going away.
    """
    try:
        yield
    except wrong:
        raise
    except Exception:
        for each in counted:
            try:
                await each.give_back()
            except psycopg.Error as error:
                # What stopped the try is what has to be told: it is mostly the same database.
                logger.warning("a try that nobody judged stays counted", error=type(error).__qualname__)
                break
        raise


async def forget_old(pool: Pool, now: datetime) -> None:
    """This will remove counts that no longer hold anybody up."""
    longest = max([limit.within if isinstance(limit, Rate) else limit.forget for limit in ALL])
    async with pool.connection() as connection:
        await connection.execute("DELETE FROM seed.throttles WHERE last_at <= %s AND free_at <= %s", (now - longest, now))


def _seconds(wait: timedelta) -> int:
    return max(1, math.ceil(wait.total_seconds()))
