"""Watches every step of a history, and names the promise that was broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from domain import arrears_share_events as sharing
from domain import purchase_events as purchasing
from domain import redemption_events as redeeming
from domain.damaged_card_events import DamagedCardReported, DamagedCardSettled
from domain.difference_events import DayReconciled, DifferenceFound
from domain.event import Event
from domain.wallet import CardRedeemed, PowerPurchased, TransactionRecorded, WalletReconciled
from tests.simulation.books import BooksWatch
from tests.simulation.juice import JuiceBooks

MOVED = (CardRedeemed, PowerPurchased, TransactionRecorded)
ENDS = (
    purchasing.PurchaseAbandoned,
    purchasing.PurchaseCaptured,
    purchasing.PurchaseReleased,
    purchasing.PurchaseUncollected,
)
BEGINS = (purchasing.PurchaseRequested, redeeming.RedemptionReserved, sharing.ShareChosen, DamagedCardReported)
SHARES = (sharing.ShareSent, sharing.ShareConfirmed, sharing.ShareRefused)
COMPARED = (DifferenceFound, DayReconciled)
NOTICES = (purchasing.PurchaseNoticed, purchasing.PurchaseDeclined)
ISSUES = (purchasing.PurchaseIssued, purchasing.PurchaseFoundIssued)
SENDS = (purchasing.PurchaseSent, redeeming.RedemptionSent)


class Known(msgspec.Struct):
    """What is in the log of one purchase, and how often it was sold; `asks` is the same for those that are alike."""

    asks: Hashable
    is_issued: bool = False
    is_absent: bool = False
    ends: list[type[Event]] = []
    vends: int = 0


class Choice(msgspec.Struct):
    """What is in the log of one choice of an arrears share; `told` is what its customer was told became of it."""

    share_id: UUID
    share: int
    is_sent: bool = False
    told: str | None = None
    is_taken: bool = False


class Watch:
    """The reference model: what may happen, kept beside what does."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.juice: JuiceBooks | None = None
        self.books: BooksWatch | None = None
        self.choices: dict[str, Choice] = {}
        self.latest: dict[UUID, str] = {}
        self.compared: dict[date, datetime] = {}
        self.settled_cards: dict[UUID, str] = {}
        self.purchases: dict[UUID, Known] = {}
        self.sent: dict[str, UUID] = {}
        self.begun: Counter[UUID] = Counter()
        self.credits: Counter[UUID] = Counter()
        self.recorded: set[str] = set()
        self.notices: set[tuple[UUID, str]] = set()
        self.processes: set[UUID] = set()
        self.answers: dict[str, Hashable] = {}
        self._transactions = 0
        self._by_number: dict[str, dict[str, Any]] = {}

    def found(self, promise: str) -> None:
        """This will note that a promise was broken."""
        self.violations.append(promise)

    # At Juice and at the provider

    def may_move(self, message_id: str, serial: str | None) -> None:
        """Juice is about to sell under an id that it does not know yet."""
        process = self.sent.get(message_id)
        if process is None:
            self.found("Juice was asked under an id that was not in the log")
        elif serial is None:
            known = self.purchases[process]
            known.vends += 1
            if self._is_too_much(known):
                self.found("one purchase was sold twice at Juice")

    def _is_too_much(self, known: Known) -> bool:
        """Of two that are alike, one may have the transaction of the other: together they are sold twice."""
        assert self.juice is not None
        if self.juice.knows_messages:
            return known.vends > 1
        sent = {self.sent[id] for id in self.sent if self.sent[id] in self.purchases}
        alike = [self.purchases[id] for id in sent if self.purchases[id].asks == known.asks]
        return sum(each.vends for each in alike) > len(alike)

    def may_share(self, message_id: str, share: int) -> None:
        """Juice is about to take a share under an id that it does not know yet."""
        choice = self.choices.get(message_id)
        if choice is None or not choice.is_sent:
            self.found("Juice was asked for a share under an id that was not in the log")
            return
        if choice.share != share:
            self.found("Juice was asked for another share than was chosen")
        if self.latest[choice.share_id] != message_id:
            self.found("an older choice of a share undid a later one")
        if choice.told is not None:
            self.found(f"a share was taken whose choice counted as {choice.told}")
        choice.is_taken = True

    def may_take(self, purchase_id: UUID) -> None:
        """The provider is about to charge a card."""
        if not self.purchases[purchase_id].is_issued:
            self.found("a card was charged before Juice had issued")

    def may_let_go(self, purchase_id: UUID) -> None:
        """The provider is about to release the money."""
        if not self.purchases[purchase_id].is_absent:
            self.found("money was released although it was not proven that Juice had not issued")

    # At the customer

    def answered(self, key: str, answer: Hashable) -> None:
        """A command was answered, perhaps for the second time: by what it began, or by the name of a refusal."""
        if isinstance(answer, UUID) and answer not in self.processes:
            self.found("what was acknowledged is not in the log")
        if self.answers.setdefault(key, answer) != answer:
            self.found("the same key got two answers")

    # In the log

    def committed(self, events: Sequence[Event]) -> None:
        """A transaction is in the log."""
        for event in events:
            if isinstance(event, MOVED):
                self._moved(event)
            elif isinstance(event, WalletReconciled):
                self.found("a wallet differed from Juice's balance")
            elif isinstance(event, BEGINS):
                self.processes.add(event.originator_id)
                self.begun[event.correlation_id] += 1
                if self.begun[event.correlation_id] > 1:
                    self.found("a command that was given once was carried out twice")
                if isinstance(event, purchasing.PurchaseRequested):
                    self.purchases[event.originator_id] = Known((event.meter_id, event.amount))
                elif isinstance(event, sharing.ShareChosen):
                    self.choices[str(event.message_id)] = Choice(event.originator_id, event.share)
                    self.latest[event.originator_id] = str(event.message_id)
            elif isinstance(event, SENDS):
                self.sent[str(event.message_id)] = event.originator_id
            elif isinstance(event, SHARES):
                self._share(event, self.choices[str(event.message_id)])
            elif isinstance(event, COMPARED):
                assert self.books is not None
                if isinstance(event, DayReconciled):
                    self.compared[event.day] = event.at
                if (broken := self.books.broken(event)) is not None:
                    self.found(broken)
            elif isinstance(event, DamagedCardSettled):
                if event.originator_id in self.settled_cards:
                    self.found("a damaged card was settled twice")
                self.settled_cards[event.originator_id] = event.outcome
            elif event.originator_id in self.purchases:
                self._purchase(event, self.purchases[event.originator_id])

    def _share(self, event: Event, choice: Choice) -> None:
        if isinstance(event, sharing.ShareSent):
            choice.is_sent = True
            return
        if choice.told is not None:
            self.found("a choice of a share ended twice")
        choice.told = "taken" if isinstance(event, sharing.ShareConfirmed) else "refused"
        if choice.is_taken != isinstance(event, sharing.ShareConfirmed):
            self.found(f"a choice of a share counts as {choice.told}, and Juice says otherwise")

    def _moved(self, event: Any) -> None:
        receipt = event.receipt
        if receipt.juice_number in self.recorded:
            self.found("one transaction of Juice's was recorded twice")
        self.recorded.add(receipt.juice_number)
        made = self._made(receipt.juice_number)
        if made is None or (made["amount"], made["wallet_change"]) != (receipt.amount, receipt.wallet_change):
            self.found("money was recorded that Juice does not know")
        if isinstance(event, CardRedeemed):
            self.credits[event.redemption_id] += 1
            if self.credits[event.redemption_id] > 1:
                self.found("a card was credited twice")

    def _made(self, number: str) -> dict[str, Any] | None:
        assert self.juice is not None
        items = self.juice.feeds["transactions"]
        for item in items[self._transactions :]:
            self._by_number[item["transaction"]] = item
        self._transactions = len(items)
        return self._by_number.get(number)

    def _purchase(self, event: Event, known: Known) -> None:
        if isinstance(event, NOTICES):
            notice = (event.originator_id, event.notice_id)
            if notice in self.notices:
                self.found("one word of the provider's was taken in twice")
            self.notices.add(notice)
        elif isinstance(event, ISSUES):
            known.is_issued = True
        elif isinstance(event, purchasing.PurchaseProvenAbsent):
            known.is_absent = True
        elif isinstance(event, ENDS):
            corrected = known.ends == [purchasing.PurchaseReleased] and isinstance(event, purchasing.PurchaseUncollected)
            if known.ends and not corrected:
                self.found("a purchase ended twice")
            known.ends = [*known.ends, type(event)]
