"""What Juice says, and what Seed has sent to it, in the words of its interface (`docs/juice.md`)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its zone (RFC 3339); one without is not understood."""


Units = Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,9})?\Z")]
"""Units as a decimal string."""

Minor = Annotated[int, msgspec.Meta(ge=-(10**15), le=10**15)]
"""Money in minor units; whatever is more than that is nobody's money."""


class UtilityTold(msgspec.Struct, frozen=True, kw_only=True):
    """The utility, as Juice describes it."""

    code: str
    name: str
    currency: str
    zone: str
    colours: dict[str, str]
    support: dict[str, str]
    streets: tuple[str, ...]
    arrears_rules: dict[str, int]
    languages: tuple[str, ...] = ("en",)


class CardOffer(msgspec.Struct, frozen=True, kw_only=True):
    """What a card is worth, in minor units; said only where serial and code match."""

    amount: Minor
    currency: str


class CardUse(msgspec.Struct, frozen=True, kw_only=True):
    """When a card was redeemed, and for which meter; `meter` is None where a wallet was credited."""

    at: Moment
    account: str
    meter: str | None


class CardStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a card stands, told to the utility by its serial alone; `used` says how, once it is used."""

    state: Literal["available", "activated", "used", "void"]
    amount: Minor
    currency: str
    used: CardUse | None = None


class ShareLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much of each payment goes to a debt now, and how much may, in percent: the utility's own share up to its limit."""

    debt: str
    description: str
    balance: Minor
    share: int
    least: int
    most: int


class ShareTaken(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to a chosen share; advice gives the same one again."""

    message_id: str
    account: str
    debt: str
    share: int
    at: Moment


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """Juice's word on an account or meter before anything is bought."""

    account: str
    meters: tuple[str, ...]
    name: str
    can_buy: bool
    balance: Minor


class ReplyLine(msgspec.Struct, frozen=True, kw_only=True):
    """One part of what a payment was applied to, in minor units."""

    kind: Literal["arrears", "tax", "fee", "energy", "wallet"]
    amount: Minor
    debt: str | None = None
    description: str | None = None
    balance_before: Minor | None = None
    balance_after: Minor | None = None
    units: Units | None = None
    unit: str | None = None


class ReplyToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token to enter, in order."""

    kind: Literal["key-change", "credit"]
    digits: str
    order: int


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The complete reply to a vend or a redemption; advice gives the same one again.

    `message_id` is None where no message asked for it: in a trial, whose `transaction` is empty, and on a reprinted receipt of a
    sale made elsewhere; a Juice without advice knows none at all. `type` is Juice's type of transaction, `serial` the
    card's.
    """

    message_id: str | None
    transaction: str
    type: str | None = None
    serial: str | None = None
    at: Moment
    account: str
    meter: str | None
    amount: Minor
    currency: str
    lines: tuple[ReplyLine, ...]
    units: Units | None
    unit: str | None = None
    tokens: tuple[ReplyToken, ...]
    wallet_change: Minor
    wallet_balance: Minor


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was sent: all that may be known of it when it is asked after. Never logged: a serial is in it.

    `tender` is the type that its transaction has. A sale has amount (minor units) and currency, a card's redemption its serial.
    `first_at` and `last_at` are when the first and the last copy was sent, by our clock.
    """

    message_id: UUID
    tender: str
    account: str | None = None
    meter: str | None = None
    amount: int | None = None
    currency: str | None = None
    serial: str | None = None
    first_at: datetime
    last_at: datetime


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a feed: items as Juice wrote them, and the cursor behind the last."""

    items: tuple[dict[str, Any], ...]
    cursor: str
    more: bool


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction in Juice's list of a time, as far as comparing books needs it. Minor units.

    `message_id` is None where no message of Seed's made it, or where Juice keeps none; `type` is Juice's type of transaction,
    `serial` the card's where one was redeemed.
    """

    transaction: str
    message_id: str | None
    type: str | None = None
    at: Moment
    account: str
    meter: str | None = None
    amount: Minor
    currency: str
    serial: str | None = None


class ListPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list of transactions, and the cursor behind its last."""

    items: tuple[Listed, ...]
    cursor: str
    more: bool


FeedName = Literal["accounts", "meters", "transactions", "usage", "arrears", "balances"]
