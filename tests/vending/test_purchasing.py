"""Driving a purchase to its one end, whatever is lost on the way and wherever anybody is killed."""

from collections import deque
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.purchase import LAST_HOURS, Stage
from domain.purchase_events import (
    PurchaseAbandoned,
    PurchaseCaptured,
    PurchaseDoubted,
    PurchaseFlagged,
    PurchaseFoundIssued,
    PurchaseIssued,
    PurchaseProvenAbsent,
    PurchaseReleased,
    PurchaseSent,
    PurchaseUncollected,
)
from domain.wallet import PowerPurchased, TransactionRecorded
from tests.domain.memory_log import MemoryLog
from tests.domain.portal import make_portal
from tests.domain.scenario import context
from tests.domain.test_portal import METER, TOLD
from tests.vending.fake_juice import FakeJuice
from tests.vending.fake_provider import FakeProvider
from vending.card_provider import Order
from vending.feeds import Feeder
from vending.juice_answers import Page
from vending.purchasing import OPENS_WITHIN, TOLD_BEFORE, PaymentOfAnother, Purchasing
from vending.redeeming import Redeeming
from vending.sending import ARRIVES_WITHIN, DOUBT_LASTS, Again, Ended

NOW = context().at
ENDS = NOW + timedelta(days=7)


class Killed(BaseException):
    """The process was killed."""


