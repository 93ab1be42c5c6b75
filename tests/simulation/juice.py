"""A simulated Juice: its books, which are the truth, and the network to it, on which words are lost, late and repeated."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from tests.simulation.world import Bell, Life, World
from vending.juice_answers import (
    CardOffer,
    CardStatus,
    CardUse,
    Customer,
    FeedName,
    Listed,
    ListPage,
    Page,
    Reply,
    ReplyLine,
    ReplyToken,
    Sent,
    ShareLimits,
    ShareTaken,
    UtilityTold,
)
from vending.juice_refusals import (
    CardUsed,
    JuiceRefused,
    JuiceSilent,
    JuiceUnreachable,
    NeverLeft,
    NoSuchTransaction,
    ShareOutOfLimits,
    UnknownCard,
    UnknownDebt,
    UnknownMeter,
)

T = TypeVar("T")

CURRENCY = "ZAR"
WITHOUT_ADVICE = 0.3
"""So many histories use a Juice that keeps no message ids. Its books know who sent what all the same, for the watch alone."""

LEAST_SHARE, MOST_SHARE = 20, 60
"""The utility's own share of each payment for a debt, and the largest that a customer may choose, in percent."""

LISTED_AT_ONCE = 10
"""So many transactions are on a page of the list, whatever was asked for: the list of a day has several."""

TIME_OUT_S = 10.0
LATE_S, VERY_LATE_S = 200.0, 1500.0
"""How late a message may be: mostly within what Seed counts on, sometimes beyond."""


class JuiceAccount(msgspec.Struct):
    """A customer in Juice's books, with one meter."""

    number: str
    meter: str
    kind: str
    email: str | None = None
    balance: int = 0
    debt: int = 0
    share: int = LEAST_SHARE
    latest: str | None = None


class JuiceCard(msgspec.Struct):
    """A scratch card in Juice's books."""

    serial: str
    code: str
    amount: int
    used_by: str | None = None
    used: CardUse | None = None
    is_void: bool = False


