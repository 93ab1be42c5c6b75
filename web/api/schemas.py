"""What the API takes in. Strict: an unknown field, a wrong type or a text too long is refused with the field's name."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, validates_schema

from domain import references
from domain.passwords import LONGEST
from web.api.typed import Id, Text, Whole
from web.journeys import activity, normal, once, status_tokens, tickets

LINK = "^[A-Za-z0-9_-]{64}$"
"""The last part of every link in a message."""

UUID_PATTERN = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class Strict(Schema):
    """Base of everything that is taken in. `EITHER` names fields of which exactly one is to be given."""

    EITHER: tuple[str, ...] = ()

    class Meta:
        unknown = RAISE


def number(**options: Any) -> Text:
    """This will make a field for an account or meter number."""
    said = {"description": "An account or meter number.", "examples": ["4100-0017"], **options}
    return Text(normal.NUMBER.typed, says="A number has 1 to 32 digits and letters.", read=normal.number, **said)


def serial() -> Text:
    """This will make a field for what is printed on a card."""
    return Text(
        normal.SERIAL.typed,
        says="A serial number has 1 to 32 digits and letters.",
        read=normal.serial,
        description="The card's visible serial number.",
        examples=["S1000001"],
    )


def ticket() -> Text:
    """This will make a field for what a question was answered with."""
    return Text(
        f"^{tickets.PATTERN}$",
        says="Send `account_ticket` as the question was answered.",
        description="From the question; good for half an hour.",
        examples=["q8Vd" * 12],
    )


def email(**options: Any) -> Text:
    """This will make a field for an e-mail address."""
    return Text(
        normal.EMAIL,
        says="An e-mail address looks like name@example.com.",
        read=normal.email,
        most=normal.LONGEST_EMAIL,
        format="email",
        examples=["ann.lee@example.com"],
        **options,
    )


def phone(**options: Any) -> Text:
    """This will make a field for a phone number."""
    return Text(
        normal.PHONE,
        says="A phone number has digits only, with its country code after a “+”.",
        description="One that takes SMS, with its country code, or as written in the utility's region.",
        examples=["+27 82 123 4567"],
        **options,
    )


def link(meaning: str) -> Text:
    """This will make a field for the last part of a link."""
    return Text(LINK, says="Send the last part of the link, whole.", description=meaning, examples=["u3Kd" * 16])


class Question(Strict):
    number = number()


class Confirmation(Strict):
    account_ticket = ticket()
    email = email()
    phone = phone()
    choice = Text(
        "^[0-9a-f]{16}$",
        says="Send the `value` of the address that is picked.",
        description="The `value` of the address that is picked.",
        examples=["0123456789abcdef"],
    )


class Offer(Strict):
    account_ticket = ticket()


class Continuation(Strict):
    link = link("The last part of the link that was sent to a registered contact.")
    email = email()
    phone = phone()


class Link(Strict):
    link = link("The last part of the link in the message.")


class LogIn(Strict):
    number = number()
    password = Text(most=LONGEST, examples=["correct horse battery staple"], format="password")


class Card(Strict):
    serial = serial()
    code = Text(
        normal.CODE.typed,
        says="A scratch code has 12 to 24 letters and digits.",
        read=normal.code,
        description="The code under the scratch field: 12 to 24 letters and digits, but never 20 digits alone.",
        examples=["ABCD-2345-EFGH"],
    )


class Redemption(Card):
    EITHER = ("number", "meter_id")

    number = number(required=False, description="The meter or account to credit.")
    meter_id = Id(metadata={"description": "Instead of a number: a meter of the account that is logged in."})

    @validates_schema
    def one_target(self, data: dict[str, Any], **kwargs: Any) -> None:
        if sum(name in data for name in self.EITHER) != 1:
            raise ValidationError(f"Give either {' or '.join(self.EITHER)}.", self.EITHER[0])


class AtLeast(Strict):
    at_least = Whole(metadata={"description": "A position that the answer should have reached; waited for up to 1 s."})


IN_PATHS: dict[str, dict[str, Any]] = {
    "number": {"type": "string", "pattern": normal.NUMBER.typed, "maxLength": normal.LONGEST_INPUT, "examples": ["4100-0017"]},
    "receipt": {"type": "string", "pattern": activity.RECEIPT_NUMBER, "maxLength": 64, "examples": ["520002005"]},
    "request": {"type": "string", "pattern": f"^{references.PATTERN}$", "examples": ["K7RT-94PQ"]},
    "difference": {"type": "string", "format": "uuid", "pattern": f"^{UUID_PATTERN}$"},
    "token_id": {"type": "string", "format": "uuid", "pattern": f"^{UUID_PATTERN}$"},
    "contact_id": {"type": "string", "format": "uuid", "pattern": f"^{UUID_PATTERN}$"},
    "reference": {"type": "string", "pattern": f"^(?:{status_tokens.PATTERN}|{UUID_PATTERN})$"},
}
"""What stands in paths. What has another form names nothing there is."""

IN_HEADERS: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {"type": "string", "minLength": 8, "maxLength": 255, "pattern": f"^{once.KEY.pattern}$"},
    "Stripe-Signature": {"type": "string", "maxLength": 4096, "pattern": "^t=[0-9]+(?:,[a-z0-9]+=[0-9a-f]+)+$"},
    "Seed-At-Least": {"type": "integer", "minimum": 0, "maximum": 10**18 - 1},
}
