"""The damaged card that a request is about, as its customer reads it."""

from __future__ import annotations

import msgspec

from domain.damaged_card_events import CardOutcome
from projections.damaged_cards import DamagedCardRow
from web.site.labels import damages
from web.site.writing import Writing
from wording.card_outcomes import SENTENCES


class ReportedCard(msgspec.Struct, frozen=True, kw_only=True):
    """`outcome` is what was done about it, once something was."""

    serial: str
    damage: str
    outcome: str | None


def reported(card: DamagedCardRow, write: Writing) -> ReportedCard:
    """This will put the card into words; what Juice says of it is for the staff."""
    said = SENTENCES[msgspec.convert(card.outcome, CardOutcome)] if card.outcome else None
    return ReportedCard(
        serial=card.serial, damage=damages(write)[card.damage], outcome=write.gettext(said) if said is not None else None
    )
