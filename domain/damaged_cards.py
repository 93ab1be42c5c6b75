"""A damaged card within a request: said once, looked up as often as staff wants, settled by what Juice said of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct, structs

from domain.aggregate import Aggregate, Refusal, evolves
from domain.damaged_card_events import (
    CardOutcome,
    CardStanding,
    Damage,
    DamagedCardLookedUp,
    DamagedCardReported,
    DamagedCardSettled,
)
from domain.event import Context

GOES_WITH: Final[dict[CardOutcome, frozenset[CardStanding]]] = {
    # A card credits once: what was used, or never was a card, is neither credited nor replaced.
    "credit-ordered": frozenset({"available", "activated", "void"}),
    "replaced": frozenset({"available", "activated", "void"}),
    "already-used": frozenset({"used"}),
    "not-honoured": frozenset({"available", "void", "unknown"}),
}
"""How a card may stand at Juice for each outcome. A void card may have been voided for this very request."""


class CardTold(Struct, frozen=True, kw_only=True):
    """What Juice says of a card; `amount` in minor units, `used_meter` the number of the meter that was credited."""

    standing: CardStanding
    amount: int | None = None
    currency: str | None = None
    used_at: datetime | None = None
    used_meter: str | None = None


class NoDamagedCard(Refusal):
    """The request is about no damaged card."""


class DamagedCardNotLookedUp(Refusal):
    """Juice was not asked yet how the card stands: what is to be done with it is not known."""


class OutcomeAgainstJuice(Refusal):
    """What Juice says of the card does not go with that outcome."""


class OnlyStaffSettlesCards(Refusal):
    """A customer neither looks cards up nor settles them."""


class DamagedCards(Aggregate):
    """What a request knows of the card that it is about."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.damaged_card: str | None = None
        self.card_standing: CardStanding | None = None

    def report_damaged_card(self, context: Context, *, serial: str, damage: Damage) -> None:
        """This will record which card the request is about."""
        self.record(DamagedCardReported, context, serial=serial, damage=damage)

    def note_card(self, context: Context, told: CardTold) -> None:
        """This will record what Juice said of the card, and who of the staff asked.

        Raises NoDamagedCard, OnlyStaffSettlesCards.
        """
        self._must_have_card(context)
        self.record(DamagedCardLookedUp, context, **structs.asdict(told))

    def settle_card(self, context: Context, *, outcome: CardOutcome) -> None:
        """This will record what the utility did about the card.

        Raises NoDamagedCard, OnlyStaffSettlesCards, DamagedCardNotLookedUp, OutcomeAgainstJuice.
        """
        self._must_have_card(context)
        if self.card_standing is None:
            raise DamagedCardNotLookedUp
        if self.card_standing not in GOES_WITH[outcome]:
            raise OutcomeAgainstJuice
        self.record(DamagedCardSettled, context, outcome=outcome)

    def _must_have_card(self, context: Context) -> None:
        if context.by.partition(":")[0] != "staff":
            raise OnlyStaffSettlesCards
        if self.damaged_card is None:
            raise NoDamagedCard

    @evolves(DamagedCardReported)
    def _evolve_card_reported(self, event: DamagedCardReported) -> None:
        self.damaged_card = event.serial

    @evolves(DamagedCardLookedUp)
    def _evolve_card_looked_up(self, event: DamagedCardLookedUp) -> None:
        self.card_standing = event.standing

    @evolves(DamagedCardSettled)
    def _evolve_card_settled(self, event: DamagedCardSettled) -> None:
        # Opened again, it is looked up again: the card may stand otherwise by then.
        self.card_standing = None
