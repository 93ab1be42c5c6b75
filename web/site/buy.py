"""Buying power with a credit card: nobody is led to the payment page before they saw where the money will go (journey 11)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import falcon
import msgspec
from falcon.asgi import Request, Response

from domain.meter import Meter
from domain.purchase_limits import limits
from web.journeys import amounts, buy, dashboard, normal, preview
from web.journeys.preview import Preview
from web.journeys.visit import Visit
from web.site import forms
from web.site.forms import Filled
from web.site.labels import resources
from web.site.render import fragment, show
from web.site.shown import Shown, seen, shown
from web.site.writing import Writing, writing

CONFIRM = "confirm"
"""The step between, where no script has shown where the money will go."""

FIELDS = ("amount", "meter", "offered", "idempotency_key", "do")
CHOOSE = normal.Unusable(normal.CHOOSE_METER)


class Wish(msgspec.Struct, frozen=True):
    """What the form asks for, read: minor units, and one of the account's meters."""

    amount: int
    meter_id: UUID


class Buy:
    """GET and POST /buy"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show the form, or the wish to confirm; where no credit cards are taken, the form for Juice cards."""
        visit: Visit = req.context.visit
        if visit.services.cards is None:
            resp.status, resp.location = falcon.HTTP_303, "/redeem"
            return
        given = {name: value if isinstance(value := req.params.get(name), str) else "" for name in ("amount", "meter")}
        if req.params.get("step") != CONFIRM:
            await _form(req, resp, Filled(values=given))
            return
        try:
            wish = await _read(visit, given)
            await _confirm(req, resp, given, await preview.by_credit_card(visit, wish.meter_id, wish.amount))
        except forms.REFUSALS as error:
            await _form(req, resp, await forms.refused(error, req, resp, given))

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will lead to the payment page for what was seen; what was not, it shows first, to be confirmed."""
        visit: Visit = req.context.visit
        form = await forms.fields(req, *FIELDS)
        if form["do"] == "change":
            _lead_to(resp, form)
            return
        try:
            wish = await _read(visit, form)
            offer = seen(visit, _subject(visit, wish), form["offered"])
            if offer is None or offer.amount != wish.amount:
                _lead_to(resp, form, step=CONFIRM)
                return
            language = (await writing(req)).language
            started = await buy.buy(visit, wish.meter_id, wish.amount, form["idempotency_key"], language=language)
        except forms.REFUSALS as error:
            await _form(req, resp, await forms.refused(error, req, resp, form))
            return
        may_lead_to_payment(req)
        resp.status = falcon.HTTP_303
        resp.location = started.pay_at or f"/purchases/{started.status_token}?at_least={started.position}"


class BuyPreview:
    """POST /buy/preview"""

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will tell the page's script where the money will go, or why that cannot be said."""
        visit: Visit = req.context.visit
        form = await forms.fields(req, *FIELDS)
        resp.content_type = "application/json"
        try:
            wish = await _read(visit, form)
            made = await preview.by_credit_card(visit, wish.meter_id, wish.amount)
        except forms.REFUSALS as error:
            status, problem, errors = await forms.trouble(error, req, resp)
            resp.status = falcon.code_to_http_status(status)
            resp.data = msgspec.json.encode({"problem": problem or " ".join(errors.values())})
            return
        told = {
            "proof": str(_shown(visit, made)),
            "button": pay_button(await writing(req), made.amount, made.currency),
            "sheet": await fragment(req, "preview.html", preview=made),
        }
        resp.data = msgspec.json.encode(told)


def _lead_to(resp: Response, form: dict[str, str], **step: str) -> None:
    """An address of its own, so that whoever comes back from the payment page finds it again, and sends nothing twice."""
    resp.status = falcon.HTTP_303
    resp.location = f"/buy?{urlencode({'amount': form['amount'], 'meter': form['meter'], **step})}"


def may_lead_to_payment(req: Request) -> None:
    """This will let the page's form end at the provider's payment page."""
    cards = req.context.visit.services.cards
    req.context.form_leads_to = cards.pages_origin if cards is not None else None


def pay_button(write: Writing, amount: int, currency: str) -> str:
    """This will name the button that leads to the payment page."""
    return write.gettext("Pay %(amount)s") % {"amount": write.money(amount, currency)}


async def _read(visit: Visit, form: dict[str, str]) -> Wish:
    """Raises FieldErrors, with every field that is wrong."""
    board = await dashboard.row(visit)
    known = {str(meter.meter_id): meter.meter_id for meter in board.meters}
    read = amounts.amount(form["amount"], board.currency)
    if not isinstance(read, normal.Unusable):
        read = amounts.within_limits(read, board.currency)
    normal.checked(
        amount=read if isinstance(read, normal.Unusable) else form["amount"],
        meter=form["meter"] if form["meter"] in known else CHOOSE,
    )
    return Wish(int(read), known[form["meter"]])


def _subject(visit: Visit, wish: Wish) -> str:
    return f"{visit.account_id}|{wish.meter_id}"


def _shown(visit: Visit, made: Preview) -> Shown:
    return shown(visit, _subject(visit, Wish(made.amount, made.meter.meter_id)), made.amount, made.currency)


async def _form(req: Request, resp: Response, form: Filled) -> None:
    visit: Visit = req.context.visit
    board, write = await dashboard.row(visit), await writing(req)
    may_lead_to_payment(req)
    allowed = limits(board.currency)
    facts: dict[str, Any] = {
        "meters": board.meters,
        "chosen": form.values.get("meter") or _only(board.meters),
        "resources": resources(write),
        "currency": board.currency,
        "least": write.money(allowed.least, board.currency),
        "most": write.money(allowed.most, board.currency),
    }
    await show(req, resp, "buy.html", status=form.status, **facts, **form.facts(visit))


async def _confirm(req: Request, resp: Response, form: dict[str, str], made: Preview) -> None:
    """The step between, where no script has shown where the money will go."""
    visit: Visit = req.context.visit
    write = await writing(req)
    may_lead_to_payment(req)
    facts: dict[str, Any] = {
        "values": form,
        "preview": made,
        "offer": _shown(visit, made),
        "target": f"{resources(write)[made.meter.resource]}, {write.gettext('meter')} {made.meter.number}",
        "button": pay_button(write, made.amount, made.currency),
        "idempotency_key": visit.randomness(16).hex(),
    }
    await show(req, resp, "buy-confirm.html", **facts)


def _only(meters: tuple[Meter, ...]) -> str:
    return str(meters[0].meter_id) if len(meters) == 1 else ""
