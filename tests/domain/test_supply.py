"""How long what is there lasts: bought less used on an STS meter, the wallet on AMI meters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from domain.low_balance import ONE_DAY
from domain.meter import Meter, MeterKind
from domain.supply import KEPT, LATE, MOST_DAYS, Left, Supply, left
from domain.wallet import Line, Receipt

TODAY = date(2026, 3, 2)
BOUGHT_ON = datetime(2026, 2, 26, 9, tzinfo=UTC)


def meter(kind: MeterKind = "STS", number: int = 1, resource: str = "electricity") -> Meter:
    return Meter(meter_id=UUID(int=number), number=str(number), kind=kind, resource=resource, unit="kWh")  # type: ignore[arg-type]


def receipt(milliunits: int, *, amount: int = 10_000, wallet: int = 0, at: datetime = BOUGHT_ON) -> Receipt:
    lines = (Line(kind="arrears", amount=500), Line(kind="tax", amount=1_000), Line(kind="energy", amount=amount - 1_000))
    return Receipt(
        juice_number=str(at),
        happened_at=at,
        amount=amount + 500,
        currency="ZAR",
        lines=lines,
        wallet_change=wallet,
        wallet_balance=0,
        milliunits=milliunits,
    )


def supply(kind: MeterKind = "STS", *, bought: int = 40_000, used: int = 5_000, number: int = 1) -> Supply:
    """Forty units bought four days ago, five used a day, up to yesterday."""
    made = Supply(meter=meter(kind, number)).with_usage([(TODAY - n * ONE_DAY, used) for n in range(20, 0, -1)])
    return made.with_receipt(receipt(bought))


def charged(made: Supply, milliunits: int, *, days_ago: int = 1) -> Supply:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC) - timedelta(days=days_ago)
    return made.with_receipt(receipt(milliunits, amount=milliunits // 4, wallet=-milliunits // 4, at=at))


def of(*supplies: Supply, wallet: int = 0, topped_up_at: datetime | None = BOUGHT_ON) -> list[Left]:
    return left(supplies, wallet=wallet, wallet_topped_up_at=topped_up_at)


def days(*supplies: Supply, wallet: int = 0, today: date = TODAY) -> list[Decimal | None]:
    return [each.on(today) for each in of(*supplies, wallet=wallet)]


class AnSTSMeter:
    def test_holds_what_was_bought_less_what_was_used_since(self):
        assert days(supply()) == [Decimal("5.0")]  # 40 kWh, less 3 days of 5

    def test_gets_nothing_from_the_wallet_by_itself(self):
        assert days(supply(), wallet=5_000) == [Decimal("5.0")]

    def test_holds_what_was_left_of_earlier_purchases(self):
        earlier = receipt(60_000, at=datetime(2026, 2, 20, 9, tzinfo=UTC))
        assert days(supply().with_receipt(earlier)) == [Decimal("11.0")]  # 60 less 6 days, then 40 more, less 3 days

    def test_that_has_used_a_little_more_than_was_bought_is_about_to_end(self):
        assert days(supply(bought=13_000)) == [Decimal("0.0")]

    def test_that_goes_on_beyond_all_that_was_bought_had_more_than_is_known(self):
        assert days(supply(bought=1_000)) == []

    def test_cannot_be_told_of_without_usage_or_purchase(self):
        assert days(supply(used=0)) == []
        assert days(Supply(meter=meter()).with_receipt(receipt(40_000))) == []
        assert days(Supply(meter=meter()).with_usage([(TODAY - ONE_DAY, 0)])) == []

    def test_keeps_the_latest_purchase_in_mind(self):
        late = receipt(1_000, at=BOUGHT_ON + timedelta(days=2))
        assert of(supply().with_receipt(late).with_receipt(receipt(1, at=BOUGHT_ON)))[0].topped_up_at == late.happened_at


class AnAMIMeter:
    def test_lasts_as_long_as_the_wallet_pays_for_it(self):
        made = charged(supply("AMI", bought=0), 95_000)  # all that was used but the first day: 4 units a unit of money
        assert days(made, wallet=12_500) == [Decimal("10.0") - 1]  # 50 kWh, one day's 5 of which are owed

    def test_has_used_already_what_it_is_charged_for(self):
        weekly = charged(supply("AMI", bought=0), 100_000)
        assert days(weekly, wallet=12_500) == [Decimal("10.0")]
        assert days(charged(weekly, 35_000), wallet=12_500) == [Decimal("10.0")]  # more charged puts nothing in store

    def test_adds_units_that_were_bought_to_the_wallet(self):
        made = charged(supply("AMI", bought=0), 100_000)
        bought = made.with_receipt(receipt(20_000, amount=5_000, at=datetime(2026, 3, 1, 12, tzinfo=UTC)))
        assert days(bought, wallet=12_500) == [Decimal("14.0")]

    def test_has_nothing_left_where_the_wallet_is_below_nothing(self):
        assert days(charged(supply("AMI", bought=0), 100_000), wallet=-1) == [Decimal("0.0")]

    def test_shares_the_wallet_with_the_accounts_other_ones(self):
        one, two = (charged(supply("AMI", bought=0, number=number), 100_000) for number in (1, 2))
        assert days(one, two, wallet=12_500) == [Decimal("5.0")] * 2
        assert days(one, supply(number=3), wallet=12_500) == [Decimal("10.0"), Decimal("5.0")]

    def test_cannot_be_told_of_before_its_price_is_known(self):
        assert days(supply("AMI", bought=0), wallet=12_500) == []

    def test_is_topped_up_by_what_comes_into_the_wallet(self):
        made = charged(supply("AMI", bought=0), 100_000)
        assert of(made, topped_up_at=BOUGHT_ON)[0].topped_up_at == BOUGHT_ON
        assert of(made, topped_up_at=None)[0].topped_up_at is None


class DaysLeft:
    def test_go_down_day_by_day_where_no_usage_is_told(self):
        (known,) = of(supply())
        assert [known.on(TODAY + n * ONE_DAY) for n in range(7)] == [Decimal(n) for n in (5, 4, 3, 2, 1, 0, 0)]

    def test_are_not_told_from_usage_of_long_ago(self):
        (known,) = of(supply(bought=400_000))
        assert known.on(TODAY + timedelta(days=LATE - 1)) is not None
        assert known.on(TODAY + timedelta(days=LATE)) is None

    def test_are_counted_up_to_a_limit(self):
        assert days(supply(used=1)) == [Decimal(MOST_DAYS)]

    @given(st.integers(0, 200_000), st.integers(1, 30_000), st.integers(-3, 20))
    def test_in_whole_are_what_the_forecast_says(self, bought, used, later):
        for known in of(supply(bought=bought, used=used)):
            today = TODAY + later * ONE_DAY
            shown, told = known.on(today), known.forecast.days_left(max(today, TODAY))
            assert shown is None or int(shown) == max(0, told)


class ASupply:
    readings = st.dictionaries(st.integers(0, 120), st.integers(0, 9_000), max_size=60)
    receipts = st.dictionaries(st.integers(0, 120), st.integers(1, 90_000), max_size=20)

    @given(readings, receipts, st.booleans())
    def test_keeps_few_days_and_loses_nothing_of_the_others(self, readings, receipts, is_history):
        def used(supply, n):
            return supply.with_usage([(date(2026, 1, 1) + n * ONE_DAY, readings[n])]) if n in readings else supply

        def bought(supply, n):
            at = datetime(2026, 1, 1, 9, tzinfo=UTC) + timedelta(days=n)
            return supply.with_receipt(receipt(receipts[n], at=at)) if n in receipts else supply

        made, stock = Supply(meter=meter()), 0
        for n in range(121):
            # A history is read for the first time: all that was bought comes before what was used.
            made = bought(made, n) if is_history else bought(used(made, n), n)
            stock = max(0, stock - readings.get(n, 0)) + receipts.get(n, 0)
        for n in range(121):
            made = used(made, n) if is_history else made
        assert made.stock[0] == stock
        if made.known_until is not None:
            assert all(made.known_until - each.day < timedelta(KEPT) for each in made.days)

    def test_takes_what_is_told_again_in_place_of_what_was_known(self):
        made = supply().with_usage([(TODAY - ONE_DAY, 9_000)])
        assert made.stock[0] == 21_000

    def test_leaves_out_usage_of_days_that_are_summed_up_already(self):
        made = supply()
        full = made.with_usage([(TODAY - n * ONE_DAY, 1_000) for n in range(60, 20, -1)])
        assert msgspec.structs.replace(full, meter=made.meter).with_usage([(TODAY - timedelta(days=90), 50_000)]) == full
