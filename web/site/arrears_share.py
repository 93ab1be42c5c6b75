"""Paying a debt off faster, as a page: what a larger share would change, and choosing it."""

from __future__ import annotations

import re
from typing import Any

import falcon
from falcon.asgi import Request, Response

from web.journeys import amounts, arrears_share, authentication
from web.journeys.arrears_share import Effect, Shares
from web.journeys.normal import Unusable
from web.journeys.refusals import FieldErrors
from web.journeys.visit import Visit
from web.site import forms, password_again
from web.site.arrears import when
from web.site.forms import Filled
from web.site.positions import at_least
from web.site.render import show
from web.site.writing import Writing, writing
from wording.catalogue import N_

FIELDS = ("debt", "share", "amount", "password", "idempotency_key")
NO_SHARE = N_("Write a whole number of percent, such as 40.")


class ArrearsShare:
    """GET and POST /arrears/share"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show what may be chosen; with a debt and a share, what that would change."""
        given = {name: value for name in FIELDS[:3] if isinstance(value := req.params.get(name), str)}
        if (position := at_least(req)) is not None:
            await req.context.visit.services.views.reached(position)
        await _show(req, resp, Filled(values=given))

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will have Juice asked for the share, or show the page again with what was typed."""
        form = await forms.fields(req, *FIELDS)
        try:
            await password_again.given(req, resp, form["password"])
            position = await arrears_share.choose(
                req.context.visit, form["debt"], percent(form["share"]), form["idempotency_key"]
            )
        except forms.REFUSALS as error:
            await _show(req, resp, await password_again.refused(error, req, resp, form))
            return
        resp.status, resp.location = falcon.HTTP_303, f"/arrears/share?at_least={position}"


def percent(text: str) -> int:
    """This will read a whole number of percent. Raises FieldErrors."""
    found = re.fullmatch(r"\s*([0-9]{1,3})\s*%?\s*", text, re.ASCII)
    if found is None:
        raise FieldErrors({"share": NO_SHARE})
    return int(found[1])


async def _show(req: Request, resp: Response, form: Filled) -> None:
    visit: Visit = req.context.visit
    write, shares = await writing(req), await arrears_share.of(visit)
    effect, wrong, status = None, {}, form.status
    if form.values.get("debt") and "share" in form.values:
        try:
            effect = await _effect(visit, shares, form.values)
        except FieldErrors as error:
            wrong = {name: write.gettext(text) for name, text in error.errors.items()}
            status = status if status != 200 else 422
    errors = {"debt" if name == "debt_id" else name: text for name, text in (wrong | form.errors).items()}
    facts = facts_of(shares, effect, visit.clock().date(), write) | form.facts(visit) | {"errors": errors}
    fresh = authentication.is_fresh(visit) and password_again.FIELD not in errors
    await show(req, resp, "arrears-share.html", status=status, **facts, fresh=fresh)


def facts_of(shares: Shares, effect: Effect | None, today: Any, write: Writing) -> dict[str, Any]:
    """This will gather what the template shows."""
    return {
        "shares": shares,
        "effect": effect,
        "chosen": next((each.limits for each in shares.choices if effect and each.limits.debt == effect.debt_id), None),
        "when_now": when(effect.paid_off_now, today, write) if effect else None,
        "when_then": when(effect.paid_off_then, today, write) if effect else None,
    }


async def _effect(visit: Visit, shares: Shares, form: dict[str, str]) -> Effect:
    worth, wrong = None, {}
    if form.get("amount", "").strip():
        read = amounts.amount(form["amount"], shares.currency)
        if isinstance(read, Unusable) or read <= 0:
            wrong["amount"] = str(read) if isinstance(read, Unusable) else amounts.ENTER
        else:
            worth = read
    try:
        found = await arrears_share.effect(visit, shares, form["debt"], percent(form["share"]), worth)
    except FieldErrors as error:
        raise FieldErrors(error.errors | wrong) from None
    if wrong:
        raise FieldErrors(wrong)
    return found
