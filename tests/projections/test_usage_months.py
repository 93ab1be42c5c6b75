"""Months of usage: each meter's, as far as its days were told."""

from datetime import date, timedelta

import pytest

from domain.commands.feeds import MeterTold
from domain.usage import Reading
from tests.domain.scenario import context, nothing_begun
from tests.projections.lives import JUICE, live

LONG_AGO = date(2020, 1, 1)


@pytest.fixture
async def account_id(utility):
    await live(utility.portal, "1001")
    await live(utility.portal, "1002")
    await utility.project()
    return (await utility.portal.find("1001")).account_id


async def used(utility, number, *readings):
    await utility.portal.learn_usage(JUICE, meter_number=number, readings=list(readings))
    await utility.project()


class AMonth:
    async def test_is_the_sum_of_its_days(self, utility, account_id):
        months = await utility.views.usage_months.of(account_id, since=LONG_AGO)
        assert [(each.month, len(each.days)) for each in months] == [
            (date(2026, 1, 1), 31),
            (date(2026, 2, 1), 28),
            (date(2026, 3, 1), 31),
            (date(2026, 4, 1), 10),
        ]
        assert (months[0].days[1], months[0].days[31], months[0].unit) == (5000, 5030, "kWh")
        assert all(each.milliunits == sum(each.days.values()) and each.account_id == account_id for each in months)

    async def test_is_given_from_a_month_on(self, utility, account_id):
        months = await utility.views.usage_months.of(account_id, since=date(2026, 3, 20))
        assert [each.month.month for each in months] == [3, 4]

    async def test_takes_a_day_that_is_told_again_in_place_of_what_was_known(self, utility, account_id):
        (before, *_) = await utility.views.usage_months.of(account_id, since=LONG_AGO)
        await used(utility, "071001", Reading(date(2026, 1, 1), 9000), Reading(date(2025, 12, 31), 1))
        december, january, *_ = await utility.views.usage_months.of(account_id, since=LONG_AGO)
        assert (january.milliunits, january.days[1]) == (before.milliunits + 4000, 9000)
        assert (december.month, december.days) == (date(2025, 12, 1), {31: 1})

    async def test_of_a_meter_that_moved_stays_with_the_account_that_used_it(self, utility, account_id):
        meter = MeterTold(account_number="1002", number="071001", kind="STS", resource="electricity", unit="kWh", removed=False)
        before = await utility.views.usage_months.of(account_id, since=LONG_AGO)
        await utility.portal.learn_meter(JUICE, meter)
        await used(utility, "071001", *(Reading(date(2026, 4, 11) + timedelta(days=n), 7000) for n in range(3)))
        assert await utility.views.usage_months.of(account_id, since=LONG_AGO) == before
        other = (await utility.portal.find("1002")).account_id
        moved = [m for m in await utility.views.usage_months.of(other, since=LONG_AGO) if m.meter_id == before[0].meter_id]
        assert [(each.month.month, each.days) for each in moved] == [(4, {11: 7000, 12: 7000, 13: 7000})]


class Forgetting:
    async def test_leaves_no_usage_of_the_person(self, utility, account_id):
        await utility.portal.forget_person(context(by="staff:ann"), account_id=account_id, begun=nothing_begun)
        await utility.project()
        assert await utility.views.usage_months.of(account_id, since=LONG_AGO) == []
        other = (await utility.portal.find("1002")).account_id
        assert len(await utility.views.usage_months.of(other, since=LONG_AGO)) == 4
