"""Redeeming a Juice card: nothing is redeemed before the amount was seen (journey 12)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import falcon
import msgspec
from falcon.asgi import Request, Response

from domain.meter import Meter
from web.journeys import dashboard, normal, preview, redeem
from web.journeys.preview import Preview
from web.journeys.refusals import (
    CardAlreadyUsed,
    CardUnknown,
    FieldErrors,
    PreviewNotPossible,
    StillRunning,
    TooManyTries,
)
from web.journeys.visit import Visit
from web.site import forms, kept_code, notes
from web.site.forms import Filled
from web.site.labels import resources
from web.site.render import fragment, show
from web.site.shown import Shown, seen, shown
from web.site.writing import writing
from wording.masks import masked_number

CARD = ("serial", "code")
FIELDS = (*CARD, kept_code.FIELD, "number", "meter", "offered", "meant", "idempotency_key", "do")
AGAIN, SERIAL = "again", "serial"
"""The parameter that asks for the last card's form again, and the note that keeps its serial; a code is never kept."""

CONFIRM, CHANGE = "confirm", "change"
"""The steps that have an address of their own, so that whoever comes back finds them again, and sends nothing twice."""

STEP = "card"
KEPT = ("serial", kept_code.FIELD, "number", "meter", "offered")
"""The note between two steps, and the fields that it keeps: the code only sealed."""


class Redeem:
    """GET and POST /redeem"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show the form, empty or with the serial of the card that was tried last; or the step that was led to."""
        if req.params.get("step") in (CONFIRM, CHANGE):
            await self._step(req, resp)
            return
        again = AGAIN in req.params
        serial = "".join(notes.find(req, SERIAL)) if again else ""
        await _form(req, resp, Filled(values={"serial": serial}), await _meters(req.context.visit), again=again)

    async def _step(self, req: Request, resp: Response) -> None:
        visit: Visit = req.context.visit
        kept = notes.find(req, STEP)
        if len(kept) != len(KEPT):
            resp.status, resp.location = falcon.HTTP_303, "/redeem"
            return
        form = kept_code.with_kept(visit, {"code": ""} | dict(zip(KEPT, kept, strict=True)))
        meters, offered = await _meters(visit), seen(visit, _subject(form), form["offered"])
        if offered is None or req.params["step"] == CHANGE:
            await _form(req, resp, Filled(values=form), meters, offer=offered)
            return
        try:
            _checked_fields(form, meters)
            await _confirm(req, resp, form, meters, offered)
        except forms.REFUSALS as error:
            await _form(req, resp, await forms.refused(error, req, resp, form), meters, offer=offered)

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will redeem a card whose amount was seen; of any other it shows the amount, to be confirmed.

        A visitor, who types a number, also confirms the meter that it leads to.
        """
        visit: Visit = req.context.visit
        form = kept_code.with_kept(visit, await forms.fields(req, *FIELDS))
        meters, offered = await _meters(visit), seen(visit, _subject(form), form["offered"])
        if form["do"] == "change":
            _lead_to(req, resp, form, CHANGE)
            return
        try:
            meter_id = _checked_fields(form, meters)
            meant = bool(meters) or seen(visit, _target(form), form["meant"]) is not None
            if offered is None or not meant:
                offered = offered or await _checked(visit, form)
                _lead_to(req, resp, form | {"offered": str(offered)}, CONFIRM)
                return
            number = form["number"] if meter_id is None else None
            key = form["idempotency_key"]
            started = await redeem.redeem(visit, form["serial"], form["code"], number, key, meter_id=meter_id)
        except forms.REFUSALS as error:
            # What the card is worth is still true only where the card itself was not refused.
            offer = offered if isinstance(error, FieldErrors | StillRunning) else None
            # A card that was refused is to be read again: neither is a code kept that nobody sees.
            typed = form | {"code": ""} if isinstance(error, CardUnknown | CardAlreadyUsed) else form
            await _form(req, resp, await forms.refused(error, req, resp, typed), meters, offer=offer)
            return
        notes.leave(req, resp, SERIAL, [form["serial"]])
        notes.drop(req, resp, STEP)  # a card is redeemed once: whoever comes back finds an empty form
        resp.status = falcon.HTTP_303
        resp.location = f"/redemptions/{started.status_token}?at_least={started.position}"


class Amount:
    """POST /redeem/amount"""

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will tell the page's script what the card is worth, or why that cannot be said."""
        visit: Visit = req.context.visit
        form = await forms.fields(req, *CARD, "meter")
        meters = await _meters(visit)
        resp.content_type = "application/json"
        try:
            offer = await _checked(visit, form)
            made = await _previewed(visit, _known(meters).get(form["meter"]), offer)
        except forms.REFUSALS as error:
            status, problem, errors = await forms.trouble(error, req, resp)
            resp.status = falcon.code_to_http_status(status)
            resp.data = msgspec.json.encode({"problem": problem or " ".join(errors.values())})
            return
        write = await writing(req)
        amount = write.money(offer.amount, offer.currency)
        button = write.gettext("Redeem %(amount)s") % {"amount": amount} if meters else None
        sheet = await fragment(req, "preview.html", preview=made) if made else ""
        resp.data = msgspec.json.encode({"amount": amount, "proof": str(offer), "button": button, "sheet": sheet})


