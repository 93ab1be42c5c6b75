"""What the API answers about damaged cards, and what it takes in."""

from __future__ import annotations

from datetime import datetime

import msgspec

from domain.damaged_card_events import DAMAGES, OUTCOMES
from domain.ticket import LONGEST_TEXT
from projections.damaged_cards import DamagedCardRow
from web.api.answers import Answer
from web.api.schemas import Strict, serial
from web.api.typed import Text
from web.journeys import damaged_cards, request_desk, requests


class ReportedCard(Answer, frozen=True):
    """The card that a request is about. `outcome`: credit-ordered, replaced, already-used or not-honoured, once it is settled."""

    serial: str
    damage: str
    outcome: str | None
    settled_at: datetime | None


class LookedUpCard(Answer, frozen=True):
    """The card as the staff sees it: what Juice last said of it, null before it was asked; `amount` in minor units.

    `standing`: available (not sold yet), activated, used, void, or unknown where no card has the serial.
    """

    serial: str
    damage: str
    standing: str | None
    amount: int | None
    currency: str | None
    used_at: datetime | None
    used_meter: str | None
    looked_up_at: datetime | None
    looked_up_by: str | None
    outcome: str | None
    settled_at: datetime | None


class CardLookedUp(Answer, frozen=True):
    """What Juice says of a card just now; `amount` in minor units."""

    standing: str
    amount: int | None
    currency: str | None
    used_at: datetime | None
    used_meter: str | None
    position: int


class CardReport(Strict):
    serial = serial()
    damage = Text(
        f"^(?:{'|'.join(DAMAGES)})$",
        says=damaged_cards.NO_SUCH_DAMAGE,
        description=f"One of {', '.join(DAMAGES)}.",
        examples=["code-gone"],
    )
    text = Text(
        r"^\s*\S[\s\S]*$",
        says=requests.NEEDED,
        most=LONGEST_TEXT,
        description=f"What happened to it: plain text, up to {LONGEST_TEXT} characters, without the code.",
        examples=["It was washed with my trousers."],
    )


def outcome() -> Text:
    """This will make a field for what was done about a damaged card."""
    return Text(
        f"^(?:{'|'.join(OUTCOMES)})$",
        says=request_desk.NO_SUCH_OUTCOME,
        required=False,
        description=f"What was done about the damaged card that it is about: one of {', '.join(OUTCOMES)}.",
        examples=["replaced"],
    )


def reported(row: DamagedCardRow | None) -> ReportedCard | None:
    """This will show a request's card as its customer sees it."""
    return msgspec.convert(row, ReportedCard, from_attributes=True) if row is not None else None


def looked_up(row: DamagedCardRow | None) -> LookedUpCard | None:
    """This will show a request's card as the staff sees it."""
    return msgspec.convert(row, LookedUpCard, from_attributes=True) if row is not None else None
