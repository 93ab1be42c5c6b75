"""Numbers of payment cards, found in what people write: they are typed on the payment provider's page and kept nowhere here.

PCI DSS asks least of whoever never has one (SAQ A), and a customer who complains about a payment may well write theirs down.
"""

from __future__ import annotations

import re
import unicodedata

RUN = re.compile(r"(?<![0-9])(?<![0-9][ .\-])[0-9](?:[ .\-]?[0-9]){13,18}(?![ .\-]?[0-9])")
"""14 to 19 digits, alone or in groups. A token for a meter has 20 (IEC 62055-41), a meter's number 11 or 13."""

ISSUED = re.compile(r"3[04-9]|4|5[0-9]|2(?:2[2-9]|[3-6]|7[01]|720)|6(?!00727)")
"""How the large schemes' numbers begin (ISO/IEC 7812-1); 600727 is what STS puts before a meter's number."""


def holds_one(text: str) -> bool:
    """This will say whether a text holds what looks like the number of a payment card: by its beginning and check digit."""
    plain = "".join(str(unicodedata.decimal(each, each)) for each in unicodedata.normalize("NFKC", text))
    return any(_is_one(re.sub("[^0-9]", "", found[0])) for found in RUN.finditer(plain))


def _is_one(digits: str) -> bool:
    return ISSUED.match(digits) is not None and _luhn(digits) == 0


def _luhn(digits: str) -> int:
    """The remainder of the sum by which check digits are made (ISO/IEC 7812-1, annex B); 0 where it is right."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(each // 10 + each % 10 for each in doubled) % 10
