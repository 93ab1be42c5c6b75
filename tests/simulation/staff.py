"""Staff of a simulated utility: finds out at Juice what became of a purchase that is ambiguous, and how a damaged card stands,
and settles both in Seed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from domain.aggregate import Refusal
from domain.commands.base import TooManyAtOnce
from domain.damaged_card_events import CardOutcome, CardStanding
from domain.purchase import Stage
from eventlog.line import LogUnavailable
from projections.damaged_cards import DamagedCardRow
from projections.purchases import PurchaseRow
from tests.simulation.juice import JuiceBooks
from tests.simulation.system import System
from tests.simulation.web import Web
from tests.simulation.world import NoAnswer, answer_of
from web.journeys.refusals import JuiceDoesNotAnswer

LOOKS_EVERY_S = 1200.0


class Staff:
    """Somebody at a desk, with a telephone to Juice's operators: they know what was sold for whom."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.juice: JuiceBooks = system.juice
        self.outcomes: dict[UUID, CardOutcome] = {}

    async def work(self) -> None:
        """This will look now and then, for ever."""
        while True:
            await asyncio.sleep(LOOKS_EVERY_S)
            if not self.juice.knows_messages:
                rows: list[PurchaseRow] = list(self.system.tables.of("purchases").values())
                for row in rows:
                    if row.flag == "ambiguous" and row.stage == Stage.IN_DOUBT:
                        await self._served(lambda web: self._decide(web, row.purchase_id, str(row.message_id)))  # noqa: B023
            for card in self.waiting_cards():
                await self._served(lambda web: self._see_to(web, card))  # noqa: B023

    def waiting_cards(self) -> list[DamagedCardRow]:
        """This will give the damaged cards of which nobody has decided yet."""
        rows: list[DamagedCardRow] = list(self.system.tables.of("damaged_cards").values())
        return [row for row in rows if row.outcome is None]

    async def _served(self, ask: Callable[[Web], Coroutine[Any, Any, None]]) -> None:
        try:
            web = self.system.web()
            await answer_of(web.life, ask(web))
        except (NoAnswer, LogUnavailable, TooManyAtOnce, JuiceDoesNotAnswer, Refusal):
            pass  # at the next look

    async def _see_to(self, web: Web, row: DamagedCardRow) -> None:
        """A card that may be replaced is taken out of use first, so that nobody uses it meanwhile."""
        reference = self.system.store.streams[row.ticket_id][0].reference  # type: ignore[attr-defined]
        self.juice.void(row.serial)
        told = await web.look_up_card(reference)
        outcome = self.outcomes.setdefault(row.ticket_id, _outcome(told.standing, row.ticket_id))
        await web.close_request(reference, outcome)

    async def _decide(self, web: Web, purchase_id: UUID, message_id: str) -> None:
        """By its own transaction; by that of another like it, where that one has ours."""
        shown = {receipt.juice_number for receipt in await web.portal.candidates(purchase_id)}
        own = self.juice.done.get(message_id)
        number = own.transaction if own is not None else None
        if number is not None and number not in shown:
            if not (await web.portal.juice_transaction(number)).exists:
                return  # Juice's feed has not told of it yet
            seeds = {reply.transaction for reply in self.juice.seeds}
            number = min(shown & seeds, default=None)
        context = web.life.context("staff:ann")()
        await web.portal.decide_purchase(context, purchase_id=purchase_id, juice_number=number, reason="Juice said so")


def _outcome(standing: CardStanding, ticket_id: UUID) -> CardOutcome:
    if standing == "used":
        return "already-used"
    if standing == "unknown":
        return "not-honoured"
    return "replaced" if ticket_id.int % 2 else "credit-ordered"
