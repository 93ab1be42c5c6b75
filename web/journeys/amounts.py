"""Money as people type it: read exactly, or refused. Nothing is rounded, and nothing that could be read two ways is guessed."""

from __future__ import annotations

import re
import unicodedata

from domain.money import exponent
from domain.purchase_limits import limits
from web.journeys.normal import Unusable
from wording.catalogue import N_
from wording.formats import currency_signs

LONGEST = 32
"""Characters. Whatever is longer is not looked at."""

ENTER = N_("Enter an amount.")
NOT_MONEY = N_("That is not an amount. Write it with digits only, such as 150.")
TWO_WAYS = N_("That amount can be read in two ways. Write it without a sign between the thousands, such as 1500.")
TOO_FINE = N_("The amount has more decimals than there are coins.")
TOO_SMALL = N_("That is less than can be paid by card.")
TOO_LARGE = N_("That is more than can be paid by card at once.")

_AMOUNT = re.compile(
    r"(?P<whole>[0-9]{1,3}(?:(?P<between>[ ',.])[0-9]{3})(?:(?P=between)[0-9]{3})*|[0-9]+)(?:(?P<point>[.,])(?P<part>[0-9]+))?"
)


def amount(text: str, currency: str) -> int | Unusable:
    """This will read an amount in minor units of a currency (ISO 4217), or say why it cannot be used.

    Taken are digits of any script; the currency's code before or after, or its sign; spaces, apostrophes, commas or dots between
    groups of three; a comma or a dot before the decimals, of which there may be as many as the currency has, and zeros behind
    them. A single dot before three digits is refused: it stands for thousands in one country and for decimals in the next.
    """
    plain = _plain(text, currency)
    if not plain:
        return Unusable(ENTER)
    read = _AMOUNT.fullmatch(plain)
    if read is None:
        return Unusable(NOT_MONEY)
    whole, between, point, part = read["whole"], read["between"], read["point"], read["part"] or ""
    if between is not None and between == point:
        return Unusable(NOT_MONEY)
    decimals = exponent(currency)
    if between in (",", ".") and point is None and len(whole.split(between)) == 2 and (between == "." or decimals == 3):
        return Unusable(TWO_WAYS)
    part = part.rstrip("0")
    if len(part) > decimals:
        return Unusable(TOO_FINE)
    return int(re.sub("[ ',.]", "", whole) + part.ljust(decimals, "0"))


def within_limits(minor_units: int, currency: str) -> int | Unusable:
    """This will give an amount back that can be paid by card, or say why it cannot."""
    allowed = limits(currency)
    if minor_units < allowed.least:
        return Unusable(TOO_SMALL)
    return minor_units if minor_units <= allowed.most else Unusable(TOO_LARGE)


def _plain(text: str, currency: str) -> str:
    if len(text) > LONGEST:
        return "…"
    if any(unicodedata.category(each) == "No" for each in text):
        return "…"  # raised digits: 15⁵⁰ is fifteen and a half to whoever writes it
    plain = unicodedata.normalize("NFKC", text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").strip()
    plain = "".join(str(unicodedata.decimal(each, each)) for each in plain)
    folded = plain.casefold()
    for sign in map(str.casefold, currency_signs(currency)):
        if folded.startswith(sign):
            return plain[len(sign) :].strip()
        # A single letter behind an amount may stand for thousands: 5K.
        if folded.endswith(sign) and not (len(sign) == 1 and sign.isalpha()):
            return plain[: -len(sign)].strip()
    return plain
