"""Staff of a simulated utility: finds out at Juice what became of a purchase that is ambiguous, and settles it in Seed."""

from __future__ import annotations

import asyncio
from uuid import UUID

from domain.aggregate import Refusal
from domain.commands.base import TooManyAtOnce
from domain.purchase import Stage
from eventlog.line import LogUnavailable
from projections.purchases import PurchaseRow
from tests.simulation.juice import JuiceBooks
from tests.simulation.system import System
from tests.simulation.web import Web
from tests.simulation.world import NoAnswer, answer_of

LOOKS_EVERY_S = 1200.0


class Staff:
    """Somebody at a desk, with a telephone to Juice's operators: they know what was sold for whom."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.juice: JuiceBooks = system.juice
        self.decided = 0

    async def work(self) -> None:
        """This will look now and then, for ever."""
        while True:
            await asyncio.sleep(LOOKS_EVERY_S)
            rows: list[PurchaseRow] = list(self.system.tables.of("purchases").values())
            for row in rows:
                if row.flag == "ambiguous" and row.stage == Stage.IN_DOUBT:
                    await self._settle(row)

    async def _settle(self, row: PurchaseRow) -> None:
        try:
            web = self.system.web()
            await answer_of(web.life, self._decide(web, row.purchase_id, str(row.message_id)))
        except (NoAnswer, LogUnavailable, TooManyAtOnce, Refusal):
            pass  # at the next look

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
        self.decided += 1
