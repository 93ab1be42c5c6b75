"""One history: a system that begins, people who use it while everything fails, and the end, at which all must add up."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import UUID

import msgspec

from domain.arrears_share_events import ShareConfirmed, ShareRefused
from domain.damaged_card_events import DamagedCardReported
from domain.purchase import Purchase, Stage
from domain.purchase_events import PurchaseDoubted, PurchaseFoundIssued, PurchaseIssued, PurchaseReleased
from domain.redemption import CardRedemption
from domain.redemption import Stage as Redeemed
from domain.redemption_events import RedemptionDoubted, RedemptionFoundMade, RedemptionSettled
from domain.ticket_events import TicketClosed, TicketOpened
from domain.wallet import Wallet, WalletOpened
from eventlog.waiting import place_of
from tests.domain.portal import natural_id
from tests.simulation.books import day_of, found_open
from tests.simulation.juice import LEAST_SHARE
from tests.simulation.loop import SimulatedLoop
from tests.simulation.people import People
from tests.simulation.post import DELIVERIES
from tests.simulation.staff import Staff
from tests.simulation.system import DAY, System
from tests.simulation.unforeseen import unforeseen_in_logs
from tests.simulation.world import World
from vending.purchasing import TENDER
from vending.work import KINDS

EVERY_S = 15.0
"""How long people wait between two commands, on average."""

LEARNS_WITHIN_S = 24 * 3600.0
SETTLES_WITHIN_S = 3 * 24 * 3600.0
LATE_WORDS_S = 7 * 3600.0
"""So long after everything has settled late words may still come."""


TOLD_OF = (
    *(PurchaseIssued, PurchaseFoundIssued, PurchaseDoubted, PurchaseReleased),
    *(RedemptionSettled, RedemptionFoundMade, RedemptionDoubted, TicketOpened, TicketClosed),
    *(ShareConfirmed, ShareRefused),
)
"""Whoever can be written to hears of these."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a history."""

    seed: int
    commands: int
    acknowledged: int
    events: int
    hours: float
    faults: dict[str, int]
    violations: tuple[str, ...]


def run(seed: int, commands: int, make: type[System] = System) -> Told:
    """This will run the history of a seed: the same seed, the same history, to the last step."""
    loop = SimulatedLoop()
    history = History(World(seed, loop), commands, make)
    ended = []
    with unforeseen_in_logs() as unforeseen:
        try:
            loop.run(history.live())
        except Exception as error:  # so that a run of many says which of them it was, and goes on with the others
            ended.append(f"the history ended with {place_of(error)}")
    system = history.system
    return Told(
        seed=seed,
        commands=commands,
        acknowledged=history.acknowledged,
        events=len(system.store.all),
        hours=loop.time() / 3600,
        faults=dict(system.world.faults.struck),
        violations=(*system.watch.violations, *unforeseen, *map(repr, loop.failures), *ended),
    )


