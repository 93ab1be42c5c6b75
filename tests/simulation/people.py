"""What people do in a history: each command is one thing that somebody wants, asked again until there is an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any
from uuid import UUID

from domain.aggregate import Refusal
from domain.commands.base import TooManyAtOnce
from domain.damaged_card_events import DAMAGES
from domain.log import Position
from eventlog.line import LogUnavailable
from tests.domain.portal import natural_id
from tests.simulation.juice import JuiceCard
from tests.simulation.system import System
from tests.simulation.web import Web
from tests.simulation.world import NoAnswer, answer_of
from web.journeys.refusals import (
    CardAlreadyUsed,
    CardUnknown,
    FieldErrors,
    JuiceDoesNotAnswer,
    PreviewNotPossible,
    ProviderDoesNotAnswer,
    SharesNotTold,
    StillRunning,
)

ASK_AGAIN = (
    *(NoAnswer, LogUnavailable, TooManyAtOnce),
    *(JuiceDoesNotAnswer, PreviewNotPossible, ProviderDoesNotAnswer, SharesNotTold, StillRunning),
)
FINAL = (Refusal, CardAlreadyUsed, CardUnknown, FieldErrors)
TRIES = 8
MOST_CARDS_WAITING = 5


class People:
    """Customers, visitors and shops."""

    def __init__(self, system: System, accounts: dict[str, UUID]) -> None:
        self.system = system
        self.accounts = accounts
        self.random = system.world.random
        self.cards: list[JuiceCard] = []
        self.bought: list[tuple[UUID, UUID]] = []
        self.acknowledged = 0

    async def command(self) -> None:
        """This will do one thing."""
        doings = (self.redeem, self.buy, self.come_back, self.shop, self.choose_share, self.report_card, self.compare)
        doing = self.random.choices(doings, (35, 31, 13, 9, 7, 2, 3))[0]
        await doing()

    async def redeem(self) -> None:
        """Somebody redeems a card: a new one, one that was tried before, or one that somebody else has in hand too."""
        card = self._card()
        code = card.code if self.random.random() < 0.95 else "WRONGCODE12345"
        number = self._number()
        key, intent = self._key()

        def ask(web: Web) -> Awaitable[Any]:
            return web.redeem(card.serial, code, number, key, intent)

        await self._twice_sometimes(lambda: self._ask(key, ask, lambda started: started.redemption_id))
        if self.random.random() < 0.1:
            other, rival = self._key()
            number = self._number()
            await self._ask(other, lambda web: web.redeem(card.serial, code, number, other, rival), lambda s: s.redemption_id)

    async def buy(self) -> None:
        """Somebody wants power, and pays for it or does not."""
        account_id = self.random.choice(sorted(self.accounts.values()))
        amount = self.random.choice((2000, 5000, 12345))
        key, intent = self._key()

        def ask(web: Web) -> Awaitable[Any]:
            return web.buy(account_id, amount, key, intent)

        started = await self._twice_sometimes(lambda: self._ask(key, ask, lambda started: started.purchase_id))
        if started is not None and started.pay_at is not None:
            self.bought.append((account_id, started.purchase_id))
            await self._pay(account_id, started.purchase_id, started.pay_at.rpartition("/")[2])

    async def _pay(self, account_id: UUID, purchase_id: UUID, checkout_id: str) -> None:
        chance = self.random.random()
        await self.system.world.sleep(30.0)
        if chance < 0.1:
            self.system.provider.decline(checkout_id)
            await self.system.world.sleep(20.0)
        if chance < 0.8:
            self.system.provider.pay(checkout_id)
        if chance < 0.6:
            await self._ask(None, lambda web: web.returned(account_id, purchase_id), lambda position: position)
        elif chance > 0.9:
            await self._ask(None, lambda web: web.cancel(account_id, purchase_id), lambda position: position)

    async def come_back(self) -> None:
        """Somebody looks after a purchase of theirs: pays after all, or cancels it."""
        if not self.bought:
            await self.redeem()
            return
        account_id, purchase_id = self.random.choice(self.bought[-20:])
        if self.random.random() < 0.3:
            await self._ask(None, lambda web: web.cancel(account_id, purchase_id), lambda position: position)
            return
        started = await self._ask(None, lambda web: web.pay_on(account_id, purchase_id), lambda started: started.purchase_id)
        if started is not None and started.pay_at is not None and self.random.random() < 0.7:
            await self.system.world.sleep(20.0)
            self.system.provider.pay(started.pay_at.rpartition("/")[2])

    async def shop(self) -> None:
        """Somebody buys at a shop: Juice tells of it in its feed."""
        account = self.random.choice(list(self.system.juice.accounts.values()))
        self.system.juice.sell(None, self.random.choice((1000, 3000)), "Cash", account.meter)

    async def choose_share(self) -> None:
        """Somebody wants to pay a debt off faster, or slower again."""
        in_debt = [self.accounts[each.number] for each in self.system.juice.accounts.values() if each.debt]
        account_id = self.random.choice(in_debt or sorted(self.accounts.values()))
        key, intent = self._key()
        share = self.random.choice((20, 30, 40, 50, 60, 70))

        def ask(web: Web) -> Awaitable[Any]:
            return web.choose_share(account_id, share, key, intent)

        await self._twice_sometimes(lambda: self._ask(key, ask, self._begun_by))

    def _begun_by(self, position: Position) -> UUID:
        return self.system.store.all[position - 1].originator_id

    async def report_card(self) -> None:
        """Somebody has a card that cannot be used, or misreads its serial."""
        account_id = self.random.choice(sorted(self.accounts.values()))
        serial = self._card().serial if self.random.random() < 0.9 else "999999"
        damage = self.random.choice(DAMAGES)
        key, intent = self._key()

        def ask(web: Web) -> Awaitable[Any]:
            return web.report_card(account_id, serial, damage, key, intent)

        await self._twice_sometimes(lambda: self._ask(key, ask, lambda written: natural_id("ticket", written.reference)))

    async def compare(self) -> None:
        """An operator compares the books of yesterday, where a day is over: while some of it is under way still."""
        await self.system.compare_yesterday()

    async def _ask(self, key: str | None, ask: Callable[[Web], Awaitable[Any]], told: Callable[[Any], Hashable]) -> Any | None:
        """This will ask until there is an answer, under the same key; None where it was refused or given up."""
        for _ in range(TRIES):
            try:
                web = self.system.web()
                answer = await answer_of(web.life, ask(web))  # type: ignore[arg-type]
            except ASK_AGAIN:
                await self.system.world.sleep(8.0)
            except FINAL as refusal:
                if key is not None and isinstance(refusal, (Refusal, CardAlreadyUsed, CardUnknown)):
                    self._answered(key, type(refusal).__name__)
                return None
            except Exception as error:
                self.system.watch.found(f"a customer was shown what nobody had foreseen: {error!r}")
                return None
            else:
                if key is not None:
                    self._answered(key, told(answer))
                return answer
        return None

    def _answered(self, key: str, answer: Hashable) -> None:
        self.acknowledged += 1
        self.system.watch.answered(key, answer)

    async def _twice_sometimes(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Some press a button twice, others ask again after a while."""
        chance = self.random.random()
        if chance < 0.1:
            answers = await asyncio.gather(ask(), ask())
            return answers[0]
        answer = await ask()
        if chance > 0.9:
            await self.system.world.sleep(60.0)
            await ask()
        return answer

    def _card(self) -> JuiceCard:
        if not self.cards or self.random.random() < 0.6:
            self.cards.append(self.system.juice.print_card())
            return self.cards[-1]
        return self.random.choice(self.cards[-MOST_CARDS_WAITING:])

    def _number(self) -> str:
        account = self.random.choice(list(self.system.juice.accounts.values()))
        return self.random.choice((account.number, account.meter))

    def _key(self) -> tuple[str, UUID]:
        intent = self.system.world.new_uuid()
        return str(intent), intent
