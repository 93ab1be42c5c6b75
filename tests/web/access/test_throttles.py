from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from psycopg_pool import PoolTimeout

from tests.domain.scenario import NOON
from tests.utility import OpenUtility
from tests.web.access.unjudged import REASONS, stopped_by
from web.access import throttles
from web.access.limits import ALL, Delay, Rate
from web.access.odds import SHORTEST_CODE, YEAR, chance, tries
from web.access.passwords import PasswordsBusy
from web.access.throttles import Attempt, Throttles, judging
from web.journeys.refusals import TooManyTries

RATE = Rate(purpose="some-rate", most=5, within=timedelta(hours=1), reason="a test")
DELAY = Delay(
    purpose="some-delay",
    free=3,
    first=timedelta(seconds=2),
    longest=timedelta(seconds=30),
    forget=timedelta(days=1),
    reason="a test",
)
OTHER_DELAY, THIRD_DELAY = replace(DELAY, purpose="other-delay"), replace(DELAY, purpose="third-delay")


def at(utility: OpenUtility, **later: float) -> Throttles:
    return Throttles(utility.pool, utility.secrets, utility.code, NOON + timedelta(**later))


async def check(throttles: Throttles) -> None:
    held = await throttles.held((DELAY, "me"))
    throttles.check(DELAY, held[DELAY])


class ATryOfSeveral:
    async def test_counts_with_each_of_them_in_one_go(self, utility: OpenUtility) -> None:
        await at(utility).begin([(DELAY, "me"), (OTHER_DELAY, "card")], RATE, "all")
        held = await at(utility).held((DELAY, "me"), (OTHER_DELAY, "card"), (THIRD_DELAY, "nobody"))
        assert [held[delay].failures for delay in (DELAY, OTHER_DELAY, THIRD_DELAY)] == [1, 1, 0]
        assert (await at(utility).take(RATE, "all")).standing.remaining == 3

    async def test_counts_nothing_where_one_refuses(self, utility: OpenUtility) -> None:
        for _ in range(4):
            await at(utility).attempt(DELAY, "me")
        for _ in range(5):
            await at(utility).take(RATE, "full")
        with pytest.raises(TooManyTries) as refused:
            await at(utility).begin([(OTHER_DELAY, "card"), (DELAY, "me")], RATE, "all")
        assert refused.value.throttle == DELAY.purpose
        with pytest.raises(TooManyTries) as refused:
            await at(utility).begin([(OTHER_DELAY, "card")], RATE, "full")
        assert refused.value.throttle == RATE.purpose
        assert (await at(utility).held((OTHER_DELAY, "card")))[OTHER_DELAY].failures == 0
        assert (await at(utility).take(RATE, "all")).standing.remaining == 4

    async def test_is_let_through_as_often_as_it_may_from_a_thousand_racers(self, utility: OpenUtility) -> None:
        counted = [(DELAY, "me"), (OTHER_DELAY, "card")]
        racers = (at(utility).begin(counted if n % 2 else counted[::-1], RATE, "all") for n in range(50))
        results = await asyncio.gather(*racers, return_exceptions=True)
        # The fifth failure in a row has to wait: three are free, the fourth sets the delay.
        assert sum(not isinstance(result, Exception) for result in results) == 4
        assert {type(result) for result in results if isinstance(result, Exception)} == {TooManyTries}


class ARate:
    async def test_lets_so_many_through_at_once_and_no_more_from_a_thousand_racers(self, utility: OpenUtility) -> None:
        results = await asyncio.gather(*(at(utility).take(RATE, "me") for _ in range(50)), return_exceptions=True)
        assert sum(not isinstance(result, Exception) for result in results) == RATE.most
        assert {type(result) for result in results if isinstance(result, Exception)} == {TooManyTries}

    async def test_lets_the_next_one_through_when_it_said(self, utility: OpenUtility) -> None:
        for _ in range(5):
            await at(utility).take(RATE, "me")
        with pytest.raises(TooManyTries) as refused:
            await at(utility).take(RATE, "me")
        assert refused.value.retry_after == 720
        with pytest.raises(TooManyTries):
            await at(utility, seconds=719).take(RATE, "me")
        await at(utility, seconds=720).take(RATE, "me")

    async def test_counts_each_subject_by_itself(self, utility: OpenUtility) -> None:
        for _ in range(5):
            await at(utility).take(RATE, "me")
        assert (await at(utility).take(RATE, "you")).standing.remaining == 4

    async def test_takes_back_what_proved_right(self, utility: OpenUtility) -> None:
        for _ in range(20):
            await (await at(utility).take(RATE, "me")).give_back()


class ADelay:
    async def test_grows_with_each_failure_up_to_its_longest(self, utility: OpenUtility) -> None:
        waits, now = [], 0.0
        for _ in range(10):
            await at(utility, seconds=now).attempt(DELAY, "me")
            try:
                await check(at(utility, seconds=now))
                waits.append(0)
            except TooManyTries as refused:
                waits.append(refused.retry_after)
                now += refused.retry_after
        assert waits == [0, 0, 0, 2, 4, 8, 16, 30, 30, 30]
        assert waits == [DELAY.after(failures).total_seconds() for failures in range(1, 11)]

    async def test_lets_one_of_many_racers_through_once_it_holds(self, utility: OpenUtility) -> None:
        for _ in range(3):
            await at(utility).attempt(DELAY, "me")
        results = await asyncio.gather(*(at(utility).attempt(DELAY, "me") for _ in range(30)), return_exceptions=True)
        assert sum(not isinstance(result, Exception) for result in results) == 1

    async def test_is_forgotten_after_a_success(self, utility: OpenUtility) -> None:
        for _ in range(3):
            await at(utility).attempt(DELAY, "me")
        await (await at(utility).attempt(DELAY, "me")).succeeded()
        for _ in range(3):
            await at(utility).attempt(DELAY, "me")
        await check(at(utility))

    async def test_is_forgotten_after_a_day_without_failure(self, utility: OpenUtility) -> None:
        for _ in range(4):
            await at(utility).attempt(DELAY, "me")
        await at(utility, days=1).attempt(DELAY, "me")
        await check(at(utility, days=1))

    async def test_is_halved_not_washed_away_by_something_right(self, utility: OpenUtility) -> None:
        for _ in range(8):
            await at(utility).failed(DELAY, "me")
        await at(utility).eased((DELAY, "me"))
        await check(at(utility))
        await at(utility).failed(DELAY, "me")
        with pytest.raises(TooManyTries) as refused:
            await check(at(utility))
        assert refused.value.retry_after == 4


