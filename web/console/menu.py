"""What each role finds on its console. A new page is a resource, its line in `routes.py`, in the role matrix, and here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from web.access.roles import Role
from wording.catalogue import N_


class Entry(NamedTuple):
    """One page: where it is, its name, and what it is for, in one line."""

    path: str
    words: str
    purpose: str


LOOK = Entry(
    "/console/attention",
    N_("To look at"),
    N_("Payments that do not end, books that differ, messages that reached nobody."),
)

MENU: Mapping[Role, tuple[Entry, ...]] = {
    Role.STAFF: (
        Entry("/console/requests", N_("Requests"), N_("What customers ask: answer, close, open again.")),
        Entry("/console/accounts", N_("Accounts"), N_("Who a customer is, what they have and owe, and what they did of late.")),
        LOOK,
        Entry("/console/info-page", N_("Info page"), N_("What customers read about you, your tariffs and your offices.")),
    ),
    Role.AUDITOR: (Entry("/console/histories", N_("Histories"), N_("What happened to an account, and who did what and why.")),),
    Role.ANALYST: (
        Entry("/console/analyses", N_("Figures"), N_("Sales, arrears and their recovery, cards and requests, as of any day.")),
    ),
    Role.OPERATOR: (LOOK,),
}

ROLES: Mapping[Role, str] = {
    Role.STAFF: N_("Staff"),
    Role.AUDITOR: N_("Auditor"),
    Role.ANALYST: N_("Analyst"),
    Role.OPERATOR: N_("Operator"),
}
"""What the roles are called on a page."""
