"""What analysts ask for and get: figures without anybody in them. Money is in minor units, units are decimal strings."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from marshmallow import fields

from domain.ticket_events import TOPICS, TicketTopic
from projections.periods import Granularity
from projections.sales import RESOURCES
from web.api.answers import Answer
from web.api.schemas import Strict
from web.api.typed import Text, Whole

Bucket = Literal["0-30", "31-60", "61-90", "91-180", "181-365", "over-365"]


class Day(fields.Date):
    """A day, year-month-day."""

    def __init__(self, description: str, **options: Any) -> None:
        super().__init__(metadata={"description": description, "examples": ["2026-03-02"]}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not (isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII)):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return super()._deserialize(value, attr, data, **kwargs)


def one_of(meaning: str, *values: str) -> Text:
    """This will make a field that takes one of some words."""
    return Text(
        f"^(?:{'|'.join(values)})$",
        says=f"Give one of {', '.join(values)}.",
        required=False,
        description=meaning,
        examples=[values[0]],
    )


class RangeQuery(Strict):
    """Days are the utility's. `from` and `to` are in it."""

    first = Day("The first day, 2000 to 2199.", data_key="from")
    last = Day("The last day; as a rule the one that is asked as of.", data_key="to")
    as_of = Day("As it was known at the end of this day; as a rule today.")
    granularity = one_of(
        "How long a period is, as a rule a day; weeks begin on Monday. The range may cut its ends.", *Granularity
    )
    limit = Whole(least=1, most=366, load_default=100, metadata={"description": "Periods of a page; CSV is given whole."})
    after = Day("`next` of the page before.")


class SalesQuery(RangeQuery):
    resource = one_of("What was bought; `none` is what was for no meter.", *RESOURCES)
    channel = Text(
        "^[A-Za-z][A-Za-z-]{0,31}$",
        says="Give one of Juice's transaction types, such as JC or Cash.",
        most=32,
        required=False,
        description="One of Juice's transaction types.",
        examples=["JC"],
    )


class TicketsQuery(RangeQuery):
    topic = one_of("What the requests are about.", *TOPICS)


class Aged(Answer, frozen=True):
    """Open debts of an age, in days, at the end of a day."""

    day: date
    bucket: Bucket
    currency: str
    debts: int
    balance: int


class Recovered(Answer, frozen=True):
    """opening + added + adjusted - collected = closing; `rate` is what was collected in percent of the opening."""

    period: date
    until: date
    currency: str
    opening: int
    added: int
    adjusted: int
    collected: int
    closing: int
    rate: Annotated[str, msgspec.Meta(examples=["3.41"])] | None


class Sold(Answer, frozen=True):
    """What was sold by one channel for one resource; `unit` is empty and `resource` `none` where it was for no meter."""

    period: date
    until: date
    channel: Annotated[str, msgspec.Meta(examples=["JC"])]
    resource: str
    currency: str
    transactions: int
    amount: int
    arrears: int
    fees: int
    tax: int
    energy: int
    wallet_change: int
    units: str
    unit: str


class Redeemed(Answer, frozen=True):
    """What became of the cards that were reserved in a period; those neither redeemed nor absent are under way or in doubt."""

    period: date
    until: date
    currency: str
    reserved: int
    redeemed: int
    absent: int
    in_doubt: int
    doubted: int
    amount: int
    average_seconds: Annotated[str, msgspec.Meta(examples=["1.8"])] | None
    within_10_s: int
    within_1_min: int
    within_1_h: int


class Requested(Answer, frozen=True):
    """What became of the requests that were opened in a period; averages are of those answered, and of those closed."""

    period: date
    until: date
    topic: TicketTopic
    opened: int
    answered: int
    closed: int
    reopened: int
    hours_to_answer: Annotated[str, msgspec.Meta(examples=["2.5"])] | None
    answered_within_1_d: int
    hours_to_close: Annotated[str, msgspec.Meta(examples=["20.4"])] | None
    closed_within_1_d: int
    closed_within_7_d: int


class ArrearsAgeing(Answer, frozen=True):
    as_of: date
    items: tuple[Aged, ...]
    next: date | None


class Recovery(Answer, frozen=True):
    as_of: date
    items: tuple[Recovered, ...]
    next: date | None


class Sales(Answer, frozen=True):
    as_of: date
    items: tuple[Sold, ...]
    next: date | None


class RedemptionTimes(Answer, frozen=True):
    as_of: date
    items: tuple[Redeemed, ...]
    next: date | None


class TicketTimes(Answer, frozen=True):
    as_of: date
    items: tuple[Requested, ...]
    next: date | None
