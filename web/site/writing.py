"""How one reader is written to: a language and the utility's zone, bound to the formats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_name
from babel.numbers import get_currency_name

from web.site import formats


@dataclass(frozen=True)
class Writing:
    """The formats in one language and zone (an IANA name)."""

    language: str
    zone: str

    def money(self, amount: int, currency: str) -> str:
        """This will write minor units as an amount."""
        return formats.money(amount, currency, self.language)

    def units(self, milliunits: int, unit: str) -> str:
        """This will write thousandths of a unit."""
        return formats.units(milliunits, unit, self.language)

    def number(self, value: Decimal | int) -> str:
        """This will write a plain number."""
        return formats.number(value, self.language)

    def day(self, value: date) -> str:
        """This will write a day in full."""
        return formats.day(value, self.language)

    def short_day(self, value: date) -> str:
        """This will write a day in few characters."""
        return formats.short_day(value, self.language)

    def moment(self, at: datetime) -> str:
        """This will write a time in full."""
        return formats.moment(at, self.zone, self.language)

    def short_moment(self, at: datetime) -> str:
        """This will write a time in few characters."""
        return formats.short_moment(at, self.zone, self.language)

    def currency(self, code: str) -> str:
        """This will name a currency as people call it."""
        return f"{get_currency_name(code, locale=self.language)} ({code})"

    @property
    def zone_name(self) -> str:
        """The zone as people call it."""
        return get_timezone_name(ZoneInfo(self.zone), locale=self.language)
