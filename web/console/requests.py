"""Service requests on the console: the queue, one request with its answers, and one that staff opens for a customer."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import falcon
import msgspec
from falcon.asgi import Request, Response

from domain import references
from domain.ticket import is_utility
from domain.ticket_events import TOPICS
from projections.ticket_thread import ThreadRow
from projections.tickets import TicketRow, Waiting
from web.console.cards import card_of
from web.console.render import show
from web.journeys import damaged_cards, request_desk, requests
from web.journeys.paging import BY_POSITION
from web.journeys.refusals import FieldErrors
from web.journeys.visit import Visit
from web.site import forms
from web.site.forms import Filled
from web.site.labels import topics
from web.site.positions import at_least
from web.site.requests import LARGEST, Bubble, refused
from web.site.writing import Writing, writing
from wording.catalogue import N_

SHOWN = 50
STATES = {"open": False, "closed": True, "all": None}
TURNS = {"": None, "us": True, "customer": False}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A request in the queue; `turn` says who has to say something next, `last` who said something last, and when."""

    reference: str
    subject: str
    topic: str
    account: str
    opened: str
    age: str
    turn: str
    is_ours: bool
    last: str


class Queue:
    """GET /console/requests"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show the utility's requests: as a rule the open ones, the oldest first."""
        visit: Visit = req.context.visit
        values = _values(req)
        if (reference := references.read(values["find"])) and await _is_there(visit, reference):
            resp.status, resp.location = falcon.HTTP_303, f"/console/requests/{reference}"
            return
        if (position := at_least(req)) is not None:
            await visit.services.views.reached(position)
        shown: dict[str, Any] = {"status": 200, "problem": None, "errors": {}, "rows": (), "further": None}
        try:
            page = await request_desk.queue(
                visit,
                limit=SHOWN,
                closed=STATES[values["state"]],
                topic=values["topic"] or None,
                waiting=TURNS[values["turn"]],
                number=values["find"] or None,
                before=values["before"] or None,
            )
        except FieldErrors as error:
            status, problem, errors = await forms.trouble(error, req, resp)
            shown |= {"status": status, "problem": problem, "errors": {"find": " ".join(errors.values())}}
        else:
            write = await writing(req)
            shown["rows"] = await asyncio.gather(*(row(visit, each, write) for each in page.items))
            shown["further"] = "?" + urlencode(values | {"before": page.next}) if page.next else None
        counts = await request_desk.counts(visit)
        await show(req, resp, "request-queue.html", **shown, **facts_of(values, counts, await writing(req)))


class OneRequest:
    """GET and POST /console/requests/{request}"""

    async def on_get(self, req: Request, resp: Response, request: str) -> None:
        """This will show a request with all that was said, and the forms to answer, to close and to open it again."""
        if (position := at_least(req)) is not None:
            await req.context.visit.services.views.reached(position)
        await _show(req, resp, request, Filled(values={}))

    async def on_post(self, req: Request, resp: Response, request: str) -> None:
        """This will answer, close or open again, or show the page again with what was typed."""
        visit: Visit = req.context.visit
        form = await forms.fields(req, "text", "do", "outcome", "idempotency_key", largest=LARGEST)
        try:
            if form["do"] == "close":
                position = await request_desk.close(visit, request, form["text"], form["outcome"])
            elif form["do"] == "reopen":
                position = await requests.reopen(visit, request, form["text"])
            else:
                position = await requests.comment(visit, request, form["text"], form["idempotency_key"])
        except forms.REFUSALS as error:
            again = await refused(error, req, resp, form)
            # Whichever button was pressed, the field for words is the one there is.
            words = [says for name, says in again.errors.items() if name != "outcome"]
            errors = {name: says for name, says in again.errors.items() if name == "outcome"}
            errors |= {"text": " ".join(words)} if words else {}
            await _show(req, resp, request, msgspec.structs.replace(again, errors=errors))
            return
        resp.status, resp.location = falcon.HTTP_303, f"/console/requests/{request}?at_least={position}"


class CardLookUp:
    """POST /console/requests/{request}/card"""

    async def on_post(self, req: Request, resp: Response, request: str) -> None:
        """This will ask Juice how the card of the request stands, and show the request with its answer."""
        try:
            _, position = await damaged_cards.look_up(req.context.visit, request)
        except forms.REFUSALS as error:
            await _show(req, resp, request, await refused(error, req, resp, {}))
            return
        resp.status, resp.location = falcon.HTTP_303, f"/console/requests/{request}?at_least={position}"