class ATryThatIsJudged:
    async def test_stays_counted_where_it_was_wrong(self, utility: OpenUtility) -> None:
        assert await self._failures(utility, TooManyTries) == 1

    @pytest.mark.parametrize("reason", REASONS)
    async def test_is_given_back_where_nobody_judged_it(self, utility: OpenUtility, reason: type[Exception]) -> None:
        assert await self._failures(utility, reason) == 0

    async def test_stays_counted_where_whoever_tries_goes_away(self, utility: OpenUtility) -> None:
        assert await self._failures(utility, asyncio.CancelledError) == 1

    async def test_tells_what_stopped_it_where_nothing_can_be_given_back(
        self, utility: OpenUtility, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Attempt, "give_back", stopped_by(PoolTimeout))
        assert await self._failures(utility, PasswordsBusy) == 1

    async def _failures(self, utility: OpenUtility, stopped: type[BaseException]) -> int:
        """How many are counted where a try is stopped by that, and wrong where that is TooManyTries."""
        tries = await at(utility).attempt(DELAY, "me")
        with pytest.raises(stopped):
            async with judging(tries, wrong=(TooManyTries,)):
                raise stopped("some", 1)
        return (await at(utility).held((DELAY, "me")))[DELAY].failures


class WhatIsCounted:
    async def test_cannot_be_read_from_the_table(self, utility: OpenUtility) -> None:
        await at(utility).take(RATE, "192.0.2.77")
        async with utility.pool.connection() as connection:
            rows = await (await connection.execute("SELECT t::text, subject FROM seed.throttles t")).fetchall()
        assert len(rows) == 1
        assert "192.0.2.77" not in str(rows) and b"192.0.2.77" not in bytes(rows[0][1])

    async def test_is_removed_once_it_holds_nobody_up(self, utility: OpenUtility) -> None:
        await at(utility).take(RATE, "me")
        longest = max(limit.within if isinstance(limit, Rate) else limit.forget for limit in ALL)
        await throttles.forget_old(utility.pool, NOON + longest - timedelta(seconds=1))
        assert await self._rows(utility) == 1
        await throttles.forget_old(utility.pool, NOON + longest)
        assert await self._rows(utility) == 0

    async def _rows(self, utility: OpenUtility) -> int:
        async with utility.pool.connection() as connection:
            row = await (await connection.execute("SELECT count(*) FROM seed.throttles")).fetchone()
        assert row is not None
        return int(row[0])


class TheOdds:
    """The figures of web.access.odds, counted again."""

    def test_of_guessing_any_cards_code_in_a_year_are_one_in_4_billion(self) -> None:
        from web.access.limits import CARDS, CARDS_OF_OWNERS, FIRST_CARDS

        tried = sum(tries(lane) for lane in (CARDS, CARDS_OF_OWNERS, FIRST_CARDS))
        assert chance(tried, SHORTEST_CODE) == pytest.approx(2.5e-10, rel=0.05)

    def test_of_guessing_one_cards_code_in_a_year_are_far_lower(self) -> None:
        from web.access.limits import CARDS_BY_SERIAL

        assert tries(CARDS_BY_SERIAL) < 9000
        assert chance(tries(CARDS_BY_SERIAL), SHORTEST_CODE) < 2e-15

    def test_of_a_stranger_who_picks_addresses_are_one_in_five_an_account(self) -> None:
        from domain.access import MISPICKS_ALLOWED
        from domain.addresses import CHOICES
        from web.access.limits import ADDRESS_PICKS

        assert MISPICKS_ALLOWED / CHOICES == 0.2
        assert ADDRESS_PICKS.most / MISPICKS_ALLOWED == 5

    def test_of_guessing_a_machine_made_password_are_none(self) -> None:
        assert chance(1_000_000 * YEAR.total_seconds(), 2**140) == pytest.approx(2.3e-29, rel=0.05)

    def test_of_guessing_ones_own_password_are_bounded_by_its_delay(self) -> None:
        from web.access.limits import LOGINS_OF_ACCOUNT

        assert 35_000 < tries(LOGINS_OF_ACCOUNT) < 35_200
        assert chance(tries(LOGINS_OF_ACCOUNT), 1_000_000) == pytest.approx(0.035, rel=0.01)

    def test_of_guessing_a_link_are_none(self) -> None:
        from web.access.limits import LINKS

        assert chance(tries(LINKS) * 1_000_000, 2**128) == pytest.approx(1.5e-27, rel=0.05)


class EveryLimit:
    def test_has_a_purpose_of_its_own_and_a_reason(self) -> None:
        assert len({limit.purpose for limit in ALL}) == len(ALL)
        assert all(len(limit.reason) > 40 for limit in ALL)
