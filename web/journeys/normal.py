"""What people type, brought to its one normal form; what cannot be used is refused with the field's name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from web.journeys.refusals import FieldErrors
from web.services import UtilityServices
from wording.catalogue import N_

LONGEST_INPUT = 320
"""Characters: the longest e-mail address (RFC 3696, erratum 1690). Whatever is longer is not looked at."""

TOO_LONG = "…"
"""Stands for whatever is longer, and has no form that anything may have."""

NO_SUCH_NUMBER = N_("No account and no meter has this number. Please check it.")

CHOOSE_METER = N_("Choose the meter to top up.")

TOKEN_DIGITS = 20
"""So many digits are a token for the meter, never a code (IEC 62055-41)."""


@dataclass(frozen=True)
class Characters:
    """From `least` to `most` letters and digits, however they are set apart; never `but_digits` digits alone."""

    least: int
    most: int
    but_digits: int | None = None

    def allow(self, plain: str) -> bool:
        """This will say whether a text has this form, once spaces and the like are taken out."""
        return re.fullmatch(self.typed, plain) is not None

    @property
    def typed(self) -> str:
        """The pattern of how it may be typed in ASCII (ECMA-262, as JSON Schema wants it)."""
        other = f"(?!(?:[ .\\-]*[0-9]){{{self.but_digits}}}[ .\\-]*$)" if self.but_digits else ""
        return f"^{other}[ .\\-]*(?:[0-9A-Za-z][ .\\-]*){{{self.least},{self.most}}}$"


NUMBER = Characters(1, 32)
SERIAL = Characters(1, 32)
CODE = Characters(12, 24, but_digits=TOKEN_DIGITS)

LONGEST_EMAIL = 254
"""Characters (RFC 5321, erratum 1003)."""

_ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = "(?:(?![A-Za-z0-9-]{2}--)|(?=[Xx][Nn]--))[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LAST = "(?:[A-Za-z]{2,63}|[Xx][Nn]--[A-Za-z0-9-]{0,58}[A-Za-z0-9])"
_NOWHERE = "|".join(
    "".join(f"[{letter.upper()}{letter}]" if letter.isalpha() else re.escape(letter) for letter in name)
    for name in SPECIAL_USE_DOMAIN_NAMES
)
EMAIL = rf"^(?!.*=\?)(?=.{{1,64}}@)(?!.*[@.](?:{_NOWHERE})$){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LAST}$"
"""The pattern of an e-mail address that the API takes; the site takes domains in other letters too (RFC 5890)."""

PHONE = r"^[+(0-9][0-9 ().\/\-]{2,38}$"
"""The pattern of a phone number that the API takes; whether there is such a number, no pattern can tell."""

TAKES_SMS = frozenset(
    {
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
        phonenumbers.PhoneNumberType.VOIP,
    }
)
"""Kinds of phone numbers. The others take none as a rule, or cost whoever writes to them more."""

SEPARATORS = re.compile(r"[\s\-.]+")


class Unusable(str):
    """Why an input cannot be used, as a sentence for whoever typed it: marked for translation by being one."""


def checked(**values: str) -> dict[str, str]:
    """This will give the values back. Raises FieldErrors, with all that are Unusable at once."""
    errors = {name: str(value) for name, value in values.items() if isinstance(value, Unusable)}
    if errors:
        raise FieldErrors(errors)
    return values


def number(text: str) -> str:
    """This will normalise an account or meter number: no spaces, hyphens or dots, capital letters."""
    if not text.strip():
        return Unusable("Enter an account or meter number.")
    plain = _plain(text)
    return plain if NUMBER.allow(plain) else Unusable("An account or meter number has digits and letters only.")


def serial(text: str) -> str:
    """This will normalise a card's serial number."""
    if not text.strip():
        return Unusable("Enter the card's serial number.")
    plain = _plain(text)
    return plain if SERIAL.allow(plain) else Unusable("A serial number has digits and letters only.")


