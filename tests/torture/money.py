"""The promises about money, checked against all three books: Seed's log, Juice's sales and the provider's payments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.torture import books
from tests.torture.journal import Journal
from tests.torture.log import MONEY, Log
from vending.stripe_money import to_stripe

ENDS = {
    "purchase-captured": "captured",
    "purchase-released": "released",
    "purchase-abandoned": "abandoned",
    "purchase-uncollected": "uncollected",
}


class Money:
    """What one utility's books say. `lost`, `doubled` and `endless` count what was found to be so."""

    def __init__(self, log: Log, folder: Path, code: str, payments: list[dict[str, Any]], journal: Journal) -> None:
        self.log = log
        self.code = code
        self.journal = journal
        self.sales = books.sales(folder, code)
        self.states = books.card_states(folder, code)
        self.payments = {each["metadata"].get("purchase_id"): each for each in payments if each["account"] == code}
        self.lost = 0
        self.doubled = 0
        self.endless = 0

    def broken(self) -> list[str]:
        """This will check everything, and name each promise that was broken, and where."""
        checks = (self._acknowledged, self._once, self._cards, self._purchases, self._charged, self._reconciled)
        return [f"{self.code}: {told}" for check in checks for told in check()]

    def _acknowledged(self) -> Iterator[str]:
        for promise in self.journal.of(self.code):
            if promise.position not in self.log.positions:
                self.lost += 1
                yield f"an acknowledged {promise.kind} is not in the log (position {promise.position})"

    def _once(self) -> Iterator[str]:
        """What moves money stands in the log once for each of Juice's sales, and for the same amount."""
        moved = Counter(event.state["receipt"]["juice_number"] for event in self.log.on(*MONEY))
        known = {sale["transaction"]: sale for sale in self.sales}
        for number, count in moved.items():
            if count > 1:
                self.doubled += 1
                yield f"Juice's transaction {number} stands {count} times in the log"
        for event in self.log.on(*MONEY):
            receipt = event.state["receipt"]
            sale = known.get(receipt["juice_number"])
            if sale is None or sale["amount"] != receipt["amount"]:
                yield f"the log has the transaction {receipt['juice_number']}, which Juice does not know, or for another amount"
        for number in known.keys() - moved.keys():
            self.lost += 1
            yield f"Juice's transaction {number} is not in the log"

    def _cards(self) -> Iterator[str]:
        at_juice = Counter(sale["serial"] for sale in self.sales if sale["serial"] is not None)
        here = Counter(event.state["redemption_id"] for event in self.log.on("card-redeemed"))
        for serial, count in at_juice.items():
            if count > 1:
                self.doubled += 1
                yield f"Juice credited the card {serial} {count} times"
        for redemption, count in here.items():
            if count > 1:
                self.doubled += 1
                yield f"the redemption {redemption} was credited {count} times"
        for promise in self.journal.of(self.code, "redemption"):
            assert promise.card is not None
            serial = promise.card["serial"]
            if (here[promise.id or ""], at_juice[serial], self.states[serial]) != (1, 1, "used"):
                self.endless += here[promise.id or ""] == 0
                yield f"the card {serial} was credited {here[promise.id or '']} times here and {at_juice[serial]} times at Juice"

    def _purchases(self) -> Iterator[str]:
        """Every purchase that is in the log, acknowledged or not, has one end; Juice sold for it, or it did not."""
        sold = Counter(sale["message_id"] for sale in self.sales if sale["message_id"] is not None)
        for begun in self.log.on("purchase-requested"):
            topics = [event.topic for event in self.log.of[begun.aggregate]]
            ends = [ENDS[topic] for topic in topics if topic in ENDS]
            if len(ends) != 1:
                self.endless += not ends
                self.doubled += len(ends) > 1
                yield f"the purchase {begun.aggregate} has {len(ends)} ends: {', '.join(topics)}"
                continue
            wanted = 1 if ends[0] in ("captured", "uncollected") else 0
            if sold[begun.state["message_id"]] != wanted:
                self.doubled += sold[begun.state["message_id"]] > 1
                yield f"the purchase {begun.aggregate} was {ends[0]}; Juice sold {sold[begun.state['message_id']]} times for it"

    def _charged(self) -> Iterator[str]:
        for begun in self.log.on("purchase-requested"):
            ends = {ENDS[event.topic] for event in self.log.of[begun.aggregate] if event.topic in ENDS}
            payment = self.payments.get(str(begun.aggregate))
            taken = (payment["captured"], payment["amount_received"]) if payment is not None else (0, 0)
            amount = to_stripe(begun.state["amount"], begun.state["currency"])
            if taken != ((1, amount) if ends == {"captured"} else (0, 0)):
                self.doubled += taken[0] > 1
                yield f"the purchase {begun.aggregate} is {ends or 'open'}; the provider charged {taken[0]} times, {taken[1]}"

    def _reconciled(self) -> Iterator[str]:
        for event in self.log.on("wallet-reconciled"):
            yield f"a wallet differed from Juice's balance by {event.state['difference']} (position {event.position})"
