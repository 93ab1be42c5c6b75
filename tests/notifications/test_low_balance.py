"""A low balance is told once, to whom it should be told, when they want it, whatever is killed, repeated or rebuilt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import psycopg
import pytest

from domain.account import Account
from domain.clock import Clock, Quiet
from domain.clock_events import LowBalanceNoticed
from projections.rebuild import Rebuild
from projections.registry import all_projections
from tests.domain.scenario import context
from tests.notifications.households import JUICE, Household
from tests.notifications.post import SITE, Post
from tests.utility import OpenUtility
from tests.web.scene import DESCRIPTION

ZONE = DESCRIPTION.zone  # two hours ahead of UTC
EVENING = datetime(2026, 3, 2, 20, 30, tzinfo=UTC)
MORNING = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)  # seven o'clock there


@pytest.fixture
async def post(utility: OpenUtility) -> AsyncIterator[Post]:
    await utility.portal.describe_utility(JUICE, DESCRIPTION)
    yield Post(utility)


@pytest.fixture
async def home(post: Post) -> Household:
    """Two days are left at noon."""
    return await Household.settled(post.utility, "1001", days_left=2)


async def noticed(home: Household) -> list[LowBalanceNoticed]:
    events = await home.utility.log.load(home.account_id)
    return [event for event in events if isinstance(event, LowBalanceNoticed)]


class ALowBalance:
    async def test_is_told_by_email_and_sms_with_the_days_the_meter_and_both_links(self, post: Post, home: Household) -> None:
        email, sms = await post.round()
        assert (email.to, sms.to) == ("holder1001@example.org", "+27820001001")
        for told in (email, sms):
            assert "bout 2 days left" in told.text and "071001" in told.text
            assert f"{SITE}/buy" in told.text and f"{SITE}/edit" in told.text
        assert email.subject == "About 2 days left on your meter at Test Power"

    async def test_is_told_once_however_often_it_is_looked_for(self, post: Post, home: Household) -> None:
        assert len(await post.round()) == 2
        for _ in range(3):
            post.later(minutes=1)
            assert await post.round() == []
        assert len(await noticed(home)) == 1

    async def test_is_told_once_where_two_look_at_the_same_time(self, post: Post, home: Household) -> None:
        await post.utility.project()
        await asyncio.gather(*(post.low_balances.step() for _ in range(8)))
        assert len(await noticed(home)) == 1

    async def test_is_told_where_whoever_recorded_it_was_killed_at_once(self, post: Post, home: Household) -> None:
        await post.look()
        another = Post(post.utility)
        assert len(await another.round()) == 2

    async def test_is_not_told_twice_where_the_follower_reads_the_log_again(self, post: Post, home: Household) -> None:
        await post.round()
        with psycopg.connect(post.utility.dsn, autocommit=True) as connection:
            connection.execute("UPDATE u_test.tracking SET position = 0 WHERE name = 'notifier'")
        post.later(minutes=5)
        assert await post.round() == [] and len(post.rows()) == 2

    async def test_is_told_again_at_each_threshold_until_something_is_bought(self, post: Post, home: Household) -> None:
        days = []
        for _ in range(3):
            days.append([told.text.partition("(")[0] for told in (await post.round())[1:]])
            post.later(days=1)
            await home.uses([1_000])
        # As things went, less than nothing was left on the last day: nothing is told after the end.
        assert [len(each) for each in days] == [1, 1, 1]
        assert "about 2 days left" in days[0][0] and "about 1 day left" in days[1][0] and "less than a day left" in days[2][0]
        await home.buys(20_000)
        assert await post.round() == []

    async def test_of_each_account_is_told_though_one_cannot_be(
        self, post: Post, home: Household, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = await Household.settled(post.utility, "1002", days_left=2)
        notice = post.utility.portal.notice_low_balance

        async def failing(context: object, *, account_id: UUID, **rest: object) -> int:
            if account_id == home.account_id:
                raise ValueError
            return await notice(context, account_id=account_id, **rest)  # type: ignore[arg-type]

        monkeypatch.setattr(post.utility.portal, "notice_low_balance", failing)
        with pytest.raises(ValueError):
            await post.look()
        assert (len(await noticed(home)), len(await noticed(other))) == (0, 1)

    async def test_is_not_told_from_read_models_that_are_behind(self, post: Post, home: Household) -> None:
        await post.utility.project()
        await home.buys(40_000)  # in the log, and not yet in what is looked at
        assert await post.low_balances.step() == 0
        assert await noticed(home) == []

    async def test_is_told_by_the_calendar_of_the_utility(self, post: Post, home: Household) -> None:
        await home.sets(Clock(pace="less", quiet=None))
        post.now = datetime(2026, 3, 2, 21, 59, tzinfo=UTC)  # 23:59 there
        assert await post.round() == []
        post.later(minutes=1)
        assert ["about 1 day left" in told.text.lower() for told in await post.round()] == [True, True]


class QuietHours:
    async def test_are_waited_for(self, post: Post, home: Household) -> None:
        post.now = EVENING  # half past ten there
        assert await post.round() == []
        assert {row["next_at"] for row in post.rows()} == {MORNING}
        post.now = MORNING - timedelta(seconds=1)
        assert await post.send() == []
        post.now = MORNING
        assert len(await post.send()) == 2

    async def test_that_are_given_up_let_go_what_waits(self, post: Post, home: Household) -> None:
        post.now = EVENING
        await post.round()
        await home.sets(Clock(quiet=None))
        assert len(await post.round()) == 2

    async def test_set_while_a_notice_waits_are_kept_too(self, post: Post, home: Household) -> None:
        post.now = EVENING
        await post.round()
        await home.sets(Clock(quiet=Quiet(begins=time(20), ends=time(9, 30))))
        post.now = MORNING
        assert await post.send() == []
        assert {row["next_at"] for row in post.rows()} == {MORNING + timedelta(hours=2, minutes=30)}
        post.now = MORNING + timedelta(hours=2, minutes=30)
        assert len(await post.send()) == 2

    async def test_hold_back_a_message_that_was_tried_late(self, post: Post, home: Household) -> None:
        await post.look()
        await post.follow()
        post.now = EVENING
        await post.utility.project()
        assert await post.send() == []
        assert {(row["state"], row["next_at"]) for row in post.rows()} == {("pending", MORNING)}

    async def test_do_not_hold_back_a_password_or_a_link(self, post: Post, home: Household) -> None:
        post.now = EVENING
        await ask_for_password(post, home)
        await post.follow()
        assert len(await post.send()) == 4

    async def test_give_up_no_message_by_coming_often(self, post: Post, home: Household) -> None:
        post.now = EVENING
        await post.round()
        with psycopg.connect(post.utility.dsn, autocommit=True) as connection:
            connection.execute("UPDATE u_test.deliveries SET attempts = 40, next_at = %s", [EVENING])
        await post.send()
        assert {row["state"] for row in post.rows()} == {"pending"}


class ANoticeThatWaits:
    @pytest.fixture(autouse=True)
    async def waiting(self, post: Post, home: Household) -> None:
        post.now = EVENING
        await post.round()
        assert len(post.rows()) == 2
        post.now = MORNING

    async def sent(self, post: Post) -> list[str]:
        await post.utility.project()
        return [told.channel for told in await post.send()]

    async def test_is_not_sent_where_power_was_bought_meanwhile(self, post: Post, home: Household) -> None:
        await home.buys(40_000)
        assert await self.sent(post) == []
        assert {row["last_error"] for row in post.rows()} == {"there is more again"}

    async def test_is_not_sent_where_fewer_are_wanted_by_now(self, post: Post, home: Household) -> None:
        await home.sets(Clock(pace="least"))
        assert await self.sent(post) == []

    async def test_is_not_sent_to_a_contact_that_was_muted(self, post: Post, home: Household) -> None:
        sms = (await home.account()).registered("sms")[0].contact_id
        await home.sets(Clock(muted=(sms,)))
        assert await self.sent(post) == ["email"]

    async def test_is_not_sent_where_a_later_one_tells_it(self, post: Post, home: Household) -> None:
        await home.uses([1_000])
        told = await post.round()
        assert [each.text.count("1 day left") > 0 for each in told] == [True, True]
        assert sorted(row["state"] for row in post.rows()) == ["expired", "expired", "sent", "sent"]

    async def test_is_not_sent_where_the_meter_is_gone(self, post: Post, home: Household) -> None:
        await home.loses_meter()
        assert await self.sent(post) == []

    async def test_is_not_sent_after_the_end(self, post: Post, home: Household) -> None:
        post.later(days=3)
        assert await self.sent(post) == []
        assert {row["last_error"] for row in post.rows()} == {"it expired before it could be sent"}


class AContact:
    async def test_that_is_secondary_is_told_once_it_is_confirmed(self, post: Post, home: Household) -> None:
        await ask_for_password(post, home)
        account = await home.account()
        new = next(contact for contact in account.contacts.values() if contact.value == "new@example.org")
        await post.utility.portal.confirm_contact(context(at=post.now), account_id=account.id, contact_id=new.contact_id)
        await post.follow()
        await post.send()
        assert sorted(told.to for told in await post.round()) == ["+27820001001", "holder1001@example.org", "new@example.org"]

    async def test_that_is_not_confirmed_gets_its_password_with_the_confirmation_and_nothing_else(
        self, post: Post, home: Household
    ) -> None:
        await ask_for_password(post, home)
        await everything(post, home)
        mine = [told for told in (*post.email.messages, *post.sms.messages) if told.to in ("new@example.org", "+27821234567")]
        assert len(mine) == 2 and all(f"{SITE}/confirm/" in told.text for told in mine)

    async def test_that_is_muted_still_gets_what_keeps_the_account_safe(self, post: Post, home: Household) -> None:
        account = await home.account()
        await home.sets(Clock(muted=tuple(account.contacts)))
        assert await post.round() == []
        await ask_for_password(post, home)
        assert len(await post.round()) == 4


class ARebuild:
    async def test_of_any_read_model_tells_nobody_anything(self, post: Post, home: Household) -> None:
        await ask_for_password(post, home)
        await everything(post, home)
        before = len(post.email.messages), len(post.sms.messages), len(post.rows()), len(await noticed(home))
        assert before[3] == 1
        for projection in all_projections(post.utility.secrets.mac):
            await Rebuild(post.utility.dsn, post.utility.log, projection, lambda position, count: None).run()
        post.later(minutes=10)
        await everything(post, home)
        assert (len(post.email.messages), len(post.sms.messages), len(post.rows()), len(await noticed(home))) == before


async def ask_for_password(post: Post, home: Household) -> Account:
    account = await home.account()
    await post.utility.portal.confirm_identity(
        context(at=post.now), account_id=account.id, email="new@example.org", phone="+27821234567", address=account.address
    )
    return account


async def everything(post: Post, home: Household) -> None:
    """Rounds until nothing more happens."""
    while await post.round():
        pass
