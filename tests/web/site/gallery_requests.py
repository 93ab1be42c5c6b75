"""The pages of service requests in every state, the customers' and the console's, for the gallery."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from projections.damaged_cards import DamagedCardRow
from projections.ticket_thread import ThreadRow
from projections.tickets import TicketRow, Waiting
from web.console import requests as desk
from web.console.cards import card_of
from web.journeys.paging import Page
from web.journeys.requests import Thread
from web.site import requests
from web.site.labels import damages, topics
from web.site.writing import Writing

NOON = datetime(2026, 11, 22, 12, 4, tzinfo=UTC)
ENGLISH = Writing("en", "Africa/Nairobi")
UTILITY = "Lakeside Power & Water"
ACCOUNT = UUID(int=1)
CLEAN: dict[str, Any] = {"values": {}, "errors": {}, "problem": None, "idempotency_key": "k" * 32}

LETTER = (
    "Good morning,\n\nsince the storm on Sunday the display of our meter is dark. The fuse in the cabinet is fine. My neighbour"
    " has power.\n\nCould you send somebody? I am at home after four.\n\nWanjiku"
)
NASTY = (
    "<script>alert(1)</script> **bold** [x](javascript:alert(1)) &amp; "
    + "W" * 300
    + "\nBcc: all@example.org\nالعداد لا يعمل {{ 7*7 }}"
    "\nZ\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032f\u031e\u0320\u034dalgo"
)
"""What could break a page."""


def ticket(**changes: Any) -> TicketRow:
    """A request that is open and waits for the utility."""
    facts: dict[str, Any] = {
        "ticket_id": UUID(int=21),
        "account_id": ACCOUNT,
        "reference": "K7RT-94PQ",
        "topic": "meter",
        "subject": "The display is dark",
        "about_kind": None,
        "about_id": None,
        "cause": None,
        "opened_at": NOON - timedelta(days=2),
        "opened_by": "customer",
        "opened_position": 7,
        "answered_at": None,
        "closed_at": None,
        "reopenings": 0,
        "comments": 0,
        "last_at": NOON,
        "last_by": "customer",
        "waiting": True,
        "utility_said": None,
        "utility_said_at": None,
        "forgotten": False,
        "position": 7,
    }
    return TicketRow(**facts | changes)


def damaged_card(**changes: Any) -> DamagedCardRow:
    """A card that was used, and is settled."""
    facts: dict[str, Any] = {
        "ticket_id": UUID(int=21),
        "account_id": ACCOUNT,
        "serial": "7100000101",
        "damage": "code-in-part",
        "reported_at": NOON,
        "standing": "used",
        "amount": 50_000,
        "currency": "KES",
        "used_at": NOON - timedelta(days=9),
        "used_meter": "41300201484",
        "looked_up_at": NOON,
        "looked_up_by": "staff:ann",
        "outcome": "already-used",
        "settled_at": None,
        "position": 7,
    }
    return DamagedCardRow(**facts | changes)


SPOKE = {"utility_said_at": NOON - timedelta(hours=20), "last_by": "staff:ann", "waiting": False}
DONE = ticket(
    reference="WRQD-CX47",
    closed_at=NOON,
    utility_said="We changed the fuse on the pole. The meter has shown its number since ten.",
    **SPOKE,
)


def request_list() -> dict[str, Any]:
    """The facts of the list of requests."""
    by_seed = {"cause": "redemption-in-doubt", "opened_by": "system:vendor", "topic": "card"}
    opened = [
        ticket(),
        ticket(reference="PCXN-37GD", subject="Water bill of October", topic="account", utility_said=LETTER * 3, **SPOKE),
        ticket(reference="HHVW-PY96", subject=NASTY[:120].replace("\n", " ")),
    ]
    closed = [
        DONE,
        ticket(reference="MMTR-7QVH", subject="We ask for you what became of your card", closed_at=NOON, **by_seed),
        ticket(reference="YX69-CCJK", subject="W" * 120, closed_at=NOON, utility_said=NASTY, **SPOKE),
    ]
    return {
        "sections": [
            requests.section("open", Page(items=opened, next=None), ENGLISH),
            requests.section("closed", Page(items=closed, next="1767225600000000.4711"), ENGLISH),
        ],
        "paged": False,
        "behind": False,
    }


def request_page(row: TicketRow, *, may_reopen: bool = False, **changes: Any) -> dict[str, Any]:
    """The facts of the page of a request."""
    card = changes.pop("damaged", None)
    thread = Thread(ticket=row, said=thread_of(row), card=card, reopened_until=NOON + timedelta(days=30), may_reopen=may_reopen)
    return requests.facts_of(thread, UTILITY, ENGLISH) | CLEAN | {"behind": False, "new": False} | changes


def thread_of(row: TicketRow) -> list[ThreadRow]:
    """What was said in a request."""
    spoken = [
        ("opened", "customer", LETTER),
        ("commented", "staff:ann", "Thank you. A colleague comes tomorrow between two and four."),
        ("commented", "customer", NASTY),
        ("closed", "staff:ann", row.utility_said),
        ("reopened", "customer", None),
        ("commented", "system:vendor", "We know now what became of it."),
    ]
    return [
        ThreadRow(ticket_id=row.ticket_id, version=place, account_id=ACCOUNT, at=NOON, by=by, kind=kind, text=text)  # type: ignore[arg-type]
        for place, (kind, by, text) in enumerate(spoken)
    ]


def pages() -> dict[str, tuple[str, dict[str, Any]]]:
    """The customers' pages by name: template and facts."""
    submission = CLEAN | {"about": None, "topics": topics(ENGLISH)}
    return {
        "requests-own": ("requests.html", request_list()),
        "requests-none-own": ("requests.html", {"sections": [], "paged": False, "behind": False}),
        "requests-new-own": ("request-new.html", submission),
        "requests-new-wrong-own": (
            "request-new.html",
            submission
            | {
                "values": {
                    "topic": "card",
                    "subject": "Where is my money?",
                    "text": "",
                    "redemption": str(UUID(int=9)),
                    "purchase": "",
                },
                "errors": {"text": "Write something."},
                "about": "About your Juice card of KES 500.00, 22 November 2026, 15:04.",
            },
        ),
        "requests-card-own": ("damaged-card.html", CLEAN | {"damages": damages(ENGLISH)}),
        "requests-card-wrong-own": (
            "damaged-card.html",
            CLEAN
            | {
                "damages": damages(ENGLISH),
                "values": {"serial": "7100000101", "damage": "card-broken", "text": LETTER},
                "errors": {"text": "That looks like a card's scratch code. Please leave it out."},
            },
        ),
        "request-card-own": ("request.html", request_page(DONE, may_reopen=True, damaged=damaged_card())),
        "request-new-own": ("request.html", request_page(ticket(about_kind="redemption", about_id=UUID(int=9)), new=True)),
        "request-closed-own": ("request.html", request_page(DONE, may_reopen=True)),
        "request-long-closed-own": ("request.html", request_page(DONE)),
        "request-refused-own": (
            "request.html",
            request_page(DONE, may_reopen=True, values={"text": LETTER}, problem="This request is closed."),
        ),
    }


