"""Service requests as pages: the list with its check boxes, a new one, and what was said in one (journey 10)."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import falcon
import msgspec
from falcon.asgi import Request, Response

from domain.ticket import TicketNotClosed
from domain.ticket_events import About
from projections.purchases import PurchaseRow
from projections.ticket_thread import ThreadRow
from projections.tickets import TicketRow
from web.journeys import requests
from web.journeys.paging import BY_POSITION, Page
from web.journeys.refusals import FieldErrors, KeyUsedForAnother, NotYetVisible
from web.journeys.visit import Visit
from web.site import forms
from web.site.forms import Filled
from web.site.labels import topics
from web.site.positions import at_least
from web.site.render import show
from web.site.reported_card import reported
from web.site.writing import Writing, writing
from wording.catalogue import N_

LARGEST = 64 * 1024
"""Bytes of a form: the longest text in the script that takes most of them."""

OPEN_SHOWN, CLOSED_SHOWN = 50, 20
FIELDS = ("topic", "subject", "text", "redemption", "purchase", "idempotency_key")
SENT_BEFORE = N_("This was sent before, in other words. If it is not among your requests, please send it once more.")
PAYMENTS = {"redemption": "card", "purchase": "payment"}
"""What an address may name, and what a request is about then."""

UUID_FORM = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A request as its customer reads it; `comment` is the utility's last one."""

    reference: str
    subject: str
    topic: str
    standing: str
    closed: bool
    opened: str
    comment: str | None
    comment_at: str | None


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the list; `further` leads to what is older."""

    heading: str
    rows: tuple[Line, ...]
    further: str | None


class Bubble(msgspec.Struct, frozen=True, kw_only=True):
    """One thing said, as one side reads it; `own` where that side said it."""

    own: bool
    who: str
    did: str
    at: str
    text: str | None


class Requests:
    """GET /requests"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show the customer's requests, open ones first; with `before` the older ones of one state."""
        visit: Visit = req.context.visit
        behind = await _behind(req)
        state, before = _state(req)
        found = []
        if state in (None, "open"):
            found.append(("open", await requests.page(visit, limit=OPEN_SHOWN, closed=False, before=before)))
        if state in (None, "closed"):
            found.append(("closed", await requests.page(visit, limit=CLOSED_SHOWN, closed=True, before=before)))
        write = await writing(req)
        shown = [section(state, page, write) for state, page in found]
        await show(req, resp, "requests.html", sections=shown, paged=before is not None, behind=behind)


class NewRequest:
    """GET and POST /requests/new"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show the form; about a payment of the customer's own where the address names one."""
        named = {kind: value for kind in PAYMENTS if isinstance(value := req.params.get(kind), str)}
        topic = next((PAYMENTS[kind] for kind in named), "")
        await _form(req, resp, Filled(values={"topic": topic, "redemption": "", "purchase": ""} | named))

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will submit the request and lead to it, or show the form again with what was typed."""
        form = await forms.fields(req, *FIELDS, largest=LARGEST)
        visit: Visit = req.context.visit
        try:
            sent = await requests.submit(
                visit, form["topic"], form["subject"], form["text"], form["idempotency_key"], about=_named(form)
            )
        except forms.REFUSALS as error:
            await _form(req, resp, await refused(error, req, resp, form))
            return
        resp.status, resp.location = falcon.HTTP_303, f"/requests/{sent.reference}?new=yes&at_least={sent.position}"


class OneRequest:
    """GET and POST /requests/{request}"""

    async def on_get(self, req: Request, resp: Response, request: str) -> None:
        """This will show a request of the customer's own and what was said, with a form to add to it or open it again."""
        behind, new = await _behind(req), "new" in req.params
        try:
            await _show(req, resp, request, Filled(values={}), behind=behind, new=new)
        except NotYetVisible:
            # It is in the log, and whoever has just sent it wants to know that, not that we are slow.
            facts: dict[str, Any] = {
                "heading": N_("We have your request"),
                "points": (N_("It is shown here in a moment."), request),
            }
            await show(req, resp, "message.html", **facts, good=True, reference=None, ways=[(req.path, N_("Show it"))])

    async def on_post(self, req: Request, resp: Response, request: str) -> None:
        """This will add a comment or open the request again, or show the page again with what was typed."""
        form = await forms.fields(req, "text", "do", "idempotency_key", largest=LARGEST)
        visit: Visit = req.context.visit
        try:
            if form["do"] == "reopen":
                position = await requests.reopen(visit, request, form["text"])
            else:
                position = await requests.comment(visit, request, form["text"], form["idempotency_key"])
        except TicketNotClosed as error:
            if form["text"].strip():
                await _show(req, resp, request, await refused(error, req, resp, form))
                return
            position = 0  # pressed twice: it is as it was wanted
        except forms.REFUSALS as error:
            await _show(req, resp, request, await refused(error, req, resp, form))
            return
        resp.status, resp.location = falcon.HTTP_303, f"/requests/{request}?at_least={position}"


