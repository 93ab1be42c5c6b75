"""Which position a page must have reached, so that customers see what they just did."""

from __future__ import annotations

import re

from falcon.asgi import Request

from domain.log import Position
from web.journeys.refusals import FieldErrors
from wording.catalogue import N_


def at_least(req: Request) -> Position | None:
    """This will read `at_least` of the address. Raises FieldErrors."""
    given = req.params.get("at_least")
    if given is None:
        return None
    if not isinstance(given, str) or not re.fullmatch(r"[0-9]{1,18}", given):
        raise FieldErrors({"at_least": N_("“at_least” is a position: a whole number.")})
    return int(given)
