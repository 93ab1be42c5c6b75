"""How one reader is written to: words and formats in their language, times in the utility's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_name
from babel.numbers import get_currency_name
from falcon.asgi import Request

from domain.utility import Description
from web.site import formats
from wording import catalogue


@dataclass(frozen=True)
class Writing:
    """The words and formats of one language, and a zone (an IANA name)."""

    language: str
    zone: str

    def gettext(self, text: str) -> str:
        """This will give a text in the reader's language."""
        return catalogue.catalogue(self.language).gettext(text)

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """This will give a text in the form that goes with a number."""
        return catalogue.catalogue(self.language).ngettext(singular, plural, count)

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

    def month(self, value: date) -> str:
        """This will write a month and its year."""
        return formats.month(value, self.language)

    def short_month(self, value: date) -> str:
        """This will write a month in few characters."""
        return formats.short_month(value, self.language)

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


async def writing(req: Request) -> Writing:
    """This will give how whoever asks is written to."""
    return writing_for(req, await req.context.visit.services.description())


def writing_for(req: Request, utility: Description) -> Writing:
    """This will give how whoever asks is written to in a utility's name: in a language that the utility offers."""
    visit: Any = getattr(req.context, "visit", None)
    wanted = visit.languages if visit is not None else ()
    return Writing(catalogue.chosen(wanted, catalogue.offered(utility.languages)), utility.zone)
