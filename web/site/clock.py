"""The clock's fields in a form: their names, what stands in them, and what was sent. `templates/clock.html` draws them.

Beside `pace`, `quiet_from` and `quiet_until` there is one checkbox a confirmed contact, `tell_` and its id; a browser does not
send one that is not ticked, therefore `shown` names those that the form had.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from domain.clock import Clock, Pace
from domain.contact import Contact
from web.journeys import clock
from web.site.writing import Writing

TIMES = ("quiet_from", "quiet_until")
FIELDS = ("pace", *TIMES, "shown")


def choosable(contacts: Iterable[Contact]) -> list[Contact]:
    """This will give the contacts that notices can go to."""
    return [contact for contact in contacts if contact.confirmed]


def names(contacts: Iterable[Contact]) -> tuple[str, ...]:
    """This will name the fields of a form for these contacts."""
    return (*FIELDS, *(box(contact.contact_id) for contact in choosable(contacts)))


def box(contact_id: UUID) -> str:
    """This will name the checkbox of a contact."""
    return f"tell_{contact_id}"


def values(present: Clock, contacts: Iterable[Contact]) -> dict[str, str]:
    """This will give what stands in the fields before anything is changed."""
    boxes = {box(contact.contact_id): "" if contact.contact_id in present.muted else "on" for contact in choosable(contacts)}
    quiet = present.quiet
    return {
        "pace": present.pace,
        "quiet_from": quiet.begins.isoformat("minutes") if quiet else "",
        "quiet_until": quiet.ends.isoformat("minutes") if quiet else "",
        **boxes,
    }


def read(form: Mapping[str, str], present: Clock, contacts: Iterable[Contact]) -> Clock:
    """This will make a clock of the fields that were sent; a contact that the form did not show stays as it was.

    Raises FieldErrors, of the fields `pace`, `quiet_from` and `quiet_until`.
    """
    shown = set(form.get("shown", "").split())
    muted = [
        contact.contact_id
        for contact in contacts
        if (not form.get(box(contact.contact_id)) if str(contact.contact_id) in shown else contact.contact_id in present.muted)
    ]
    return clock.read(form.get("pace", ""), form.get("quiet_from", ""), form.get("quiet_until", ""), muted)


def paces(write: Writing) -> list[tuple[Pace, str, str]]:
    """This will say what each pace is called, and what it means; the fewest messages first."""
    return [
        ("least", write.gettext("As little as possible"), write.gettext("Once: the day before it runs out.")),
        ("less", write.gettext("Little"), write.gettext("The day before it runs out, and on the day.")),
        ("usual", write.gettext("As usual"), write.gettext("Under 3 days left, the day before, and on the day.")),
        ("often", write.gettext("Often"), write.gettext("Under 7, 5 and 3 days left, the day before, and on the day.")),
    ]


def facts(contacts: Iterable[Contact], write: Writing) -> dict[str, object]:
    """This will gather what the fields are drawn from, beside `values` and `errors`."""
    return {"paces": paces(write), "clock_contacts": choosable(contacts)}
