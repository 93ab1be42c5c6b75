"""Which languages a request wants to be answered in: the one chosen on a page, then those that the browser asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from web.journeys.visit import Visit
from wording.catalogue import ENGLISH, chosen, offered

ONE = re.compile(r"([a-z]{2,3})(?:-[a-z0-9-]*)?(?:;q=(0(?:\.[0-9]{1,3})?|1(?:\.0{1,3})?))?", re.IGNORECASE)


def wanted(choice: str | None, accept: str | None) -> tuple[str, ...]:
    """This will read the choice and an Accept-Language header (RFC 9110, section 12.5.4), best first; regions are left out."""
    found: list[tuple[float, str]] = []
    for part in (accept or "").replace(" ", "").split(",")[:20]:
        if match := ONE.fullmatch(part):
            found.append((float(match[2] or 1), match[1].lower()))
    asked = [language for weight, language in sorted(found, key=lambda pair: -pair[0]) if weight > 0]
    return tuple(dict.fromkeys([*_one(choice), *asked]))


async def spoken(visit: Visit | None) -> str:
    """This will give the language in which whoever asks is answered; English where the utility cannot be read."""
    if visit is None:
        return ENGLISH
    try:
        described = await visit.services.description()
    except Exception:  # whatever it is, it is the answer's to tell, not the translation's
        return ENGLISH
    return chosen(visit.languages, offered(described.languages))


def _one(choice: str | None) -> Iterable[str]:
    if choice is not None and ONE.fullmatch(choice):
        yield choice.lower()
