"""Ids in paths: written as they are answered, or they name nothing there is."""

from __future__ import annotations

from uuid import UUID

from web.journeys.refusals import NotFound


def read(text: str) -> UUID:
    """This will read an id. Raises NotFound, also for a UUID in any other of its forms."""
    try:
        id = UUID(text)
    except ValueError:
        raise NotFound from None
    if str(id) != text:
        raise NotFound
    return id
