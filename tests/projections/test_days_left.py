"""Whom something is to be told of a low balance, and when: found by one query, from what is known of each account."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import psycopg
import pytest

from domain.clock import Clock
from domain.low_balance import ONE_DAY
from projections.days_left import DaysLeftProjection
from tests.domain.scenario import NOON, context, nothing_begun
from tests.eventlog.pin import events
from tests.notifications.households import PRICE, Household
from tests.utility import OpenUtility

TODAY = NOON.date()


@pytest.fixture
async def home(utility: OpenUtility) -> Household:
    """Ends in five days, as things are at noon."""
    return await Household.settled(utility, "1001", days_left=5)


async def due(home: Household, today: date) -> list[UUID]:
    await home.utility.project()
    return [row.account_id for row in await home.utility.views.days_left.due(today, after=None, limit=99) if row.due(today)]


class AnAccount:
    async def test_is_due_from_the_first_threshold_to_the_end(self, home: Household) -> None:
        await home.sets(Clock(pace="less"))
        await home.uses([1_000] * 3)
        # Two left after three days of one each: the day before the end, and the day itself.
        assert [n for n in range(-3, 12) if await due(home, TODAY + n * ONE_DAY)] == [4, 5]

    async def test_is_not_due_where_its_usage_is_not_told_any_more(self, home: Household) -> None:
        # Five days left, as of yesterday; by the time they end nobody knows of the last four.
        assert [n for n in range(-3, 12) if await due(home, TODAY + n * ONE_DAY)] == []

    async def test_is_due_earlier_where_its_customer_wants_to_be_told_often(self, home: Household) -> None:
        await home.sets(Clock(pace="often"))
        assert await due(home, TODAY) == [home.account_id]

    async def test_is_due_no_more_once_it_was_told_until_the_next_threshold(self, home: Household) -> None:
        await home.uses([3_000])
        tomorrow = TODAY + ONE_DAY
        assert await due(home, tomorrow) == [home.account_id]
        await home.is_told(tomorrow)
        assert await due(home, tomorrow) == []
        assert await due(home, tomorrow + ONE_DAY) == [home.account_id]

    async def test_is_due_anew_after_a_purchase(self, home: Household) -> None:
        await home.uses([4_000])
        await home.is_told(TODAY + ONE_DAY)
        await home.buys(1_500)
        assert await due(home, TODAY + ONE_DAY) == []
        assert await due(home, TODAY + 2 * ONE_DAY) == [home.account_id]

    async def test_is_not_due_where_it_was_bought_for(self, home: Household) -> None:
        await home.uses([4_000])
        await home.buys(40_000)
        assert await due(home, TODAY + ONE_DAY) == []

    async def test_of_whom_nothing_is_known_is_not_due(self, utility: OpenUtility) -> None:
        home = await Household.moved_in(utility, "1002")
        assert await due(home, TODAY) == []
        row = await utility.views.days_left.of(home.account_id)
        assert row is not None and (row.due_on, row.left) == (None, [])

    async def test_whose_meter_was_removed_is_not_due(self, home: Household) -> None:
        await home.uses([4_000])
        await home.loses_meter()
        assert await due(home, TODAY + ONE_DAY) == []

    async def test_that_is_parked_is_left_out_since_nobody_knows_what_it_lacks(self, home: Household) -> None:
        await home.uses([4_000])
        assert await due(home, TODAY + ONE_DAY)
        wallet_id = (await home.account()).wallet_id
        with psycopg.connect(home.utility.dsn, autocommit=True) as connection:
            parked = "INSERT INTO u_test.parked (follower, originator_id, position, reason) VALUES ('days_left', %s, 1, 'x')"
            connection.execute(parked, [wallet_id])
        assert await due(home, TODAY + ONE_DAY) == []

    async def test_that_is_forgotten_has_no_row(self, home: Household) -> None:
        await home.uses([4_000])
        await home.utility.portal.forget_person(context(), account_id=home.account_id, begun=nothing_begun)
        assert await due(home, TODAY + ONE_DAY) == []


class ManyAccounts:
    async def test_are_found_page_by_page_and_the_others_are_not_looked_at(self, utility: OpenUtility) -> None:
        homes = [await Household.settled(utility, str(1001 + n), days_left=n) for n in range(6)]
        await utility.project()
        view, found = utility.views.days_left, []
        after = None
        while rows := await view.due(TODAY, after=after, limit=2):
            found += [row.account_id for row in rows]
            assert len(rows) <= 2 and rows[-1].due_on is not None
            after = (rows[-1].due_on, rows[-1].account_id)
        assert set(found) == {home.account_id for home in homes[:3]}

    async def test_are_found_by_an_index(self, utility: OpenUtility) -> None:
        asked = (
            f"EXPLAIN SELECT * FROM u_test.days_left WHERE (due_on, account_id) > ('2026-01-01', '{UUID(int=0)}')"
            " AND due_on <= '2026-01-07' AND due_until >= '2026-01-07' ORDER BY due_on, account_id LIMIT 500"
        )
        with psycopg.connect(utility.dsn, autocommit=True) as connection:
            connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
            plan = str(connection.execute(asked).fetchall())
        assert "Index Scan using days_left_due_on_account_id_due_until_idx" in plan and "Sort" not in plan


class AWalletOfAMIMeters:
    async def test_is_what_counts_there(self, utility: OpenUtility) -> None:
        home = await smart(utility)
        row = await utility.views.days_left.of(home.account_id)
        assert row is not None and row.wallet_balance == 4 * PRICE
        (known,) = row.left
        assert (known.on(TODAY), row.due_on) == (4, TODAY + 2 * ONE_DAY)

    async def test_is_what_juice_says_it_is(self, utility: OpenUtility) -> None:
        home = await smart(utility)
        told = {"account_number": home.number, "juice_balance": 20 * PRICE, "through": home.latest, "as_of": NOON}
        await utility.portal.compare_balance(context(by="juice"), **told)
        await utility.project()
        row = await utility.views.days_left.of(home.account_id)
        assert row is not None and row.left[0].on(TODAY) == 20


async def smart(utility: OpenUtility) -> Household:
    """One with an AMI meter and money for four days."""
    home = await Household.moved_in(utility, "1003", kind="AMI")
    home.day = TODAY - timedelta(days=21)
    await home.pays_in(24 * PRICE)
    await home.uses([1_000] * 20)
    await home.is_charged(20_000)
    await utility.project()
    return home


class APurchase:
    def test_counts_whatever_event_it_came_by(self) -> None:
        moved = {event for event in events().values() if event.__module__ == "domain.wallet" and hasattr(event, "receipt")}
        assert moved and moved <= DaysLeftProjection.handlers.keys()
