"""The token shelf as a page: what to enter, in which order, and what was entered (journey 13)."""

from __future__ import annotations

from typing import Any

import falcon
from falcon.asgi import Request, Response

from web.journeys import ids, token_shelf
from web.journeys.refusals import FieldErrors
from web.site import forms, notes
from web.site.labels import kinds, resources
from web.site.positions import at_least
from web.site.render import show
from web.site.writing import Writing, writing
from wording.catalogue import N_

MARKED = "token-marked"
"""The note that says which token was marked as entered, so that it can be taken back at once."""

SENT = "tokens-sent"
"""The note that says where tokens were sent: no contact stands in a URL."""

OPEN_SHOWN = 2
"""Purchases still to be entered that are seen before one asks for the older ones."""

CHOOSE = N_("Choose where we shall send it.")


class TokenShelf:
    """GET /tokens"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show each meter's tokens."""
        sent, marked = notes.find(req, SENT), notes.find(req, MARKED)
        for name, note in ((SENT, sent), (MARKED, marked)):
            if note:
                notes.drop(req, resp, name)
        await _shown(req, resp, sent=sent[0] if sent else None, marked=marked[0] if marked else None)


class Entered:
    """POST /tokens/{token_id}/entered"""

    async def on_post(self, req: Request, resp: Response, token_id: str) -> None:
        """This will mark a token, or take its mark back."""
        form = await forms.fields(req, "do")
        entered = form["do"] != "not-entered"
        position = await token_shelf.mark(req.context.visit, ids.read(token_id), entered=entered)
        if entered:
            notes.leave(req, resp, MARKED, [token_id])
        resp.status = falcon.HTTP_303
        resp.location = f"/tokens?at_least={position}" if position else "/tokens"


class Messages:
    """POST /tokens/{token_id}/messages"""

    async def on_post(self, req: Request, resp: Response, token_id: str) -> None:
        """This will have the token sent to the contact that was chosen."""
        visit, id = req.context.visit, ids.read(token_id)
        chosen = (await forms.fields(req, "contact"))["contact"]
        try:
            contact = next((c for c in await token_shelf.contacts(visit) if str(c.contact_id) == chosen), None)
            if contact is None:
                raise FieldErrors({f"send-{id}": CHOOSE})
            await token_shelf.send(visit, id, contact.contact_id)
        except forms.REFUSALS as error:
            status, problem, errors = await forms.trouble(error, req, resp)
            await _shown(req, resp, status=status, problem=problem, errors=errors)
            return
        notes.leave(req, resp, SENT, [contact.value])
        resp.status, resp.location = falcon.HTTP_303, "/tokens"


async def _shown(req: Request, resp: Response, *, status: int = 200, **said: Any) -> None:
    found = await token_shelf.of(req.context.visit, at_least(req))
    await show(req, resp, "tokens.html", status=status, **facts_of(found, await writing(req), **said))


def facts_of(
    found: token_shelf.Shelves,
    write: Writing,
    *,
    sent: str | None = None,
    marked: str | None = None,
    problem: str | None = None,
    errors: dict[str, str] | None = None,
) -> dict[str, Any]:
    """This will gather what the template shows."""
    return {
        "shelves": found.shelves,
        "contacts": found.contacts,
        "behind": found.behind,
        "open_shown": OPEN_SHOWN,
        "kinds": kinds(write),
        "resources": resources(write),
        "sent": sent,
        "marked": marked,
        "problem": problem,
        "errors": errors or {},
    }
