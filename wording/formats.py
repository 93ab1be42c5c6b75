"""How money, units, times, tokens and phone numbers are written, in the reader's language and the utility's zone."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_datetime, get_timezone_name
from babel.localedata import locale_identifiers
from babel.numbers import format_currency, format_decimal, get_currency_symbol, get_territory_currencies

from domain.money import exponent, in_major_units

OFTEN = 4096
"""Numbers and times of which it is remembered how they are written: reading CLDR's patterns anew was a third of a page."""


@lru_cache(OFTEN)
def money(amount: int, currency: str, language: str) -> str:
    """This will write minor units as an amount with its currency: 12345 KES is KES 123.45."""
    decimals = exponent(currency)
    form = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
    return format_currency(in_major_units(amount, currency), currency, f"¤¤ {form};¤¤ -{form}", language, currency_digits=False)


@cache
def currency_signs(currency: str) -> tuple[str, ...]:
    """This will give how a currency is written where it is paid with, its code included (CLDR): ZAR and R, KES and Ksh."""
    found = {currency}
    for locale in locale_identifiers():
        language, _, territory = locale.partition("_")
        if language in ("en", "fr") and len(territory) == 2 and currency in get_territory_currencies(territory):
            found.add(unicodedata.normalize("NFKC", get_currency_symbol(currency, locale)))
    return tuple(sorted(found, key=len, reverse=True))


@lru_cache(OFTEN)
def units(milliunits: int, unit: str, language: str) -> str:
    """This will write thousandths of a unit: 25600 is 25.6 kWh."""
    return f"{format_decimal(Decimal(milliunits).scaleb(-3), '#,##0.###', language)} {unit}"


@lru_cache(OFTEN)
def moment(at: datetime, zone: str, language: str) -> str:
    """This will write a time in full, for a mail."""
    return format_datetime(at, "EEEE d MMMM, HH:mm", ZoneInfo(zone), language)


@lru_cache(OFTEN)
def short_moment(at: datetime, zone: str, language: str) -> str:
    """This will write a time in few characters, for an SMS."""
    return format_datetime(at, "d MMM HH:mm", ZoneInfo(zone), language)


def zone_name(zone: str, language: str) -> str:
    """This will name the zone as people call it."""
    return get_timezone_name(ZoneInfo(zone), locale=language)


def phone(number: str) -> str:
    """This will write a phone number in groups: +27 11 555 0100. One that has spaces of its own stays as it was written."""
    if not re.fullmatch(r"\+[0-9]+", number):
        return number
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def in_fours(digits: str) -> str:
    """This will group a token four by four, as it is read out and keyed in."""
    return " ".join(textwrap.wrap(digits, 4))


def in_lines(text: str) -> str:
    """This will wrap a paragraph for a plain mail; a link is never broken."""
    return textwrap.fill(text, 72, break_long_words=False, break_on_hyphens=False)


def quoted(text: str) -> str:
    """This will set what somebody wrote apart in a plain mail: each line begins with “> ”, so that none passes for ours."""
    wrapped = (textwrap.wrap(line, 70, break_long_words=False, break_on_hyphens=False) or [""] for line in text.split("\n"))
    return "\n".join(f"> {piece}".rstrip() for line in wrapped for piece in line)


def brief(text: str, most: int = 90) -> str:
    """This will give the beginning of a text on one line, for an SMS; a word is cut only where it is the first."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    cut = line[: most - 3]
    return f"{cut.rpartition(' ')[0] or cut}..."
