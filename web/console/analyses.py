"""A utility's figures for its analysts: charts, each with the same as a table and as CSV, as of any day."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from falcon.asgi import Request, Response

from domain.ticket_events import TOPICS
from projections.sales import RESOURCES
from web.api.analyses import send_table
from web.console import count_sections, money_sections, sections
from web.console.render import show
from web.console.sections import Section
from web.journeys import analyses
from web.journeys.analyses import ANALYSES, Asked
from web.journeys.refusals import FieldErrors, NotFound
from web.journeys.visit import Visit
from web.site import forms
from web.site.labels import kinds, resources, topics
from web.site.writing import Writing, writing
from wording.catalogue import N_

FIELDS = ("from", "to", "as_of", "granularity", "resource", "channel", "topic")
DAYS = 90
"""Shown where nobody says otherwise."""

MOST = 120
"""Bars of a chart, and lines of its table."""

NO_DAY = N_("Choose a day, or leave it out.")
NO_CHOICE = N_("Choose one of the list.")
TOO_MANY = N_("So many days are better seen by week or by month.")

SECTIONS: Mapping[str, Callable[[sections.Asked, Sequence[Any]], Section]] = {
    "sales": money_sections.sales,
    "arrears-ageing": money_sections.ageing,
    "recovery": money_sections.recovery,
    "redemptions": count_sections.redemptions,
    "tickets": count_sections.tickets,
}
"""In the order in which they are shown."""

GRANULARITIES = {"day": N_("Day"), "week": N_("Week"), "month": N_("Month")}


class Analyses:
    """GET /console/analyses"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show every chart for the days that are asked for."""
        values, write = _values(req), await writing(req)
        facts: dict[str, Any] = {
            "values": values,
            "query": urlencode({field: value for field, value in values.items() if value}),
            "choices": choices(write),
            **{"errors": {}, "problem": None, "sections": [], "asked": None},
        }
        try:
            asked = {name: await _asked(req.context.visit, name, values) for name in SECTIONS}
            if len(asked["sales"].page(MOST + 1).items) > MOST:
                raise FieldErrors({"granularity": TOO_MANY})
            shown = [_section(req.context.visit, write, name, asked[name]) for name in SECTIONS]
            facts |= {"sections": await asyncio.gather(*shown), "asked": asked["sales"]}
        except forms.REFUSALS as error:
            status, problem, errors = await forms.trouble(error, req, resp)
            facts |= {"status": status, "problem": problem, "errors": errors}
        await show(req, resp, "analyses.html", **facts)


class Table:
    """GET /console/analyses/{analysis}.csv"""

    async def on_get(self, req: Request, resp: Response, analysis: str) -> None:
        """This will give one analysis whole, as CSV. Raises NotFound and FieldErrors."""
        if analysis not in ANALYSES:
            raise NotFound
        visit: Visit = req.context.visit
        await send_table(visit, resp, analysis, await _asked(visit, analysis, _values(req)))


def choices(write: Writing) -> dict[str, dict[str, str]]:
    """This will name what can be chosen, for each field that is a list; nothing chosen is everything."""
    return {
        "granularity": {value: write.gettext(text) for value, text in GRANULARITIES.items()},
        "resource": {**resources(write), "none": write.gettext("For no meter")},
        "channel": kinds(write),
        "topic": topics(write),
    }


async def _section(visit: Visit, write: Writing, name: str, asked: Asked) -> Section:
    wanted = asked.page(MOST).items
    rows = await analyses.read(visit, name, wanted, asked)
    return SECTIONS[name](sections.Asked(write, wanted, (await visit.services.description()).currency), rows)


def _values(req: Request) -> dict[str, str]:
    given = {name: req.params.get(name, "") for name in FIELDS}
    values = {name: value.strip()[:64] if isinstance(value, str) else "" for name, value in given.items()}
    return {**values, "granularity": values["granularity"] or "week"}


async def _asked(visit: Visit, name: str, values: Mapping[str, str]) -> Asked:
    """This will read the form; where no day is given, it is the last 90 for each analysis, so that charts can be compared."""
    listed = {"granularity": GRANULARITIES, "resource": RESOURCES, "topic": TOPICS}
    errors = {field: NO_CHOICE for field, known in listed.items() if values[field] and values[field] not in known}
    if values["channel"] and not re.fullmatch(r"[A-Za-z][A-Za-z-]{0,31}", values["channel"]):
        errors["channel"] = NO_CHOICE
    days: dict[str, date | None] = {}
    for field in ("from", "to", "as_of"):
        try:
            days[field] = date.fromisoformat(values[field]) if values[field] else None
        except ValueError:
            errors[field] = NO_DAY
    if errors:
        raise FieldErrors(errors)
    return await analyses.ask(
        visit,
        name,
        first=days["from"],
        last=days["to"],
        as_of=days["as_of"],
        granularity=values["granularity"],
        days=DAYS,
        resource=values["resource"] or None,
        channel=values["channel"] or None,
        topic=values["topic"] or None,
    )
