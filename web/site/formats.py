"""How money, units, dates and numbers are written on a page, in the reader's language and the utility's zone."""

from __future__ import annotations

import re
import textwrap
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from markupsafe import Markup

from wording import formats
from wording.formats import OFTEN

NBSP = "\N{NO-BREAK SPACE}"


def money(amount: int, currency: str, language: str) -> str:
    """This will write minor units as an amount with its currency, on one line: 12345 KES is KES 123.45."""
    return formats.money(amount, currency, language).replace(" ", NBSP).replace("-", "\N{MINUS SIGN}")


def units(milliunits: int, unit: str, language: str) -> str:
    """This will write thousandths of a unit, on one line: 25600 of kWh is 25.6 kWh."""
    return formats.units(milliunits, unit, language).replace(" ", NBSP)


@lru_cache(OFTEN)
def number(value: Decimal | int, language: str) -> str:
    """This will write a plain number with the language's separators."""
    return format_decimal(value, "#,##0.#", language)


@lru_cache(OFTEN)
def day(value: date, language: str) -> str:
    """This will write a day: 3 November 2026."""
    return format_date(value, "d MMMM y", language)


@lru_cache(OFTEN)
def short_day(value: date, language: str) -> str:
    """This will write a day in few characters, for a chart or a list: 3 Nov."""
    return format_date(value, "d MMM", language)


@lru_cache(OFTEN)
def month(value: date, language: str) -> str:
    """This will write a month: November 2026."""
    return format_date(value, "LLLL y", language)


@lru_cache(OFTEN)
def short_month(value: date, language: str) -> str:
    """This will write a month in few characters, for a chart: Nov."""
    return format_date(value, "LLL", language)


@lru_cache(OFTEN)
def moment(at: datetime, zone: str, language: str) -> str:
    """This will write a time of the utility's zone: 3 November 2026, 14:05."""
    return format_datetime(at, "d MMMM y, HH:mm", ZoneInfo(zone), language)


@lru_cache(OFTEN)
def short_moment(at: datetime, zone: str, language: str) -> str:
    """This will write a time in few characters: 3 Nov, 14:05."""
    return format_datetime(at, "d MMM, HH:mm", ZoneInfo(zone), language)


def in_fours(digits: str) -> Markup:
    """This will group a token four by four: each group stays whole where a line ends, and copying it takes the spaces along."""
    groups = (Markup("<span>{}</span>").format(group) for group in textwrap.wrap(digits, 4))
    return Markup(" ").join(groups)


def place(contact: str) -> Markup:
    """This will write a phone number on one line, and an e-mail address so that a line ends before @ or a dot, not in a word."""
    if "@" not in contact:
        return Markup("{}").format(formats.phone(contact).replace(" ", NBSP))
    return Markup("<wbr>").join(re.split(r"(?=[@.])", contact))


def phone_link(number: str) -> str:
    """This will give the address that dials a phone number."""
    return "tel:" + "".join(character for character in number if character.isdigit() or character == "+")


def waiting_time(seconds: int) -> tuple[str, int]:
    """This will give the unit and count to name a wait by, rounded up: 90 s are 2 minutes."""
    if seconds < 60:
        return "second", max(1, seconds)
    if seconds < 3600:
        return "minute", -(-seconds // 60)
    return "hour", -(-seconds // 3600)
