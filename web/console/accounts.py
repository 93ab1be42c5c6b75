"""A customer's account at the desk: found by number, looked at, helped with."""

from __future__ import annotations

from typing import Any

import falcon
from falcon.asgi import Request, Response

from domain.commands.identity import UnknownNumber
from domain.contact import Contact
from web.console.render import show
from web.console.stages import FLAGS, RULES, STAGES
from web.journeys import account_desk, normal
from web.journeys.refusals import FieldErrors
from web.journeys.sign_in import confirm, must_confirm
from web.middleware.origin import asked_from_here
from web.site import forms
from web.site.labels import kinds, resources
from web.site.positions import at_least
from web.site.writing import writing

CLEAN: dict[str, Any] = {"errors": {}, "problem": None, "is_led_from_elsewhere": False}
"""The search form as it is at first."""


class Search:
    """GET /console/accounts"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will ask for a number, and lead to the account that it leads to."""
        number = str(req.params.get("number", "")).strip()
        facts: dict[str, Any] = CLEAN | {"values": {"number": number}}
        if number:
            try:
                found = await account_desk.account_number(req.context.visit, number)
                resp.status, resp.location = falcon.HTTP_303, f"/console/accounts/{found}"
                return
            except UnknownNumber:
                error: Exception = FieldErrors({"number": normal.NO_SUCH_NUMBER})
            except forms.REFUSALS as refused:
                error = refused
            status, problem, errors = await forms.trouble(error, req, resp)
            facts |= {"status": status, "problem": problem, "errors": errors}
        await show(req, resp, "accounts.html", **facts)


class Account:
    """GET /console/accounts/{number}

    A look is recorded in the person's name. A browser does it from one of our own pages only: a link from elsewhere fills the
    search form in, and shows nothing.
    """

    async def on_get(self, req: Request, resp: Response, number: str) -> None:
        """This will record the look, and show what there is; with `contacts=full` the contacts as they are."""
        if req.context.visit.api_key is None and not asked_from_here(req):
            await show(req, resp, "accounts.html", **CLEAN | {"values": {"number": number}, "is_led_from_elsewhere": True})
            return
        position = at_least(req)
        behind = position is not None and not await req.context.visit.services.views.reached(position)
        seen = await account_desk.look(req.context.visit, number, in_full=req.params.get("contacts") == "full")
        write = await writing(req)
        await show(
            req,
            resp,
            "account.html",
            seen=seen,
            board=seen.board,
            resources=resources(write),
            kinds=kinds(write),
            stages=STAGES,
            flags=FLAGS,
            rules=RULES,
            behind=behind,
            done=req.params.get("done"),
        )


class Links:
    """POST /console/accounts/{number}/links"""

    async def on_post(self, req: Request, resp: Response, number: str) -> None:
        """This will have a link sent to the registered contacts, and lead back."""
        visit = req.context.visit
        found = await account_desk.account_number(visit, number)
        position = await account_desk.offer_link(visit, found)
        resp.status, resp.location = falcon.HTTP_303, f"/console/accounts/{found}?done=link&at_least={position}"


class WrongContact:
    """GET and POST /console/accounts/{number}/contacts/{contact_id}"""

    async def on_get(self, req: Request, resp: Response, number: str, contact_id: str) -> None:
        """This will ask whether the contact is to be removed."""
        account_number, contact = await account_desk.contact(req.context.visit, number, contact_id)
        await _ask(req, resp, account_number, contact)

    async def on_post(self, req: Request, resp: Response, number: str, contact_id: str) -> None:
        """This will remove it and lead back to the account."""
        visit = req.context.visit
        form = await forms.fields(req, "code")
        account_number, contact = await account_desk.contact(visit, number, contact_id)
        try:
            await confirm(visit, form["code"])
            position = await account_desk.remove_contact(visit, account_number, contact_id)
        except forms.REFUSALS as error:
            status, problem, errors = await forms.trouble(error, req, resp)
            await _ask(req, resp, account_number, contact, status=status, problem=problem, errors=errors)
            return
        resp.status, resp.location = falcon.HTTP_303, f"/console/accounts/{account_number}?done=removed&at_least={position}"


async def _ask(req: Request, resp: Response, number: str, contact: Contact, **facts: Any) -> None:
    given: dict[str, Any] = {"errors": {}, "problem": None, "must_confirm": must_confirm(req.context.visit)}
    facts = given | {"number": number, "contact": contact, "place": account_desk.place(contact)} | facts
    await show(req, resp, "wrong-contact.html", **facts)