class JuiceBooks:
    """All that Juice knows. `may_move` is asked whenever something arrives that would move money, `may_share` whenever
    something does that would change a debt's share.
    """

    def __init__(self, world: World, may_move: Callable[[str, str | None], None], may_share: Callable[[str, int], None]) -> None:
        self.world = world
        self.may_move = may_move
        self.may_share = may_share
        self.changed = Bell(world.loop)
        self.accounts = {each.number: each for each in _accounts(world.random)}
        self.by_meter = {each.meter: each for each in self.accounts.values()}
        self.cards: dict[str, JuiceCard] = {}
        self.replies: dict[str, Reply] = {}
        self.done: dict[str, Reply] = {}
        self.shares: dict[str, ShareTaken] = {}
        self.seeds: list[Reply] = []
        self.receipts: list[Reply] = []
        self.knows_messages = world.random.random() >= WITHOUT_ADVICE
        self.feeds: dict[str, list[dict[str, Any]]] = {name: [] for name in ("accounts", "meters", "transactions", "usage")}
        self.feeds |= {"arrears": [], "balances": []}
        self.is_down = False
        for each in self.accounts.values():
            self.feeds["accounts"].append(
                {"number": each.number, "name": "A. Person", "address": "1 Street", "email": each.email, "phone": None}
            )
            self.feeds["meters"].append(
                {"account": each.number, "number": each.meter, "kind": each.kind, "resource": "electricity", "unit": "kWh"}
            )
            self._state(each)

    def print_card(self) -> JuiceCard:
        """This will make a card that can be bought in a shop."""
        number = len(self.cards) + 1
        card = JuiceCard(f"{number:06d}", f"CODE{number:010d}", self.world.random.choice((2000, 5000, 10000)))
        self.cards[card.serial] = card
        return card

    def sell(self, message_id: str | None, amount: int, tender: str, meter: str | None, serial: str | None = None) -> Reply:
        """This will sell, once for each message id."""
        if message_id is not None and message_id in self.replies:
            return self.replies[message_id]
        account = self.by_meter.get(meter or "")
        if account is None:
            raise UnknownMeter("UnknownMeter")
        if message_id is not None:
            self.may_move(message_id, serial)
        told = message_id if self.knows_messages else None
        made = self._receipt(account, told, amount, f"T{len(self.feeds['transactions']) + 1:05d}")
        made = msgspec.structs.replace(made, type=tender, serial=serial)
        if message_id is not None:
            self.done[message_id] = made
            self.seeds.append(made)
            if self.knows_messages:
                self.replies[message_id] = made
            elif self.world.faults.strike("till-errs"):
                self.world.loop.call_later(self.world.random.uniform(0.1, 5.0), self.err, amount, account)
        self._enter(account, made)
        return made

    def err(self, amount: int, account: JuiceAccount) -> None:
        """A till sells the same for cash, and takes it back: which sale was taken back cannot be told from a list."""
        sold = self.sell(None, amount, "Cash", account.meter)
        owed = -sum(line.amount for line in sold.lines if line.kind == "arrears")
        lines = [
            ReplyLine(kind="arrears", amount=owed, debt="D1", balance_before=account.debt, balance_after=account.debt - owed)
        ]
        back = msgspec.structs.replace(
            self._receipt(account, None, 0, f"T{len(self.feeds['transactions']) + 1:05d}"),
            type="Reversal",
            amount=-amount,
            lines=tuple(lines) if owed else (),
            tokens=(),
            wallet_change=-sold.wallet_change,
            wallet_balance=account.balance - sold.wallet_change,
        )
        self._enter(account, back)

    def recent(self, meter: str | None, count: int) -> tuple[Reply, ...]:
        """This will list the last transactions of a meter, the newest first."""
        return tuple(each for each in reversed(self.receipts) if each.meter == meter)[:count]

    def _enter(self, account: JuiceAccount, made: Reply) -> None:
        account.balance, account.latest = made.wallet_balance, made.transaction
        account.debt -= sum(line.amount for line in made.lines if line.kind == "arrears")
        self.receipts.append(made)
        self.feeds["transactions"].append(msgspec.to_builtins(made))
        self._state(account)
        self.changed.ring()

    def redeem(self, message_id: str, serial: str, code: str, meter: str | None) -> Reply:
        """This will redeem a card, once ever."""
        if message_id in self.replies:
            return self.replies[message_id]
        offer = self.check(serial, code)
        made = self.sell(message_id, offer.amount, "JC", meter, serial)
        self.cards[serial].used_by = message_id
        self.cards[serial].used = CardUse(at=made.at, account=made.account, meter=made.meter)
        return made

    def check(self, serial: str, code: str) -> CardOffer:
        """This will say what a card is worth."""
        card = self.cards.get(serial)
        if card is None or card.code != code or card.is_void:
            raise UnknownCard("UnknownCard")
        if card.used_by is not None:
            raise CardUsed("CardUsed")
        return CardOffer(amount=card.amount, currency=CURRENCY)

    def status(self, serial: str) -> CardStatus:
        """This will say how a card stands."""
        card = self.cards.get(serial)
        if card is None:
            raise UnknownCard("UnknownCard")
        state: Any = "used" if card.used is not None else "void" if card.is_void else "activated"
        return CardStatus(state=state, amount=card.amount, currency=CURRENCY, used=card.used)

    def void(self, serial: str) -> None:
        """This will take a card out of use, unless it is used or was never printed."""
        card = self.cards.get(serial)
        if card is not None and card.used is None:
            card.is_void = True

    def limits(self, number: str) -> tuple[ShareLimits, ...]:
        """This will say which share of each payment goes to a debt, and which may."""
        account = self.accounts[number]
        if not account.debt:
            return ()
        told = {"balance": account.debt, "share": account.share, "least": LEAST_SHARE, "most": MOST_SHARE}
        return (ShareLimits(debt="D1", description="Old debt", **told),)

    def take_share(self, message_id: str, number: str, debt: str, share: int) -> ShareTaken:
        """This will have that share of each payment go to a debt, once for each message id."""
        if message_id in self.shares:
            return self.shares[message_id]
        account = self.accounts[number]
        if debt != "D1" or not account.debt:
            raise UnknownDebt("UnknownDebt")
        if not LEAST_SHARE <= share <= MOST_SHARE:
            raise ShareOutOfLimits("ShareOutOfLimits")
        self.may_share(message_id, share)
        account.share = share
        taken = ShareTaken(message_id=message_id, account=number, debt=debt, share=share, at=self.world.now)
        self.shares[message_id] = taken
        self._state(account)
        self.changed.ring()
        return taken

    def listed(self, since: datetime, until: datetime, after: str | None) -> ListPage:
        """This will give a page of the transactions of a time."""
        start = int(after or 0)
        made = [each for each in self.receipts if since <= each.at < until]
        page = made[start : start + LISTED_AT_ONCE]
        end = start + len(page)
        return ListPage(items=tuple(map(_listed, page)), cursor=str(end), more=end < len(made))

    def trial(self, amount: int, meter: str | None) -> Reply:
        """This will say what a sale would do."""
        account = self.by_meter.get(meter or "")
        if account is None:
            raise UnknownMeter("UnknownMeter")
        return self._receipt(account, None, amount, "")

    def page(self, name: str, after: str | None, limit: int) -> Page:
        """This will give what is new in a feed."""
        start = int(after or 0)
        items = self.feeds[name][start : start + limit]
        return Page(items=tuple(items), cursor=str(start + len(items)), more=start + len(items) < len(self.feeds[name]))

    def _receipt(self, account: JuiceAccount, message_id: str | None, amount: int, number: str) -> Reply:
        owed = min(account.debt, amount * account.share // 100)
        rest = amount - owed
        lines = [ReplyLine(kind="energy" if account.kind == "STS" else "wallet", amount=rest)]
        if owed:
            after = account.debt - owed
            lines.insert(0, ReplyLine(kind="arrears", amount=owed, debt="D1", balance_before=account.debt, balance_after=after))
        to_wallet = rest if account.kind == "AMI" else 0
        digits = f"{int(number[1:] or 0):020d}"
        tokens = (ReplyToken(kind="credit", digits=digits, order=1),) if number and account.kind == "STS" else ()
        return Reply(
            message_id=message_id,
            transaction=number,
            at=self.world.now,
            account=account.number,
            meter=account.meter,
            amount=amount,
            currency=CURRENCY,
            lines=tuple(lines),
            units=str(rest / 100) if account.kind == "STS" else None,
            unit="kWh",
            tokens=tokens,
            wallet_change=to_wallet,
            wallet_balance=account.balance + to_wallet,
        )

    def _state(self, account: JuiceAccount) -> None:
        at = self.world.now.isoformat()
        self.feeds["balances"].append(
            {
                "account": account.number,
                "wallet_balance": account.balance,
                "currency": CURRENCY,
                "as_of": at,
                "through_transaction": account.latest,
            }
        )
        debt = {"id": "D1", "description": "Old debt", "balance": account.debt, "original": 30000, "share": account.share}
        debts = [debt | {"plan": "1", "opened_on": "2026-01-01"}] if account.debt else []
        self.feeds["arrears"].append({"account": account.number, "debts": debts, "as_of": at})


class JuiceOfLife:
    """The way to Juice of one process. Satisfies the port."""

    def __init__(self, books: JuiceBooks, life: Life) -> None:
        self.books = books
        self.life = life

    async def utility(self) -> UtilityTold:
        return await self._look(lambda: UTILITY)

    async def confirm_customer(self, *, account: str | None = None, meter: str | None = None) -> Customer:
        raise NotImplementedError

    async def check_card(self, serial: str, code: str) -> CardOffer:
        return await self._look(lambda: self.books.check(serial, code))

    async def card_status(self, serial: str) -> CardStatus:
        return await self._look(lambda: self.books.status(serial))

    async def trial_vend(self, *, amount: int, account: str | None = None, meter: str | None = None) -> Reply:
        return await self._look(lambda: self.books.trial(amount, meter))

    async def vend(
        self, message_id: UUID, *, amount: int, tender: str, account: str | None = None, meter: str | None = None
    ) -> Reply:
        latest = VERY_LATE_S if self.books.knows_messages else LATE_S
        return await self._move(
            lambda: self.books.sell(str(message_id), amount, tender, meter), lambda: str(message_id) in self.books.replies, latest
        )

    async def redeem(
        self, message_id: UUID, *, serial: str, code: str, account: str | None = None, meter: str | None = None
    ) -> Reply:
        latest = VERY_LATE_S if self.books.knows_messages else LATE_S
        return await self._move(
            lambda: self.books.redeem(str(message_id), serial, code, meter), lambda: str(message_id) in self.books.replies, latest
        )

    async def advise(self, sent: Sent, *, at: datetime) -> Reply:
        return await self._look(lambda: self._stored(str(sent.message_id)))

    async def share_limits(self, *, account: str) -> tuple[ShareLimits, ...]:
        return await self._look(lambda: self.books.limits(account))

    async def take_share(self, message_id: UUID, *, account: str, debt: str, share: int) -> ShareTaken:
        # Of one that is later than can be expected no list tells: only money is found again.
        return await self._move(
            lambda: self.books.take_share(str(message_id), account, debt, share),
            lambda: str(message_id) in self.books.shares,
            LATE_S,
        )

    async def advise_share(self, message_id: UUID) -> ShareTaken:
        return await self._look(lambda: self._taken(str(message_id)))

    async def transactions(self, *, since: datetime, until: datetime, after: str | None, limit: int) -> ListPage:
        return await self._look(lambda: self.books.listed(since, until, after))

    async def reprint(self, *, count: int, account: str | None = None, meter: str | None = None) -> tuple[Reply, ...]:
        return await self._look(lambda: self.books.recent(meter, count))

    async def feed(self, name: FeedName, *, after: str | None, limit: int) -> Page:
        return await self._look(lambda: self.books.page(name, after, limit))

    def _stored(self, message_id: str) -> Reply:
        if message_id not in self.books.replies:
            raise NoSuchTransaction("NoSuchTransaction")
        return self.books.replies[message_id]

    def _taken(self, message_id: str) -> ShareTaken:
        if message_id not in self.books.shares:
            raise NoSuchTransaction("NoSuchTransaction")
        return self.books.shares[message_id]

    async def _look(self, do: Callable[[], T]) -> T:
        await self._go()
        strike = self.life.world.faults.strike
        if strike("juice-reply-lost"):
            await self._silence()
        return await self._told(do)

    async def _move(self, do: Callable[[], T], is_known: Callable[[], bool], latest_s: float) -> T:
        """`is_known`: Juice has done it before. Without message ids nobody could tell what came of one that is later than can be
        expected.
        """
        await self._go()
        world, strike = self.life.world, self.life.world.faults.strike
        if not is_known() and strike("juice-refuses"):
            raise JuiceRefused("VendorCredit")
        if strike("juice-request-late"):
            longest = latest_s if world.random.random() < 0.05 else LATE_S
            world.loop.call_later(world.random.uniform(TIME_OUT_S, longest), _whatever, do)
            await self._silence()
        if strike("juice-request-lost"):
            await self._silence()
        if strike("juice-reply-lost"):
            _whatever(do)
            await self._silence()
        return await self._told(do)

    async def _go(self) -> None:
        world = self.life.world
        await self.life.step(0.02)
        if not self.books.is_down and world.faults.strike("juice-down"):
            self.books.is_down = True
            world.loop.call_later(world.random.uniform(5.0, 1800.0), self._up)
        if self.books.is_down or world.faults.strike("juice-unreachable"):
            raise JuiceUnreachable if self.books.knows_messages else NeverLeft

    def _up(self) -> None:
        self.books.is_down = False

    async def _silence(self) -> None:
        await self.life.world.sleep(TIME_OUT_S)
        await self.life.check()
        raise JuiceSilent

    async def _told(self, do: Callable[[], T]) -> T:
        """What was done stays done, also where nobody hears of it."""
        try:
            told = do()
        finally:
            await self.life.step(0.02)
        return told


def _listed(made: Reply) -> Listed:
    return Listed(
        transaction=made.transaction,
        message_id=made.message_id,
        type=made.type,
        at=made.at,
        account=made.account,
        meter=made.meter,
        amount=made.amount,
        currency=made.currency,
        serial=made.serial,
    )


def _whatever(do: Callable[[], Any]) -> None:
    """This will do it where it may be done; nobody hears of it."""
    with contextlib.suppress(JuiceRefused):
        do()


def _accounts(random: Random) -> list[JuiceAccount]:
    # Writing takes longer than all the rest: in many histories nobody is written to.
    is_written_to = random.random() < 0.3
    return [
        JuiceAccount(
            f"100{n}",
            f"0710{n}",
            "AMI" if n % 3 == 2 else "STS",
            email=f"person.{n}@post.example" if is_written_to and random.random() < 0.5 else None,
            debt=random.choice((0, 30000)),
        )
        for n in range(1, random.randint(2, 5) + 1)
    ]


UTILITY = UtilityTold(
    code="blue",
    name="Blue",
    currency=CURRENCY,
    zone="Africa/Johannesburg",
    colours={"primary": "#000", "accent": "#fff"},
    support={"phone": "1", "email": "a@b.example"},
    streets=("Street",),
    arrears_rules={"default_share": 20},
)
