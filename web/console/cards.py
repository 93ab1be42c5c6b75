"""The damaged card that a request is about, as the staff sees it: what Juice says of it, and what may be done."""

from __future__ import annotations

import msgspec

from domain.damaged_card_events import CardStanding
from domain.damaged_cards import GOES_WITH
from projections.damaged_cards import DamagedCardRow
from web.site.labels import damages
from web.site.writing import Writing


class LookedUp(msgspec.Struct, frozen=True, kw_only=True):
    """The card in words; `outcomes` are those that go with what Juice said last, none before it was asked."""

    serial: str
    damage: str
    standing: str | None
    amount: str | None
    used_at: str | None
    used_meter: str | None
    looked_up: str | None
    outcome: str | None
    outcomes: dict[str, str]


def card_of(card: DamagedCardRow, write: Writing) -> LookedUp:
    """This will put into words what is known of a request's card."""
    looked_up = None
    if card.looked_up_at is not None and card.looked_up_by is not None:
        looked_up = f"{write.moment(card.looked_up_at)}, {card.looked_up_by.partition(':')[2]}"
    return LookedUp(
        serial=card.serial,
        damage=damages(write)[card.damage],
        standing=standings(write)[card.standing] if card.standing else None,
        amount=write.money(card.amount, card.currency) if card.amount is not None and card.currency else None,
        used_at=write.moment(card.used_at) if card.used_at else None,
        used_meter=card.used_meter,
        looked_up=looked_up,
        outcome=outcomes(write)[card.outcome] if card.outcome else None,
        outcomes=_possible(card, write),
    )


def standings(write: Writing) -> dict[str, str]:
    """This will name how a card can stand at Juice."""
    return {
        "available": write.gettext("Not sold yet: it was never activated"),
        "activated": write.gettext("Ready to use: nobody has used it"),
        "used": write.gettext("Used"),
        "void": write.gettext("Void: it can no longer be used"),
        "unknown": write.gettext("Unknown: no card has this serial number"),
    }


def outcomes(write: Writing) -> dict[str, str]:
    """This will name what can be done about a card."""
    return {
        "credit-ordered": write.gettext("Credit ordered at Juice"),
        "replaced": write.gettext("Replaced by another card"),
        "already-used": write.gettext("It was used before"),
        "not-honoured": write.gettext("Not valid: nothing is credited"),
    }


def _possible(card: DamagedCardRow, write: Writing) -> dict[str, str]:
    """Once settled, what Juice said then counts no more: opened again, it is checked again."""
    since = card.settled_at is None or (card.looked_up_at is not None and card.looked_up_at > card.settled_at)
    if card.standing is None or not since:
        return {}
    standing = msgspec.convert(card.standing, CardStanding)
    names = outcomes(write)
    return {outcome: names[outcome] for outcome, among in GOES_WITH.items() if standing in among}
