"""An account's history for auditors: what happened, what each event changed, and what it all had come to at any moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from falcon.asgi import Request, Response

from domain.event import Event
from projections.replay import WITHHELD
from web.console.render import show
from web.journeys import history
from web.journeys.refusals import FieldErrors
from web.middleware.origin import asked_from_here
from web.site import forms
from web.site.writing import Writing, writing
from wording.catalogue import N_

SHOWN = 50
"""Events on a page."""

FIELDS = ("number", "at", "until", "case", "after", "show")
HEADER = frozenset(Event.__struct_fields__)
WRONG_TIME = N_("Choose a day and a time, or leave both out.")
WRONG_POSITION = N_("A position is a whole number.")


class Histories:
    """GET /console/histories

    Reading is recorded in the auditor's name. A browser does it from one of our own pages only: a link from elsewhere fills
    the form in, and reads nothing.
    """

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will ask whose history, and show it or the state: of the moment or position asked for, or as it stands."""
        values = {name: str(req.params.get(name, "")).strip() for name in FIELDS}
        facts: dict[str, Any] = {"values": values, "errors": {}, "problem": None, "page": None, "state": None, "events": []}
        is_meant = req.context.visit.api_key is not None or asked_from_here(req)
        facts["is_led_from_elsewhere"] = bool(values["number"]) and not is_meant
        if values["number"] and is_meant:
            try:
                facts |= await self._found(req, values, await writing(req))
            except forms.REFUSALS as error:
                status, problem, errors = await forms.trouble(error, req, resp)
                facts |= {"status": status, "problem": problem, "errors": errors}
        await show(req, resp, "histories.html", **facts)

    async def _found(self, req: Request, values: dict[str, str], write: Writing) -> dict[str, Any]:
        asked = history.Asked(
            number=values["number"],
            as_of=_moment(values["at"], write.zone),
            until=_position("until", values["until"]),
            case=values["case"] or None,
        )
        if values["show"] == "state":
            state = await history.state(req.context.visit, asked)
            return {"state": state, "aggregates": [(each, rows(each.fields)) for each in state.states]}
        after = _position("after", values["after"]) or 0
        page = await history.page(req.context.visit, asked, limit=SHOWN, after=after)
        return {"page": page, "events": [(step, says(step.recorded.event)) for step in page.steps]}


def rows(value: Any, path: str = "") -> list[tuple[str, str]]:
    """This will lay a state out as lines: where a field stands, and its value as JSON."""
    if isinstance(value, dict) and value:
        return [row for name, each in value.items() for row in rows(each, f"{path}.{name}" if path else name)]
    if isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        return [row for place, each in enumerate(value) for row in rows(each, f"{path}.{place}")]
    return [(path, msgspec.json.encode(value).decode())]


def says(event: Event) -> list[tuple[str, str]]:
    """This will lay out what an event says of its own, as lines."""
    said = msgspec.to_builtins(event)
    return rows({name: value for name, value in said.items() if name not in HEADER | WITHHELD})


def _moment(text: str, zone: str) -> datetime | None:
    """A day and time of the utility's zone, as a browser's field gives them."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise FieldErrors({"at": WRONG_TIME}) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def _position(name: str, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise FieldErrors({name: WRONG_POSITION})
    return int(text)
