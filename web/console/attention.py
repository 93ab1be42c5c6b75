"""What somebody should look at, with what to do about each in plain words."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode
from uuid import UUID

from falcon.asgi import Request, Response

from web.access.roles import Role
from web.console.render import show
from web.console.requests import age
from web.console.stages import FEEDS, FLAGS, MESSAGES, NEXT, RULES, STAGES, TO_DO
from web.journeys import attention
from web.journeys.paging import BY_ID, BY_POSITION, Cursor
from web.journeys.refusals import FieldErrors
from web.journeys.visit import Visit
from web.site.writing import writing
from wording.catalogue import N_


class Attention:
    """GET /console/attention"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show all of it; accounts are links for staff, who may look at them."""
        visit: Visit = req.context.visit
        differences_before, messages_before = _place(req, "differences", BY_POSITION), _place(req, "messages", BY_ID)
        found, differences, messages = await asyncio.gather(
            attention.needed(visit),
            attention.differences(visit, before=differences_before),
            attention.messages(visit, before=messages_before),
        )
        of_lists = [*(row.account_id for row in differences.items), *(row.account_id for row in messages.items)]
        named = [*attention.owners(found), *of_lists]
        write, now = await writing(req), visit.clock()
        await show(
            req,
            resp,
            "attention.html",
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
