"""What the API answers. Money is an integer in minor units of an ISO 4217 currency, units are decimal strings, times RFC 3339."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from domain import wallet
from projections.dashboard import MeterUsed
from web.journeys.receipts import ReceiptShown


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all answers."""


class Choice(Answer, frozen=True):
    value: str
    label: str


class Question(Answer, frozen=True):
    account_ticket: str
    choices: tuple[Choice, ...]
    address_suffices: bool


class Confirmed(Answer, frozen=True):
    position: int
    sent_to: tuple[str, ...]


class Written(Answer, frozen=True):
    """The command was written at this position."""

    position: int


class NewSession(Answer, frozen=True):
    token: str
    expires_at: datetime


class Money(Answer, frozen=True):
    amount: int
    currency: str


class Meter(Answer, frozen=True):
    meter_id: UUID
    number: str
    kind: str
    resource: str
    unit: str
    days_left: str | None


class Contact(Answer, frozen=True):
    channel: str
    value: str
    standing: str
    confirmed: bool


class Debt(Answer, frozen=True):
    debt_id: str
    description: str
    balance: int
    original: int
    share: int
    plan: str
    opened_on: date


class Line(Answer, frozen=True):
    kind: str
    amount: int
    description: str | None
    balance_before: int | None
    balance_after: int | None


class Token(Answer, frozen=True):
    kind: str
    digits: str
    order: int


class Transaction(Answer, frozen=True):
    juice_number: str
    happened_at: datetime
    kind: str
    meter_id: UUID | None
    amount: int
    currency: str
    units: str
    unit: str
    arrears: int
    fees: int
    tax: int
    wallet_change: int
    wallet_balance: int
    lines: tuple[Line, ...]
    tokens: tuple[Token, ...]


class Day(Answer, frozen=True):
    day: date
    units: str


class MeterUsage(Answer, frozen=True):
    meter_id: UUID
    unit: str
    days: tuple[Day, ...]


class Unfinished(Answer, frozen=True):
    kind: Literal["purchase", "redemption"]
    id: UUID
    stage: str
    amount: int
    currency: str
    since: datetime


class Dashboard(Answer, frozen=True):
    number: str
    name: str
    address: str
    language: str
    contacts: tuple[Contact, ...]
    meters: tuple[Meter, ...]
    wallet: Money
    arrears_total: int
    arrears: tuple[Debt, ...]
    usage: tuple[MeterUsage, ...]
    activity: tuple[Transaction, ...]
    unfinished: tuple[Unfinished, ...]
    days_left: str | None
    position: int
    behind: bool


class Activity(Answer, frozen=True):
    items: tuple[Transaction, ...]
    next: str | None


class Usage(Answer, frozen=True):
    meters: tuple[MeterUsage, ...]


class Started(Answer, frozen=True):
    redemption_id: UUID
    status: str
    position: int


class Receipt(Answer, frozen=True):
    juice_number: str
    happened_at: datetime
    amount: int
    currency: str
    lines: tuple[Line, ...]
    units: str
    unit: str
    tokens: tuple[Token, ...]
    wallet_change: int
    wallet_balance: int | None


class Redemption(Answer, frozen=True):
    redemption_id: UUID
    stage: str
    has_ended: bool
    amount: int | None
    currency: str | None
    changed_at: datetime | None
    receipt: Receipt | None
    rule: str | None
    meter: str | None


class Utility(Answer, frozen=True):
    code: str
    name: str
    currency: str
    zone: str
    primary_colour: str
    accent_colour: str
    support_phone: str
    support_email: str
    languages: tuple[str, ...]


class Health(Answer, frozen=True):
    status: str


def units(milliunits: int) -> str:
    """This will write thousandths of a unit as a decimal string, without zeros that say nothing."""
    whole, thousandths = divmod(abs(milliunits), 1000)
    sign = "-" if milliunits < 0 else ""
    return f"{sign}{whole}.{thousandths:03}".rstrip("0").rstrip(".") if thousandths else f"{sign}{whole}"


def line(of: wallet.Line) -> Line:
    """This will show one part of what a payment was applied to."""
    return Line(
        kind=of.kind,
        amount=of.amount,
        description=of.description,
        balance_before=of.balance_before,
        balance_after=of.balance_after,
    )


def token(of: wallet.Token) -> Token:
    """This will show one token."""
    return Token(kind=of.kind, digits=of.digits, order=of.order)


def usage(meters: Sequence[MeterUsed], first: date | None) -> tuple[MeterUsage, ...]:
    """This will show what each meter used on the days after `first`."""
    return tuple(
        MeterUsage(
            meter_id=used.meter_id,
            unit=used.unit,
            days=tuple(Day(day=day.day, units=units(day.milliunits)) for day in used.days if first is None or day.day > first),
        )
        for used in meters
    )


def receipt(of: ReceiptShown) -> Receipt:
    """This will show a receipt."""
    return Receipt(
        juice_number=of.juice_number,
        happened_at=of.happened_at,
        amount=of.amount,
        currency=of.currency,
        lines=tuple(map(line, of.lines)),
        units=units(of.milliunits),
        unit=of.unit,
        tokens=tuple(map(token, of.tokens)),
        wallet_change=of.wallet_change,
        wallet_balance=of.wallet_balance,
    )
