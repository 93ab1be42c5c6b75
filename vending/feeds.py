"""Reads Juice's feeds into the log: accounts before meters, meters before what is told of them, transactions before balances.

A page is taken as a whole before its cursor moves; killed in between, it is read again, and what is known is recognised.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from domain.commands.feeds import AccountTold, MeterTold, NotYetKnown
from domain.event import Context
from domain.portal import Portal
from domain.redemption import Stage
from domain.usage import Reading
from domain.utility import Description
from vending import feed_items as told
from vending.contacts import email_or_none, phone_or_none
from vending.juice import Juice
from vending.juice_answers import FeedName, Page
from vending.juice_refusals import JuiceRefused, JuiceSilent, JuiceUnreachable
from vending.purchasing import Purchasing
from vending.receipts import debt_of, milliunits, receipt_of
from vending.redeeming import Redeeming
from vending.sending import Again, Ended, Next

logger = logging.getLogger(__name__)

T = TypeVar("T", bound=msgspec.Struct)

ORDER: tuple[FeedName, ...] = ("accounts", "meters", "transactions", "usage", "arrears", "balances")
PAGE = 500
AT_ONCE = 64
"""Commands under way at a time: they share the log's transactions."""


MANY_ROUNDS = 20
"""Rounds that a feed may wait for another before that is called an error."""


class ItemNotUnderstood(Exception):
    """Juice sent an item that is not what the feed promises; the feed stands still until that is mended."""