def code(text: str) -> str:
    """This will normalise a scratch code: 12 to 24 letters and digits, never 20 digits (that would be a token)."""
    if not text.strip():
        return Unusable("Enter the code under the scratch field.")
    plain = _plain(text)
    if len(plain) == TOKEN_DIGITS and plain.isdigit():
        return Unusable("These 20 digits are a token: enter them into the meter. The code is under the card's scratch field.")
    return plain if CODE.allow(plain) else Unusable("A scratch code has 12 to 24 letters and digits.")


def email(text: str) -> str:
    """This will normalise an e-mail address (RFC 5321) to what any mail server takes: a domain in other letters than ASCII
    becomes its ASCII form (RFC 5890). Nothing is asked of the network.
    """
    if not text.strip():
        return Unusable("Enter an e-mail address.")
    if len(text) > LONGEST_INPUT:
        return Unusable("That is longer than any e-mail address.")
    name = text.rpartition("@")[0]
    if not name.strip().isascii() or "=?" in name:
        # Not every server on the way speaks SMTPUTF8, and “=?” begins an encoded word in a header (RFC 2047).
        return Unusable("An e-mail address that we can write to has plain letters, digits and signs before the “@”.")
    try:
        found = validate_email(text.strip(), allow_smtputf8=False, check_deliverability=False)
    except EmailNotValidError:
        return Unusable("That is not an e-mail address. It looks like name@example.com.")
    return found.ascii_email or found.normalized


def phone(text: str, region: str | None) -> str:
    """This will normalise a phone number to E.164, reading one without a country code as the utility's region would."""
    if not text.strip():
        return Unusable("Enter a phone number.")
    if re.search(r"[^\W\d]", text):
        # The library would read letters as keys and an extension as an aside: the password would go to another number.
        return Unusable("A phone number has digits only. Write it with its country code, such as +1 202 555 0143.")
    try:
        parsed = phonenumbers.parse(text[:LONGEST_INPUT], region)
    except phonenumbers.NumberParseException:
        return Unusable("That is not a phone number. Write it with its country code, such as +1 202 555 0143.")
    if not phonenumbers.is_valid_number(parsed) or _is_cut_off(parsed):
        return Unusable("That is not a phone number that could be reached. Please check that no digit is missing.")
    if phonenumbers.number_type(parsed) not in TAKES_SMS:
        return Unusable("That phone number takes no SMS. Enter a mobile number.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def one_of(value: str, choices: Container[str]) -> str:
    """This will refuse an address that was not on the list."""
    return value if value in choices else Unusable("Choose the address that is registered to the account.")


def _is_cut_off(parsed: phonenumbers.PhoneNumber) -> bool:
    """Where a country's numbering plan has kept a few very short mobile numbers, the library calls one valid that lacks
    several digits: South Africa's `082 555` for one. What is shorter there than the country's usual number lacks digits.
    """
    if phonenumbers.number_type(parsed) != phonenumbers.PhoneNumberType.MOBILE:
        return False
    plan = phonenumbers.PhoneMetadata.metadata_for_region(phonenumbers.region_code_for_number(parsed) or "")
    if plan is None or plan.mobile is None or not plan.mobile.example_number:
        return False
    lengths = plan.mobile.possible_length
    usual, typed = len(plan.mobile.example_number), len(phonenumbers.national_significant_number(parsed))
    return max(lengths) - min(lengths) > 2 and typed < usual


async def region_of(services: UtilityServices) -> str | None:
    """This will give the region (ISO 3166) whose phone numbers the utility's customers write without a country code."""
    return _region((await services.description()).support_phone)


@lru_cache(maxsize=64)
def _region(support_phone: str) -> str | None:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(support_phone, None))
    except phonenumbers.NumberParseException:
        return None


def _plain(text: str) -> str:
    """Full-width and other ways of writing a digit become the digit; what is too long is not looked at, and fits nothing."""
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper() if len(text) <= LONGEST_INPUT else TOO_LONG
