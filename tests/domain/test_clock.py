"""The clock: how often, in which hours, and where somebody wants to be written to."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.account import Account
from domain.clock import UNDER, USUAL, Clock, Pace, Quiet
from domain.clock_events import ClockSet
from domain.wishes import ContactUnknown, QuietHoursEmpty
from tests.domain.scenario import NOON, Scenario, context
from tests.domain.test_account import EMAIL, ISSUE, OTHER_ISSUE, PHONE, issue, opened

RARELY = Clock(pace="least", quiet=Quiet(begins=time(20), ends=time(8)), muted=(PHONE.contact_id,))
STRANGERS = Clock(pace="least", quiet=None, muted=(EMAIL.contact_id, PHONE.contact_id))

MINUTE = timedelta(minutes=1)
ZONES = sorted(available_timezones())
NEW_YORK, LORD_HOWE, CAIRO = ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Africa/Cairo")

zones = st.sampled_from(ZONES).map(ZoneInfo)
minutes = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
quiets = st.tuples(minutes, minutes).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: Quiet(begins=pair[0], ends=pair[1]))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
paces = st.sampled_from(sorted(UNDER))
days = st.integers(-3, 40)


def clock_set(clock: Clock, via_issue: UUID | None = None):
    return lambda account: account.set_clock(context(), clock, via_issue=via_issue)


def turns(zone: ZoneInfo, year: int) -> list[datetime]:
    """The moments of a year at which the zone's clocks are put forward or back, to the minute."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    hours = [start + timedelta(hours=hour) for hour in range(366 * 24)]
    found = [
        (a, b) for a, b in zip(hours, hours[1:], strict=False) if a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()
    ]
    return [
        next(a + n * MINUTE for n in range(61) if (a + n * MINUTE).astimezone(zone).utcoffset() != a.astimezone(zone).utcoffset())
        for a, _ in found
    ]


def by_the_minute(quiet: Quiet, at: datetime, zone: ZoneInfo) -> datetime:
    """The slow way: looking at the wall every minute."""
    if not quiet.covers(at, zone):
        return at
    at = at.replace(second=0, microsecond=0) + MINUTE
    while quiet.covers(at, zone):
        at += MINUTE
    return at


class TheClock:
    def test_of_who_never_chose_is_the_usual_one(self):
        account = Scenario(Account).given(opened).aggregate
        assert account.clock == USUAL == Clock(pace="usual", quiet=Quiet(begins=time(21), ends=time(7)))

    def test_is_set(self):
        scenario = Scenario(Account).given(opened).when(clock_set(RARELY))
        assert scenario.then((ClockSet, {"clock": RARELY, "via_issue": None})).aggregate.clock == RARELY

    def test_is_recorded_once_where_it_is_set_twice(self):
        Scenario(Account).given(opened, clock_set(RARELY)).when(clock_set(RARELY)).then_nothing()

    def test_names_each_muted_contact_once(self):
        muted = (PHONE.contact_id, EMAIL.contact_id, PHONE.contact_id)
        account = Scenario(Account).given(opened, clock_set(Clock(muted=muted))).aggregate
        assert account.clock.muted == (EMAIL.contact_id, PHONE.contact_id)

    def test_mutes_no_contact_of_somebody_else(self):
        Scenario(Account).given(opened).when(clock_set(Clock(muted=(UUID(int=99),)))).then_refused(ContactUnknown)

    def test_has_no_quiet_hours_that_end_when_they_begin(self):
        same = Clock(quiet=Quiet(begins=time(7), ends=time(7)))
        Scenario(Account).given(opened).when(clock_set(same)).then_refused(QuietHoursEmpty)

    def test_comes_back_where_it_was_changed_through_an_issue_that_is_undone(self):
        given = (opened, clock_set(RARELY), issue(), clock_set(STRANGERS, ISSUE), clock_set(USUAL, ISSUE))
        account = Scenario(Account).given(*given, lambda a: a.undo_issue(context(), ISSUE)).aggregate
        assert account.clock == RARELY

    def test_stays_where_another_issue_is_undone_or_the_owner_has_set_it_since(self):
        undo = lambda a: a.undo_issue(context(), ISSUE)  # noqa: E731
        other = (opened, issue(), issue(OTHER_ISSUE, given=()), clock_set(STRANGERS, OTHER_ISSUE), undo)
        assert Scenario(Account).given(*other).aggregate.clock == STRANGERS
        since = (opened, issue(), clock_set(STRANGERS, ISSUE), clock_set(RARELY), undo)
        assert Scenario(Account).given(*since).aggregate.clock == RARELY


