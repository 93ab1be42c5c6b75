"""Notices of a low balance: told once each, and told anew after a purchase."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from domain.account import Account
from domain.clock import UNDER, Clock
from domain.clock_events import LowBalanceNoticed
from domain.low_balance import ONE_DAY, TRUSTED_FOR, Forecast, Told, due, due_on
from domain.meter import Meter
from tests.domain.scenario import Scenario, context
from tests.domain.test_account import opened

METER = Meter(meter_id=UUID(int=41), number="0701", kind="STS", resource="electricity", unit="kWh")
OTHER = msgspec.structs.replace(METER, meter_id=UUID(int=42), number="0702")
TODAY = date(2026, 3, 2)
BOUGHT = datetime(2026, 2, 20, 9, tzinfo=UTC)


def left(days_left: int, *, today: date = TODAY, topped_up_at: datetime | None = BOUGHT) -> Forecast:
    """A forecast as it stands once yesterday's usage has come."""
    return Forecast(ends_on=today + timedelta(days=days_left), known_until=today - ONE_DAY, topped_up_at=topped_up_at)


def noticed(days_left: int, *, today: date = TODAY, meter: Meter = METER, **facts):
    forecast = facts.get("forecast") or left(days_left, today=today, **facts)
    return lambda a: a.notice_low_balance(context(by="system:notifier"), meter_id=meter.meter_id, forecast=forecast, today=today)


def installed(account: Account) -> None:
    opened(account)
    account.install_meter(context(by="juice"), METER)
    account.install_meter(context(by="juice"), OTHER)


class ALowBalance:
    def test_is_told_under_three_days_on_the_day_before_and_on_the_day(self):
        scenario = Scenario(Account).given(installed)
        for age in range(10):
            scenario.when(noticed(9 - age, today=TODAY + age * ONE_DAY))
        scenario.then(
            (LowBalanceNoticed, {"under": 3, "days_left": 2, "day": TODAY + 7 * ONE_DAY, "meter_id": METER.meter_id}),
            (LowBalanceNoticed, {"under": 2, "days_left": 1, "day": TODAY + 8 * ONE_DAY}),
            (LowBalanceNoticed, {"under": 1, "days_left": 0, "day": TODAY + 9 * ONE_DAY, "topped_up_at": BOUGHT}),
        )

    def test_is_told_once_however_often_it_is_looked_for(self):
        Scenario(Account).given(installed, noticed(2)).when(noticed(2)).when(noticed(2, today=TODAY + ONE_DAY)).then_nothing()

    def test_that_falls_fast_is_told_by_the_last_message_alone(self):
        Scenario(Account).given(installed).when(noticed(0)).then((LowBalanceNoticed, {"under": 1}))

    def test_that_falls_further_on_the_same_day_is_told_again(self):
        Scenario(Account).given(installed, noticed(2)).when(noticed(0)).then((LowBalanceNoticed, {"under": 1}))

    def test_is_told_as_the_customer_wants_it(self):
        often, least = Clock(pace="often"), Clock(pace="least")
        set_to = lambda clock: lambda a: a.set_clock(context(), clock, via_issue=None)  # noqa: E731
        Scenario(Account).given(installed, set_to(least)).when(noticed(2)).then_nothing().when(noticed(1)).then(LowBalanceNoticed)
        Scenario(Account).given(installed, set_to(often)).when(noticed(6)).then((LowBalanceNoticed, {"under": 7}))
        changed = Scenario(Account).given(installed, set_to(least), noticed(1), set_to(often))
        changed.when(noticed(1)).then_nothing().when(noticed(0)).then((LowBalanceNoticed, {"under": 1}))

    def test_is_told_of_each_meter(self):
        Scenario(Account).given(installed, noticed(2)).when(noticed(2, meter=OTHER)).then(
            (LowBalanceNoticed, {"meter_id": OTHER.meter_id})
        )

    def test_of_a_meter_that_is_not_the_accounts_is_not_told(self):
        removed = lambda a: a.remove_meter(context(by="juice"), METER.meter_id)  # noqa: E731
        Scenario(Account).given(installed, removed).when(noticed(2)).then_nothing()

    def test_of_a_person_who_is_forgotten_is_not_told(self):
        Scenario(Account).given(installed, lambda a: a.forget(context())).when(noticed(0)).then_nothing()

    def test_that_nobody_knows_of_any_more_is_not_told(self):
        stale = Forecast(ends_on=TODAY, known_until=TODAY - TRUSTED_FOR - ONE_DAY, topped_up_at=BOUGHT)
        over = Forecast(ends_on=TODAY - ONE_DAY, known_until=TODAY - ONE_DAY, topped_up_at=BOUGHT)
        for forecast in (stale, over):
            Scenario(Account).given(installed).when(noticed(0, forecast=forecast)).then_nothing()


class APurchase:
    LATER = BOUGHT + timedelta(days=12)

    def test_lets_it_begin_anew(self):
        again = noticed(2, today=TODAY + 9 * ONE_DAY, topped_up_at=self.LATER)
        Scenario(Account).given(installed, noticed(2), noticed(0)).when(again).then((LowBalanceNoticed, {"under": 3}))

    def test_that_is_small_brings_no_second_message_on_the_same_day(self):
        scenario = Scenario(Account).given(installed, noticed(1)).when(noticed(2, topped_up_at=self.LATER)).then_nothing()
        scenario.when(noticed(1, today=TODAY + ONE_DAY, topped_up_at=self.LATER)).then((LowBalanceNoticed, {"under": 2}))

    def test_is_not_needed_where_less_is_used_and_the_end_moves_away(self):
        again = noticed(2, today=TODAY + 20 * ONE_DAY)
        Scenario(Account).given(installed, noticed(1)).when(again).then((LowBalanceNoticed, {"under": 3}))

    def test_is_needed_where_nothing_is_left_from_day_to_day(self):
        still_none = noticed(0, today=TODAY + 20 * ONE_DAY)
        Scenario(Account).given(installed, noticed(0)).when(still_none).then_nothing()


near = st.integers(-2, 12).map(lambda days: TODAY + days * ONE_DAY)
clocks = st.sampled_from(sorted(UNDER)).map(lambda pace: Clock(pace=pace))
bought = st.none() | st.integers(0, 3).map(lambda days: BOUGHT + days * ONE_DAY)
forecasts = st.builds(Forecast, ends_on=near, known_until=near, topped_up_at=bought)
tellings = st.none() | st.builds(Told, under=st.sampled_from(UNDER["often"]), day=near, ends_on=near, topped_up_at=bought)


class TheFirstDayToTellOn:
    @given(clocks, forecasts, tellings)
    def test_is_the_first_on_which_something_is_due_and_so_is_each_one_after(self, clock, forecast, told):
        first = due_on(clock, forecast, told)
        start = told.day if told else TODAY - 20 * ONE_DAY
        for day in (start + n * ONE_DAY for n in range(40)):
            assert (due(clock, forecast, told, day) is not None) == (
                forecast.can_be_told(day) and first is not None and first <= day
            )
