"""The processes of a simulated Seed: two of the web, two vendors, a projector, a notifier; each started again after its death."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.commands.base import TooManyAtOnce
from domain.portal import Portal
from eventlog.line import LogUnavailable
from notifications.letters import Letters
from notifications.notifier import Notifier
from notifications.policy import Policy
from notifications.service_requests import ServiceRequests
from projections.arrears_shares import ArrearsSharesProjection
from projections.damaged_cards import DamagedCardsProjection
from projections.dashboard import DashboardProjection
from projections.differences import DifferencesProjection
from projections.keyed import KeyedProjection
from projections.purchases import PurchasesProjection
from projections.redemptions import RedemptionsProjection
from tests.simulation.books import BooksWatch, ReadForComparing, day_of
from tests.simulation.followers import Follower, MemoryWork, ReadModels, Tables, Transaction
from tests.simulation.juice import UTILITY, JuiceBooks, JuiceOfLife
from tests.simulation.log import LogOfLife, Store
from tests.simulation.post import DELIVERIES, MemoryOutbox, NoPool, PostBooks, channels, in_no_words
from tests.simulation.provider import ProviderBooks, ProviderOfLife
from tests.simulation.reference import Reference
from tests.simulation.watch import Watch
from tests.simulation.web import Web, portal_of
from tests.simulation.world import Bell, Life, NoAnswer, World, answer_of
from vending.claims import Claims
from vending.feeds import Feeder
from vending.gathering import Gathering
from vending.juice import Juice
from vending.juice_refusals import JuiceRefused, JuiceSilent, JuiceUnreachable
from vending.juice_without_advice import JuiceWithoutAdvice
from vending.purchasing import Purchasing
from vending.reconciling import AWAY, LOOKS_EVERY_S, SETTLES_WITHIN, Reconciler, UtilityUnknown, bounds
from vending.redeeming import Redeeming
from vending.share_choosing import ShareChoosing
from vending.vendor import Desk, Vendor
from vending.work import KINDS, PURCHASES, RENEWED_EVERY

LONGEST_NAP_S = 600.0
FEEDS_EVERY_S = 60.0
DAY = timedelta(days=1)
CLOCKS_DIFFER = timedelta(minutes=5)
"""So far a clock is from the true time at most, and a bit."""

WORKERS = ("web-1", "web-2", "vendor-1", "vendor-2", "projector", "notifier")
FOLLOWERS = ("projector", "vendor", "notifier", "service-requests")


def projections() -> list[KeyedProjection[Any]]:
    """This will make one of each read model that is simulated."""
    return [
        DashboardProjection(),
        PurchasesProjection(),
        RedemptionsProjection(),
        ArrearsSharesProjection(),
        DamagedCardsProjection(),
        DifferencesProjection(),
    ]


class System:
    """Everything of one history. The parts that a planted bug replaces are made by methods of their own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.first = world.now
        self.watch = Watch()
        self.store = self.make_store()
        self.tables = Tables()
        self.noted = Bell(world.loop)
        self.taken = Bell(world.loop)
        self.morning = Bell(world.loop)
        self.settles = timedelta(minutes=5) if world.is_over_midnight else SETTLES_WITHIN
        self.juice = JuiceBooks(world, self.watch.may_move, self.watch.may_share)
        self.provider = ProviderBooks(world, self.watch.may_take, self.watch.may_let_go)
        self.provider.deliver = self._send_webhook
        self.post = PostBooks()
        self.watch.juice, self.watch.books = self.juice, BooksWatch(self.juice, self.provider)
        self.reference = Reference(self.store, projections(), self.watch)
        self.lives: dict[str, Life] = {}
        self.webs: dict[str, Web] = {}
        self._leaders: dict[str, Life] = {}
        for name in WORKERS:
            self._start(name)

    # What a planted bug replaces

    def make_store(self) -> Store:
        """This will make the log's store."""
        return Store(Bell(self.world.loop), self.watch.committed)

    def make_log(self, life: Life) -> LogOfLife:
        """This will make a process's way to the log."""
        return LogOfLife(self.store, life)

    def make_portal(self, life: Life, log: LogOfLife) -> Portal:
        """This will make the commands of a process."""
        return portal_of(life, log)

    def make_outbox(self, life: Life) -> MemoryOutbox:
        """This will make a process's way to the messages."""
        return MemoryOutbox(life, self.tables)

    def make_juice(self, life: Life, portal: Portal) -> Juice:
        """This will make a process's way to Juice, with the search for what was lost where Juice keeps no message ids."""
        way, under_way = JuiceOfLife(self.juice, life), self.tables.of(PURCHASES.table)

        async def ids() -> list[UUID]:
            await life.check()
            return list(under_way)

        return way if self.juice.knows_messages else self.without_advice(way, Claims(portal, ids))

    without_advice = JuiceWithoutAdvice

    def make_purchasing(self, life: Life, portal: Portal) -> Purchasing:
        """This will make the process manager of purchases."""
        return Purchasing(portal, self.make_juice(life, portal), ProviderOfLife(self.provider, life))

    def make_sharing(self, life: Life, portal: Portal) -> ShareChoosing:
        """This will make the process manager of chosen arrears shares."""
        return ShareChoosing(portal, self.make_juice(life, portal))

    def make_reconciler(self, life: Life, portal: Portal) -> Reconciler:
        """This will make what compares the books."""
        read = ReadForComparing(life, self.store, self.tables)
        way, cards = self.make_juice(life, portal), ProviderOfLife(self.provider, life)
        return Reconciler(portal, self.gathering(portal, way, cards, read), read)

    gathering = Gathering

    def make_follower(self, life: Life, name: str, apply: Any) -> Follower:
        """This will make a follower."""
        return Follower(life, self.store, self.tables, name, apply, self._kept)

    # Processes

    def web(self) -> Web:
        """This will give a web process that is up, as a balancer in front would. Raises NoAnswer where none is."""
        up = [web for name, web in sorted(self.webs.items()) if self.lives[name].is_alive]
        if not up:
            raise NoAnswer
        return self.world.random.choice(up)

    def _start(self, name: str) -> None:
        life = self.lives[name] = Life(self.world, name)
        life.at_death(lambda: self._restart_soon(name))
        kind = name.partition("-")[0]
        if kind == "web":
            log = self.make_log(life)
            portal = self.make_portal(life, log)
            self.webs[name] = Web(life, log, portal, self.tables, self.make_juice(life, portal), self.provider)
        elif kind == "vendor":
            self._start_vendor(life)
        elif kind == "notifier":
            self._start_notifier(life)
        else:
            follower = self.make_follower(life, "projector", ReadModels(projections()).apply)
            self._keep_on(life, lambda: self._led(life, "projector", follower.run))

    def _restart_soon(self, name: str) -> None:
        self.world.loop.call_later(self.world.random.uniform(0.1, 3.0), self._start, name)

    def _start_vendor(self, life: Life) -> None:
        portal = self.make_portal(life, self.make_log(life))
        redeeming, purchasing = Redeeming(portal, self.make_juice(life, portal)), self.make_purchasing(life, portal)
        works = tuple(MemoryWork(life, self.tables, kind) for kind in KINDS)
        desks = list(map(Desk, works, (redeeming, purchasing, self.make_sharing(life, portal))))
        vendor = Vendor(desks, now=life.clock, context=life.context("system:vendor"))
        follower = self.make_follower(life, "vendor", vendor.follow)
        feeder = Feeder(portal, JuiceOfLife(self.juice, life), redeeming, purchasing)
        self._keep_on(life, lambda: self._led(life, "vendor", follower.run))
        self._keep_on(life, lambda: self._work(life, vendor, works))
        self._keep_on(life, lambda: self._renew(life, vendor))
        self._keep_on(life, lambda: self._led(life, "feeds", lambda: self._feed(life, feeder)))
        reconciler = self.make_reconciler(life, portal)
        self._keep_on(life, lambda: self._led(life, "reconciling", lambda: self._reconcile(life, reconciler)))

    def _start_notifier(self, life: Life) -> None:
        log = self.make_log(life)
        portal = self.make_portal(life, log)
        outbox = self.make_outbox(life)
        letters = Letters(portal, site="https://blue.example", put=in_no_words)
        notifier = Notifier(NoPool(), outbox, letters.write, channels(self.post, life), log, now=life.clock)  # type: ignore[arg-type]
        told = self.make_follower(life, "notifier", Policy(portal, outbox).follow)  # type: ignore[arg-type]
        asked = self.make_follower(life, "service-requests", ServiceRequests(portal).follow)
        self._keep_on(life, lambda: told.run())
        self._keep_on(life, lambda: asked.run())
        self._keep_on(life, lambda: self._notify(life, notifier, outbox))

    async def _notify(self, life: Life, notifier: Notifier, outbox: MemoryOutbox) -> None:
        while True:
            await life.check()
            nap = _until(outbox.next_due(), life)
            if nap > 0.0:
                await self.noted.wait(min(nap, LONGEST_NAP_S))
            else:
                await notifier.step()

    async def _work(self, life: Life, vendor: Vendor, works: tuple[MemoryWork, ...]) -> None:
        while True:
            await life.check()
            due = [row.due_at for work in works for row in work.rows.values()]
            nap = _until(min(due), life) if due else LONGEST_NAP_S
            if nap > 0.0:
                await self.noted.wait(min(nap, LONGEST_NAP_S))
            elif await vendor.take():
                self.taken.ring()
            else:
                await self.world.sleep(0.05)

    async def _renew(self, life: Life, vendor: Vendor) -> None:
        while True:
            await life.check()
            if vendor.is_busy:
                await self.world.loop.pause(RENEWED_EVERY.total_seconds())
                await life.check()
                await vendor.renew()
            else:
                await self.taken.wait()

    async def _feed(self, life: Life, feeder: Feeder) -> None:
        while True:
            await life.check()
            try:
                await feeder.take_all(life.context("juice"))
            except (JuiceUnreachable, JuiceSilent, JuiceRefused):
                await asyncio.sleep(FEEDS_EVERY_S)
                continue
            await asyncio.sleep(FEEDS_EVERY_S)
            if self._has_fed():
                await self.juice.changed.wait(LONGEST_NAP_S)

    async def _reconcile(self, life: Life, reconciler: Reconciler) -> None:
        """As `Reconciler.reconciling` does, but it sleeps while there is nothing to compare."""
        while True:
            await life.check()
            await reconciler.round(life.context("system:vendor"), self.settles)
            now = life.clock()
            next_day = self._next_day(now)
            # The oldest is compared first: once yesterday is, since it has settled, nothing is left.
            compared_at = self.watch.compared.get(day_of(now - self.settles) - DAY)
            if compared_at is None or compared_at < next_day - DAY:
                await self.world.sleep(LOOKS_EVERY_S)
            else:
                await self.morning.wait((next_day - now).total_seconds() + 1.0)

    def _next_day(self, now: datetime) -> datetime:
        """When the present day has settled."""
        return bounds(day_of(now - self.settles), UTILITY.zone)[1] + self.settles

    async def live_through_night(self) -> None:
        """This will let the night pass in which nothing happens, until the last day has settled."""
        self.world.pass_over(self._next_day(self.world.now) + CLOCKS_DIFFER)
        self.morning.ring()

    async def compare_every_day(self) -> None:
        """This will compare each day of the history once more, by somebody who is not disturbed."""
        life = Life(self.world, "auditor")
        reconciler = self.make_reconciler(life, self.make_portal(life, self.make_log(life)))
        day = day_of(self.first)
        while day < day_of(self.world.now):
            await reconciler.reconcile(day, life.context("staff:ann")(), self.settles)
            day += DAY

    async def compare_yesterday(self) -> None:
        """This will compare the last day that is over, as `seed reconcile` does; at the first attempt or not at all."""
        life, day = Life(self.world, "operator"), day_of(self.world.now) - DAY
        if day >= day_of(self.first):
            reconciler = self.make_reconciler(life, self.make_portal(life, self.make_log(life)))
            with contextlib.suppress(*AWAY, LogUnavailable, NoAnswer, TooManyAtOnce, UtilityUnknown):
                context = life.context("system:reconcile")()
                await answer_of(life, reconciler.reconcile(day, context, self.settles))

    def _has_fed(self) -> bool:
        return all(int(self.store.cursors.get(name) or 0) == len(items) for name, items in self.juice.feeds.items())

    async def _led(self, life: Life, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """One process at a time; another stands by until it dies."""
        while True:
            await life.check()
            leader = self._leaders.get(name)
            if leader is None or not leader.is_alive or leader is life:
                self._leaders[name] = life
                await run()
            else:
                await leader.death()
                await self.world.sleep(0.5)

    def _keep_on(self, life: Life, run: Callable[[], Awaitable[None]]) -> None:
        """A loop that fails for what is around it begins again after a while."""

        async def loop() -> None:
            while True:
                try:
                    await run()
                except LogUnavailable:
                    await asyncio.sleep(0.5)

        task = self.world.loop.create_task(loop())
        task.add_done_callback(lambda done: self._failed(life, done))

    def _failed(self, life: Life, task: asyncio.Task[None]) -> None:
        self.watch.found(f"{life.name} met what it had not foreseen: {task.exception()!r}")

    def _kept(self, transaction: Transaction, name: str, position: int) -> None:
        if name == "projector":
            self.reference.compare(self.tables, position)
        elif transaction.written:
            self.noted.ring()

    # Webhooks

    def _send_webhook(self, body: bytes) -> None:
        self.world.loop.create_task(self._deliver(body))

    async def _deliver(self, body: bytes) -> None:
        """Again and again until it is taken."""
        wait_s = 5.0
        while True:
            try:
                web = self.web()
                await answer_of(web.life, web.webhook(body))
                return
            except (NoAnswer, LogUnavailable):
                await self.world.sleep(wait_s)
                wait_s = min(wait_s * 2, 3600.0)

    # The end

    def is_settled(self) -> bool:
        """Whether nothing is under way any more."""
        end = len(self.store.all)
        followed = all(self.tables.positions.get(name, 0) == end for name in FOLLOWERS)
        idle = not any(self.tables.of(kind.table) for kind in KINDS)
        told = all(row.state != "pending" for row in self.tables.of(DELIVERIES).values())
        served = all(row.outcome is not None for row in self.tables.of("damaged_cards").values())
        return followed and idle and told and served and self._has_fed()


def _until(due: datetime | None, life: Life) -> float:
    """Seconds until something is due by the clock of a process."""
    return LONGEST_NAP_S if due is None else (due - life.clock()).total_seconds()
