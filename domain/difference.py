"""A difference between two books: found once, settled by itself or by somebody. Its id follows from what differs."""

from __future__ import annotations

from datetime import date, datetime
from typing import get_args
from uuid import UUID

import msgspec

from domain.aggregate import Aggregate, Refusal, evolves
from domain.difference_events import ByHand, DayReconciled, DifferenceFound, DifferenceKind, DifferenceSettled
from domain.event import Context
from domain.ticket_events import About

BY_HAND: tuple[ByHand, ...] = get_args(ByHand)


class NoSuchDifference(Refusal):
    """There is no such difference."""


class DifferenceNotOpen(Refusal):
    """The difference was settled before."""


class NoSuchSettlement(Refusal):
    """Differences are not settled in such a way."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a comparison found: `subject` is the one message, transaction or payment that differs. The rest is as in
    DifferenceFound.
    """

    kind: DifferenceKind
    subject: str
    account_id: UUID | None
    about: About | None
    message_id: str | None = None
    juice_number: str | None = None
    payment_id: str | None = None
    recorded: int
    currency: str
    told: int
    told_currency: str

    @property
    def difference(self) -> int | None:
        """Told less recorded, minor units; None where the currencies differ."""
        return self.told - self.recorded if self.currency == self.told_currency else None

    @property
    def figures(self) -> tuple[int, str, int, str]:
        """By what they differ."""
        return (self.recorded, self.currency, self.told, self.told_currency)


class Difference(Aggregate):
    """One difference, over all comparisons that meet it."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.account_id: UUID | None = None
        self.is_open = False
        self.by_itself = False
        self.figures: tuple[int, str, int, str] = (0, "", 0, "")

    @property
    def belongs_to(self) -> UUID | None:
        return self.account_id

    def find(self, context: Context, *, day: date, finding: Finding) -> None:
        """This will record the difference; met again as it is known, nothing is recorded, also where somebody settled it."""
        if self.exists and finding.figures == self.figures and (self.is_open or not self.by_itself):
            return
        if self.is_open:
            self.record(DifferenceSettled, context, how="changed", case=None)
        self.record(
            DifferenceFound,
            context,
            account_id=finding.account_id,
            kind=finding.kind,
            day=day,
            about=finding.about,
            message_id=finding.message_id,
            juice_number=finding.juice_number,
            payment_id=finding.payment_id,
            recorded=finding.recorded,
            currency=finding.currency,
            told=finding.told,
            told_currency=finding.told_currency,
            difference=finding.difference,
        )

    def vanish(self, context: Context) -> None:
        """This will record that the books agree by now."""
        if self.is_open:
            self.record(DifferenceSettled, context, how="vanished", case=None)

    def settle(self, context: Context, *, how: ByHand, case: str | None) -> None:
        """This will record how somebody settled it. Raises NoSuchDifference, NoSuchSettlement, DifferenceNotOpen."""
        if not self.exists:
            raise NoSuchDifference
        if how not in BY_HAND:
            raise NoSuchSettlement
        if not self.is_open:
            raise DifferenceNotOpen
        self.record(DifferenceSettled, context, how=how, case=case)

    @evolves(DifferenceFound)
    def _evolve_found(self, event: DifferenceFound) -> None:
        self.is_open, self.by_itself, self.account_id = True, False, event.account_id
        self.figures = (event.recorded, event.currency, event.told, event.told_currency)

    @evolves(DifferenceSettled)
    def _evolve_settled(self, event: DifferenceSettled) -> None:
        self.is_open, self.by_itself = False, event.how not in BY_HAND


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """A day by each book, in minor units of `currency`; as in DayReconciled."""

    currency: str
    issued: int
    juice_issued: int
    charged: int
    provider_charged: int | None
    payments: int
    differences: int


class ReconciledDay(Aggregate):
    """One day of the utility's books."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.sums: Sums | None = None
        self.compared_at: datetime | None = None

    def reconcile(self, context: Context, *, day: date, sums: Sums, settled_at: datetime) -> None:
        """This will record what the comparison came to, where that is not what is known, or was known too early: before the day
        had settled.
        """
        is_first = self.compared_at is None or self.compared_at < settled_at <= context.at
        if is_first or sums != self.sums:
            self.record(DayReconciled, context, day=day, **msgspec.structs.asdict(sums))

    @evolves(DayReconciled)
    def _evolve_reconciled(self, event: DayReconciled) -> None:
        self.compared_at = event.at
        self.sums = Sums(**{name: getattr(event, name) for name in Sums.__struct_fields__})
