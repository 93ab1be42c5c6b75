"""Redeeming a Juice card: the form that shows what the card is worth before it is redeemed (journey 12)."""

from __future__ import annotations

import hmac
from typing import Any
from uuid import UUID

import falcon
import msgspec
from falcon.asgi import Request, Response

from domain.meter import Meter
from web.journeys import dashboard, normal, redeem
from web.journeys.redeem import CardOffer
from web.journeys.refusals import FieldErrors, StillRunning
from web.journeys.visit import Visit
from web.site import forms
from web.site.labels import resources
from web.site.render import show
from web.site.words import LANGUAGE, words
from web.site.writing import Writing

CARD = ("serial", "code")
FIELDS = (*CARD, "number", "meter", "offered", "idempotency_key", "do")


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A card's worth as it was shown, and the proof that it was shown for this serial and code."""

    amount: int
    currency: str
    proof: str


class Redeem:
    """GET and POST /redeem"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show the empty form."""
        await _form(req, resp, {})

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will redeem a card whose amount was shown, and show the amount first where it was not."""
        visit: Visit = req.context.visit
        form = await forms.fields(req, *FIELDS)
        try:
            if form["do"] != "redeem" or not _was_shown(visit, form):
                await _form(req, resp, form, offer=await _checked(visit, form))
                return
            started = await redeem.redeem(
                visit,
                form["serial"],
                form["code"],
                form["number"] if visit.session is None else None,
                form["idempotency_key"],
                meter_id=_meter_id(form["meter"]) if visit.session is not None else None,
            )
        except forms.REFUSALS as error:
            status, problem, errors = forms.trouble(error, resp)
            await _form(req, resp, form, status=status, problem=problem, errors=errors, same=isinstance(error, StillRunning))
            return
        resp.status = falcon.HTTP_303
        resp.location = f"/redemptions/{started.status_token}?at_least={started.position}"


class Amount:
    """POST /redeem/amount"""

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will tell the page's script what the card is worth, or why that cannot be said."""
        visit: Visit = req.context.visit
        form = await forms.fields(req, *CARD)
        resp.content_type = "application/json"
        try:
            offer = await _checked(visit, form)
        except forms.REFUSALS as error:
            status, problem, errors = forms.trouble(error, resp)
            resp.status = falcon.code_to_http_status(status)
            resp.data = msgspec.json.encode({"problem": problem or " ".join(errors.values())})
            return
        write = Writing(LANGUAGE, (await visit.services.description()).zone)
        amount = write.money(offer.amount, offer.currency)
        button = words(LANGUAGE).gettext("Redeem %(amount)s") % {"amount": amount}
        resp.data = msgspec.json.encode({"amount": amount, "proof": offer.proof, "redeem": button})


async def _checked(visit: Visit, form: dict[str, str]) -> Shown:
    offer: CardOffer = await redeem.check(visit, form["serial"], form["code"])
    return Shown(amount=offer.amount, currency=offer.currency, proof=_proof(visit, form))


async def _form(
    req: Request,
    resp: Response,
    form: dict[str, str],
    *,
    offer: Shown | None = None,
    status: int = 200,
    problem: str | None = None,
    errors: dict[str, str] | None = None,
    same: bool = False,
) -> None:
    """A new key each time, since another input is another request; `same` where the first one is still running."""
    visit: Visit = req.context.visit
    meters: tuple[Meter, ...] = (await dashboard.row(visit)).meters if visit.session is not None else ()
    facts: dict[str, Any] = {
        "values": form,
        "offer": offer,
        "problem": problem,
        "errors": errors or {},
        "meters": meters,
        "chosen": form.get("meter") or (str(meters[0].meter_id) if len(meters) == 1 else ""),
        "resources": resources(),
        "idempotency_key": form["idempotency_key"] if same else visit.randomness(16).hex(),
    }
    await show(req, resp, "redeem.html", status=status, **facts)


def _was_shown(visit: Visit, form: dict[str, str]) -> bool:
    return hmac.compare_digest(_proof(visit, form), form["offered"].encode("ascii", "replace").decode())


def _proof(visit: Visit, form: dict[str, str]) -> str:
    card = f"{normal.serial(form['serial'])}|{normal.code(form['code'])}"
    return visit.services.secrets.mac("card-amount-shown", card.encode())[:16].hex()


def _meter_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise FieldErrors({"meter": words(LANGUAGE).gettext("Choose the meter that gets the power.")}) from None