class History:
    """A system and its people."""

    def __init__(self, world: World, commands: int, make: type[System]) -> None:
        self.world = world
        self.commands = commands
        self.make = make
        self.acknowledged = 0

    async def live(self) -> None:
        """This will live it up to its end, or to the first broken promise."""
        world = self.world
        self.system = self.make(world)
        people = People(self.system, await self._accounts())
        self.staff = Staff(self.system)
        world.loop.create_task(self.staff.work())
        if self.system.watch.violations:
            return
        under_way = []
        for _ in range(self.commands):
            under_way.append(world.loop.create_task(people.command()))
            await world.sleep(EVERY_S)
            if self.system.watch.violations:
                return
        await asyncio.gather(*under_way)
        self.acknowledged = people.acknowledged
        if not await self._settled():
            self._name_the_endless()
            return
        await asyncio.sleep(LATE_WORDS_S)
        if not await self._settled():
            self._name_the_endless()
            return
        await self.system.live_through_night()
        if not await self._has_compared():
            self._name_the_endless()
            return
        self._judge_books()
        await self.system.compare_every_day()
        if not await self._settled():
            self._name_the_endless()
            return
        self._judge()

    async def _accounts(self) -> dict[str, UUID]:
        """The accounts, once Seed has learnt of them."""
        store, juice, shown = self.system.store, self.system.juice, self.system.tables.of("dashboard")
        while self.world.loop.time() < LEARNS_WITHIN_S:
            await asyncio.sleep(1.0)
            known = {number: store.numbers.get(("account", number)) for number in juice.accounts}
            accounts = {number: found.account_id for number, found in known.items() if found is not None}
            if all(number in accounts and accounts[number] in shown and shown[accounts[number]].meters for number in known):
                return accounts
        self.system.watch.found("the accounts that Juice told of are not shown")
        return {}

    async def _settled(self) -> bool:
        self.world.faults.end()
        deadline = self.world.loop.time() + SETTLES_WITHIN_S
        while not self.system.is_settled():
            if self.world.loop.time() > deadline or self.system.watch.violations:
                return False
            await asyncio.sleep(30.0)
        return True

    async def _has_compared(self) -> bool:
        """Whether the vendors have compared the last day by themselves, once it had settled."""
        deadline = self.world.loop.time() + SETTLES_WITHIN_S
        last = day_of(self.world.now) - DAY
        while not (self.system.is_settled() and last in self.system.watch.compared):
            if self.world.loop.time() > deadline or self.system.watch.violations:
                return False
            await asyncio.sleep(30.0)
        return True

    def _name_the_endless(self) -> None:
        waiting = {kind.table: len(self.system.tables.of(kind.table)) for kind in KINDS}
        if not self.system.watch.violations:
            self.system.watch.found(f"something has no end: {waiting}, {self.system.tables.positions}")

    def _judge(self) -> None:
        system, found = self.system, self.system.watch.found
        system.reference.compare_all(system.tables)
        if system.store.secrets:
            found("a code is still in transit although nothing is under way")
        for purchase_id in system.watch.purchases:
            self._judge_purchase(purchase_id)
        self._judge_claims()
        for card in system.juice.cards.values():
            redemption_id = natural_id("card-redemption", card.serial)
            redemption = CardRedemption.fold(redemption_id, system.store.streams.get(redemption_id, ()))
            if redemption.under_way:
                found("a redemption has no end")
            # A copy of an attempt that was given up may have got through while the card was tried again: the feed tells of it.
            is_known = redemption.juice_number is not None or str(redemption.message_id) != card.used_by
            if card.used_by is not None and not is_known:
                found("Juice redeemed a card, and Seed does not know")
            if card.used_by is None and redemption.stage is Redeemed.REDEEMED:
                found("a card counts as redeemed that Juice did not redeem")
        for number, account in system.juice.accounts.items():
            account_id = system.store.numbers["account", number].account_id
            opened = next(e for e in system.store.all if isinstance(e, WalletOpened) and e.account_id == account_id)
            wallet = Wallet.fold(opened.originator_id, system.store.streams[opened.originator_id])
            if wallet.balance != account.balance:
                found("a wallet does not hold what Juice says")
        self._judge_messages()
        self._judge_shares()
        self._judge_cards()
        self._judge_books()
        if system.watch.recorded != {item["transaction"] for item in system.juice.feeds["transactions"]}:
            found("a transaction of Juice's is not recorded")

    def _judge_shares(self) -> None:
        """The share that Juice has is the last one that its customer was told is taken."""
        system, taken = self.system, {number: LEAST_SHARE for number in self.system.juice.accounts}
        numbers = {found.account_id: number for (kind, number), found in system.store.numbers.items() if kind == "account"}
        for event in system.store.all:
            if isinstance(event, ShareConfirmed) and event.account_id is not None:
                taken[numbers[event.account_id]] = event.share
        for number, account in system.juice.accounts.items():
            if account.share != taken[number]:
                system.watch.found(
                    f"Juice has a share of {account.share}, and {taken[number]} was the last that was acknowledged"
                )
        if any(choice.told is None for choice in system.watch.choices.values()):
            system.watch.found("a choice of a share has no end")

    def _judge_cards(self) -> None:
        """A request about a damaged card is there once acknowledged, and ends as staff decided."""
        system, decided = self.system, self.staff.outcomes
        reported = {event.originator_id for event in system.store.all if isinstance(event, DamagedCardReported)}
        if system.watch.settled_cards != decided or decided.keys() != reported:
            system.watch.found("a request about a damaged card did not end as staff decided")
        for row in system.tables.of("damaged_cards").values():
            card = system.juice.cards.get(row.serial)
            if row.outcome in ("replaced", "credit-ordered") and card is not None and card.used_by is not None:
                system.watch.found("a damaged card was made good that is used")

    def _judge_books(self) -> None:
        """No difference is open but those that there are, and each of those is named; by the vendors themselves, and again by
        whoever compares every day.
        """
        system, books = self.system, self.system.watch.books
        assert books is not None
        differ, found = books.differences(system.store, list(system.watch.purchases)), found_open(system.tables)
        if found != differ:
            system.watch.found(f"differences: found and not there {found - differ}, there and not found {differ - found}")

    def _judge_claims(self) -> None:
        """Each sale that Juice made for Seed is one purchase's; whose of two that are alike nobody can tell, and need not."""
        system = self.system
        purchases = (Purchase.fold(id, system.store.streams[id]) for id in system.watch.purchases)
        ended = [each for each in purchases if each.stage in (Stage.CAPTURED, Stage.UNCOLLECTED)]
        claimed = Counter((each.juice_number, each.amount) for each in ended)
        sold = Counter((each.transaction, each.amount) for each in system.juice.seeds if each.type == TENDER)
        if claimed != sold:
            system.watch.found(f"sales that Juice made for Seed are not one purchase's each: {claimed - sold}, {sold - claimed}")

    def _judge_messages(self) -> None:
        system, found = self.system, self.system.watch.found
        rows = system.tables.of(DELIVERIES)
        told = Counter(row.new.position for row in rows.values())
        written_to = {
            system.store.numbers["account", number].account_id: int(account.email is not None)
            for number, account in system.juice.accounts.items()
        }
        requests = Counter[UUID]()
        differences = {id for id, row in system.tables.of("differences").items() if row.settled_at is None}
        for position, event in enumerate(system.store.all, start=1):
            if isinstance(event, TOLD_OF) and event.account_id is not None and told[position] != written_to[event.account_id]:
                found(f"{type(event).__name__} was told to {told[position]} people, and not to {written_to[event.account_id]}")
            if isinstance(event, TicketOpened | TicketClosed):
                requests[event.originator_id] += 1 if isinstance(event, TicketOpened) else -1
            if isinstance(event, TicketOpened) and event.about is not None and event.about.id in differences:
                requests[event.originator_id] -= 1  # it stays open as long as the difference
        if any(requests.values()):
            found("a request is open that is over, or closed that is not")
        for id, row in rows.items():
            if row.state not in ("sent", "refused"):
                found(f"a message is {row.state}")
            if (row.state == "sent") and id not in system.post.inboxes:
                found("a message counts as sent that reached nobody")
        if system.post.changed:
            found("a message said something else when it was sent again")

    def _judge_purchase(self, purchase_id: UUID) -> None:
        system, found = self.system, self.system.watch.found
        purchase = Purchase.fold(purchase_id, system.store.streams[purchase_id])
        sold = str(purchase.message_id) in system.juice.replies
        page = system.provider.checkouts.get(purchase.checkout_id or "")
        charged = page.payment.captured if page is not None and page.payment is not None else 0
        if not purchase.has_ended:
            found("a purchase has no end")
        if (purchase.stage is Stage.CAPTURED) != (charged > 0) or charged not in (0, purchase.amount):
            found(f"{charged} was charged for a purchase of {purchase.amount} that is {purchase.stage}")
        if system.juice.knows_messages and sold != (purchase.stage in (Stage.CAPTURED, Stage.UNCOLLECTED)):
            found(f"Juice {'sold' if sold else 'did not sell'}, and the purchase is {purchase.stage}")
