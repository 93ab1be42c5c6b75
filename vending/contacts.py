"""Contacts as Juice wrote them, in the normal form that the log keeps; what cannot be written to is left out."""

from __future__ import annotations

import phonenumbers
from email_validator import EmailNotValidError, validate_email


def email_or_none(text: str | None) -> str | None:
    """This will give an e-mail address in its normal form (RFC 5321, 6531); None for what is none."""
    try:
        return validate_email(text or "", check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None


def phone_or_none(text: str | None) -> str | None:
    """This will give a phone number as E.164; None for what is none. Juice writes them with their country code."""
    try:
        number = phonenumbers.parse(text or "", None)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
