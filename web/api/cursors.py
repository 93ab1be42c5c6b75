"""What a page of a long list is asked for by. How pages are cut, and cursors read: `web.journeys.paging`."""

from __future__ import annotations

from typing import Any

from web.api.schemas import AtLeast
from web.api.typed import Text, Whole
from web.journeys.paging import BY_POSITION, Cursor


def before(cursor: Cursor[Any]) -> Text:
    """This will make the field for where a page begins: the page before ended there."""
    return Text(
        cursor.pattern,
        says="Send `next` of the page before, as it was.",
        required=False,
        description="`next` of the page before.",
        examples=[cursor.example],
    )


class PageQuery(AtLeast):
    """For lists by position; one by id says `before = cursors.before(BY_ID)`."""

    limit = Whole(least=1, most=200, load_default=50)
    before = before(BY_POSITION)
