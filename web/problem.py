"""One problem: what is answered where something was refused or went wrong (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import msgspec

TYPE = "/api/v1/openapi.json#/x-problems/"
"""A problem's type leads to where the OpenAPI document explains it."""


class Row(NamedTuple):
    """How a refusal is answered. `retry_after` is in seconds."""

    status: int
    title: str
    detail: str
    retry_after: int | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What is answered where something was refused or went wrong; never with a stack, a secret, or what was typed."""

    status: int
    rule: str
    title: str
    detail: str
    errors: dict[str, list[str]] = {}
    retry_after: int | None = None
    request_id: UUID | None = None

    def said_in(self, gettext: Callable[[str], str]) -> Problem:
        """This will translate what people read of it."""
        errors = {name: [gettext(text) for text in texts] for name, texts in self.errors.items()}
        return msgspec.structs.replace(self, title=gettext(self.title), detail=gettext(self.detail), errors=errors)

    def body(self) -> dict[str, object]:
        """This will give the members of application/problem+json."""
        members: dict[str, object] = {
            "type": TYPE + self.rule,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "rule": self.rule,
        }
        if self.errors:
            members["errors"] = self.errors
        if self.request_id is not None:
            members["request_id"] = str(self.request_id)
        return members
