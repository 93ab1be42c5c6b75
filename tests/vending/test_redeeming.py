"""Driving a redemption to its one end, whatever is lost on the way."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.redemption import Stage
from domain.redemption_events import (
    RedemptionDoubted,
    RedemptionFlagged,
    RedemptionFoundMade,
    RedemptionProvenAbsent,
    RedemptionSent,
    RedemptionSentAgain,
    RedemptionSettled,
)
from domain.wallet import CardRedeemed
from tests.domain.memory_log import MemoryLog
from tests.domain.portal import make_portal
from tests.domain.scenario import context
from tests.domain.test_portal import METER, TOLD
from tests.vending.fake_juice import FakeJuice
from vending.redeeming import Redeeming
from vending.sending import ARRIVES_WITHIN, DOUBT_LASTS, LONGEST_WAIT, Again, Ended, backoff

VENDOR = context(by="system:vendor")


class World:
    """A Portal with one account and one reserved card, a Juice, and the process manager between them."""

    def __init__(self, *faults: str) -> None:
        self.log = MemoryLog()
        self.portal = make_portal(self.log)
        self.juice = FakeJuice()
        self.juice.faults.extend(faults)
        self.redeeming = Redeeming(self.portal, self.juice)

    async def reserve(self) -> "World":
        await self.portal.learn_account(context(by="juice"), TOLD, currency="ZAR")
        await self.portal.learn_meter(context(by="juice"), METER)
        found = await self.portal.find("1001")
        self.reserved = await self.portal.reserve_redemption(
            context(),
            serial="S1",
            code="ABCDEF123456",
            amount=5000,
            currency="ZAR",
            account_id=found.account_id,
            meter_id=None,
        )
        return self

    async def advance(self, at=VENDOR.at):
        return await self.redeeming.advance(self.reserved.redemption_id, context(at, by="system:vendor"), attempts=1)

    async def until_ended(self) -> None:
        for _ in range(100):
            if isinstance(await self.advance(), Ended):
                return
        pytest.fail("the redemption has no end")

    async def stage(self) -> Stage:
        return (await self.portal.redemption(self.reserved.redemption_id)).stage

    def count(self, event_class) -> int:
        return sum(isinstance(event, event_class) for event in self.log.all)


class ARedemption:
    async def test_is_redeemed_and_credited_at_once_where_juice_answers(self):
        world = await World().reserve()
        assert isinstance(await world.advance(), Ended)
        assert await world.stage() is Stage.REDEEMED
        assert (world.count(CardRedeemed), world.log.secrets) == (1, {})

    async def test_is_written_down_as_sent_before_juice_is_asked(self):
        world = await World("unreachable").reserve()
        await world.advance()
        assert world.count(RedemptionSent) == 1

    async def test_whose_reply_was_lost_is_asked_after_and_never_sent_again(self):
        world = await World("lost-reply").reserve()
        assert isinstance(await world.advance(), Again)
        assert await world.stage() is Stage.IN_DOUBT
        assert isinstance(await world.advance(), Ended)
        assert await world.stage() is Stage.REDEEMED
        assert world.juice.asked == ["redeem", "advise"]

    async def test_that_never_arrived_is_sent_again_under_the_same_message_id(self):
        world = await World("lost-request").reserve()
        await world.until_ended()
        assert await world.stage() is Stage.REDEEMED
        assert list(world.juice.replies) == [str(world.reserved.message_id)]

    async def test_that_juice_refuses_is_proven_absent(self):
        world = await World("BlockedMeter").reserve()
        assert isinstance(await world.advance(), Ended)
        assert (await world.stage(), world.count(RedemptionProvenAbsent)) == (Stage.PROVEN_ABSENT, 1)
        assert world.log.secrets == {}

    async def test_refused_only_when_sent_again_stays_in_doubt_while_the_first_copy_may_arrive(self):
        world = await World("lost-request", "", "VendorCredit").reserve()
        await world.advance()
        assert isinstance(await world.advance(), Again)
        assert await world.stage() is Stage.IN_DOUBT
        # The first copy arrives late, after Juice refused the second.
        await world.juice.redeem(world.reserved.message_id, serial="S1", code="ABCDEF123456", meter=METER.number)
        assert isinstance(await world.advance(), Ended)
        assert await world.stage() is Stage.REDEEMED

    async def test_refused_when_no_copy_can_arrive_any_more_is_proven_absent(self):
        world = await World("lost-request", "", "VendorCredit", "", "VendorCredit").reserve()
        await world.advance()
        assert isinstance(await world.advance(), Again)
        assert isinstance(await world.advance(VENDOR.at + ARRIVES_WITHIN), Ended)
        assert await world.stage() is Stage.PROVEN_ABSENT

    async def test_that_was_made_after_all_is_corrected_and_credited_once(self):
        world = await World("lost-request", "", "VendorCredit", "", "VendorCredit").reserve()
        await world.advance()
        await world.advance()
        await world.advance(VENDOR.at + ARRIVES_WITHIN)
        assert await world.stage() is Stage.PROVEN_ABSENT
        await world.juice.redeem(world.reserved.message_id, serial="S1", code="ABCDEF123456", meter=METER.number)
        for _ in range(2):
            assert isinstance(await world.redeeming.look_again(world.reserved.redemption_id, VENDOR), Ended)
        assert await world.stage() is Stage.REDEEMED
        assert (world.count(RedemptionFoundMade), world.count(CardRedeemed)) == (1, 1)

    async def test_that_was_not_made_stays_proven_absent_however_often_juice_is_asked(self):
        world = await World("UnknownCard").reserve()
        await world.until_ended()
        await world.redeeming.look_again(world.reserved.redemption_id, VENDOR)
        assert await world.stage() is Stage.PROVEN_ABSENT

    async def test_refused_when_the_last_copy_may_still_arrive_stays_in_doubt(self):
        world = await World("lost-request", "", "lost-request", "", "VendorCredit").reserve()
        await world.advance()
        await world.advance(VENDOR.at + ARRIVES_WITHIN - timedelta(seconds=6))
        assert isinstance(await world.advance(VENDOR.at + ARRIVES_WITHIN), Again)
        assert await world.stage() is Stage.IN_DOUBT
        assert world.count(RedemptionSentAgain) == 2

    async def test_is_sent_again_for_the_same_meter_though_it_was_removed_meanwhile(self):
        world = await World("lost-request").reserve()
        await world.advance()
        await world.portal.learn_meter(context(by="juice"), msgspec.structs.replace(METER, removed=True))
        world.juice.targets.clear()
        await world.advance()
        assert world.juice.targets == [(None, METER.number)]

    async def test_is_not_sent_for_a_meter_that_became_anothers_and_frees_the_card(self):
        world = await World().reserve()
        other = msgspec.structs.replace(TOLD, number="1002", email="o@example.org", phone=None)
        await world.portal.learn_account(context(by="juice"), other, currency="ZAR")
        await world.portal.learn_meter(context(by="juice"), msgspec.structs.replace(METER, account_number="1002"))
        assert isinstance(await world.advance(), Ended)
        (absent,) = [event for event in world.log.all if isinstance(event, RedemptionProvenAbsent)]
        assert (world.juice.asked, absent.rule, world.log.secrets) == ([], "MeterNotOfAccount", {})

    @pytest.mark.parametrize("said", [{"account": "1002"}, {"meter": "0702"}, {"currency": "UGX"}, {"tokens": ()}])
    async def test_whose_reply_is_to_another_request_credits_nothing_and_is_shown_to_staff(self, said):
        world = await World("lost-reply").reserve()
        await world.advance()
        key = str(world.reserved.message_id)
        world.juice.replies[key] = msgspec.structs.replace(world.juice.replies[key], **said)
        await world.advance()
        await world.advance(VENDOR.at + DOUBT_LASTS)
        assert (await world.stage(), world.count(CardRedeemed)) == (Stage.IN_DOUBT, 0)
        assert world.count(RedemptionFlagged) == 1

    async def test_of_a_card_that_another_message_used_is_proven_absent(self):
        world = await World().reserve()
        world.juice.used["S1"] = "somebody else's"
        await world.until_ended()
        assert await world.stage() is Stage.PROVEN_ABSENT

    async def test_stays_in_doubt_as_long_as_juice_is_silent(self):
        world = await World("lost-reply", *["lost-reply"] * 50).reserve()
        for _ in range(50):
            assert isinstance(await world.advance(), Again)
        assert await world.stage() is Stage.IN_DOUBT
        assert world.count(RedemptionDoubted) == 1
        await world.until_ended()
        assert await world.stage() is Stage.REDEEMED

    async def test_whose_doubt_lasts_is_shown_to_staff_once(self):
        world = await World("lost-reply", *["lost-reply"] * 3).reserve()
        for wait in (timedelta(0), DOUBT_LASTS - timedelta(seconds=1), DOUBT_LASTS, 2 * DOUBT_LASTS):
            assert world.count(RedemptionFlagged) == 0 or wait == 2 * DOUBT_LASTS
            await world.advance(VENDOR.at + wait)
        assert (world.count(RedemptionFlagged), await world.stage()) == (1, Stage.IN_DOUBT)

    async def test_that_was_killed_after_it_was_sent_is_asked_after(self):
        world = await World().reserve()
        await world.portal.send_redemption(
            VENDOR, redemption_id=world.reserved.redemption_id, message_id=world.reserved.message_id
        )
        assert isinstance(await world.advance(), Ended)
        assert world.juice.asked == ["advise", "redeem"]

    async def test_that_has_ended_is_left_alone(self):
        world = await World().reserve()
        await world.until_ended()
        world.juice.asked.clear()
        assert isinstance(await world.advance(), Ended)
        assert world.juice.asked == []


class WhateverIsLost:
    @settings(max_examples=200, deadline=None)
    @given(st.lists(st.sampled_from(["", "unreachable", "lost-request", "lost-reply"]), max_size=12))
    async def test_the_card_credits_exactly_once(self, faults):
        world = await World(*faults).reserve()
        await world.until_ended()
        assert (world.count(RedemptionSettled), world.count(CardRedeemed), len(world.juice.used)) == (1, 1, 1)


class Waiting:
    def test_doubles_and_has_a_longest(self):
        assert backoff(1) == timedelta(seconds=1)
        assert backoff(2) == 2 * backoff(1)
        assert backoff(10_000) == LONGEST_WAIT
