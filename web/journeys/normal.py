"""What people type, brought to its one normal form; what cannot be used is refused with the field's name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from web.journeys.refusals import FieldErrors
from web.services import UtilityServices

LONGEST_INPUT = 320
"""Characters: the longest e-mail address (RFC 3696, erratum 1690). Whatever is longer is not looked at."""

NO_SUCH_NUMBER = "No account and no meter has this number. Please check it."

NUMBER = re.compile(r"[0-9A-Z]{1,32}")
SERIAL = re.compile(r"[0-9A-Z]{1,32}")
CODE = re.compile(r"[0-9A-Z]{12,24}")
SEPARATORS = re.compile(r"[\s\-.]+")


class Unusable(str):
    """Why an input cannot be used, as a sentence for whoever typed it."""


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
    return plain if NUMBER.fullmatch(plain) else Unusable("An account or meter number has digits and letters only.")


def serial(text: str) -> str:
    """This will normalise a card's serial number."""
    if not text.strip():
        return Unusable("Enter the card's serial number.")
    plain = _plain(text)
    return plain if SERIAL.fullmatch(plain) else Unusable("A serial number has digits and letters only.")


def code(text: str) -> str:
    """This will normalise a scratch code: 12 to 24 letters and digits, never 20 digits (that would be a token)."""
    if not text.strip():
        return Unusable("Enter the code under the scratch field.")
    plain = _plain(text)
    if re.fullmatch(r"[0-9]{20}", plain):
        return Unusable("These 20 digits are a token: enter them into the meter. The code is under the card's scratch field.")
    return plain if CODE.fullmatch(plain) else Unusable("A scratch code has 12 to 24 letters and digits.")


def email(text: str) -> str:
    """This will normalise an e-mail address (RFC 5321 and 6531); nothing is asked of the network."""
    if not text.strip():
        return Unusable("Enter an e-mail address.")
    if len(text) > LONGEST_INPUT:
        return Unusable("That is longer than any e-mail address.")
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        return Unusable("That is not an e-mail address. It looks like name@example.com.")


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
    if not phonenumbers.is_valid_number(parsed):
        return Unusable("That is not a phone number that could be reached. Please check it.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def one_of(value: str, choices: Container[str]) -> str:
    """This will refuse an address that was not on the list."""
    return value if value in choices else Unusable("Choose the address that is registered to the account.")


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
    """Full-width and other ways of writing a digit become the digit; what is too long is cut so that it fits no pattern."""
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", text[:LONGEST_INPUT])).upper()
