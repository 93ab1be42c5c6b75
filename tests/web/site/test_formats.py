"""Money, units and times as people read them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

import wording.formats
from web.site import formats
from web.site.chart import ceiling


class Money:
    @pytest.mark.parametrize(
        ("amount", "currency", "written"),
        [
            (123450, "KES", "KES 1,234.50"),
            (5, "ZAR", "ZAR 0.05"),
            (-50000, "KES", "KES −500.00"),
            (1500, "UGX", "UGX 1,500"),
            (1234, "TND", "TND 1.234"),
            (1234, "IQD", "IQD 1.234"),
            (1234, "HUF", "HUF 12.34"),
            (0, "USD", "USD 0.00"),
        ],
    )
    def test_is_written_with_as_many_decimals_as_its_currency_has(self, amount: int, currency: str, written: str) -> None:
        assert formats.money(amount, currency, "en").replace("\N{NO-BREAK SPACE}", " ") == written


class Units:
    @pytest.mark.parametrize(("milliunits", "written"), [(25600, "25.6 kWh"), (1, "0.001 kWh"), (1_000_000, "1,000 kWh")])
    def test_are_written_without_zeros_that_say_nothing(self, milliunits: int, written: str) -> None:
        assert formats.units(milliunits, "kWh", "en").replace("\N{NO-BREAK SPACE}", " ") == written


class AMoment:
    def test_is_written_in_the_zone_of_the_utility(self) -> None:
        at = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
        assert formats.moment(at, "Africa/Nairobi", "en") == "23 November 2026, 01:30"


class APhoneNumber:
    @pytest.mark.parametrize(
        ("number", "written"),
        [
            ("+27115550100", "+27 11 555 0100"),
            ("+254712345678", "+254 712 345678"),
            ("+254 20 555 0100", "+254 20 555 0100"),
            ("0800 POWER", "0800 POWER"),
            ("+1", "+1"),
        ],
    )
    def test_is_grouped_as_it_is_read_out_unless_it_is_already(self, number: str, written: str) -> None:
        assert wording.formats.phone(number) == written

    def test_stays_on_one_line(self) -> None:
        assert " " not in formats.place("+27115550100")


class AnEmailAddress:
    def test_is_broken_before_its_signs_only_and_escaped(self) -> None:
        assert formats.place("pat.o@blue.example") == "pat<wbr>.o<wbr>@blue<wbr>.example"
        assert "<b>" not in formats.place("<b>@blue.example")


class AToken:
    def test_is_grouped_four_by_four_and_copied_with_its_spaces(self) -> None:
        groups = "".join(f"<span>{group}</span> " for group in ("5938", "6323", "4721", "3742", "6967")).strip()
        assert str(formats.in_fours("59386323472137426967")) == groups


class AWait:
    @pytest.mark.parametrize(
        ("seconds", "named"),
        [(0, ("second", 1)), (59, ("second", 59)), (61, ("minute", 2)), (3600, ("hour", 1)), (3601, ("hour", 2))],
    )
    def test_is_named_in_the_largest_unit_and_never_too_short(self, seconds: int, named: tuple[str, int]) -> None:
        assert formats.waiting_time(seconds) == named


class TheTopOfAScale:
    @pytest.mark.parametrize(("highest", "top"), [(0, 1), (1, 1), (3, 4), (690, 800), (8400, 10000), (10001, 20000)])
    def test_is_the_next_round_number(self, highest: int, top: int) -> None:
        assert ceiling(highest) == Decimal(top)