def _lead_to(req: Request, resp: Response, form: dict[str, str], step: str) -> None:
    kept = kept_code.keep(req.context.visit, form)
    notes.leave(req, resp, STEP, [kept[name] for name in KEPT])
    resp.status, resp.location = falcon.HTTP_303, f"/redeem?step={step}"


async def _form(
    req: Request,
    resp: Response,
    form: Filled,
    meters: tuple[Meter, ...],
    *,
    offer: Shown | None = None,
    again: bool = False,
) -> None:
    visit: Visit = req.context.visit
    facts: dict[str, Any] = {
        **form.facts(visit),
        "values": kept_code.keep(visit, {"code": ""} | form.values),
        "offer": offer,
        "meters": meters,
        "chosen": form.values.get("meter") or (str(meters[0].meter_id) if len(meters) == 1 else ""),
        "resources": resources(await writing(req)),
        "again": again,
        "both_ways": both_ways(visit),
    }
    await show(req, resp, "redeem.html", status=form.status, **facts)


async def _confirm(req: Request, resp: Response, form: dict[str, str], meters: tuple[Meter, ...], offer: Shown) -> None:
    """The step between, where no script has filled the amount in, or a number stands for the meter."""
    chosen = next((meter for meter in meters if str(meter.meter_id) == form["meter"]), None)
    meter = chosen or await redeem.meter_of(req.context.visit, form["number"])
    # Whoever names an account need not learn its meter's number; its owner knows it by its end.
    named = chosen is not None or normal.number(form["number"]) == meter.number
    number = meter.number if named else masked_number(meter.number)
    write = await writing(req)
    facts: dict[str, Any] = {
        "values": kept_code.keep(req.context.visit, form),
        "offer": offer,
        "meant": "" if chosen else shown(req.context.visit, _target(form), offer.amount, offer.currency),
        "preview": await _previewed(req.context.visit, chosen.meter_id if chosen else None, offer),
        "target": f"{resources(write)[meter.resource]}, {write.gettext('meter')} {number}",
        "idempotency_key": req.context.visit.randomness(16).hex(),
    }
    await show(req, resp, "redeem-confirm.html", **facts)


def both_ways(visit: Visit) -> bool:
    """This will say whether credit cards are taken too, from whoever asks."""
    return visit.session is not None and visit.services.cards is not None


async def _meters(visit: Visit) -> tuple[Meter, ...]:
    """The meters to choose from; none for a visitor, who names one by its number."""
    return (await dashboard.row(visit)).meters if visit.session is not None else ()


def _known(meters: tuple[Meter, ...]) -> dict[str, UUID]:
    return {str(meter.meter_id): meter.meter_id for meter in meters}


def _checked_fields(form: dict[str, str], meters: tuple[Meter, ...]) -> UUID | None:
    """The chosen meter's id, None where a number was typed. Raises FieldErrors, with every field that is wrong."""
    given = {"serial": normal.serial(form["serial"]), "code": normal.code(form["code"])}
    if not meters:
        normal.checked(**given, number=normal.number(form["number"]))
        return None
    known = _known(meters)
    normal.checked(**given, meter=form["meter"] if form["meter"] in known else normal.Unusable(normal.CHOOSE_METER))
    return known[form["meter"]]


async def _checked(visit: Visit, form: dict[str, str]) -> Shown:
    offer = await redeem.check(visit, form["serial"], form["code"])
    return shown(visit, _subject(form), offer.amount, offer.currency)


async def _previewed(visit: Visit, meter_id: UUID | None, offer: Shown) -> Preview | None:
    """Where the card's money will go, for the account's own customer; None for others, and where Juice does not say.

    Raises NothingSold.
    """
    if meter_id is None or visit.session is None:
        return None
    try:
        return await preview.of(visit, meter_id, offer.amount)
    except (PreviewNotPossible, TooManyTries):
        return None  # the card can be redeemed all the same: what it is worth was seen


def _target(form: dict[str, str]) -> str:
    return f"{_subject(form)}|{normal.number(form['number'])}"


def _subject(form: dict[str, str]) -> str:
    return f"{normal.serial(form['serial'])}|{normal.code(form['code'])}"
