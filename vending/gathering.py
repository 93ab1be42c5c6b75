"""Gathers the books of one day: what Juice and the provider list, and what Seed's log says of all that is touched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from domain.account import Account
from domain.portal import Portal
from domain.purchase import TENDER as SALE
from domain.ticket_events import About
from vending.card_provider import CardProvider, NoSuchPayment, Payment
from vending.comparing import Books, Entry, Made, Paid
from vending.entries import Kind, attempts_of, entry_of
from vending.juice import Juice
from vending.juice_answers import Listed
from vending.juice_without_advice import JuiceWithoutAdvice
from vending.redeeming import TENDER as CARD
from vending.unclaimed import Attempt, Unclaimed, makers

T = TypeVar("T")

PAGE = 1000
AT_ONCE = 16
LATE_COPIES = timedelta(days=1)
"""So long before the day a message may have been begun of which a copy is looked for among what nobody has claimed."""


class Index(Protocol):
    """Where purchases and redemptions are found by their day: only which ones; what they are is read from the log."""

    async def touched(self, since: datetime, until: datetime, /) -> Sequence[tuple[Kind, UUID]]:
        """This will give those that were begun or, by Juice's clock, issued at `since` or later and before `until`."""
        ...


class Gathering:
    """Gathers for one utility. `cards` is None where nobody takes credit cards."""

    def __init__(self, portal: Portal, juice: Juice, cards: CardProvider | None, index: Index) -> None:
        self.portal = portal
        self.juice = juice
        self.cards = cards
        self.index = index

    async def books(self, since: datetime, until: datetime, currency: str) -> Books:
        """This will gather a day's books. Raises Juice's errors and the provider's: half a book is none."""
        listed = [item async for page in self._listed(since, until) for item in page]
        payments = [payment async for page in self._payments(since, until) for payment in page]
        payments += await self._returned(since, until, frozenset(payment.id for payment in payments))
        made = [await self._made(item, item.message_id) for item in listed if item.message_id is not None]
        named: dict[tuple[Kind, UUID], None] = {_process(each.about): None for each in made}
        named |= {("purchase", payment.purchase_id): None for payment in payments if payment.purchase_id is not None}
        named |= dict.fromkeys(await self.index.touched(since, until))
        entries = [entry for entry in await _together(self._entry(kind, id) for kind, id in named) if entry is not None]
        # A Juice may keep no message ids: what Seed has found there as its own, it knows by its number.
        by_number = {entry.juice_number: entry for entry in entries if entry.juice_number is not None}
        known = ((item, by_number.get(item.transaction)) for item in listed if item.message_id is None)
        made += [_made_for(item, entry) for item, entry in known if entry is not None]
        if isinstance(self.juice, JuiceWithoutAdvice):
            left = [item for item in listed if item.message_id is None and item.transaction not in by_number]
            besides, theirs = await self._unclaimed(left, since, entries)
            entries += besides
            made += theirs
        return Books(
            since=since,
            until=until,
            currency=currency,
            entries=tuple(entries),
            made=tuple(made),
            paid=await self._paid(payments, entries),
        )

    async def _listed(self, since: datetime, until: datetime) -> AsyncIterator[Sequence[Listed]]:
        after: str | None = None
        more = True
        while more:
            page = await self.juice.transactions(since=since, until=until, after=after, limit=PAGE)
            yield page.items
            after, more = page.cursor, page.more

    async def _payments(self, since: datetime, until: datetime) -> AsyncIterator[Sequence[Payment]]:
        older: str | None = None
        while self.cards is not None:
            page = await self.cards.payments(since=since, until=until, older=older)
            yield [payment for payment in page.payments if self._is_ours(payment)]
            older = page.older
            if older is None:
                return

    async def _returned(self, since: datetime, until: datetime, known: frozenset[str]) -> list[Payment]:
        """The payments of earlier days of which money was refunded or disputed on this one."""
        if self.cards is None:
            return []
        named: set[str] = set()
        for returns in (self.cards.refunds, self.cards.disputes):
            older: str | None = None
            while True:
                page = await returns(since=since, until=until, older=older)
                named.update(page.payment_ids)
                older = page.older
                if older is None:
                    break
        return [payment for payment in await self._looked_up(named - known) if self._is_ours(payment)]

    async def _looked_up(self, payment_ids: Iterable[str]) -> list[Payment]:
        """Those of the payments that the provider has."""
        cards = self.cards

        async def look_up(payment_id: str) -> Payment | None:
            try:
                return await cards.payment(payment_id) if cards is not None else None
            except NoSuchPayment:
                return None

        found = await _together(look_up(payment_id) for payment_id in sorted(payment_ids))
        return [payment for payment in found if payment is not None]

    def _is_ours(self, payment: Payment) -> bool:
        """The account at the provider may serve others, too."""
        return payment.utility == self.portal.code

    async def _made(self, item: Listed, message_id: str) -> Made:
        if item.serial is None:
            about = About(kind="purchase", id=self.portal.purchase_id(message_id))
        else:
            about = About(kind="redemption", id=self.portal.redemption_id(item.serial))
        found = await self.portal.event_log.find_number("account", item.account)
        return Made(
            message_id=message_id,
            number=item.transaction,
            amount=item.amount,
            currency=item.currency,
            account_id=found.account_id if found else None,
            about=about,
        )

    async def _unclaimed(
        self, listed: Iterable[Listed], since: datetime, entries: Iterable[Entry]
    ) -> tuple[list[Entry], list[Made]]:
        """Of what nobody has claimed, that which a message of Seed's may have made, and the entries of those not known yet."""
        ours = [item for item in listed if item.type == (CARD if item.serial else SALE)]
        left = {item.transaction: item for item in ours if not (await self.portal.juice_transaction(item.transaction)).exists}
        if not left:
            return [], []
        known = {_process(entry.about): entry for entry in entries}
        # A copy may be made after the midnight after which it was sent; a card's serial leads to its redemption on any day.
        wanted = dict.fromkeys([*known, *await self.index.touched(since - LATE_COPIES, since)])
        cards: list[tuple[Kind, UUID]] = [("redemption", self.portal.redemption_id(i.serial)) for i in left.values() if i.serial]
        histories = {each: await self.portal.event_log.load(each[1]) for each in wanted | dict.fromkeys(cards)}
        attempts = [attempt for (kind, id), events in histories.items() for attempt in attempts_of(kind, id, events)]
        found = makers([await self._told(item) for item in left.values()], attempts)
        besides: list[Entry] = []
        for process in {_process(attempt.about) for attempt in found.values()} - known.keys():
            entry = entry_of(*process, histories[process])
            besides += [] if entry is None else [entry]
        return besides, [_made_by(left[number], attempt) for number, attempt in found.items()]

    async def _told(self, item: Listed) -> Unclaimed:
        """Whose account and meter it is of; None where nobody knows the numbers any more."""
        found = await self.portal.event_log.find_number("account", item.account)
        account = await self.portal.load(Account, found.account_id) if found else None
        meters = [*account.meters.values(), *account.former_meters.values()] if account is not None else []
        return Unclaimed(
            number=item.transaction,
            at=item.at,
            account_id=found.account_id if found else None,
            meter_id=next((meter.meter_id for meter in meters if meter.number == item.meter), None),
            amount=item.amount,
            currency=item.currency,
            card_id=self.portal.redemption_id(item.serial) if item.serial else None,
        )

    async def _entry(self, kind: Kind, id: UUID) -> Entry | None:
        return entry_of(kind, id, await self.portal.event_log.load(id))

    async def _paid(self, payments: Iterable[Payment], entries: Iterable[Entry]) -> tuple[Paid, ...] | None:
        """What is listed, and of the entries' payments those that began on another day: each is looked up."""
        if self.cards is None:
            return None
        found = {payment.id: payment for payment in payments}
        wanted = {entry.payment_id for entry in entries if entry.payment_id is not None} - found.keys()
        found |= {payment.id: payment for payment in await self._looked_up(wanted)}
        return tuple(
            Paid(
                id=payment.id,
                purchase_id=payment.purchase_id,
                state=payment.state,
                amount=payment.amount,
                captured=payment.captured,
                currency=payment.currency,
                at=payment.at,
                refunded=payment.refunded,
                disputed=payment.disputed,
            )
            for payment in found.values()
        )


def _process(about: About) -> tuple[Kind, UUID]:
    return ("redemption" if about.kind == "redemption" else "purchase", about.id)


def _made_by(item: Listed, attempt: Attempt) -> Made:
    return Made(
        message_id=attempt.message_id,
        number=item.transaction,
        amount=item.amount,
        currency=item.currency,
        account_id=attempt.account_id,
        about=attempt.about,
    )


def _made_for(item: Listed, entry: Entry) -> Made:
    return Made(
        message_id=entry.message_id,
        number=item.transaction,
        amount=item.amount,
        currency=item.currency,
        account_id=entry.account_id,
        about=entry.about,
    )


async def _together(questions: Iterable[Awaitable[T]]) -> list[T]:
    """The answers in order, a bounded number of questions at a time."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(question: Awaitable[T]) -> T:
        async with gate:
            return await question

    return list(await asyncio.gather(*(one(question) for question in questions)))
