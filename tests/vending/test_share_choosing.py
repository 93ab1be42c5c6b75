"""Driving a chosen arrears share to its one end, whatever is lost on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.arrears_share import ShareStage
from domain.arrears_share_events import ShareDoubted, ShareFlagged, ShareSent
from tests.domain.memory_log import MemoryLog
from tests.domain.portal import make_portal
from tests.domain.scenario import context
from tests.domain.test_portal import TOLD
from tests.vending.fake_juice import FakeJuice
from vending.lost_vends import PROVEN_AFTER
from vending.sending import ARRIVES_WITHIN, DOUBT_LASTS, Again, Ended
from vending.share_choosing import ShareChoosing

NOW = context(by="system:vendor").at


class World:
    """A Portal with one account and one choice, a Juice, and the process manager between them."""

    def __init__(self, *faults: str) -> None:
        self.log = MemoryLog()
        self.portal = make_portal(self.log)
        self.juice = FakeJuice()
        self.juice.faults.extend(faults)
        self.choosing = ShareChoosing(self.portal, self.juice)  # type: ignore[arg-type]

    async def choose(self) -> World:
        await self.portal.learn_account(context(by="juice"), TOLD, currency="ZAR")
        account_id = (await self.portal.find("1001")).account_id
        limits = {"share": 40, "present": 20, "least": 20, "most": 60}
        await self.portal.choose_share(context(), account_id=account_id, debt_id="D1", description="Meter", **limits)
        self.share_id = self.portal.share_id(account_id, "D1")
        return self

    async def advance(self, at=NOW):
        return await self.choosing.advance(self.share_id, context(at, by="system:vendor"), attempts=1)

    async def stage(self) -> ShareStage:
        return (await self.portal.arrears_share(self.share_id)).stage

    def count(self, event_class) -> int:
        return sum(isinstance(event, event_class) for event in self.log.all)


class AChosenShare:
    async def test_is_confirmed_at_once_where_juice_answers(self):
        world = await World().choose()
        assert isinstance(await world.advance(), Ended)
        assert await world.stage() is ShareStage.CONFIRMED and world.juice.targets == [("1001", None)]

    async def test_is_written_down_as_sent_before_juice_is_asked(self):
        world = await World("unreachable").choose()
        assert isinstance(await world.advance(), Again) and world.count(ShareSent) == 1

    async def test_whose_reply_was_lost_is_asked_after_and_never_sent_again(self):
        world = await World("lost-reply").choose()
        assert isinstance(await world.advance(), Again)
        assert await world.stage() is ShareStage.IN_DOUBT
        assert isinstance(await world.advance(), Ended)
        assert await world.stage() is ShareStage.CONFIRMED and world.juice.asked == ["take-share", "advise"]

    async def test_that_never_arrived_is_sent_again_under_the_same_message_id(self):
        world = await World("lost-request").choose()
        await world.advance()
        assert isinstance(await world.advance(), Ended)
        assert world.juice.asked == ["take-share", "advise", "take-share"] and len(world.juice.shares) == 1

    async def test_that_juice_refuses_is_refused(self):
        world = await World("ShareOutOfLimits").choose()
        assert isinstance(await world.advance(), Ended)
        assert await world.stage() is ShareStage.REFUSED

    async def test_is_not_taken_to_be_refused_while_an_earlier_copy_may_arrive(self):
        world = await World("lost-request", "", "ShareOutOfLimits").choose()
        await world.advance()
        assert isinstance(await world.advance(), Again)
        assert await world.stage() is ShareStage.IN_DOUBT
        for early in (timedelta(0), ARRIVES_WITHIN):  # our clocks may differ
            world.juice.faults.extend(["", "ShareOutOfLimits"])
            assert isinstance(await world.advance(NOW + early), Again)
        world.juice.faults.extend(["", "ShareOutOfLimits"])
        assert isinstance(await world.advance(NOW + ARRIVES_WITHIN + PROVEN_AFTER), Ended)
        assert await world.stage() is ShareStage.REFUSED

    async def test_is_not_refused_with_one_copy_where_another_vendor_has_sent_one_since(self):
        world = await World().choose()
        world.juice.faults.extend(["ShareOutOfLimits"])
        take = world.juice.take_share

        async def overtaken(message_id, **asked):
            at = context(NOW + timedelta(minutes=4))
            await world.portal.send_share_again(at, share_id=world.share_id, message_id=message_id)
            return await take(message_id, **asked)

        world.juice.take_share = overtaken
        assert isinstance(await world.advance(), Again)
        assert await world.stage() is ShareStage.SENT

    async def test_that_is_refused_each_time_ends_though_each_time_a_copy_is_sent(self):
        world = await World("lost-request").choose()
        await world.advance()
        at, moments = NOW + timedelta(seconds=42), []
        while await world.stage() is not ShareStage.REFUSED and len(moments) < 5:
            world.juice.faults.extend(["", "UnknownDebt"])
            moments.append(at)
            told = await world.advance(at)
            at += told.after if isinstance(told, Again) else timedelta(0)
        assert moments == [NOW + timedelta(seconds=42), NOW + timedelta(seconds=42) + PROVEN_AFTER]

    async def test_whose_doubt_lasts_is_flagged_once(self):
        world = await World("lost-reply", *["lost-reply"] * 3).choose()
        await world.advance()
        for _ in range(2):
            await world.advance(NOW + DOUBT_LASTS)
        assert (world.count(ShareDoubted), world.count(ShareFlagged)) == (1, 1)

    @settings(max_examples=60)
    @given(st.lists(st.sampled_from(["unreachable", "lost-request", "lost-reply"]), max_size=12))
    async def test_is_taken_once_whatever_is_lost(self, faults):
        world = await World(*faults).choose()
        for _ in range(100):
            if isinstance(await world.advance(), Ended):
                break
        else:
            pytest.fail("the choice has no end")
        assert await world.stage() is ShareStage.CONFIRMED and len(world.juice.shares) == 1