class NewRequest:
    """GET and POST /console/requests/new"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show the form."""
        number = req.params.get("number")
        await _form(req, resp, Filled(values={"number": number if isinstance(number, str) else ""}))

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will open a request for a customer and lead to it, or show the form again with what was typed."""
        form = await forms.fields(req, "number", "topic", "subject", "text", "idempotency_key", largest=LARGEST)
        try:
            opened = await request_desk.open_for(req.context.visit, **form)
        except forms.REFUSALS as error:
            await _form(req, resp, await refused(error, req, resp, form))
            return
        resp.status, resp.location = falcon.HTTP_303, f"/console/requests/{opened.reference}?at_least={opened.position}"


async def row(visit: Visit, ticket: TicketRow, write: Writing) -> Row:
    """This will show a request in the queue."""
    return row_of(ticket, await request_desk.account_number(visit, ticket.account_id), visit.clock(), write)


def row_of(ticket: TicketRow, account: str, now: datetime, write: Writing) -> Row:
    """This will put a request of that account into words."""
    if ticket.closed_at is not None:
        turn = write.gettext("Closed %(at)s") % {"at": write.short_moment(ticket.closed_at)}
    else:
        turn = write.gettext("Waits for us") if ticket.waiting else write.gettext("Waits for the customer")
    return Row(
        reference=ticket.reference,
        subject=ticket.subject,
        topic=topics(write)[ticket.topic],
        account=account,
        opened=write.moment(ticket.opened_at),
        age=age(ticket.opened_at, now, write),
        turn=turn,
        is_ours=ticket.waiting and ticket.closed_at is None,
        last=f"{name_of(ticket.last_by, write)}, {write.short_moment(ticket.last_at)}",
    )


def age(since: datetime, now: datetime, write: Writing) -> str:
    """This will say how old a request is, in whole days, hours or minutes."""
    minutes = max(0, int((now - since).total_seconds()) // 60)
    if minutes >= 48 * 60:
        return write.ngettext("%(count)d day", "%(count)d days", minutes // 1440) % {"count": minutes // 1440}
    if minutes >= 120:
        return write.ngettext("%(count)d hour", "%(count)d hours", minutes // 60) % {"count": minutes // 60}
    return write.ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def bubble(said: ThreadRow, write: Writing) -> Bubble:
    """This will show one thing said, with the name of whoever said it."""
    did = {"closed": write.gettext("closed the request"), "reopened": write.gettext("opened it again")}
    return Bubble(
        own=is_utility(said.by),
        who=name_of(said.by, write),
        did=did.get(said.kind, ""),
        at=write.moment(said.at),
        text=said.text,
    )


def name_of(by: str, write: Writing) -> str:
    """This will name whoever spoke: the customer, one of the staff, or Seed itself."""
    role, _, name = by.partition(":")
    if role == "system":
        return write.gettext("Automatic")
    return name or role if is_utility(by) else write.gettext("Customer")


def facts_of(values: dict[str, str], counts: dict[str, Waiting], write: Writing) -> dict[str, Any]:
    """This will gather what the queue shows beside its rows."""
    return {
        "values": values,
        "topics": topics(write),
        "open": sum(count.open for count in counts.values()),
        "waiting": sum(count.waiting for count in counts.values()),
        "counts": counts,
    }


def _values(req: Request) -> dict[str, str]:
    """What the queue is asked for; whatever makes no sense is not asked for. Raises FieldErrors for a place that is none."""
    given = {name: value.strip() for name, value in req.params.items() if isinstance(value, str)}
    known = {"state": STATES, "topic": TOPICS, "turn": TURNS}
    values = {name: given[name] if given.get(name) in among else "" for name, among in known.items()}
    before = given.get("before", "")
    if before and not re.fullmatch(BY_POSITION.pattern, before):
        raise FieldErrors({"before": N_("This address names no part of the requests.")})
    return values | {"state": values["state"] or "open", "find": given.get("find", ""), "before": before}


async def _is_there(visit: Visit, reference: str) -> bool:
    return await visit.services.views.tickets.of(visit.services.portal.ticket_id(reference)) is not None


async def _show(req: Request, resp: Response, reference: str, form: Filled) -> None:
    visit: Visit = req.context.visit
    thread, write = await requests.thread(visit, reference), await writing(req)
    facts: dict[str, Any] = {
        "row": await row(visit, thread.ticket, write),
        "opened_by": name_of(thread.ticket.opened_by, write),
        "closed": thread.ticket.closed_at is not None,
        "about": thread.ticket.about_id if thread.ticket.about_kind in ("redemption", "purchase") else None,
        "difference": thread.ticket.about_id if thread.ticket.about_kind == "difference" else None,
        "thread": [bubble(each, write) for each in thread.said],
        "card": card_of(thread.card, write) if thread.card else None,
    }
    await show(req, resp, "request-desk.html", status=form.status, **facts, **form.facts(visit))


async def _form(req: Request, resp: Response, form: Filled) -> None:
    facts = form.facts(req.context.visit) | {"topics": topics(await writing(req))}
    await show(req, resp, "request-for.html", status=form.status, **facts)