class Thresholds:
    def test_of_each_pace_are_a_part_of_the_next_ones(self):
        order: list[Pace] = ["least", "less", "usual", "often"]
        for fewer, more in zip(order, order[1:], strict=False):
            assert set(UNDER[fewer]) < set(UNDER[more])
            assert all(sorted(each, reverse=True) == list(each) for each in (UNDER[fewer], UNDER[more]))
        assert UNDER["usual"] == (3, 2, 1)  # Juice's: under three days, the day before, the day

    @pytest.mark.parametrize(
        ("pace", "told_at"),
        [("least", [1]), ("less", [1, 0]), ("usual", [2, 1, 0]), ("often", [6, 4, 2, 1, 0])],
    )
    def test_are_told_one_by_one_as_the_days_go(self, pace, told_at):
        told, happened = None, []
        for left in range(30, -1, -1):
            if (under := Clock(pace=pace).due(left, told)) is not None:
                told = under
                happened.append(left)
        assert happened == told_at

    @given(paces, days, st.none() | st.integers(1, 8))
    def test_that_are_passed_together_are_told_by_one_message(self, pace, left, told):
        clock = Clock(pace=pace)
        under = clock.due(left, told)
        passed = [each for each in UNDER[pace] if left < each]
        assert under == (min(passed) if passed and (told is None or told > min(passed)) else None)
        if under is not None:
            assert clock.due(left, under) is None

    @given(paces, st.none() | st.integers(1, 8))
    def test_to_come_are_known(self, pace, told):
        clock = Clock(pace=pace)
        under = clock.next_due(told)
        assert under == next((each for left in range(40, -1, -1) if (each := clock.due(left, told)) is not None), None)


class QuietHours:
    @given(zones, quiets, moments)
    def test_end_at_the_first_minute_that_the_wall_shows_as_not_quiet(self, zone, quiet, at):
        assert quiet.over(at, zone) == by_the_minute(quiet, at, zone)

    @given(st.data())
    def test_end_rightly_where_clocks_are_put_forward_or_back(self, data):
        zone = ZoneInfo(
            data.draw(st.sampled_from(["America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Africa/Casablanca"]))
        )
        turn = data.draw(st.sampled_from(TURNS[zone.key]))
        at = turn + data.draw(st.integers(-26 * 60, 4 * 60)) * MINUTE
        # Hours around the turn, so that they begin or end within what is skipped or comes twice.
        shown = turn.astimezone(zone)
        near = st.integers(-150, 150).map(lambda minute: (shown + minute * MINUTE).time().replace(second=0, microsecond=0))
        begins, ends = data.draw(st.tuples(near, near | minutes).filter(lambda pair: pair[0] != pair[1]))
        quiet = Quiet(begins=begins, ends=ends)
        assert quiet.over(at, zone) == by_the_minute(quiet, at, zone)

    @pytest.mark.parametrize(
        ("at", "over"),
        [
            (datetime(2026, 3, 7, 23, 0), datetime(2026, 3, 8, 7, 0)),  # an hour shorter: clocks were put forward
            (datetime(2026, 10, 31, 23, 0), datetime(2026, 11, 1, 7, 0)),  # an hour longer
            (datetime(2026, 6, 1, 3, 0), datetime(2026, 6, 1, 7, 0)),
            (datetime(2026, 6, 1, 7, 0), datetime(2026, 6, 1, 7, 0)),
            (datetime(2026, 6, 1, 20, 59), datetime(2026, 6, 1, 20, 59)),
            (datetime(2026, 6, 1, 21, 0), datetime(2026, 6, 2, 7, 0)),
        ],
    )
    def test_of_the_night_end_in_the_morning(self, at, over):
        got = USUAL.lets_through(at.replace(tzinfo=NEW_YORK), NEW_YORK)
        assert got == over.replace(tzinfo=NEW_YORK)

    def test_that_end_within_a_skipped_hour_end_with_the_jump(self):
        quiet = Quiet(begins=time(22), ends=time(2, 30))  # at 2:00 New York's clocks show 3:00
        over = quiet.over(datetime(2026, 3, 8, 0, 30, tzinfo=NEW_YORK), NEW_YORK)
        assert over.astimezone(NEW_YORK).time() == time(3)

    def test_may_be_none(self):
        assert Clock(quiet=None).lets_through(NOON, NEW_YORK) == NOON


TURNS = {zone.key: turns(zone, 2026) for zone in (NEW_YORK, LORD_HOWE, CAIRO, ZoneInfo("Africa/Casablanca"))}
