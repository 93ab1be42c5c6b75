"""What somebody should look at, with what to do about each in plain words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from falcon.asgi import Request, Response

from web.access.roles import Role
from web.console.book_words import BY_ITSELF, DO, HOW, IN_JUICE, WHAT
from web.console.render import show
from web.console.requests import age, name_of
from web.console.stages import FEEDS, FLAGS, MESSAGES, NEXT, RULES, STAGES, TO_DO
from web.journeys import attention
from web.journeys import differences as differing
from web.journeys.paging import BY_ID, BY_POSITION, Cursor
from web.journeys.refusals import FieldErrors
from web.journeys.visit import Visit
from web.site.positions import at_least
from web.site.writing import writing
from wording.catalogue import N_


class Attention:
    """GET /console/attention"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show all of it; accounts are links for staff, who may look at them."""
        await show_attention(req, resp)


async def show_attention(req: Request, resp: Response, *, status: int = 200, tried: Mapping[str, Any] | None = None) -> None:
    """This will show the page; `tried` is a settling that was refused: of which difference, what was sent, and what is wrong."""
    visit: Visit = req.context.visit
    if (position := at_least(req)) is not None:
        await visit.services.views.reached(position)
    differences_before, messages_before = _place(req, "differences", BY_POSITION), _place(req, "messages", BY_ID)
    found, books, differences, messages = await asyncio.gather(
        attention.needed(visit),
        differing.found(visit),
        attention.differences(visit, before=differences_before),
        attention.messages(visit, before=messages_before),
    )
    of_lists = [*(row.account_id for row in differences.items), *(row.account_id for row in messages.items)]
    of_books = [row.account_id for row in (*books.open, *books.settled)]
    named = [*attention.owners(found), *of_lists, *of_books]
    write, now = await writing(req), visit.clock()
    await show(
        req,
        resp,
        "attention.html",
        status=status,
        tried=tried or {"of": None, "values": {}, "problem": None, "errors": {}},
        books=books,
        done=req.params.get("done") == "settled",
        what=WHAT,
        do=DO,
        how=HOW,
        in_juice=IN_JUICE,
        settled_as={**HOW, **BY_ITSELF},
        name_of=lambda by: name_of(by, write),
        now=now,
        found=found,
        differences=differences.items,
        differences_on=_link("differences", differences.next),
        messages=messages.items,
        messages_on=_link("messages", messages.next),
        numbers=await attention.numbers(visit, named),
        is_staff=visit.role is Role.STAFF,
        age=lambda since: age(since, now, write),
        stages=STAGES,
        rules=RULES,
        flags=FLAGS,
        next=NEXT,
        to_do=TO_DO,
        kinds=MESSAGES,
        feeds=FEEDS,
    )


def _place(req: Request, name: str, cursor: Cursor[int] | Cursor[UUID]) -> str | None:
    """Where a list goes on. Raises FieldErrors for what names no place."""
    given = req.params.get(name)
    if given is None:
        return None
    try:
        cursor.read(str(given))
    except ValueError:
        raise FieldErrors({name: N_("This address names no part of the list.")}) from None
    return str(given)


def _link(name: str, place: str | None) -> str | None:
    return f"?{urlencode({name: place})}#{name}" if place else None