def section(state: str, page: Page[TicketRow], write: Writing) -> Section:
    """This will show a part of the list."""
    return Section(
        heading=write.gettext("Open") if state == "open" else write.gettext("Closed"),
        rows=tuple(line(row, write) for row in page.items),
        further=f"/requests?state={state}&before={page.next}" if page.next else None,
    )


def line(row: TicketRow, write: Writing) -> Line:
    """This will show how a request stands."""
    if row.closed_at is not None:
        standing = write.gettext("Closed on %(at)s") % {"at": write.moment(row.closed_at)}
    elif row.waiting:
        standing = write.gettext("Open: we will answer")
    else:
        standing = write.gettext("Open: we have answered")
    return Line(
        reference=row.reference,
        subject=_words(row.subject, row.opened_by, write),
        topic=topics(write)[row.topic],
        standing=standing,
        closed=row.closed_at is not None,
        opened=write.day(row.opened_at.astimezone(ZoneInfo(write.zone)).date()),
        comment=write.gettext(row.utility_said) if row.utility_said and row.cause else row.utility_said,
        comment_at=write.moment(row.utility_said_at) if row.utility_said_at else None,
    )


def bubble(row: ThreadRow, utility: str, write: Writing) -> Bubble:
    """This will show one thing said: by the customer, by the utility, or by Seed in its name."""
    role = row.by.partition(":")[0]
    did = {"closed": write.gettext("closed the request"), "reopened": write.gettext("opened it again")}
    return Bubble(
        own=role == "customer",
        who=write.gettext("You") if role == "customer" else utility,
        did=did.get(row.kind) or (write.gettext("(automatic message)") if role == "system" else ""),
        at=write.moment(row.at),
        text=_words(row.text, row.by, write) if row.text else None,
    )


def facts_of(thread: requests.Thread, utility: str, write: Writing) -> dict[str, Any]:
    """This will gather what the page of one request shows."""
    row = thread.ticket
    return {
        "row": line(row, write),
        "thread": [bubble(each, utility, write) for each in thread.said],
        "redemption": row.about_id if row.about_kind == "redemption" else None,
        "purchase": row.about_id if row.about_kind == "purchase" else None,
        "card": reported(thread.card, write) if thread.card else None,
        "reopened_until": write.moment(thread.reopened_until) if thread.may_reopen and thread.reopened_until else None,
    }


async def _show(
    req: Request,
    resp: Response,
    reference: str,
    form: Filled,
    *,
    behind: bool = False,
    new: bool = False,
) -> None:
    visit: Visit = req.context.visit
    thread = await requests.thread(visit, reference)
    utility = (await visit.services.description()).name
    facts = facts_of(thread, utility, await writing(req)) | form.facts(visit) | {"behind": behind, "new": new}
    await show(req, resp, "request.html", status=form.status, **facts)


async def _form(req: Request, resp: Response, form: Filled) -> None:
    visit, write = req.context.visit, await writing(req)
    facts = form.facts(visit) | {"about": await _about(visit, form.values, write), "topics": topics(write)}
    await show(req, resp, "request-new.html", status=form.status, **facts)


def _named(form: dict[str, str]) -> About | None:
    """The payment that a form names."""
    if UUID_FORM.fullmatch(form["redemption"]):
        return About(kind="redemption", id=UUID(form["redemption"]))
    return About(kind="purchase", id=UUID(form["purchase"])) if UUID_FORM.fullmatch(form["purchase"]) else None


async def _about(visit: Visit, form: dict[str, str], write: Writing) -> str | None:
    """What the request is about, in words; None where it names no payment of the customer's own."""
    named = _named(form)
    found = await requests.payment(visit, named) if named is not None else None
    if found is None:
        return None
    told = {"amount": write.money(found.amount, found.currency), "at": write.moment(found.changed_at)}
    if isinstance(found, PurchaseRow):
        return write.gettext("About your payment of %(amount)s, %(at)s.") % told
    return write.gettext("About your Juice card of %(amount)s, %(at)s.") % told


async def refused(error: Exception, req: Request, resp: Response, values: dict[str, str]) -> Filled:
    """This will give the form with what was typed and why it was refused. Raises what `forms.trouble` does."""
    if isinstance(error, KeyUsedForAnother):
        return Filled(values=values, status=409, problem=(await writing(req)).gettext(SENT_BEFORE))
    return await forms.refused(error, req, resp, values)


async def _behind(req: Request) -> bool:
    position = at_least(req)
    return position is not None and not await req.context.visit.services.views.reached(position)


def _state(req: Request) -> tuple[str | None, str | None]:
    """Which part of the list, past which row. Raises FieldErrors."""
    state, before = req.params.get("state"), req.params.get("before")
    if before is None:
        return None, None
    if state not in ("open", "closed") or not isinstance(before, str) or not re.fullmatch(BY_POSITION.pattern, before):
        raise FieldErrors({"before": N_("This address names no part of your requests.")})
    return state, before


def _words(text: str, by: str, write: Writing) -> str:
    """What Seed itself says stands in the log in English, marked for translation."""
    return write.gettext(text) if by.partition(":")[0] == "system" else text
