"""An ambiguous purchase on the console: the transactions that it may be, and what staff decides."""

from __future__ import annotations

from typing import Any

import falcon
from falcon.asgi import Request, Response

from domain.wallet import Receipt
from web.console.render import show
from web.console.stages import NEXT, RULES, STAGES
from web.journeys import attention, decisions
from web.journeys.visit import Visit
from web.site import forms
from web.site.forms import Filled
from web.site.writing import Writing, writing


class Decision:
    """GET and POST /console/purchases/{purchase}"""

    async def on_get(self, req: Request, resp: Response, purchase: str) -> None:
        """This will show what it may be."""
        await _show(req, resp, purchase, Filled(values={}))

    async def on_post(self, req: Request, resp: Response, purchase: str) -> None:
        """This will settle it and lead back to what is to be looked at, or show the page again with what was typed."""
        form = await forms.fields(req, "transaction", "reason")
        try:
            await decisions.decide(req.context.visit, purchase, form["transaction"], form["reason"])
        except forms.REFUSALS as error:
            await _show(req, resp, purchase, await forms.refused(error, req, resp, form))
            return
        resp.status, resp.location = falcon.HTTP_303, f"/console/purchases/{purchase}?done=settled"


async def _show(req: Request, resp: Response, purchase: str, form: Filled) -> None:
    visit: Visit = req.context.visit
    found = await decisions.to_decide(visit, purchase)
    write = await writing(req)
    none = {decisions.NONE: write.gettext("None of them: Juice sold nothing for it")}
    choices = {each.juice_number: _told(each, write) for each in found.candidates} | none
    numbers = await attention.numbers(visit, [found.account_id])
    facts: dict[str, Any] = {
        "found": found,
        "number": numbers.get(found.account_id),
        "choices": choices,
        "stages": STAGES,
        "rules": RULES,
        "next": NEXT,
        "done": req.params.get("done") == "settled",
    }
    await show(req, resp, "decision.html", status=form.status, **facts, **form.facts(visit))


def _told(transaction: Receipt, write: Writing) -> str:
    """What tells one transaction from another: when it was, by Juice's clock, and what came out of it."""
    bought = [write.units(transaction.milliunits, transaction.unit)] if transaction.milliunits else []
    facts = [write.moment(transaction.happened_at), write.money(transaction.amount, transaction.currency), *bought]
    return ", ".join([transaction.juice_number, *facts])
