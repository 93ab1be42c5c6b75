"""Comparing the books in a simulated system: what is found in its read models, and what the comparison must and must not find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from domain.difference_events import DayReconciled, DifferenceFound
from domain.purchase import Purchase, Stage
from domain.redemption import CardRedemption
from projections.differences import DifferenceRow
from tests.domain.portal import natural_id
from tests.simulation.followers import Tables
from tests.simulation.juice import JuiceBooks
from tests.simulation.log import Store
from tests.simulation.provider import ProviderBooks
from tests.simulation.world import Life
from vending.entries import Kind

LOCAL = timedelta(hours=2)
"""So far the utility's clocks are ahead, the whole year."""

PASSES = ("juice-unknown-to-seed", "issued-without-charge", "hold-left-open")
"""What may be found while a payment is under way, and is gone once it has ended. Nothing else may ever differ."""

Difference = tuple[str, str]
"""A kind, and the one message or payment that differs."""

CATCHES_UP_WITHIN_S, LOOKS = 10.0, 20
"""So long, and so often, is looked whether the read models have what is in the log."""


class ReadForComparing:
    """What comparing looks for in the read models, as one process finds it. Satisfies its two ports."""

    def __init__(self, life: Life, store: Store, tables: Tables) -> None:
        self.life = life
        self.store = store
        self.tables = tables

    async def touched(self, since: datetime, until: datetime) -> Sequence[tuple[Kind, UUID]]:
        await self.life.step()
        found: list[tuple[Kind, UUID]] = []
        for id, row in self.tables.of("purchases").items():
            if _is_touched(row.requested_at, row.receipt, since, until):
                found.append(("purchase", id))
        for id, row in self.tables.of("redemptions").items():
            if _is_touched(row.reserved_at, row.receipt, since, until):
                found.append(("redemption", id))
        return found

    async def open(self) -> Sequence[DifferenceRow]:
        await self.life.step()
        return [row for row in self.tables.of("differences").values() if row.settled_at is None]

    async def caught_up(self) -> bool:
        """As `projections.views` does: what is in the log now is waited for, a while."""
        await self.life.step()
        end, world = len(self.store.all), self.life.world
        for _ in range(LOOKS):
            if self.tables.positions.get("projector", 0) >= end:
                return True
            await world.sleep(CATCHES_UP_WITHIN_S / LOOKS)
            await self.life.check()
        return False


class BooksWatch:
    """What is true of the books of a day, by Juice and the provider themselves."""

    def __init__(self, juice: JuiceBooks, provider: ProviderBooks) -> None:
        self.juice = juice
        self.provider = provider

    def broken(self, event: DifferenceFound | DayReconciled) -> str | None:
        """This will say which promise an event breaks."""
        if isinstance(event, DayReconciled):
            return self._broken_by_sums(event)
        if event.kind in PASSES:
            return None
        if event.kind == "charged-without-issue" and event.payment_id in self.provider.erred:
            return None
        if event.kind == "charged-without-issue" and any(event.payment_id == each.id for each in self.provider.besides):
            return "a card was charged twice"
        return f"a difference was found that there is not: {event.kind}"

    def _broken_by_sums(self, event: DayReconciled) -> str | None:
        """What Juice made on a day that is over stays as it is. Without message ids it does not say what is Seed's."""
        issued = sum(each.amount for each in self.juice.seeds if day_of(each.at) == event.day)
        if self.juice.knows_messages and event.juice_issued != issued:
            return f"a day was compared of which only a part was read: {event.juice_issued} of {issued}"
        return None

    def differences(self, store: Store, purchases: Sequence[UUID]) -> Counter[Difference]:
        """This will give what differs once everything is over: by what the provider or a copy that was later than any can be
        did against all reason, and what could not be collected.
        """
        differ = Counter(("charged-without-issue", id) for id in sorted(self.provider.erred))
        for id in purchases:
            purchase = Purchase.fold(id, store.streams[id])
            if purchase.stage is Stage.UNCOLLECTED:
                differ["issued-without-charge", str(purchase.message_id)] += 1
        for message_id, made in self.juice.done.items():
            if made.serial is not None:
                id = natural_id("card-redemption", made.serial)
                # A copy of an attempt that was given up came through while the card was tried again.
                if str(CardRedemption.fold(id, store.streams[id]).message_id) != message_id:
                    differ["juice-unknown-to-seed", message_id] += 1
        return differ


def day_of(at: datetime) -> date:
    """This will give the utility's day of a moment."""
    return (at + LOCAL).date()


def found_open(tables: Tables) -> Counter[Difference]:
    """This will give the differences that are open."""
    rows: list[DifferenceRow] = [row for row in tables.of("differences").values() if row.settled_at is None]
    return Counter((row.kind, str(row.payment_id if row.kind == "charged-without-issue" else row.message_id)) for row in rows)


def _is_touched(began: datetime, receipt: object, since: datetime, until: datetime) -> bool:
    at: datetime | None = getattr(receipt, "happened_at", None)
    return since <= began < until or (at is not None and since <= at < until)
