"""The scratch code between two steps of a form: sealed, and for a while only, so that no page repeats it."""

from __future__ import annotations

from datetime import timedelta

from web.journeys import normal, tokens
from web.journeys.visit import Visit

FIELD = "kept_code"
LASTS = timedelta(hours=1)
PURPOSE = "kept-code"
EXPIRES, LONGEST = 4, 25
SIZE = EXPIRES + LONGEST
"""Bytes: a time in seconds, and a code filled up with spaces."""


def keep(visit: Visit, form: dict[str, str]) -> dict[str, str]:
    """This will give what a page may say of a form: the code sealed. What cannot be a code stays, so that it can be mended."""
    code = normal.code(form["code"])
    if isinstance(code, normal.Unusable):
        return form | {FIELD: ""}
    expires = int((visit.clock() + LASTS).timestamp())
    content = expires.to_bytes(EXPIRES) + code.encode().ljust(LONGEST)
    return form | {"code": "", FIELD: tokens.seal(visit.services.secrets, PURPOSE, content)}


def with_kept(visit: Visit, form: dict[str, str]) -> dict[str, str]:
    """This will fill in the code that was kept, where none was typed."""
    if form["code"].strip():
        return form
    content = tokens.unseal(visit.services.secrets, PURPOSE, form[FIELD], SIZE)
    if content is None or int.from_bytes(content[:EXPIRES]) <= visit.clock().timestamp():
        return form
    return form | {"code": content[EXPIRES:].decode().rstrip()}
