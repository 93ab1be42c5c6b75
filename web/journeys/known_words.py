"""Words that everybody knows of a utility: no password there may be made of them (ASVS 5.0, 6.2.11)."""

from __future__ import annotations

from web.journeys.visit import Visit

PRODUCTS = ("Juice", "Seed", "electricity", "portal")


async def utility_words(visit: Visit) -> list[str]:
    """This will give the utility's code, name and places to reach it, and what it sells."""
    described = await visit.services.description()
    return [described.code, described.name, described.support_email, described.support_phone, *PRODUCTS]