class KillingLog(MemoryLog):
    """Kills whoever writes: before or after it is kept, as `kills` says for each writing in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.kills: deque[str] = deque()

    async def append(self, events, beside=()):
        kill = self.kills.popleft() if self.kills else ""
        if kill == "before":
            raise Killed
        position = await super().append(events, beside)
        if kill == "after":
            raise Killed
        return position


class World:
    """A Portal with one account and one purchase, a Juice, a provider, and the process manager between them."""

    def __init__(self, *, juice: tuple[str, ...] = (), provider: tuple[str, ...] = ()) -> None:
        self.log = KillingLog()
        self.portal = make_portal(self.log)
        self.juice, self.cards = FakeJuice(), FakeProvider()
        self.juice_faults, self.provider_faults = juice, provider
        self.purchasing = Purchasing(self.portal, self.juice, self.cards)

    async def request(self) -> "World":
        await self.portal.learn_account(context(by="juice"), TOLD, currency="ZAR")
        await self.portal.learn_meter(context(by="juice"), METER)
        self.account_id = (await self.portal.find("1001")).account_id
        self.requested = await self.portal.request_purchase(
            context(), account_id=self.account_id, meter_id=None, amount=5000, currency="ZAR", language="en"
        )
        self.id = self.requested.purchase_id
        return self

    async def open(self) -> "World":
        await self.request()
        purchase = await self.portal.purchase(self.id)
        page = await self.cards.open_checkout(
            Order(
                key=purchase.checkout_key,
                purchase_id=self.id,
                amount=5000,
                currency="ZAR",
                description="Electricity",
                success_url="https://seed.example/paid",
                cancel_url="https://seed.example/left",
                language="en",
                expires_at=purchase.pays_until,
            )
        )
        self.page = page.id
        await self.portal.open_checkout(context(), purchase_id=self.id, checkout_id=page.id)
        self.cards.asked.clear()
        return self

    async def paid(self, **differently) -> "World":
        await self.open()
        self.payment = self.cards.pay(self.page, **differently).id
        self.juice.faults.extend(self.juice_faults)
        self.cards.faults.extend(self.provider_faults)
        return self

    async def advance(self, at: datetime = NOW):
        return await self.purchasing.advance(self.id, context(at, by="system:vendor"), attempts=1)

    async def until_ended(self, at: datetime = NOW, step: timedelta = timedelta(0)) -> None:
        """As vendors do that are started again whenever they are killed."""
        for _ in range(200):
            try:
                if isinstance(await self.advance(at), Ended):
                    return
            except Killed:
                self.purchasing = Purchasing(self.portal, self.juice, self.cards)
            at += step
        pytest.fail(f"the purchase has no end: {await self.stage()}")

    async def stage(self) -> Stage:
        return (await self.portal.purchase(self.id)).stage

    def count(self, event_class) -> int:
        return sum(isinstance(event, event_class) for event in self.log.all)

    def flags(self) -> list[str]:
        return [event.reason for event in self.log.all if isinstance(event, PurchaseFlagged)]


class APurchase:
    async def test_is_issued_and_charged_once_where_all_answer(self):
        world = await World().paid()
        assert isinstance(await world.advance(), Ended)
        assert (await world.stage(), world.cards.charged) == (Stage.CAPTURED, 5000)
        assert (world.juice.asked, world.cards.asked) == (["vend"], ["checkout", "capture"])
        assert world.count(PowerPurchased) == 1

    async def test_is_written_down_as_sent_before_juice_is_asked_and_charged_after(self):
        world = await World(juice=("unreachable",)).paid()
        await world.advance()
        assert (world.count(PurchaseSent), world.cards.charged) == (1, 0)

    async def test_is_asked_for_under_the_number_of_its_meter(self):
        world = await World().paid()
        await world.advance()
        assert world.juice.targets == [(None, METER.number)]

    async def test_waits_as_long_as_the_payment_page_is_open(self):
        world = await World().open()
        assert isinstance(await world.advance(), Again)
        assert world.juice.asked == []
        world.cards.pay(world.page)
        assert isinstance(await world.advance(), Ended)
        assert await world.stage() is Stage.CAPTURED

    async def test_ends_with_its_payment_page(self):
        world = await World().open()
        world.cards.let_expire(world.page)
        assert isinstance(await world.advance(), Ended)
        assert (await world.stage(), world.juice.asked) == (Stage.ABANDONED, [])

    async def test_is_not_given_up_with_its_page_while_the_bank_is_still_at_it(self):
        world = await World().open()
        world.payment = world.cards.pay(world.page, state="pending").id
        world.cards.let_expire(world.page)
        world.cards.faults.extend(["", "lost-request"])
        assert isinstance(await world.advance(), Again)
        assert await world.stage() is Stage.REQUESTED
        await world.until_ended()
        assert (await world.stage(), world.cards.state(world.payment)) == (Stage.ABANDONED, "released")

    async def test_takes_its_course_where_the_bank_was_faster_than_the_end_of_its_page(self):
        world = await World().open()
        payment = world.cards.pay(world.page, state="pending")
        world.cards.let_expire(world.page)
        world.cards.faults.append("lost-reply")
        await world.advance()
        page = world.cards.checkouts[world.page]
        world.cards.checkouts[world.page] = msgspec.structs.replace(
            page, payment=msgspec.structs.replace(payment, state="authorised")
        )
        await world.until_ended()
        assert (await world.stage(), world.cards.charged) == (Stage.CAPTURED, 5000)

    async def test_whose_payment_page_nobody_ever_saw_is_abandoned_in_time(self):
        world = await World().request()
        after = await world.advance()
        assert after == Again(OPENS_WITHIN)
        assert isinstance(await world.advance(NOW + OPENS_WITHIN), Ended)
        assert await world.stage() is Stage.ABANDONED

    async def test_that_has_ended_is_left_alone(self):
        world = await World().paid()
        await world.until_ended()
        world.juice.asked.clear()
        world.cards.asked.clear()
        assert isinstance(await world.advance(), Ended)
        assert (world.juice.asked, world.cards.asked) == ([], [])


class ALostReplyOfJuice:
    async def test_is_asked_after_and_nothing_is_sent_again_or_charged_meanwhile(self):
        world = await World(juice=("lost-reply", "lost-reply")).paid()
        assert isinstance(await world.advance(), Again)
        assert isinstance(await world.advance(), Again)
        assert (await world.stage(), world.cards.charged) == (Stage.IN_DOUBT, 0)
        assert isinstance(await world.advance(), Ended)
        assert (await world.stage(), world.cards.charged) == (Stage.CAPTURED, 5000)
        assert world.juice.asked == ["vend", "advise", "advise"]

    async def test_to_a_message_that_never_arrived_has_it_sent_again_under_the_same_id(self):
        world = await World(juice=("lost-request",)).paid()
        await world.until_ended()
        assert list(world.juice.replies) == [str(world.requested.message_id)]
        assert world.cards.charged == 5000

    async def test_is_shown_to_staff_also_where_juice_refuses_to_be_asked(self):
        world = await World(juice=("lost-reply",)).paid()
        world.log.kills.extend(["", "", "before"])  # it was sent, and whoever sent it died
        with pytest.raises(Killed):
            await world.advance()
        world.juice.faults.append("NoSuchResource")
        await world.advance()
        assert await world.stage() is Stage.IN_DOUBT

    async def test_is_shown_to_staff_once_it_lasts(self):
        world = await World(juice=("lost-reply", *["lost-reply"] * 4)).paid()
        await world.advance()
        await world.advance(NOW + DOUBT_LASTS - timedelta(seconds=1))
        assert world.flags() == []
        await world.advance(NOW + DOUBT_LASTS)
        await world.advance(NOW + DOUBT_LASTS + timedelta(minutes=5))
        assert world.flags() == ["doubt-lasts"]
        assert (await world.stage(), world.cards.state(world.payment)) == (Stage.IN_DOUBT, "authorised")

    async def test_is_shown_to_staff_before_the_authorisation_ends_and_nothing_is_guessed(self):
        world = await World(juice=("lost-reply", *["lost-reply"] * 3)).paid()
        await world.advance()
        await world.advance(ENDS - TOLD_BEFORE)
        assert world.flags() == ["doubt-lasts", "authorisation-ends"]
        await world.advance(ENDS + timedelta(days=1))
        assert (await world.stage(), world.count(PurchaseReleased), world.count(PurchaseCaptured)) == (Stage.IN_DOUBT, 0, 0)

    async def test_has_nothing_sent_again_that_could_no_longer_be_charged(self):
        world = await World(juice=("lost-request",)).paid()
        await world.advance()
        assert isinstance(await world.advance(ENDS - LAST_HOURS), Ended)
        assert (world.juice.asked, world.juice.replies) == (["vend", "advise"], {})
        assert (await world.stage(), world.cards.state(world.payment)) == (Stage.RELEASED, "released")

    async def test_that_tells_of_another_amount_leaves_it_in_doubt(self):
        world = await World(juice=("lost-reply",)).paid()
        await world.advance()
        key = str(world.requested.message_id)
        world.juice.replies[key] = msgspec.structs.replace(world.juice.replies[key], amount=4000)
        assert isinstance(await world.advance(), Again)
        assert (await world.stage(), world.cards.charged) == (Stage.IN_DOUBT, 0)


class ARefusalOfJuice:
    async def test_lets_the_money_go(self):
        world = await World(juice=("BlockedMeter",)).paid()
        assert isinstance(await world.advance(), Ended)
        assert (await world.stage(), world.cards.state(world.payment), world.cards.charged) == (Stage.RELEASED, "released", 0)
        assert world.count(PowerPurchased) == 0

    async def test_proves_nothing_while_an_earlier_copy_may_arrive(self):
        world = await World(juice=("lost-request", "", "BlockedMeter")).paid()
        await world.advance()
        assert isinstance(await world.advance(), Again)
        assert (await world.stage(), world.cards.state(world.payment)) == (Stage.IN_DOUBT, "authorised")
        await world.juice.vend(world.requested.message_id, amount=5000, tender="Cash-CC", meter=METER.number)
        assert isinstance(await world.advance(NOW + ARRIVES_WITHIN), Ended)
        assert (await world.stage(), world.cards.charged) == (Stage.CAPTURED, 5000)


class ALostReplyOfTheProvider:
    @pytest.mark.parametrize("fault", ["unreachable", "lost-request", "lost-reply"])
    async def test_to_the_capture_charges_once(self, fault):
        world = await World(provider=("", fault)).paid()
        assert isinstance(await world.advance(), Again)
        assert await world.stage() is Stage.ISSUED
        assert isinstance(await world.advance(), Ended)
        assert (await world.stage(), world.cards.charged, world.count(PurchaseCaptured)) == (Stage.CAPTURED, 5000, 1)

    @pytest.mark.parametrize("fault", ["unreachable", "lost-request", "lost-reply"])
    async def test_to_the_release_lets_the_money_go_once(self, fault):
        world = await World(juice=("BlockedMeter",), provider=("", fault)).paid()
        assert isinstance(await world.advance(), Again)
        assert isinstance(await world.advance(), Ended)
        assert (await world.stage(), world.count(PurchaseReleased)) == (Stage.RELEASED, 1)

    async def test_to_a_look_at_the_page_is_looked_for_again(self):
        world = await World(provider=("lost-reply",)).paid()
        assert isinstance(await world.advance(), Again)
        assert isinstance(await world.advance(), Ended)
        assert await world.stage() is Stage.CAPTURED


class WhatWasTamperedWith:
    @pytest.mark.parametrize("said", [{"amount": 100}, {"amount": 500_000}, {"currency": "UGX"}])
    async def test_at_the_provider_is_never_vended_and_let_go(self, said):
        world = await World().paid(**said)
        assert isinstance(await world.advance(), Ended)
        assert (world.juice.asked, await world.stage(), world.cards.charged) == ([], Stage.RELEASED, 0)
        (absent,) = [event for event in world.log.all if isinstance(event, PurchaseProvenAbsent)]
        assert absent.rule == "AuthorisationDiffers"

    async def test_by_a_capture_of_a_part_is_never_vended_and_shown_to_staff(self):
        world = await World().paid(state="captured", captured=1200)
        assert isinstance(await world.advance(), Again)
        assert (world.juice.asked, await world.stage(), world.flags()) == ([], Stage.PROVEN_ABSENT, ["captured-elsewhere"])

    async def test_by_another_purchases_payment_is_not_believed(self):
        world = await World().paid(purchase_id=UUID(int=77))
        with pytest.raises(PaymentOfAnother):
            await world.advance()
        assert (world.juice.asked, await world.stage()) == ([], Stage.REQUESTED)

    async def test_by_a_bank_that_let_the_money_go_at_once_is_abandoned(self):
        world = await World().paid(state="released")
        await world.until_ended()
        assert (world.juice.asked, world.count(PurchaseAbandoned)) == ([], 1)


class AMeter:
    """That is another's by the time the payment comes."""

    async def moved(self, world: World) -> None:
        """Juice tells that the meter is another account's."""
        other = msgspec.structs.replace(TOLD, number="1002", email="o@example.org", phone=None)
        await world.portal.learn_account(context(by="juice"), other, currency="ZAR")
        await world.portal.learn_meter(context(by="juice"), msgspec.structs.replace(METER, account_number="1002"))

    async def test_that_moved_before_the_payment_has_nothing_sold_for_it_and_the_money_let_go(self):
        world = await World().paid()
        await self.moved(world)
        assert isinstance(await world.advance(), Ended)
        assert (world.juice.asked, await world.stage(), world.cards.charged) == ([], Stage.RELEASED, 0)
        (absent,) = [event for event in world.log.all if isinstance(event, PurchaseProvenAbsent)]
        assert absent.rule == "MeterNotOfAccount"

    async def test_that_was_removed_before_the_payment_has_nothing_sold_for_it(self):
        world = await World().paid()
        await world.portal.learn_meter(context(by="juice"), msgspec.structs.replace(METER, removed=True))
        await world.until_ended()
        assert (world.juice.asked, await world.stage(), world.cards.charged) == ([], Stage.RELEASED, 0)

    async def test_that_moved_after_juice_was_asked_is_asked_after_as_before(self):
        world = await World(juice=("lost-reply",)).paid()
        await world.advance()
        await self.moved(world)
        await world.until_ended()
        assert (await world.stage(), world.cards.charged) == (Stage.CAPTURED, 5000)

    async def test_whose_debts_took_all_needs_no_token(self):
        world = await World(juice=("lost-reply",)).paid()
        await world.advance()
        key = str(world.requested.message_id)
        world.juice.replies[key] = msgspec.structs.replace(world.juice.replies[key], units=None, tokens=())
        await world.until_ended()
        assert (await world.stage(), world.cards.charged) == (Stage.CAPTURED, 5000)

    @pytest.mark.parametrize("said", [{"account": "1002"}, {"meter": "0702"}, {"currency": "UGX"}, {"tokens": ()}])
    async def test_that_is_not_the_replys_is_neither_charged_nor_credited_and_left_to_staff(self, said):
        world = await World(juice=("lost-reply",)).paid()
        await world.advance()
        key = str(world.requested.message_id)
        world.juice.replies[key] = msgspec.structs.replace(world.juice.replies[key], **said)
        assert isinstance(await world.advance(), Again)
        assert (await world.stage(), world.cards.charged, world.count(PowerPurchased)) == (Stage.IN_DOUBT, 0, 0)
        assert world.flags() == ["ambiguous"]