def console_pages() -> dict[str, tuple[str, dict[str, Any]]]:
    """The console's pages by name: template and facts."""
    asked = {"state": "open", "topic": "", "turn": "", "find": "", "before": ""}
    counts = {"meter": Waiting(open=7, waiting=5), "card": Waiting(open=2, waiting=0)}
    facts = desk.facts_of(asked, counts, ENGLISH) | {"problem": None, "errors": {}, "further": None}
    by_seed = {"cause": "redemption-in-doubt", "opened_by": "system:vendor", "topic": "card", "last_by": "system:vendor"}
    tickets = [
        ticket(),
        ticket(reference="PCXN-37GD", subject="Water bill of October", topic="account", **SPOKE),
        ticket(reference="HHVW-PY96", subject=NASTY[:120].replace("\n", " "), opened_at=NOON - timedelta(hours=5)),
        ticket(reference="MMTR-7QVH", subject="We ask for you what became of your card", **by_seed),
    ]
    rows = [desk.row_of(each, "1002003004", NOON, ENGLISH) for each in tickets]
    submission = CLEAN | {"topics": topics(ENGLISH)}
    return {
        "requests": ("request-queue.html", facts | {"rows": rows, "further": "?state=open"}),
        "requests-none": ("request-queue.html", facts | {"rows": ()}),
        "requests-wrong": (
            "request-queue.html",
            facts | {"rows": (), "values": asked | {"find": "999"}, "errors": {"find": "No account has this number."}},
        ),
        "request": ("request-desk.html", desk_page(ticket())),
        "request-closed": ("request-desk.html", desk_page(DONE)),
        "request-card": ("request-desk.html", desk_page(ticket(), card=card_of(damaged_card(outcome=None), ENGLISH))),
        "request-refused": (
            "request-desk.html",
            desk_page(ticket(), problem="Tell the customer what was done: nothing was said since the request was opened."),
        ),
        "request-for": ("request-for.html", submission | {"values": {"number": "1002003004"}}),
    }


def desk_page(row: TicketRow, **changes: Any) -> dict[str, Any]:
    """The facts of the console's page of a request."""
    return (
        CLEAN
        | {
            "row": desk.row_of(row, "1002003004", NOON, ENGLISH),
            "opened_by": desk.name_of(row.opened_by, ENGLISH),
            "closed": row.closed_at is not None,
            "card": None,
            "about": None,
            "difference": None,
            "thread": [desk.bubble(each, ENGLISH) for each in thread_of(row)],
        }
        | changes
    )
