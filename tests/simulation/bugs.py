"""Bugs that people really make, planted one at a time: a simulator that finds none of them proves nothing."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from domain.event import Context, Event
from domain.idempotency import AlreadyAnswered, Claim, Claimed
from domain.kept import A, Kept
from domain.log import Position
from domain.portal import Portal
from domain.purchase import Purchase
from domain.purchase_events import PurchaseNoticed
from domain.records import Record
from domain.wallet import CardRedeemed, Receipt, Wallet
from notifications.outbox import Delivery
from tests.simulation.followers import Follower, Transaction
from tests.simulation.log import Held, LogOfLife, Store
from tests.simulation.post import MemoryOutbox
from tests.simulation.provider import ProviderOfLife
from tests.simulation.system import System
from tests.simulation.web import portal_of
from tests.simulation.world import Bell, Life
from vending.card_provider import ProviderRefused, ProviderSilent, ProviderUnreachable
from vending.gathering import Gathering
from vending.juice_answers import Listed, Reply, Sent, ShareTaken
from vending.juice_refusals import JuiceRefused, JuiceSilent, JuiceUnreachable, NeverLeft
from vending.juice_without_advice import MOST, JuiceWithoutAdvice
from vending.lost_vends import fits
from vending.purchasing import Purchasing
from vending.sending import Ended, Message, Next, Sending
from vending.share_choosing import ShareAdvice, ShareChoosing


class SellingAgain(Sending):
    """Where Juice does not answer, it is asked once more, under a new id."""

    async def send(self, message: Message, at: datetime, attempts: int) -> Next:
        try:
            return await self._settle(message, attempts, await message.put())
        except JuiceSilent:
            message.message_id = UUID(int=message.message_id.int ^ 1)  # type: ignore[misc]
            return await super().send(message, at, attempts)


class VendsAgainOnTimeOut(System):
    """A purchase whose reply was lost is sold a second time."""

    def make_purchasing(self, life: Life, portal: Portal) -> Purchasing:
        made = super().make_purchasing(life, portal)
        made.sending = SellingAgain(made.juice)
        return made


class CapturingFirst(Purchasing):
    """Takes the money first, to be sure of it."""

    async def _send(self, purchase: Purchase, context: Context, attempts: int) -> Next:
        await self.cards.capture(purchase.payment_id or "")
        return await super()._send(purchase, context, attempts)


class CapturesBeforeIssue(System):
    """The card is charged before Juice has issued."""

    def make_purchasing(self, life: Life, portal: Portal) -> Purchasing:
        return CapturingFirst(portal, self.make_juice(life, portal), ProviderOfLife(self.provider, life))


class ForgetfulPurchase(Purchase):
    """Takes in every word, also one that it has heard before."""

    def notice(self, context: Context, *, notice_id: str, kind: str) -> None:
        if self.exists:
            self.record(PurchaseNoticed, context, notice_id=notice_id, kind=kind)


class ForgetfulPortal(Portal):
    """Commands on purchases that forget what was said."""

    async def purchase(self, purchase_id: UUID) -> Purchase:
        return await self.load(ForgetfulPurchase, purchase_id)


class ForgetsWhichWebhooksCame(System):
    """A webhook that comes twice is taken in twice."""

    def make_portal(self, life: Life, log: LogOfLife) -> Portal:
        portal = portal_of(life, log)
        portal.__class__ = ForgetfulPortal
        return portal


class TrackingFirst(Follower):
    """Notes how far it has come, and then writes the rows."""

    async def keep(self, transaction: Transaction, position: int) -> None:
        self.tables.positions[self.name] = position
        await super().keep(transaction, position)


class TracksBeforeTheRows(System):
    """What a follower was about to write is lost with it."""

    def make_follower(self, life: Life, name: str, apply: Any) -> Follower:
        return TrackingFirst(life, self.store, self.tables, name, apply, self._kept)


class CreditingPortal(Portal):
    """Credits a card first, and then looks whether that was done already."""

    async def settle_redemption(
        self, context: Context, *, redemption_id: UUID, message_id: UUID, receipt: Receipt, recognise: bool = False
    ) -> Position:
        async def credit() -> Position:
            redemption = await self.redemption(redemption_id)
            wallet = await self.load(Wallet, redemption.wallet_id or redemption_id)
            wallet.record(CardRedeemed, context, redemption_id=redemption_id, receipt=receipt)
            return await self.save(wallet)

        await self.attempt(credit)
        told = {"redemption_id": redemption_id, "message_id": message_id, "receipt": receipt, "recognise": recognise}
        return await super().settle_redemption(context, **told)  # type: ignore[arg-type]


class CreditsBeforeTheUniquenessCheck(System):
    """A card whose credit was interrupted is credited again."""

    def make_portal(self, life: Life, log: LogOfLife) -> Portal:
        portal = portal_of(life, log)
        portal.__class__ = CreditingPortal
        return portal


class CarelessStore(Store):
    """Lets anybody answer a key."""

    def commit(self, events: Sequence[Event], beside: Sequence[Record], claims: dict[UUID, Held]) -> Position:
        self.keys.clear()
        return super().commit(events, beside, claims)


class CarelessLog(LogOfLife):
    """Knows the keys that were answered, and not those under way."""

    async def claim(self, scope: str, key: str, body_hash: bytes, now: datetime) -> Claim:
        known = await super().claim(scope, key, body_hash, now)
        if isinstance(known, AlreadyAnswered):
            return known
        held = Held(self.life.world.new_uuid(), body_hash, now)
        self.claims[held.claimant] = held
        return Claimed(scope, key, held.claimant)


class LosesTheKeyInFlight(System):
    """A command that is given twice at once is carried out twice."""

    def make_store(self) -> Store:
        return CarelessStore(Bell(self.world.loop), self.watch.committed)

    def make_log(self, life: Life) -> LogOfLife:
        return CarelessLog(self.store, life)


class HastyOutbox(MemoryOutbox):
    """Marks a message as sent when it is taken, so that none is sent twice."""

    async def claim(self, connection: None, now: datetime) -> list[Delivery]:
        claimed = await super().claim(connection, now)
        for delivery in claimed:
            self.rows[delivery.delivery_id] = self._changed(delivery.delivery_id, state="sent")
        return claimed


class MarksAsSentBeforeSending(System):
    """What a notifier was about to send is lost with it."""

    def make_outbox(self, life: Life) -> MemoryOutbox:
        return HastyOutbox(life, self.tables)


class TakingTheFirst(JuiceWithoutAdvice):
    """Takes the first transaction that fits for its own."""

    async def advise(self, sent: Sent, *, at: datetime) -> Reply:
        for each in reversed(await self.juice.reprint(count=MOST, account=sent.account, meter=sent.meter)):
            if fits(sent, each):
                return msgspec.structs.replace(each, message_id=str(sent.message_id))  # so that nobody claims it
        return await super().advise(sent, at=at)


class TakesTheFirstThatFits(System):
    """Two purchases that are alike share what was sold for one of them."""

    without_advice = TakingTheFirst


class TakingBack(JuiceWithoutAdvice):
    """What was not answered counts as never sent."""

    async def vend(self, *asked: Any, **told: Any) -> Reply:
        try:
            return await super().vend(*asked, **told)
        except JuiceSilent:
            raise NeverLeft from None


class TakesBackWhatMayHaveLeft(System):
    """A message that may have arrived is sent again at once."""

    without_advice = TakingBack


class GivingUp(Sending[ShareTaken]):
    """Has a choice count as refused where Juice does not answer, and sends it once more later: perhaps it helps."""

    def __init__(self, juice: ShareAdvice, life: Life) -> None:
        super().__init__(juice)
        self.life = life

    async def send(self, message: Message[ShareTaken], at: datetime, attempts: int) -> Next:
        try:
            return await self._settle(message, attempts, await message.put())
        except JuiceSilent as silent:
            await message.refused(type(silent).__name__)
            self.life.world.loop.call_later(120.0, self._once_more, message)
            return Ended()

    def _once_more(self, message: Message[ShareTaken]) -> None:
        self.life.world.loop.create_task(self._put(message))

    async def _put(self, message: Message[ShareTaken]) -> None:
        with contextlib.suppress(JuiceSilent, JuiceUnreachable, JuiceRefused):
            await message.put()


class SendsAnOlderChoiceLater(System):
    """A choice of a share is sent again after a later one."""

    def make_sharing(self, life: Life, portal: Portal) -> ShareChoosing:
        made = super().make_sharing(life, portal)
        made.sending = GivingUp(ShareAdvice(made.juice), life)
        return made


class GatheringWhatComes(Gathering):
    """Compares what could be read: better than nothing."""

    async def _listed(self, since: datetime, until: datetime) -> AsyncIterator[Sequence[Listed]]:
        with contextlib.suppress(JuiceSilent, JuiceUnreachable, JuiceRefused):
            async for page in super()._listed(since, until):
                yield page


class ComparesHalfAList(System):
    """Where Juice goes silent in the middle of its list, the rest counts as not there."""

    gathering = GatheringWhatComes


class ChargingAnew(Purchasing):
    """Where the provider does not answer, the card is charged once more, as a payment of its own."""

    async def _capture(self, purchase: Purchase, context: Context, attempts: int) -> Next:
        try:
            await self.cards.capture(purchase.payment_id or "")
        except ProviderSilent:
            cards = self.cards
            assert isinstance(cards, ProviderOfLife)
            cards.books.charge(cards.books.page_of(purchase.payment_id or ""), by_seed=True)
        except (ProviderUnreachable, ProviderRefused):
            pass
        return await super()._capture(purchase, context, attempts)


class ChargesTwice(System):
    """What the provider's answer was lost to is charged again, and neither Seed nor a webhook tells of it."""

    def make_purchasing(self, life: Life, portal: Portal) -> Purchasing:
        return ChargingAnew(portal, self.make_juice(life, portal), ProviderOfLife(self.provider, life))


