"""Get Password and Confirm Identity as pages (journeys 3 and 4)."""

from __future__ import annotations

from typing import Any

import falcon
from falcon.asgi import Request, Response

from domain.account import AddressNoLongerSuffices, WrongAddress
from web.journeys import get_password
from web.journeys.refusals import FieldErrors, TicketExpired
from web.site import forms, notes
from web.site.render import show

TICKET, SENT = "ticket", "sent"


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
            status, problem, errors = forms.trouble(error, resp)
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
            status, problem, errors = forms.trouble(error, resp)
            if isinstance(error, WrongAddress):
                form["choice"] = ""
            await self._ask(req, resp, form["ticket"], values=form, status=status, problem=problem, errors=errors)
            return
        notes.drop(req, resp, TICKET)
        notes.leave(req, resp, SENT, list(confirmed.sent_to))
        resp.status, resp.location = falcon.HTTP_303, "/get-password/sent"

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
    ) -> None:
        facts: dict[str, Any] = {"values": values, "problem": problem, "errors": errors or {}, "ticket": ticket}
        question = await get_password.question(req.context.visit, ticket)
        await show(req, resp, "identity.html", status=status, question=question, **facts)


class Sent:
    """GET /get-password/sent"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show the places that the password went to, so that only their owner recognises them."""
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
        """This will ask where the password goes, for whoever has the link."""
        await get_password.check_link(req.context.visit, token)
        await show(req, resp, "continue.html", values={}, errors={}, problem=None)

    async def on_post(self, req: Request, resp: Response, token: str) -> None:
        """This will have the password sent."""
        form = await forms.fields(req, "email", "phone")
        try:
            confirmed = await get_password.continue_with_link(req.context.visit, token, form["email"], form["phone"])
        except FieldErrors as error:
            status, problem, errors = forms.trouble(error, resp)
            await show(req, resp, "continue.html", status=status, values=form, errors=errors, problem=problem)
            return
        notes.leave(req, resp, SENT, list(confirmed.sent_to))
        resp.status, resp.location = falcon.HTTP_303, "/get-password/sent"
