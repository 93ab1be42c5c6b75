"""The port to Juice: what Seed asks of it, what it answers, and how an answer can fail to come.

Three outcomes stay apart. Juice did it: a reply. Juice is known not to have done it: JuiceRefused, or JuiceUnreachable where the
question never left. Nobody knows: JuiceSilent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Protocol
from uuid import UUID

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its zone (RFC 3339); one without is not understood."""


class JuiceRefused(Exception):
    """Juice answered that it will not, by one of its rules; nothing was done. The text holds no serial, code or number."""

    def __init__(self, rule: str, detail: str = "") -> None:
        super().__init__(rule)
        self.rule = rule
        self.detail = detail


class UnknownCard(JuiceRefused):
    """No such card, or the code is not its code, or it was never activated: Juice does not say which."""


class CardUsed(JuiceRefused):
    """The card was redeemed before."""


class UnknownAccount(JuiceRefused):
    """Juice has no such account."""


class UnknownMeter(JuiceRefused):
    """Juice has no such meter."""


class BlockedMeter(JuiceRefused):
    """Juice sells nothing for this meter at present."""


class UnknownDebt(JuiceRefused):
    """The account owes nothing under this id."""


class ShareOutOfLimits(JuiceRefused):
    """The utility lets that share not go to the debt."""


class NoSuchTransaction(JuiceRefused):
    """Juice has done nothing under this message id."""


class JuiceUnreachable(Exception):
    """The question never left, or was turned away at the door: nothing was done, and it may be asked again."""


class JuiceSilent(Exception):
    """No answer, or none that can be read: whether anything was done is unknown."""


class StillArriving(JuiceSilent):
    """A Juice without advice shows nothing of the message, and a copy of it may still arrive for this while."""

    def __init__(self, after: timedelta) -> None:
        super().__init__("a copy may still arrive")
        self.after = after


class Undecided(JuiceSilent):
    """A Juice without advice does not say which of its transactions, these or none, is the message's: somebody has to look."""

    def __init__(self, candidates: Sequence[str]) -> None:
        super().__init__("which transaction it is cannot be told")
        self.candidates = tuple(candidates)


REFUSALS: dict[str, type[JuiceRefused]] = {
    "UnknownCard": UnknownCard,
    "CardUsed": CardUsed,
    "UnknownAccount": UnknownAccount,
    "UnknownMeter": UnknownMeter,
    "BlockedMeter": BlockedMeter,
    "UnknownDebt": UnknownDebt,
    "ShareOutOfLimits": ShareOutOfLimits,
    "NoSuchTransaction": NoSuchTransaction,
}
"""Juice's rules by the names it gives them; any other is a plain JuiceRefused."""


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

    amount: int
    currency: str


class CardUse(msgspec.Struct, frozen=True, kw_only=True):
    """When a card was redeemed, and for which meter; `meter` is None where a wallet was credited."""

    at: Moment
    account: str
    meter: str | None


class CardStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a card stands, told to the utility by its serial alone; `used` says how, once it is used."""

    state: Literal["available", "activated", "used", "void"]
    amount: int
    currency: str
    used: CardUse | None = None


class ShareLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much of each payment goes to a debt now, and how much may, in percent: the utility's own share up to its limit."""

    debt: str
    description: str
    balance: int
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
    balance: int


class ReplyLine(msgspec.Struct, frozen=True, kw_only=True):
    """One part of what a payment was applied to, in minor units."""

    kind: Literal["arrears", "tax", "fee", "energy", "wallet"]
    amount: int
    debt: str | None = None
    description: str | None = None
    balance_before: int | None = None
    balance_after: int | None = None
    units: str | None = None
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
    amount: int
    currency: str
    lines: tuple[ReplyLine, ...]
    units: str | None
    unit: str | None = None
    tokens: tuple[ReplyToken, ...]
    wallet_change: int
    wallet_balance: int


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

    `message_id` is None where no message of Seed's made it, `serial` the card's where one was redeemed.
    """

    transaction: str
    message_id: str | None
    at: Moment
    account: str
    amount: int
    currency: str
    serial: str | None = None


class ListPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list of transactions, and the cursor behind its last."""

    items: tuple[Listed, ...]
    cursor: str
    more: bool


FeedName = Literal["accounts", "meters", "transactions", "usage", "arrears", "balances"]


class Juice(Protocol):
    """What Seed asks of one utility's Juice."""

    async def utility(self) -> UtilityTold:
        """This will give the utility's description."""
        ...

    async def confirm_customer(self, *, account: str | None = None, meter: str | None = None) -> Customer:
        """This will give Juice's word on an account or meter. Raises UnknownAccount, UnknownMeter."""
        ...

    async def check_card(self, serial: str, code: str) -> CardOffer:
        """This will say what the card is worth. Raises UnknownCard, CardUsed."""
        ...

    async def card_status(self, serial: str) -> CardStatus:
        """This will say how the card of a serial stands; it tells no code. Raises UnknownCard where no card has the serial."""
        ...

    async def trial_vend(self, *, amount: int, account: str | None = None, meter: str | None = None) -> Reply:
        """This will say what a vend of that amount would do, without doing it."""
        ...

    async def vend(
        self, message_id: UUID, *, amount: int, tender: str, account: str | None = None, meter: str | None = None
    ) -> Reply:
        """This will sell units; repeated under the same message id it gives the same reply."""
        ...

    async def redeem(
        self, message_id: UUID, *, serial: str, code: str, account: str | None = None, meter: str | None = None
    ) -> Reply:
        """This will redeem a card; repeated under the same message id it gives the same reply."""
        ...

    async def advise(self, sent: Sent, *, at: datetime) -> Reply:
        """This will give the stored reply to a message; `at` is now. Raises NoSuchTransaction.

        Where Juice stores none it is looked for: raises StillArriving and Undecided too.
        """
        ...

    async def share_limits(self, *, account: str) -> tuple[ShareLimits, ...]:
        """This will give the shares of the account's debts, in the order in which Juice pays them. Raises UnknownAccount."""
        ...

    async def take_share(self, message_id: UUID, *, account: str, debt: str, share: int) -> ShareTaken:
        """This will have that share (percent) of each payment go to the debt; repeated under the same message id it gives the
        same reply. Raises UnknownAccount, UnknownDebt, ShareOutOfLimits.
        """
        ...

    async def advise_share(self, message_id: UUID) -> ShareTaken:
        """This will give the stored reply of a chosen share's message id. Raises NoSuchTransaction."""
        ...

    async def reprint(self, *, count: int, account: str | None = None, meter: str | None = None) -> tuple[Reply, ...]:
        """This will give the last replies."""
        ...

    async def feed(self, name: FeedName, *, after: str | None, limit: int) -> Page:
        """This will give what changed past a cursor, in order."""
        ...

    async def transactions(self, *, since: datetime, until: datetime, after: str | None, limit: int) -> ListPage:
        """This will list the transactions that were made at `since` or later and before `until`, by Juice's clock, up to 1000 a
        page, from behind a cursor.
        """
        ...
