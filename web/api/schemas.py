"""What the API takes in. Strict: an unknown field, a wrong type or a text too long is refused with the field's name."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

LONGEST = 320


class Strict(Schema):
    """Base of everything that is taken in."""

    class Meta:
        unknown = RAISE


class Text(fields.String):
    """A text of 1 to `most` characters."""

    def __init__(self, most: int = LONGEST, **kwargs: Any) -> None:
        super().__init__(required=kwargs.pop("required", True), validate=validate.Length(min=1, max=most), **kwargs)


class Whole(fields.Integer):
    """A whole number in a query: ASCII digits, at most 18 of them."""

    def __init__(self, *, least: int = 0, most: int = 10**18 - 1, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most), **kwargs)

    def _validated(self, value: Any) -> int:
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class Question(Strict):
    number = Text(metadata={"description": "An account or meter number.", "example": "4100-0017"})


class Confirmation(Strict):
    account_ticket = Text(metadata={"description": "From the question; good for half an hour."})
    email = Text()
    phone = Text(metadata={"description": "With its country code, or as written in the utility's region."})
    choice = Text(metadata={"description": "The `value` of the address that is picked."})


class Offer(Strict):
    account_ticket = Text()


class Continuation(Strict):
    link = Text(metadata={"description": "The last part of the link that was sent to a registered contact."})
    email = Text()
    phone = Text()


class Link(Strict):
    link = Text(metadata={"description": "The last part of the link in the message."})


class LogIn(Strict):
    number = Text(metadata={"description": "An account or meter number."})
    password = Text(most=128)


class Card(Strict):
    serial = Text(metadata={"description": "The card's visible serial number."})
    code = Text(metadata={"description": "The code under the scratch field."})


class Redemption(Card):
    number = Text(required=False, metadata={"description": "The meter or account to credit."})
    meter_id = fields.UUID(metadata={"description": "Instead of a number: a meter of the account that is logged in."})

    @validates_schema
    def one_target(self, data: dict[str, Any], **kwargs: Any) -> None:
        if ("number" in data) == ("meter_id" in data):
            raise ValidationError("Give either number or meter_id.", "number")


class AtLeast(Strict):
    at_least = Whole(metadata={"description": "A position that the answer should have reached; waited for up to 1 s."})


class ActivityQuery(AtLeast):
    limit = Whole(least=1, most=200, load_default=50)
    before = Text(required=False, metadata={"description": "`next` of the page before."})
    since = fields.AwareDateTime(format="iso", metadata={"description": "RFC 3339; not older than this."})


class UsageQuery(AtLeast):
    days = Whole(least=1, most=92, load_default=30)


class HistoryQuery(Strict):
    as_of = fields.AwareDateTime(format="iso", metadata={"description": "RFC 3339; everything up to this moment."})
