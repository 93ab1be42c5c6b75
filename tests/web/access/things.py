"""What belongs to somebody, and every place where a request names it: the owners' side of the role matrix.

A place is a part of a path or of an address's query, or a field of a body. `PLACES` says what is named there, and what a request
has to send beside it. A new route that names somebody's own thing gets a line here; a new kind of thing a line in `made` too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from domain.account_events import ContinuationOffered, PasswordIssued
from domain.contact_events import ContactChangeRequested
from tests.domain.scenario import context
from tests.web.api.test_requests import submit
from tests.web.api.test_tokens import bought
from tests.web.people import invited
from tests.web.scene import ACCOUNT, CODE, METER, SERIAL, Scene
from web.access.matrix import API

AN_ID = str(UUID("019b7655-0000-7000-8000-0000000000aa"))
A_LINK = "A" * 64

NOTHING = {
    "receipt": "T99",
    "token": AN_ID,
    "request": "CCCC-CCCC",
    "redemption": AN_ID,
    "redemption's status": A_LINK,
    "purchase": AN_ID,
    "purchase's status": A_LINK,
    "undo link": A_LINK,
    "confirm link": A_LINK,
    "continue link": A_LINK,
    "change link": A_LINK,
    "revert link": A_LINK,
    "enrolment": "A" * 43,
    "meter": AN_ID,
    "contact": AN_ID,
    "ticket": "A" * 48,
}
"""For each kind of thing a name of the right form that nothing has."""

HELD = frozenset(kind for kind in NOTHING if kind.endswith((" link", " status")) or kind in ("enrolment", "ticket"))
"""Whoever holds one of these has the right that it proves, logged in or not: but at its own utility, and to that thing only."""


class Place(NamedTuple):
    """Where a thing is named: `where` is the part of the path in braces, or the field of the query or body."""

    method: str
    template: str
    where: str


@dataclass(frozen=True)
class Named:
    """Which kinds of things are named at a place, and what else is `sent`."""

    kinds: tuple[str, ...]
    sent: dict[str, Any] = field(default_factory=dict)


def named(*kinds: str, **sent: Any) -> Named:
    return Named(kinds, sent)


GIVEN = {"email": "somebody@example.org", "phone": "+27821112233"}
WISH = {"amount": 5000}
ASKED = {"topic": "meter", "subject": "The display is dark", "text": "Since this morning."}
CARD = {"serial": SERIAL, "code": CODE}

PLACES: dict[Place, Named] = {
    # The API
    Place("POST", f"{API}/identity/confirmations", "account_ticket"): named("ticket", **GIVEN, choice="0123456789abcdef"),
    Place("POST", f"{API}/identity/links", "account_ticket"): named("ticket"),
    Place("POST", f"{API}/identity/continuations", "link"): named("continue link", **GIVEN),
    Place("POST", f"{API}/links/undo", "link"): named("undo link"),
    Place("POST", f"{API}/links/confirmations", "link"): named("confirm link"),
    Place("POST", f"{API}/links/changes", "link"): named("change link"),
    Place("POST", f"{API}/links/reversals", "link"): named("revert link"),
    Place("GET", f"{API}/me/receipts/{{receipt}}", "receipt"): named("receipt"),
    Place("PUT", f"{API}/me/tokens/{{token_id}}/entered", "token_id"): named("token"),
    Place("DELETE", f"{API}/me/tokens/{{token_id}}/entered", "token_id"): named("token"),
    Place("POST", f"{API}/me/tokens/{{token_id}}/messages", "token_id"): named("token", contact_id="{contact}"),
    Place("POST", f"{API}/me/tokens/{{token_id}}/messages", "contact_id"): named("contact", token_id="{token}"),
    Place("PUT", f"{API}/me/contacts/{{contact_id}}", "contact_id"): named("contact", email="else@example.org"),
    Place("DELETE", f"{API}/me/contacts/{{contact_id}}", "contact_id"): named("contact"),
    Place("PUT", f"{API}/me/clock", "muted"): named("contact", pace="less"),
    Place("POST", f"{API}/me/requests", "redemption_id"): named("redemption", **ASKED),
    Place("POST", f"{API}/me/requests", "purchase_id"): named("purchase", **ASKED),
    Place("GET", f"{API}/me/requests/{{request}}", "request"): named("request"),
    Place("POST", f"{API}/me/requests/{{request}}/comments", "request"): named("request", text="Mine?"),
    Place("POST", f"{API}/me/requests/{{request}}/reopening", "request"): named("request", text="Mine?"),
    Place("POST", f"{API}/purchases", "meter_id"): named("meter", **WISH),
    Place("POST", f"{API}/purchases/previews", "meter_id"): named("meter", **WISH),
    Place("GET", f"{API}/purchases/{{reference}}", "reference"): named("purchase", "purchase's status"),
    Place("POST", f"{API}/purchases/{{reference}}/cancellation", "reference"): named("purchase", "purchase's status"),
    Place("POST", f"{API}/redemptions", "meter_id"): named("meter", **CARD),
    Place("GET", f"{API}/redemptions/{{reference}}", "reference"): named("redemption", "redemption's status"),
    # The site
    Place("POST", "/get-password/confirm", "ticket"): named("ticket", **GIVEN, choice="0123456789abcdef"),
    Place("POST", "/get-password/link", "ticket"): named("ticket"),
    Place("GET", "/undo/{token}", "token"): named("undo link"),
    Place("POST", "/undo/{token}", "token"): named("undo link"),
    Place("GET", "/confirm/{token}", "token"): named("confirm link"),
    Place("POST", "/confirm/{token}", "token"): named("confirm link"),
    Place("GET", "/continue/{token}", "token"): named("continue link"),
    Place("POST", "/continue/{token}", "token"): named("continue link", **GIVEN),
    Place("GET", "/change/{token}", "token"): named("change link"),
    Place("POST", "/change/{token}", "token"): named("change link"),
    Place("GET", "/revert/{token}", "token"): named("revert link"),
    Place("POST", "/revert/{token}", "token"): named("revert link"),
    Place("GET", "/receipts/{receipt}", "receipt"): named("receipt"),
    Place("POST", "/tokens/{token_id}/entered", "token_id"): named("token"),
    Place("POST", "/tokens/{token_id}/messages", "token_id"): named("token", contact="{contact}"),
    Place("POST", "/tokens/{token_id}/messages", "contact"): named("contact", token_id="{token}"),
    Place("GET", "/requests/{request}", "request"): named("request"),
    Place("POST", "/requests/{request}", "request"): named("request", text="Mine?", do="comment"),
    Place("GET", "/requests/new", "redemption"): named("redemption"),
    Place("POST", "/requests/new", "redemption"): named("redemption", **ASKED),
    Place("GET", "/requests/new", "purchase"): named("purchase"),
    Place("POST", "/requests/new", "purchase"): named("purchase", **ASKED),
    Place("POST", "/redeem/amount", "meter"): named("meter", **CARD),
    Place("GET", "/buy", "meter"): named("meter", amount="50", step="confirm"),
    Place("POST", "/redeem", "meter"): named("meter", **CARD),
    Place("POST", "/buy", "meter"): named("meter", amount="50"),
    Place("POST", "/buy/preview", "meter"): named("meter", amount="50"),
    Place("GET", "/redemptions/{reference}", "reference"): named("redemption", "redemption's status"),
    Place("GET", "/purchases/{reference}", "reference"): named("purchase", "purchase's status"),
    Place("POST", "/purchases/{reference}/payment", "reference"): named("purchase", "purchase's status"),
    Place("POST", "/purchases/{reference}/cancellation", "reference"): named("purchase", "purchase's status"),
    # The console
    Place("GET", "/console/enrol/{token}", "token"): named("enrolment"),
    Place("POST", "/console/enrol/{token}", "token"): named("enrolment", password="p", again="p", code="1"),
    Place("GET", "/console/enrol/{token}/code.svg", "token"): named("enrolment"),
}

PLAIN = frozenset(
    {
        # What is typed
        "number",
        "serial",
        "damage",
        "debt",
        "share",
        "code",
        "kept_code",
        "password",
        "current",
        "chosen",
        "again",
        "email",
        "phone",
        "choice",
        "amount",
        "subject",
        "text",
        "contact_{contact}",
        "remove_{contact}",
        "tell_{contact}",
        # What is chosen, and where one is
        "topic",
        "language",
        "back",
        "pace",
        "quiet_from",
        "quiet_until",
        "kind",
        "period",
        "month",
        "state",
        "before",
        "do",
        "step",
        "new",
        "shown",
        "seen",
        "offered",
        "meant",
        "at_least",
        "idempotency_key",
    }
)
"""Fields of the site that name nobody's thing: what is typed or chosen, and what an own thing's form is called."""


async def made(scene: Scene) -> dict[str, str]:
    """This will make one thing of each kind for the customer of ACCOUNT of the first utility, and give their names."""
    portal, token = scene.utility.portal, await scene.log_in()
    found = await portal.find(ACCOUNT)
    await bought(scene, "T0")
    added = await scene.post("/me/contacts", {"email": "second@example.org"}, token=token)
    await scene.issued_password()
    await portal.offer_continuation(context(at=scene.now), account_id=found.account_id)
    events = await scene.utility.log.load(found.account_id)
    issue = next(event for event in reversed(events) if isinstance(event, PasswordIssued))
    offer = next(event for event in events if isinstance(event, ContinuationOffered))
    unconfirmed = next(c for c in (await portal.account(found.account_id)).contacts.values() if not c.confirmed)
    meter = str((await portal.find(METER)).meter_id)
    # Its card is another one, so that the card of the tests stays good.
    scene.juice.cards["S7", CODE] = 5000
    redeemed = await scene.post("/redemptions", CARD | {"serial": "S7", "number": METER}, headers=key())
    purchased = await scene.post("/purchases", {"meter_id": meter, **WISH}, token=token, headers=key())
    request = await submit(scene, token)
    shelf = (await scene.get("/me/tokens", token=token)).json
    # So soon after a password was issued, a registered contact has to agree.
    contact = next(each["contact_id"] for each in shelf["contacts"] if each["channel"] == "email")
    asked = await scene.put(f"/me/contacts/{contact}", {"email": "third@example.org"}, token=token)
    assert asked.json["asked"], asked.text
    change = (await scene.utility.log.load(found.account_id))[-1]
    assert isinstance(change, ContactChangeRequested)
    question = await scene.post("/identity/questions", {"number": ACCOUNT})
    return {
        "receipt": "T0",
        "token": shelf["items"][0]["tokens"][0]["token_id"],
        "request": request,
        "redemption": redeemed.json["redemption_id"],
        "redemption's status": redeemed.json["status"],
        "purchase": purchased.json["purchase_id"],
        "purchase's status": purchased.json["status"],
        "undo link": portal.links.make("undo", found.account_id, issue.issue_id),
        "confirm link": portal.links.make("confirm", found.account_id, unconfirmed.contact_id),
        "continue link": portal.links.make("continue", found.account_id, offer.offer_id),
        "change link": portal.links.make("change", found.account_id, change.change_id),
        "revert link": portal.links.make("revert", found.account_id, UUID(added.json["contact_id"])),
        "enrolment": await invited(scene),
        "meter": meter,
        "contact": contact,
        "ticket": question.json["account_ticket"],
    }


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}
