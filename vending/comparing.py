"""Compares one day's books: Seed's log, Juice's transactions, and the payments at the provider. Pure: no clock, no network.

A difference is named once, by what differs. What is under way differs from nothing: a payment may be held while its outcome is
unknown. Amounts are in minor units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from domain.difference import Finding, Sums
from domain.ticket_events import About


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One purchase or redemption, as Seed's log has it.

    `outcome`: nothing was sent to Juice yet (open), nobody knows (unknown), Juice issued, or it is known not to have (absent).
    `message_ids` are those of every attempt, `message_id` the one that the outcome is of. What was issued is None elsewhere.
    `payment_id` is the payment that was authorised, `charged` whether the log says that it was captured.
    """

    about: About
    account_id: UUID | None
    message_id: str
    message_ids: frozenset[str]
    outcome: Literal["open", "unknown", "issued", "absent"]
    amount: int
    currency: str
    juice_number: str | None = None
    issued_at: datetime | None = None
    payment_id: str | None = None
    charged: bool = False


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction in Juice's list that a message of Seed's made, with whose account that is as far as Seed knows."""

    message_id: str
    number: str
    amount: int
    currency: str
    account_id: UUID | None
    about: About


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """A payment at the provider that began `at`. `amount` is what is held or was asked for, `captured` what was taken, `refunded`
    what was given back of that, and `disputed` what the customer's bank demands back or has taken back.
    """

    id: str
    purchase_id: UUID | None
    state: Literal["pending", "authorised", "captured", "released"]
    amount: int
    captured: int
    currency: str
    at: datetime
    refunded: int = 0
    disputed: int = 0

    @property
    def kept(self) -> int:
        """What was taken and not refunded."""
        return self.captured - self.refunded


class Books(msgspec.Struct, frozen=True, kw_only=True):
    """The books of one day, from `since` until before `until`.

    `entries` are those that were begun or issued on the day, and those that the two lists name. `made` is Juice's list of the
    day. `paid` are the provider's payments that began on the day or of which money was refunded or disputed on the day, and,
    whenever they began, those of the entries; None where there is no provider.
    """

    since: datetime
    until: datetime
    currency: str
    entries: tuple[Entry, ...]
    made: tuple[Made, ...]
    paid: tuple[Paid, ...] | None

    def issued(self) -> list[Entry]:
        """What Seed says was issued on the day: by Juice's clock, as Juice's list is."""
        return [entry for entry in self.entries if entry.issued_at is not None and self.since <= entry.issued_at < self.until]


def compare(books: Books) -> list[Finding]:
    """This will name every difference, in no order that matters."""
    found = [*_juice_against_seed(books), *_seed_against_juice(books)]
    if books.paid is not None:
        found += [*_provider_against_seed(books, books.paid), *_seed_against_provider(books, books.paid)]
    return found


def sums(books: Books, differences: int) -> Sums:
    """This will add up each book. What was charged, less what was refunded by now, counts for the day on which its power was
    issued; where nothing was issued for it, for the day on which the payment began.
    """
    issued = books.issued()
    known = {entry.payment_id: entry for entry in books.entries if entry.outcome == "issued" and entry.payment_id is not None}
    today = {entry.about.id for entry in issued}
    counted = [
        paid
        for paid in books.paid or ()
        if (known[paid.id].about.id in today if paid.id in known else books.since <= paid.at < books.until)
    ]
    return Sums(
        currency=books.currency,
        issued=sum(entry.amount for entry in issued),
        juice_issued=sum(made.amount for made in books.made),
        charged=sum(entry.amount for entry in issued if entry.charged),
        provider_charged=sum(paid.kept for paid in counted) if books.paid is not None else None,
        payments=len(issued),
        differences=differences,
    )


def _juice_against_seed(books: Books) -> Iterable[Finding]:
    entries = {message_id: entry for entry in books.entries for message_id in entry.message_ids}
    issued = books.issued()
    for message_id, copies in _by_message(books.made).items():
        entry = entries.get(message_id)
        known = entry if entry is not None and entry.outcome == "issued" and entry.message_id == message_id else None
        # Of several transactions under one message id, the one that Seed knows is its own.
        copies.sort(key=lambda made: (known is None or made.number != known.juice_number, made.number))
        made, *others = copies
        if known is None:
            yield _of_made("juice-unknown-to-seed", made, entry, subject=message_id)
        elif made.number != known.juice_number and known not in issued:
            others = copies  # its own stands in another day's list
        else:
            if (made.amount, made.currency) != (known.amount, known.currency):
                yield _of_made("amount-differs", made, known, subject=message_id, recorded=known.amount)
            if made.number != known.juice_number:
                yield _of_made("number-differs", made, known, subject=message_id, recorded=known.amount)
        for other in others:
            yield _of_made("issued-twice", other, entry, subject=other.number)


def _seed_against_juice(books: Books) -> Iterable[Finding]:
    told = {made.message_id for made in books.made}
    for entry in books.issued():
        if entry.message_id not in told:
            yield _of_entry("issued-unknown-to-juice", entry)


def _provider_against_seed(books: Books, payments: Sequence[Paid]) -> Iterable[Finding]:
    purchases = {entry.about.id: entry for entry in books.entries if entry.about.kind == "purchase"}
    for paid in payments:
        entry = purchases.get(paid.purchase_id) if paid.purchase_id is not None else None
        own = entry if entry is not None and entry.payment_id in (None, paid.id) else None
        issued = own if own is not None and own.outcome == "issued" and own.payment_id == paid.id else None
        if paid.state == "captured":
            if issued is not None:
                yield from _charged(paid, issued)
            elif paid.kept > 0:
                yield _of_paid("charged-without-issue", paid, entry, told=paid.kept)
        elif paid.state == "authorised" and (own is None or own.outcome == "absent"):
            yield _of_paid("hold-left-open", paid, entry, told=paid.amount)


def _charged(paid: Paid, issued: Entry) -> Iterable[Finding]:
    """What the utility has of what it issued: another amount was taken, or it was given back, or the bank demands it back."""
    if (paid.kept, paid.currency) != (issued.amount, issued.currency):
        # A refund of what was taken too much puts it right; one that leaves less than was issued is a difference of its own.
        is_short = paid.refunded > 0 and paid.currency == issued.currency and paid.kept < issued.amount
        kind = "refunded-after-issue" if is_short else "charged-amount-differs"
        yield _of_paid(kind, paid, issued, told=paid.kept, recorded=issued.amount)
    if paid.disputed > 0:
        yield _of_paid("charge-disputed", paid, issued, told=max(paid.kept - paid.disputed, 0), recorded=issued.amount)


def _seed_against_provider(books: Books, payments: Sequence[Paid]) -> Iterable[Finding]:
    captured = {paid.id for paid in payments if paid.state == "captured"}
    for entry in books.entries:
        if entry.about.kind == "purchase" and entry.outcome == "issued" and entry.payment_id not in captured:
            yield _of_entry("issued-without-charge", entry)


def _by_message(made: Iterable[Made]) -> Mapping[str, list[Made]]:
    found: dict[str, list[Made]] = {}
    for each in made:
        found.setdefault(each.message_id, []).append(each)
    return found


def _of_made(kind: Any, made: Made, entry: Entry | None, *, subject: str, recorded: int = 0) -> Finding:
    return Finding(
        kind=kind,
        subject=subject,
        account_id=entry.account_id if entry else made.account_id,
        about=entry.about if entry else made.about,
        message_id=made.message_id,
        juice_number=made.number,
        payment_id=entry.payment_id if entry else None,
        recorded=recorded,
        currency=entry.currency if entry and recorded else made.currency,
        told=made.amount,
        told_currency=made.currency,
    )


def _of_entry(kind: Any, entry: Entry) -> Finding:
    """Seed has it, and the other book has nothing."""
    return Finding(
        kind=kind,
        subject=entry.message_id,
        account_id=entry.account_id,
        about=entry.about,
        message_id=entry.message_id,
        juice_number=entry.juice_number,
        payment_id=entry.payment_id,
        recorded=entry.amount,
        currency=entry.currency,
        told=0,
        told_currency=entry.currency,
    )


def _of_paid(kind: Any, paid: Paid, entry: Entry | None, *, told: int, recorded: int = 0) -> Finding:
    about = About(kind="purchase", id=paid.purchase_id) if paid.purchase_id is not None else None
    return Finding(
        kind=kind,
        subject=paid.id,
        account_id=entry.account_id if entry else None,
        about=entry.about if entry else about,
        message_id=entry.message_id if entry else None,
        juice_number=entry.juice_number if entry else None,
        payment_id=paid.id,
        recorded=recorded,
        currency=entry.currency if entry and recorded else paid.currency,
        told=told,
        told_currency=paid.currency,
    )
