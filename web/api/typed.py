"""Fields whose form the OpenAPI document tells in full, by the rule that checks them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, validate

from web.journeys.normal import LONGEST_INPUT, Unusable


class Form(validate.Regexp):
    """The whole text has a form. Where `read` knows why it cannot be used, that is said."""

    def __init__(self, pattern: str, *, says: str, read: Callable[[str], str] | None = None) -> None:
        super().__init__(pattern, error=says)
        self._read = read

    def __call__(self, value: Any) -> Any:
        """This will give the value back. Raises ValidationError."""
        if value and not re.fullmatch(self.regex, value):
            why = self._read(value) if self._read else ""
            raise ValidationError(str(why) if isinstance(why, Unusable) else str(self.error))
        return value


class Text(fields.String):
    """A text of 1 to `most` characters, of a form where a pattern is given."""

    def __init__(
        self,
        pattern: str | None = None,
        *,
        says: str = "",
        read: Callable[[str], str] | None = None,
        most: int = LONGEST_INPUT,
        required: bool = True,
        **metadata: Any,
    ) -> None:
        checks: list[validate.Validator] = [validate.Length(min=1, max=most)]
        if pattern is not None:
            checks.append(Form(pattern, says=says, read=read))
        super().__init__(required=required, validate=checks, metadata=metadata)


class Whole(fields.Integer):
    """A whole number in a query: ASCII digits, at most 18 of them."""

    def __init__(self, *, least: int = 0, most: int = 10**18 - 1, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most), **kwargs)

    def _validated(self, value: Any) -> int:
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class Minor(fields.Integer):
    """An amount in minor units: a whole JSON number, no text, no truth value and no fraction."""

    def __init__(self, *, least: int = 1, most: int = 10**12, **metadata: Any) -> None:
        super().__init__(required=True, validate=validate.Range(min=least, max=most), metadata=metadata)

    def _validated(self, value: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid", input=value)
        return value


class Id(fields.UUID):
    """A UUID in its one usual form (RFC 9562, section 4)."""

    def _validated(self, value: Any) -> UUID:
        read = super()._validated(value)
        if not isinstance(value, str) or str(read) != value.lower():
            raise self.make_error("invalid_uuid")
        return read
