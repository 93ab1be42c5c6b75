"""The items of Juice's feeds, as Juice writes them. Money in minor units, units as decimal strings, times with a zone."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from vending.juice_answers import Minor, Moment, ReplyLine, ReplyToken, Units


class AccountItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the feed of accounts."""

    number: str
    name: str
    address: str
    email: str | None
    phone: str | None
    language: str = "en"


class MeterItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the feed of meters."""

    account: str
    number: str
    kind: Literal["STS", "AMI"]
    resource: Literal["electricity", "water", "gas"]
    unit: str
    removed_at: Moment | None = None


class TransactionItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the feed of transactions. Money in minor units."""

    transaction: str
    message_id: str | None
    at: Moment
    type: str
    account: str
    meter: str | None
    amount: Minor
    currency: str
    units: Units | None
    unit: str | None = None
    lines: tuple[ReplyLine, ...] = ()
    tokens: tuple[ReplyToken, ...] = ()
    wallet_change: Minor
    wallet_balance: Minor
    serial: str | None = None


class UsageItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the feed of usage: one meter's day."""

    meter: str
    day: date
    units: Units


class DebtItem(msgspec.Struct, frozen=True, kw_only=True):
    """One debt, in minor units; `share` is its percentage of each transaction."""

    id: str
    description: str
    balance: Minor
    original: Minor
    share: int
    plan: str
    opened_on: str


class ArrearsItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the feed of arrears: all debts of an account."""

    account: str
    debts: tuple[DebtItem, ...]
    as_of: Moment


class BalanceItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the feed of balances; `through_transaction` is the last one in it."""

    account: str
    wallet_balance: Minor
    currency: str
    as_of: Moment
    through_transaction: str | None
