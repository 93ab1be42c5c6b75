"""The clock of the account that is logged in: how much or how little its customer is contacted."""

from __future__ import annotations

from uuid import UUID

from falcon.asgi import Request, Response
from marshmallow import fields, validate

from domain.clock import UNDER
from web.api.answers import Answer, Contact, Written
from web.api.describe import describe
from web.api.schemas import Strict
from web.api.typed import Id, Text
from web.api.wire import answer, body_of, visit_of
from web.journeys import clock

MOST_CONTACTS = 100


class ClockContact(Contact, frozen=True):
    """A contact, and whether it gets no notices. One that is not confirmed gets none in any case."""

    contact_id: UUID
    muted: bool


class Clock(Answer, frozen=True):
    """`under_days`: a low balance is told once fewer days than these are left. Quiet hours are `null` where there are none."""

    pace: str
    under_days: tuple[int, ...]
    quiet_from: str | None
    quiet_until: str | None
    zone: str
    contacts: tuple[ClockContact, ...]


def hour(meaning: str, example: str) -> Text:
    """This will make a field for a time of day that may be left out."""
    field = Text(clock.HOUR, says="Write a time such as 21:30.", most=5, required=False, description=meaning, examples=[example])
    field.allow_none = True
    return field


class SetClock(Strict):
    pace = Text(
        f"^(?:{'|'.join(UNDER)})$",
        says=f"One of {', '.join(UNDER)}.",
        most=16,
        description="How often a low balance is told: "
        + "; ".join(f"`{pace}` under {', '.join(map(str, under))} days left" for pace, under in UNDER.items())
        + ".",
        examples=["usual"],
    )
    quiet_from = hour("Notices wait from this time of day on, in the utility's zone. Leave both out for no quiet hours.", "21:00")
    quiet_until = hour("Until this time of day.", "07:00")
    muted = fields.List(
        Id(),
        load_default=(),
        validate=validate.Length(max=MOST_CONTACTS),
        metadata={"description": "Ids of contacts that get no notices."},
    )


class MyClock:
    """GET and PUT /me/clock"""

    @describe("How much or how little the customer is contacted, when and where.", answer=Clock, problems=(401,))
    async def on_get(self, req: Request, resp: Response) -> None:
        shown = await clock.of(visit_of(req))
        quiet = shown.clock.quiet
        content = Clock(
            pace=shown.clock.pace,
            under_days=UNDER[shown.clock.pace],
            quiet_from=quiet.begins.isoformat("minutes") if quiet else None,
            quiet_until=quiet.ends.isoformat("minutes") if quiet else None,
            zone=shown.zone,
            contacts=tuple(
                ClockContact(
                    contact_id=contact.contact_id,
                    channel=contact.channel,
                    value=contact.value,
                    standing=contact.standing,
                    confirmed=contact.confirmed,
                    muted=contact.contact_id in shown.clock.muted,
                )
                for contact in shown.contacts
            ),
        )
        answer(req, resp, content)

    @describe(
        "Set how much or how little the customer is contacted. Notices of a low balance follow it; tokens and receipts,"
        " passwords, links and changes of contacts are sent at once in any case.",
        body=SetClock,
        answer=Written,
        problems=(401, 422),
    )
    async def on_put(self, req: Request, resp: Response) -> None:
        visit, data = visit_of(req), await body_of(req, SetClock)
        asked = clock.read(data["pace"], data.get("quiet_from") or "", data.get("quiet_until") or "", data["muted"])
        answer(req, resp, Written(position=await clock.set_clock(visit, asked)))
