"""Which of Juice's transactions is the vend whose reply was lost? Found by meter, amount, type and time, or left open.

Pure, and never a guess: everything that is known is passed in. Why it is right: docs/decisions/0013.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from vending.juice_answers import Reply, Sent
from vending.sending import ARRIVES_WITHIN, LONGEST_WAIT

CLOCKS_DIFFER = timedelta(minutes=4)
"""So far each of our clocks may be from Juice's."""

PROVEN_AFTER = ARRIVES_WITHIN + 2 * CLOCKS_DIFFER
"""So long after the last copy was sent Juice must have listed it, whichever clocks say when that was and what time it is."""

REVERSAL = "Reversal"


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """The recent transactions of the account or meter, as Juice listed them; `is_whole`: the list reaches back to `begins(sent)`.

    `at` is when it was asked for, or earlier.
    """

    transactions: Sequence[Reply]
    is_whole: bool
    at: datetime


class Found(msgspec.Struct, frozen=True):
    """This is it; or it is one's of two that are alike to the last field, and nobody could tell the difference."""

    transaction: Reply


class Absent(msgspec.Struct, frozen=True):
    """It is proven that Juice did not do it, and will not: no copy can arrive any more."""


class NotYet(msgspec.Struct, frozen=True):
    """Nothing is known before that while has passed."""

    after: timedelta


class Ambiguous(msgspec.Struct, frozen=True):
    """One of these it may be, or none."""

    candidates: Sequence[Reply]


Answer = Found | Absent | NotYet | Ambiguous


def begins(sent: Sent) -> datetime:
    """This will give the earliest time, by Juice's clock, at which it can have been done."""
    return sent.first_at - CLOCKS_DIFFER


def ends(sent: Sent) -> datetime:
    """This will give the latest time, by Juice's clock, at which it can have been done."""
    return sent.last_at + ARRIVES_WITHIN + CLOCKS_DIFFER


def fits(sent: Sent, transaction: Reply) -> bool:
    """Whether a transaction may be what became of the message; one that is later than it can arrive still raises doubts."""
    if transaction.type != sent.tender or transaction.at < begins(sent):
        return False
    if sent.serial is not None:
        return transaction.serial == sent.serial
    return (
        (transaction.meter == sent.meter if sent.meter is not None else transaction.account == sent.account)
        and transaction.amount == sent.amount
        and transaction.currency == sent.currency
        and transaction.serial is None
    )


def are_alike(one: Sent, other: Sent) -> bool:
    """Whether two messages ask for the same: then what became of the one may as well have become of the other."""
    return _asked(one) == _asked(other)


def search(sent: Sent, listed: Listed, *, taken: frozenset[str], rivals: Sequence[Sent] = ()) -> Answer:
    """This will say what became of the message.

    `taken` are the numbers of the transactions that another purchase or redemption has claimed; `rivals` are the other messages
    that ask for the same and whose outcome is unknown too.
    """
    alike = [sent, *rivals]
    free = [each for each in listed.transactions if each.transaction not in taken and any(fits(one, each) for one in alike)]
    free.sort(key=lambda each: (each.at, each.transaction))
    ours = [each for each in free if fits(sent, each)]
    left = sent.last_at + PROVEN_AFTER - listed.at
    if not ours:
        if left > timedelta(0):
            return NotYet(left)
        return Absent() if listed.is_whole else Ambiguous(())
    if sent.serial is not None:
        return Found(ours[0])  # a card is used once: no other transaction has its serial
    if not listed.is_whole or any(_was_taken_back(each, listed.transactions) for each in ours):
        return Ambiguous(ours)
    assigned, spare = _assigned(free, alike)
    linked = _linked(free, alike)
    if any(fits(sent, each) or any(_is_in_time(one, each) for one in linked) for each in spare):
        return Ambiguous(ours)
    # Where all that fit are others' in all likelihood, they will claim them; until then ours is not proven to be none of them.
    return Found(assigned) if assigned is not None else NotYet(left if left > timedelta(0) else LONGEST_WAIT)


def _assigned(free: Sequence[Reply], alike: Sequence[Sent]) -> tuple[Reply | None, list[Reply]]:
    """This will give each transaction to whoever can wait least for one: the first message's, and those that are nobody's."""
    waiting = sorted(alike, key=lambda each: (ends(each), each.message_id))
    ours, spare = None, []
    for transaction in free:
        taker = next((each for each in waiting if _is_in_time(each, transaction)), None)
        if taker is None:
            spare.append(transaction)
            continue
        waiting.remove(taker)
        if taker is alike[0]:
            ours = transaction
    return ours, spare


def _linked(free: Sequence[Reply], alike: Sequence[Sent]) -> list[Sent]:
    """This will give the first message and those that compete with it for a transaction, also by way of others."""
    linked, others = [alike[0]], list(alike[1:])
    for one in linked:  # which grows meanwhile
        wanted = [each for each in free if _is_in_time(one, each)]
        near = [other for other in others if any(_is_in_time(other, each) for each in wanted)]
        linked += near
        others = [other for other in others if other not in near]
    return linked


def _is_in_time(sent: Sent, transaction: Reply) -> bool:
    return begins(sent) <= transaction.at <= ends(sent)


def _was_taken_back(sale: Reply, transactions: Sequence[Reply]) -> bool:
    return any(
        each.type == REVERSAL and each.amount == -sale.amount and each.meter == sale.meter and each.at >= sale.at
        for each in transactions
    )


def _asked(sent: Sent) -> tuple[object, ...]:
    return (sent.tender, sent.account, sent.meter, sent.amount, sent.currency, sent.serial)