class Lending(Kept):
    """Lends what is kept, and goes on keeping it."""

    def take(self, kind: type[A], id: UUID) -> A:
        lent = super().take(kind, id)
        if lent.exists:
            self._kept[kind, id] = lent
            self._events += lent.version
        return lent


class KeepsWhatIsInAnothersHand(System):
    """What a command has decided and could not save is seen by the next one."""

    def make_portal(self, life: Life, log: LogOfLife) -> Portal:
        portal = portal_of(life, log)
        portal.kept = Lending()
        return portal


PLANTED: dict[str, type[System]] = {
    "vend again on time-out": VendsAgainOnTimeOut,
    "capture before issue": CapturesBeforeIssue,
    "forget which webhooks came": ForgetsWhichWebhooksCame,
    "track before the rows": TracksBeforeTheRows,
    "credit before the uniqueness check": CreditsBeforeTheUniquenessCheck,
    "lose the key in flight": LosesTheKeyInFlight,
    "take the first that fits": TakesTheFirstThatFits,
    "take back what may have left": TakesBackWhatMayHaveLeft,
    "mark as sent before sending": MarksAsSentBeforeSending,
    "send an older choice later": SendsAnOlderChoiceLater,
    "compare half a list": ComparesHalfAList,
    "charge twice": ChargesTwice,
    "keep what is in another's hand": KeepsWhatIsInAnothersHand,
}