class Feeder:
    """Takes in the feeds of one utility's Juice."""

    def __init__(self, portal: Portal, juice: Juice, redeeming: Redeeming, purchasing: Purchasing | None) -> None:
        self.portal = portal
        self.juice = juice
        self.redeeming = redeeming
        self.purchasing = purchasing
        self._currency = ""
        self._waited: dict[FeedName, int] = {}

    async def describe(self, context: Context) -> Description:
        """This will ask Juice for the utility's description and record it where it changed."""
        utility = await self.juice.utility()
        description = Description(
            code=utility.code,
            name=utility.name,
            currency=utility.currency,
            zone=utility.zone,
            primary_colour=utility.colours["primary"],
            accent_colour=utility.colours["accent"],
            support_phone=utility.support["phone"],
            support_email=utility.support["email"],
            streets=utility.streets,
            default_arrears_share=utility.arrears_rules["default_share"],
            languages=utility.languages,
        )
        await self.portal.describe_utility(context, description)
        self._currency = description.currency
        return description

    async def take_page(self, feed: FeedName, context: Context) -> bool:
        """This will take in the next page of a feed, and say whether more is waiting.

        Raises NotYetKnown where the page speaks of something another feed has yet to tell, ItemNotUnderstood, and Juice's errors.
        """
        after = await self.portal.event_log.feed_cursor(feed)
        page = await self.juice.feed(feed, after=after, limit=PAGE)
        if feed == "balances" and page.items:
            # A balance counts everything up to its last transaction, and that one may be known from its reply, before those in
            # front of it are. They are in the feed by now.
            while await self.take_page("transactions", context):
                pass
        if page.items:
            await self._takers[feed](self, page, context)
        if page.cursor != after:
            await self.portal.advance_feed(feed, page.cursor)
        return page.more

    async def take_all(self, context: Callable[[], Context]) -> None:
        """This will take in every feed, in order, until nothing more is waiting or something has to wait for later.

        What is wrong with one feed stops that one, not the others; after all of them the first error is raised.
        """
        await self.describe(context())
        errors: list[Exception] = []
        for feed in ORDER:
            try:
                while await self.take_page(feed, context()):
                    pass
                self._waited.pop(feed, None)
            except NotYetKnown:
                # What it waits for comes with the next round; the cursor has not moved.
                self._waited[feed] = rounds = self._waited.get(feed, 0) + 1
                if rounds % MANY_ROUNDS == 0:
                    logger.error("a feed stands still: it names something that no other feed has told of", extra={"feed": feed})
            except (JuiceRefused, JuiceSilent, JuiceUnreachable):
                raise
            except Exception as error:
                errors.append(error)
        if errors:
            raise errors[0]

    async def _accounts(self, page: Page, context: Context) -> None:
        def command(item: told.AccountItem) -> Awaitable[Any]:
            account = AccountTold(
                number=item.number,
                name=item.name,
                address=item.address,
                language=item.language,
                email=email_or_none(item.email),
                phone=phone_or_none(item.phone),
            )
            return self.portal.learn_account(context, account, currency=self._currency)

        await together(command(item) for item in _items(page, told.AccountItem))

    async def _meters(self, page: Page, context: Context) -> None:
        def command(items: Sequence[told.MeterItem]) -> Awaitable[Any]:
            meters = [
                MeterTold(
                    account_number=item.account,
                    number=item.number,
                    kind=item.kind,
                    resource=item.resource,
                    unit=item.unit,
                    removed=item.removed_at is not None,
                )
                for item in items
            ]
            return _in_turn(self.portal.learn_meter(context, meter) for meter in meters)

        # A meter that moves appears under two accounts: what is told of one number is taken in order.
        await together(command(items) for items in _grouped(_items(page, told.MeterItem), lambda i: i.number).values())

    async def _transactions(self, page: Page, context: Context) -> None:
        async def command(account: str, items: Sequence[told.TransactionItem]) -> None:
            transactions = []
            for item in items:
                await self._settle_own(item, context)
                transactions.append((item.type, receipt_of(item, await self._meter_id(item.meter))))
            await self.portal.learn_transactions(context, account_number=account, transactions=transactions)

        grouped = _grouped(_items(page, told.TransactionItem), lambda item: item.account)
        await together(command(account, items) for account, items in grouped.items())

    async def _settle_own(self, item: told.TransactionItem, context: Context) -> None:
        """Something of ours that is not known to be made, and the feed says that it was: advice gives the reply."""
        if item.message_id is None:
            return
        settled = await (self._settle_purchase if item.serial is None else self._settle_redemption)(item, context)
        # A reply that is to something else stays so: what Juice did is recorded, and one payment holds up no feed.
        if isinstance(settled, Again) and not settled.answered:
            raise NotYetKnown

    async def _settle_redemption(self, item: told.TransactionItem, context: Context) -> Next:
        redemption = await self.portal.redemption(self.portal.redemption_id(item.serial or ""))
        if redemption.stage is Stage.REDEEMED or str(redemption.message_id) != item.message_id:
            return Ended()
        return await self.redeeming.look_again(redemption.id, context)

    async def _settle_purchase(self, item: told.TransactionItem, context: Context) -> Next:
        purchase = await self.portal.purchase(self.portal.purchase_id(item.message_id or ""))
        if not purchase.exists or purchase.juice_number is not None or self.purchasing is None:
            return Ended()
        settled = await self.purchasing.look_again(purchase.id, context)
        # What is still to be done at the provider holds up no feed.
        known = (await self.portal.purchase(purchase.id)).juice_number is not None
        return Ended() if known else settled

    async def _usage(self, page: Page, context: Context) -> None:
        grouped = _grouped(_items(page, told.UsageItem), lambda item: item.meter)
        await together(
            self.portal.learn_usage(
                context,
                meter_number=meter,
                readings=[Reading(item.day, milliunits(item.units)) for item in items],
            )
            for meter, items in grouped.items()
        )

    async def _arrears(self, page: Page, context: Context) -> None:
        latest = {item.account: item for item in _items(page, told.ArrearsItem)}
        await together(
            self.portal.learn_arrears(context, account_number=account, debts=tuple(map(debt_of, item.debts)), as_of=item.as_of)
            for account, item in latest.items()
        )

    async def _balances(self, page: Page, context: Context) -> None:
        latest = {item.account: item for item in _items(page, told.BalanceItem)}
        await together(
            self.portal.compare_balance(
                context,
                account_number=account,
                juice_balance=item.wallet_balance,
                through=item.through_transaction,
                as_of=item.as_of,
            )
            for account, item in latest.items()
        )

    async def _meter_id(self, number: str | None) -> UUID | None:
        found = await self.portal.event_log.find_number("meter", number) if number else None
        return found.meter_id if found else None

    _takers = {
        "accounts": _accounts,
        "meters": _meters,
        "transactions": _transactions,
        "usage": _usage,
        "arrears": _arrears,
        "balances": _balances,
    }


async def together(commands: Iterable[Awaitable[Any]]) -> None:
    """This will run commands side by side, a bounded number at a time, finish them all, then raise the first error."""
    commands = list(commands)
    if len(commands) == 1:
        await commands[0]
        return
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(command: Awaitable[Any]) -> None:
        async with gate:
            await command

    outcomes = await asyncio.gather(*(one(command) for command in commands), return_exceptions=True)
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    # Whatever is worse than having to wait is raised before it.
    for error in sorted(errors, key=lambda error: isinstance(error, NotYetKnown)):
        raise error


async def _in_turn(commands: Iterable[Awaitable[Any]]) -> None:
    for command in commands:
        await command


def _items(page: Page, item_class: type[T]) -> list[T]:
    try:
        return [msgspec.convert(item, item_class, strict=False) for item in page.items]
    except msgspec.ValidationError as error:
        # The error names the field and what was expected, not the value.
        raise ItemNotUnderstood(f"{item_class.__name__}: {error}") from None


def _grouped(items: Iterable[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
