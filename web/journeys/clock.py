"""The clock (journey 8): how much or how little a customer wants to be contacted, when, and where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time
from uuid import UUID

import msgspec

from domain.clock import UNDER, Clock, Quiet
from domain.contact import Contact
from domain.log import Position
from web.journeys.normal import Unusable, checked
from web.journeys.visit import Visit

HOUR = r"^([01]?[0-9]|2[0-3])[:.]([0-5][0-9])$"
"""The pattern of a time of day as people write it."""


class ClockShown(msgspec.Struct, frozen=True, kw_only=True):
    """The clock, and the contacts that it may mute. `zone` is the IANA name of the zone that the quiet hours are meant in."""

    clock: Clock
    contacts: tuple[Contact, ...]
    zone: str


async def of(visit: Visit) -> ClockShown:
    """This will give the clock of the account that is logged in, as it is in the log."""
    account = await visit.services.portal.account(visit.account_id)
    zone = (await visit.services.description()).zone
    return ClockShown(clock=account.clock, contacts=tuple(account.contacts.values()), zone=zone)


async def set_clock(visit: Visit, clock: Clock) -> Position:
    """This will make this the clock of the account that is logged in. Raises ContactUnknown."""
    via_issue = visit.session.via_issue if visit.session is not None else None
    return await visit.services.portal.set_clock(visit.context(), account_id=visit.account_id, clock=clock, via_issue=via_issue)


def read(pace: str, quiet_from: str, quiet_until: str, muted: Sequence[UUID]) -> Clock:
    """This will make a clock of what was typed; no quiet hours where both times are empty. Raises FieldErrors."""
    begins, ends = quiet_from.strip(), quiet_until.strip()
    if begins and not ends:
        ends = Unusable("Say too when the quiet hours end.")
    elif ends and not begins:
        begins = Unusable("Say too when the quiet hours begin.")
    else:
        begins, ends = hour(begins), hour(ends)
        if begins and begins == ends:
            ends = Unusable("Quiet hours must end at another time than they begin. To have none, leave both empty.")
    checked(pace=pace if pace in UNDER else Unusable("Choose how often we should write."), quiet_from=begins, quiet_until=ends)
    quiet = Quiet(begins=time.fromisoformat(begins), ends=time.fromisoformat(ends)) if begins else None
    return msgspec.convert({"pace": pace, "quiet": quiet, "muted": tuple(muted)}, Clock)


def hour(text: str) -> str:
    """This will normalise a time of day to HH:MM; an empty one stays empty."""
    found = re.fullmatch(HOUR, text)
    if found is None:
        return Unusable("Write a time such as 21:30.") if text else ""
    return f"{found[1]:0>2}:{found[2]}"
