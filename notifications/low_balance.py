"""Looks now and then for balances that have become low, and has them recorded: from the record come the messages, once each.

Candidates come from a read model; whether anything is told is decided by the account itself, from the log. So a round that is
killed, given twice, or made by two at once tells nothing twice, and a rebuilt read model tells nothing at all.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.event import Context
from domain.low_balance import Forecast
from domain.portal import Portal
from domain.supply import Left
from eventlog.addresses import Where, connected
from eventlog.leadership import lead
from eventlog.waiting import waited

logger = logging.getLogger(__name__)

LOOKS_AS = "low-balance"
LOOK_EVERY_S = 15.0
PAGE = 500
AT_ONCE = 64
"""Commands under way at a time: they share the log's transactions."""


class Known(Protocol):
    """What the read model knows of one account."""

    @property
    def account_id(self) -> UUID: ...

    @property
    def due_on(self) -> date | None: ...

    @property
    def left(self) -> Sequence[Left]:
        """How long each of its meters lasts."""
        ...

    def due(self, today: date) -> dict[UUID, Forecast]:
        """This will give the meters of which something is to be told today."""
        ...


class DaysLeft(Protocol):
    """The read model of how long what is there lasts."""

    async def of(self, account_id: UUID) -> Known | None:
        """This will give what is known of an account."""
        ...

    async def due(self, today: date, *, after: tuple[date, UUID] | None, limit: int) -> Sequence[Known]:
        """This will give accounts of which something may be due, page by page."""
        ...


class Views(Protocol):
    """The read models."""

    @property
    def days_left(self) -> DaysLeft: ...

    async def caught_up(self, *, wait_s: float = 1.0) -> bool:
        """This will wait until the read models have what is in the log now, and say whether they do."""
        ...


class LowBalances:
    """Notices the low balances of one utility."""

    def __init__(self, portal: Portal, views: Views, context: Callable[[], Context]) -> None:
        self.portal = portal
        self.views = views
        self.context = context
        self._was_behind = False

    async def step(self) -> int:
        """This will go through all accounts of which something is due today, in the utility's zone, and give their number.

        Nothing is told from read models that are behind: somebody may just have bought.
        """
        description = await self.portal.utility()
        if description is None:
            return 0
        if not await self.views.caught_up():
            # Once is nothing: whoever starts anew, or learns from Juice, is behind for a moment.
            say = logger.warning if self._was_behind else logger.info
            say("nobody is told of a low balance: the read models are behind")
            self._was_behind = True
            return 0
        self._was_behind = False
        context = self.context()
        today = context.at.astimezone(ZoneInfo(description.zone)).date()
        number, after = 0, None
        failures: list[BaseException] = []
        while page := await self.views.days_left.due(today, after=after, limit=PAGE):
            due = [(known.account_id, forecasts) for known in page if (forecasts := known.due(today))]
            failures += await self._tell(context, due, today)
            number += len(due)
            after = _place(page[-1])
        if failures:
            # One account's fault holds up no other; it comes again in the next round.
            failures[0].add_note(f"{len(failures)} of {number} accounts could not be told of a low balance")
            raise failures[0]
        return number

    async def _tell(self, context: Context, due: Sequence[tuple[UUID, dict[UUID, Forecast]]], today: date) -> list[BaseException]:
        gate = asyncio.Semaphore(AT_ONCE)

        async def tell(account_id: UUID, forecasts: dict[UUID, Forecast]) -> None:
            async with gate:
                await self.portal.notice_low_balance(context, account_id=account_id, forecasts=forecasts, today=today)

        outcomes = await asyncio.gather(*(tell(*each) for each in due), return_exceptions=True)
        return [outcome for outcome in outcomes if isinstance(outcome, BaseException)]

    def looking(self, where: Where, schema: str, every_s: float = LOOK_EVERY_S) -> Callable[[asyncio.Event], Any]:
        """This will give the loop that looks, in one process at a time."""

        async def run(stop: asyncio.Event) -> None:
            async with await connected(where, LOOKS_AS) as connection:
                if not await lead(connection, schema, LOOKS_AS, stop):
                    return
                while not stop.is_set():
                    # The lead ends with the connection: it is tried before each round.
                    await connection.execute("SELECT 1")
                    await self.step()
                    await waited(stop, every_s)

        return run


def _place(known: Known) -> tuple[date, UUID]:
    if known.due_on is None:
        raise LookupError("an account of which nothing is due was given as due")
    return known.due_on, known.account_id
