"""Redeeming a Juice card: nothing is redeemed before the amount was seen (journey 12)."""

from __future__ import annotations

import hmac
from typing import Any
from uuid import UUID

import falcon
import msgspec
from falcon.asgi import Request, Response

from domain.meter import Meter
from web.journeys import dashboard, normal, redeem
from web.journeys.refusals import FieldErrors, StillRunning
from web.journeys.visit import Visit
from web.site import forms, notes
from web.site.labels import resources
from web.site.render import show
from web.site.writing import writing
from wording.catalogue import N_
from wording.masks import masked_number

CARD = ("serial", "code")
FIELDS = (*CARD, "number", "meter", "offered", "idempotency_key", "do")
AGAIN, SERIAL = "again", "serial"
"""The parameter that asks for the last card's form again, and the note that keeps its serial; a code is never kept."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A card's worth as it was shown; `proof` says that it was shown for this serial and code, and what it was."""

    amount: int
    currency: str
    proof: str

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} {self.proof}"


class Redeem:
    """GET and POST /redeem"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show the form: empty, or with the serial of the card that was tried last."""
        again = AGAIN in req.params
        serial = "".join(notes.find(req, SERIAL)) if again else ""
        await _form(req, resp, {"serial": serial}, await _meters(req.context.visit), again=again)

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will redeem a card whose amount was seen; of any other it shows the amount, to be confirmed."""
        visit: Visit = req.context.visit
        form = await forms.fields(req, *FIELDS)
        meters, seen = await _meters(visit), _seen(visit, form)
        if form["do"] == "change":
            await _form(req, resp, form, meters, offer=seen)
            return
        try:
            meter_id = _checked_fields(form, meters)
            if seen is None:
                await _confirm(req, resp, form, meters, await _checked(visit, form))
                return
            number = form["number"] if meter_id is None else None
            key = form["idempotency_key"]
            started = await redeem.redeem(visit, form["serial"], form["code"], number, key, meter_id=meter_id)
        except forms.REFUSALS as error:
            status, problem, errors = await forms.trouble(error, req, resp)
            again: dict[str, Any] = {"status": status, "problem": problem, "errors": errors}
            same = isinstance(error, StillRunning)
            # What the card is worth is still true only where the card itself was not refused.
            offer = seen if same or isinstance(error, FieldErrors) else None
            await _form(req, resp, form, meters, offer=offer, same=same, **again)
            return
        notes.leave(req, resp, SERIAL, [form["serial"]])
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
            status, problem, errors = await forms.trouble(error, req, resp)
            resp.status = falcon.code_to_http_status(status)
            resp.data = msgspec.json.encode({"problem": problem or " ".join(errors.values())})
            return
        write = await writing(req)
        amount = write.money(offer.amount, offer.currency)
        button = write.gettext("Redeem %(amount)s") % {"amount": amount}
        resp.data = msgspec.json.encode({"amount": amount, "proof": str(offer), "redeem": button})


async def _form(
    req: Request,
    resp: Response,
    form: dict[str, str],
    meters: tuple[Meter, ...],
    *,
    offer: Shown | None = None,
    status: int = 200,
    problem: str | None = None,
    errors: dict[str, str] | None = None,
    same: bool = False,
    again: bool = False,
) -> None:
    """A new key each time, since another input is another request; `same` where the first one is still running."""
    facts: dict[str, Any] = {
        "values": form,
        "offer": offer,
        "problem": problem,
        "errors": errors or {},
        "meters": meters,
        "chosen": form.get("meter") or (str(meters[0].meter_id) if len(meters) == 1 else ""),
        "resources": resources(await writing(req)),
        "idempotency_key": form["idempotency_key"] if same else req.context.visit.randomness(16).hex(),
        "again": again,
    }
    await show(req, resp, "redeem.html", status=status, **facts)


async def _confirm(req: Request, resp: Response, form: dict[str, str], meters: tuple[Meter, ...], offer: Shown) -> None:
    """The step between, where no script has filled the amount in."""
    chosen = next((meter for meter in meters if str(meter.meter_id) == form["meter"]), None)
    meter = chosen or await redeem.meter_of(req.context.visit, form["number"])
    # Whoever names an account need not learn its meter's number; its owner knows it by its end.
    named = chosen is not None or normal.number(form["number"]) == meter.number
    number = meter.number if named else masked_number(meter.number)
    write = await writing(req)
    facts: dict[str, Any] = {
        "values": form,
        "offer": offer,
        "target": f"{resources(write)[meter.resource]}, {write.gettext('meter')} {number}",
        "idempotency_key": req.context.visit.randomness(16).hex(),
    }
    await show(req, resp, "redeem-confirm.html", **facts)


async def _meters(visit: Visit) -> tuple[Meter, ...]:
    """The meters to choose from; none for a visitor, who names one by its number."""
    return (await dashboard.row(visit)).meters if visit.session is not None else ()


def _checked_fields(form: dict[str, str], meters: tuple[Meter, ...]) -> UUID | None:
    """The chosen meter's id, None where a number was typed. Raises FieldErrors, with every field that is wrong."""
    given = {"serial": normal.serial(form["serial"]), "code": normal.code(form["code"])}
    if not meters:
        normal.checked(**given, number=normal.number(form["number"]))
        return None
    known = {str(meter.meter_id): meter.meter_id for meter in meters}
    wanted = N_("Choose the meter to top up.")
    normal.checked(**given, meter=form["meter"] if form["meter"] in known else normal.Unusable(wanted))
    return known[form["meter"]]


async def _checked(visit: Visit, form: dict[str, str]) -> Shown:
    offer = await redeem.check(visit, form["serial"], form["code"])
    return Shown(amount=offer.amount, currency=offer.currency, proof=_proof(visit, form, f"{offer.amount} {offer.currency}"))


def _seen(visit: Visit, form: dict[str, str]) -> Shown | None:
    """What the form was shown to be worth; None where that was never shown, or of another card."""
    worth, _, proof = form["offered"].encode("ascii", "replace").decode().rpartition(" ")
    if not hmac.compare_digest(_proof(visit, form, worth), proof):
        return None
    amount, currency = worth.split()
    return Shown(amount=int(amount), currency=currency, proof=proof)


def _proof(visit: Visit, form: dict[str, str], worth: str) -> str:
    card = f"{normal.serial(form['serial'])}|{normal.code(form['code'])}|{worth}"
    return visit.services.secrets.mac("card-amount-shown", card.encode())[:16].hex()