class AnAuthorisation:
    async def test_that_ends_before_juice_was_asked_is_let_go(self):
        world = await World().paid(capture_before=NOW + timedelta(hours=1))
        await world.until_ended()
        assert (world.juice.asked, await world.stage()) == ([], Stage.RELEASED)

    async def test_that_is_gone_after_juice_issued_is_left_to_staff(self):
        world = await World(provider=("", "PaymentNotCapturable")).paid()
        await world.until_ended()
        assert (await world.stage(), world.count(PurchaseUncollected), world.count(PowerPurchased)) == (Stage.UNCOLLECTED, 1, 1)

    async def test_whose_capture_the_bank_declines_is_tried_again_until_it_ends(self):
        world = await World(provider=("", "CaptureDeclined", "CaptureDeclined")).paid()
        assert isinstance(await world.advance(), Again)
        assert (await world.stage(), world.flags()) == (Stage.ISSUED, ["capture-declined"])
        assert isinstance(await world.advance(ENDS), Ended)
        assert await world.stage() is Stage.UNCOLLECTED

    async def test_that_somebody_else_captured_is_shown_to_staff_where_it_should_be_let_go(self):
        world = await World(juice=("BlockedMeter",)).paid(state="captured", captured=5000)
        assert isinstance(await world.advance(), Again)
        assert (await world.stage(), world.flags()) == (Stage.PROVEN_ABSENT, ["captured-elsewhere"])


