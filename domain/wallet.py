"""A wallet: the account's money as Juice keeps it, and what became of each purchase. Amounts are integer minor units."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from domain.aggregate import Aggregate, Refusal, evolves
from domain.event import Context, Event


class Token(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A 20-digit STS token (IEC 62055-41); key-change tokens come before the credit, in `order`."""

    kind: Literal["key-change", "credit"]
    digits: str
    order: int


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One part of what a payment was applied to; an arrears line tells its debt's balance before and after."""

    kind: Literal["arrears", "tax", "fee", "energy", "wallet"]
    amount: int
    debt_id: str | None = None
    description: str | None = None
    balance_before: int | None = None
    balance_after: int | None = None


class Receipt(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What Juice did: its own number, when, and where the money went. `milliunits` are thousandths of `unit`."""

    juice_number: str
    happened_at: datetime
    amount: int
    currency: str
    lines: tuple[Line, ...]
    wallet_change: int
    wallet_balance: int
    meter_id: UUID | None = None
    milliunits: int = 0
    unit: str = "kWh"
    tokens: tuple[Token, ...] = ()


class Debt(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One arrears of an account; `share` is its percentage of each transaction."""

    debt_id: str
    description: str
    balance: int
    original: int
    share: int
    plan: str
    opened_on: str


class WalletOpened(Event, frozen=True, kw_only=True):
    """The account has a wallet now, in its utility's currency."""

    TOPIC = "wallet-opened"

    currency: str


class CardRedeemed(Event, frozen=True, kw_only=True):
    """A Juice card was redeemed through Seed, and this is what Juice made of it."""

    TOPIC = "card-redeemed"

    redemption_id: UUID
    receipt: Receipt


class PowerPurchased(Event, frozen=True, kw_only=True):
    """Power was bought through Seed with a credit card, and this is what Juice made of it."""

    TOPIC = "power-purchased"

    purchase_id: UUID
    receipt: Receipt


class TransactionRecorded(Event, frozen=True, kw_only=True):
    """Juice told of a transaction that was made elsewhere. `kind` is one of Juice's transaction types."""

    TOPIC = "transaction-recorded"

    kind: str
    receipt: Receipt


class ArrearsStated(Event, frozen=True, kw_only=True):
    """Juice's statement of what the account owes, complete."""

    TOPIC = "arrears-stated"

    debts: tuple[Debt, ...]
    as_of: datetime


class WalletReconciled(Event, frozen=True, kw_only=True):
    """Juice's balance differed from the sum of what is recorded here; Juice's is the truth from now on."""

    TOPIC = "wallet-reconciled"

    juice_balance: int
    recorded_balance: int
    difference: int
    as_of: datetime


class CurrencyDiffers(Refusal):
    """The receipt is in another currency than the wallet."""


class Wallet(Aggregate):
    """The money of one account."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.account_id: UUID | None = None
        self.currency = ""
        self.balance = 0
        self.debts: tuple[Debt, ...] = ()
        self.juice_numbers: set[str] = set()
        self.latest: tuple[datetime | None, str | None] = (None, None)

    @property
    def belongs_to(self) -> UUID | None:
        return self.account_id

    def open(self, context: Context, *, account_id: UUID, currency: str) -> None:
        """This will open the wallet."""
        self.record(WalletOpened, context, account_id=account_id, currency=currency)

    def redeem_card(self, context: Context, *, redemption_id: UUID, receipt: Receipt) -> None:
        """This will record a redemption's receipt, once per number of Juice's."""
        self._check(receipt)
        if receipt.juice_number not in self.juice_numbers:
            self.record(CardRedeemed, context, redemption_id=redemption_id, receipt=receipt)

    def buy_power(self, context: Context, *, purchase_id: UUID, receipt: Receipt) -> None:
        """This will record a purchase's receipt, once per number of Juice's."""
        self._check(receipt)
        if receipt.juice_number not in self.juice_numbers:
            self.record(PowerPurchased, context, purchase_id=purchase_id, receipt=receipt)

    def take_transaction(self, context: Context, *, kind: str, receipt: Receipt) -> None:
        """This will record a transaction made elsewhere; one that is known already is recognised and left alone."""
        self._check(receipt)
        if receipt.juice_number not in self.juice_numbers:
            self.record(TransactionRecorded, context, kind=kind, receipt=receipt)

    def state_arrears(self, context: Context, *, debts: tuple[Debt, ...], as_of: datetime) -> None:
        """This will record what the account owes where it differs from what is known."""
        if debts != self.debts:
            self.record(ArrearsStated, context, debts=debts, as_of=as_of)

    def compare(self, context: Context, *, juice_balance: int, through: str | None, as_of: datetime) -> None:
        """This will record a difference between Juice's balance and the recorded one, and follow Juice.

        `through` is the last transaction in Juice's balance; while a later one is recorded here, the balance is an old one
        and says nothing.
        """
        if through == self.latest[1] and juice_balance != self.balance:
            self.record(
                WalletReconciled,
                context,
                juice_balance=juice_balance,
                recorded_balance=self.balance,
                difference=juice_balance - self.balance,
                as_of=as_of,
            )

    def _check(self, receipt: Receipt) -> None:
        if receipt.currency != self.currency:
            raise CurrencyDiffers(f"{receipt.currency} is not {self.currency}")

    @evolves(WalletOpened)
    def _evolve_opened(self, event: WalletOpened) -> None:
        self.account_id, self.currency = event.account_id, event.currency

    @evolves(CardRedeemed, PowerPurchased, TransactionRecorded)
    def _evolve_moved(self, event: CardRedeemed | PowerPurchased | TransactionRecorded) -> None:
        self.balance += event.receipt.wallet_change
        self.juice_numbers.add(event.receipt.juice_number)
        if self.latest[0] is None or event.receipt.happened_at >= self.latest[0]:
            self.latest = (event.receipt.happened_at, event.receipt.juice_number)
        after = {line.debt_id: line.balance_after for line in event.receipt.lines if line.kind == "arrears"}
        if after:
            self.debts = tuple(
                msgspec.structs.replace(debt, balance=after[debt.debt_id]) if after.get(debt.debt_id) is not None else debt
                for debt in self.debts
            )

    @evolves(ArrearsStated)
    def _evolve_arrears(self, event: ArrearsStated) -> None:
        self.debts = event.debts

    @evolves(WalletReconciled)
    def _evolve_reconciled(self, event: WalletReconciled) -> None:
        self.balance = event.juice_balance
