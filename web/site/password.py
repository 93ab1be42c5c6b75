"""Get Password and Confirm Identity as pages (journeys 3 and 4)."""

from __future__ import annotations

from typing import Any

import falcon
from falcon.asgi import Request, Response

from domain.access import MISPICKS_ALLOWED, AddressNoLongerSuffices, WrongAddress
from domain.links import LinkNoLongerValid
from web.journeys import get_password, normal
from web.journeys.refusals import TicketExpired
from web.journeys.visit import Visit
from web.site import forms, notes
from web.site.link_states import LinkState, state_of
from web.site.links import GET_PASSWORD, LOG_IN, ended
from web.site.render import show
from wording.catalogue import N_
from wording.masks import masked

TICKET, SENT = "ticket", "sent"

ENDED: dict[LinkState, dict[str, Any]] = {
    "used": {
        "heading": N_("This link has been used"),
        "points": [
            N_("A new password went to the contacts that were given with it, and to those that are registered."),
            N_("Look there for it. If nothing has come, ask again."),
        ],
        "ways": [LOG_IN, GET_PASSWORD],
    },
    "expired": {
        "heading": N_("This link has expired"),
        "points": [N_("It worked for 24 hours, and nothing was sent with it. Please ask for a password again.")],
        "ways": [GET_PASSWORD],
    },
}


class GetPassword:
    """GET and POST /get-password"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will ask for the account or meter number."""
        await show(req, resp, "password.html", values={}, errors={}, problem=None)

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will go on to Confirm Identity with a number that exists; with any other one nobody can continue."""
        form = await forms.fields(req, "number")
        try:
            question = await get_password.ask(req.context.visit, form["number"])
        except forms.REFUSALS as error:
            status, problem, errors = await forms.trouble(error, req, resp)
            await show(req, resp, "password.html", status=status, values=form, errors=errors, problem=problem)
            return
        notes.leave(req, resp, TICKET, [question.account_ticket])
        resp.status, resp.location = falcon.HTTP_303, "/get-password/confirm"


class Confirm:
    """GET and POST /get-password/confirm"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will ask for e-mail, phone and address, or lead back to where one begins."""
        ticket = notes.find(req, TICKET)
        if not ticket:
            resp.status, resp.location = falcon.HTTP_303, "/get-password"
            return
        await self._ask(req, resp, ticket[0], values={})

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will have the password sent, or say what was wrong; a wrong address is said to be wrong."""
        form = await forms.fields(req, "ticket", "email", "phone", "choice")
        try:
            confirmed = await get_password.confirm(
                req.context.visit, form["ticket"], form["email"], form["phone"], form["choice"]
            )
        except TicketExpired:
            raise
        except AddressNoLongerSuffices:
            # The page itself says so, and offers the link.
            await self._ask(req, resp, form["ticket"], values=form, status=409)
            return
        except forms.REFUSALS as error:
            status, problem, errors = await forms.trouble(error, req, resp)
            wrong = isinstance(error, WrongAddress)
            if wrong:
                form["choice"] = ""
            told: dict[str, Any] = {"status": status, "problem": problem, "errors": errors, "picked_wrong": wrong}
            await self._ask(req, resp, form["ticket"], values=form, **told)
            return
        notes.drop(req, resp, TICKET)
        await _lead_to_sent(req, resp, confirmed, form)

    async def _ask(
        self,
        req: Request,
        resp: Response,
        ticket: str,
        *,
        values: dict[str, str],
        status: int = 200,
        problem: str | None = None,
        errors: dict[str, str] | None = None,
        picked_wrong: bool = False,
    ) -> None:
        facts: dict[str, Any] = {"values": values, "problem": problem, "errors": errors or {}, "ticket": ticket}
        question = await get_password.question(req.context.visit, ticket)
        # Of two picks one was wrong just now; where another one is still asked for, it is the last.
        facts["one_more"] = picked_wrong and question.address_suffices and MISPICKS_ALLOWED == 2
        await show(req, resp, "identity.html", status=status, question=question, **facts)


class Sent:
    """GET /get-password/sent"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show the places that the password went to: in full what was given, the registered ones masked."""
        await show(req, resp, "password-sent.html", sent_to=notes.find(req, SENT))


class OfferLink:
    """POST /get-password/link"""

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will have a link sent to the registered contacts, and say so."""
        form = await forms.fields(req, "ticket")
        await get_password.offer_link(req.context.visit, form["ticket"])
        await show(req, resp, "link-sent.html")


class Continue:
    """GET and POST /continue/{token}"""

    async def on_get(self, req: Request, resp: Response, token: str) -> None:
        """This will ask where the password goes, for whoever has the link, or say what became of the link."""
        state = await state_of(req.context.visit, "continue", token)
        if state != "open":
            await ended(req, resp, state, **ENDED[state])
            return
        await show(req, resp, "continue.html", values={}, errors={}, problem=None)

    async def on_post(self, req: Request, resp: Response, token: str) -> None:
        """This will have the password sent; pressed again, it says what became of the link."""
        form = await forms.fields(req, "email", "phone")
        try:
            confirmed = await get_password.continue_with_link(req.context.visit, token, form["email"], form["phone"])
        except LinkNoLongerValid:
            state = await state_of(req.context.visit, "continue", token)
            if state == "open":
                raise
            await ended(req, resp, state, **ENDED[state])
            return
        except forms.REFUSALS as error:
            status, problem, errors = await forms.trouble(error, req, resp)
            await show(req, resp, "continue.html", status=status, values=form, errors=errors, problem=problem)
            return
        await _lead_to_sent(req, resp, confirmed, form)


async def _lead_to_sent(req: Request, resp: Response, confirmed: get_password.Confirmed, form: dict[str, str]) -> None:
    visit: Visit = req.context.visit
    region = await normal.region_of(visit.services)
    given = {"email": normal.email(form["email"]), "sms": normal.phone(form["phone"], region)}
    places = list(confirmed.sent_to)
    for channel, value in given.items():
        # Given places come after the registered ones, one that is both stands once: its last mask is what was typed.
        mask = masked(channel, value)
        if mask in places:
            places[len(places) - 1 - places[::-1].index(mask)] = value
    notes.leave(req, resp, SENT, places)
    resp.status, resp.location = falcon.HTTP_303, "/get-password/sent"