class TheFeed:
    def feeder(self, world: World) -> Feeder:
        return Feeder(world.portal, world.juice, Redeeming(world.portal, world.juice), world.purchasing)

    async def tell(self, world: World) -> None:
        """This will have the feed of transactions tell of what Juice did for the purchase."""
        reply = world.juice.replies[str(world.requested.message_id)]
        item = msgspec.to_builtins(reply) | {"type": "Cash-CC", "serial": None}

        async def feed(name, *, after, limit):
            return Page(items=(item,), cursor="1", more=False)

        world.juice.feed = feed  # type: ignore[attr-defined]
        await self.feeder(world).take_page("transactions", context(by="juice"))

    async def test_does_not_count_twice_what_was_bought(self):
        world = await World().paid()
        await world.until_ended()
        await self.tell(world)
        assert (world.count(PowerPurchased), world.count(TransactionRecorded)) == (1, 0)

    async def test_settles_what_is_in_doubt(self):
        world = await World(juice=("lost-reply",)).paid()
        await world.advance()
        await self.tell(world)
        assert (await world.stage(), world.cards.charged) == (Stage.CAPTURED, 5000)
        assert (world.count(PowerPurchased), world.count(TransactionRecorded)) == (1, 0)

    async def test_goes_on_where_only_the_provider_is_away(self):
        world = await World(juice=("lost-reply",), provider=("", *["unreachable"] * 3)).paid()
        await world.advance()
        await self.tell(world)
        assert (await world.stage(), world.count(PowerPurchased)) == (Stage.ISSUED, 1)

    async def test_is_held_up_by_no_purchase_whose_reply_is_to_another_amount(self):
        world = await World(juice=("lost-reply",)).paid()
        await world.advance()
        key = str(world.requested.message_id)
        world.juice.replies[key] = msgspec.structs.replace(world.juice.replies[key], amount=4000)
        await self.tell(world)
        assert (await world.stage(), world.flags(), world.cards.charged) == (Stage.IN_DOUBT, ["ambiguous"], 0)
        assert world.count(TransactionRecorded) == 1

    async def test_corrects_what_was_proven_absent(self):
        world = await World(juice=("BlockedMeter",), provider=("", *["unreachable"])).paid()
        await world.advance()
        assert await world.stage() is Stage.PROVEN_ABSENT
        await world.juice.vend(world.requested.message_id, amount=5000, tender="Cash-CC", meter=METER.number)
        for _ in range(2):
            await self.tell(world)
        assert (await world.stage(), world.cards.charged) == (Stage.CAPTURED, 5000)
        assert (world.count(PurchaseFoundIssued), world.count(PowerPurchased)) == (1, 1)

    async def test_corrects_nothing_by_a_reply_to_another_amount(self):
        world = await World(juice=("BlockedMeter",), provider=("", *["unreachable"])).paid()
        await world.advance()
        await world.juice.vend(world.requested.message_id, amount=3000, tender="Cash-CC", meter=METER.number)
        await self.tell(world)
        assert (await world.stage(), world.count(PurchaseFoundIssued), world.cards.charged) == (Stage.PROVEN_ABSENT, 0, 0)
        assert world.count(TransactionRecorded) == 1

    async def test_leaves_to_staff_what_was_let_go_before(self):
        world = await World(juice=("BlockedMeter",)).paid()
        await world.until_ended()
        await world.juice.vend(world.requested.message_id, amount=5000, tender="Cash-CC", meter=METER.number)
        await self.tell(world)
        assert (await world.stage(), world.count(PowerPurchased)) == (Stage.UNCOLLECTED, 1)


LOSSES = st.lists(st.sampled_from(["", "unreachable", "lost-request", "lost-reply"]), max_size=10)


class WhateverIsLostAndWhoeverIsKilled:
    @settings(max_examples=400, deadline=None)
    @given(
        juice=LOSSES,
        refusal=st.sampled_from(["", "BlockedMeter"]),
        provider=LOSSES,
        kills=st.lists(st.sampled_from(["", "before", "after"]), max_size=12),
    )
    async def test_power_is_issued_once_and_charged_once_or_not_at_all(self, juice, refusal, provider, kills):
        world = await World(juice=(*juice, refusal), provider=tuple(provider)).paid()
        world.log.kills.extend(kills)
        await world.until_ended(step=timedelta(minutes=2))
        issued = len(world.juice.replies)
        assert world.count(PurchaseIssued) == world.count(PowerPurchased) == issued <= 1
        assert world.cards.charged == issued * 5000
        assert await world.stage() is (Stage.CAPTURED if issued else Stage.RELEASED)
        assert world.cards.state(world.payment) == ("captured" if issued else "released")
        assert world.count(PurchaseDoubted) <= 1
