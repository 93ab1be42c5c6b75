"""Every page in every state, with canned rows: for tests, and for looking (`python -m tests.web.site.gallery 8090`)."""

from __future__ import annotations

import asyncio
import random
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import msgspec
from falcon import testing
from falcon.asgi import Request, Response

from domain.account import Account
from domain.contact import Contact, GivenContact
from domain.event import Context
from domain.meter import Meter
from domain.utility import Description
from domain.wallet import Line, Token
from projections.activity import ActivityRow
from projections.arrears import ArrearsRow
from projections.dashboard import Dashboard, MeterUsed, UsageDay
from tests.web.site import gallery_info, gallery_requests
from web.journeys import amounts
from web.journeys.dashboard import DashboardPage
from web.journeys.editing import field
from web.journeys.get_password import Choice, IdentityQuestion
from web.journeys.preview import Preview
from web.journeys.purchase_status import PurchaseStatus
from web.journeys.receipts import ReceiptShown
from web.journeys.redemption_status import RedemptionStatus
from web.journeys.unfinished import Unfinished
from web.middleware.headers import CONTENT_SECURITY_POLICY
from web.problem import Problem
from web.problems import BUSY, OUT_OF_ORDER
from web.site import colours
from web.site.dashboard import facts_of
from web.site.edit import facts_of as edit_facts
from web.site.edit import present
from web.site.errors import render_problem
from web.site.labels import resources
from web.site.links import UNDO
from web.site.render import assets, dress
from web.site.shown import Shown
from web.site.writing import Writing
from wording.refused import refused

NOON = datetime(2026, 11, 22, 12, 4, tzinfo=UTC)
UTILITY = Description(
    code="lake",
    name="Lakeside Power & Water",
    currency="KES",
    zone="Africa/Nairobi",
    primary_colour="#0b6e4f",
    accent_colour="#f4a300",
    support_phone="+254 20 555 0100",
    support_email="help@lakeside.example",
    streets=("Acacia Road",),
    default_arrears_share=25,
)
PALE = {"primary_colour": "#ffd23f", "accent_colour": "#ee4266", "name": "Sunny Vale Municipal Electricity Department"}
"""Colours that white text could not be read on, and a long name."""

ACCOUNT, METER, WATER = UUID(int=1), UUID(int=2), UUID(int=3)
TOKENS = (
    Token(kind="key-change", digits="47186281207955155808", order=1),
    Token(kind="key-change", digits="52059556253782091701", order=2),
    Token(kind="credit", digits="59386323472137426967", order=3),
)
LINES = (
    Line(
        kind="arrears", amount=12500, debt_id="D1", description="Connection fee 2024", balance_before=84000, balance_after=71500
    ),
    Line(kind="tax", amount=5172, description="VAT 16 %"),
    Line(kind="fee", amount=1000),
    Line(kind="energy", amount=31328),
)


ENGLISH = Writing("en", UTILITY.zone)


def receipt(**changes: Any) -> ReceiptShown:
    """A receipt of KES 500."""
    facts: dict[str, Any] = {
        "juice_number": "JC-0001204417",
        "happened_at": NOON,
        "amount": 50000,
        "currency": "KES",
        "lines": LINES,
        "milliunits": 25600,
        "unit": "kWh",
        "tokens": TOKENS[2:],
        "wallet_change": 0,
        "wallet_balance": 0,
    }
    return ReceiptShown(**facts | changes)


def redemption(stage: str, **changes: Any) -> dict[str, Any]:
    """The facts of a redemption's page."""
    facts: dict[str, Any] = {
        "redemption_id": UUID(int=9),
        "stage": stage,
        "amount": 50000,
        "currency": "KES",
        "changed_at": NOON,
        "receipt": receipt() if stage == "redeemed" else None,
        "rule": None,
        "meter": "…4417",
        "is_own": False,
    }
    found = RedemptionStatus(**facts | changes)
    return {"redemption": found, "refused": refused(found.rule)}


def purchase(stage: str, *, returned: bool = False, left: bool = False, **changes: Any) -> dict[str, Any]:
    """The facts of a purchase's page."""
    facts: dict[str, Any] = {
        "purchase_id": UUID(int=9),
        "reference": "p" * 64,
        "stage": stage,
        "amount": 50000,
        "currency": "KES",
        "pays_until": NOON + timedelta(hours=1),
        "changed_at": NOON,
        "receipt": receipt() if stage in ("issued", "captured", "uncollected") else None,
        "rule": None,
        "meter": "…4417",
        "is_own": False,
    }
    found = PurchaseStatus(**facts | changes)
    return {"purchase": found, "refused": refused(found.rule), "returned": returned, "left": left}


def preview(**changes: Any) -> Preview:
    """What KES 500 would buy."""
    meter = Meter(meter_id=METER, number="04123456787", kind="STS", resource="electricity", unit="kWh")
    facts: dict[str, Any] = {
        "meter": meter,
        "amount": 50000,
        "currency": "KES",
        "lines": LINES,
        "milliunits": 25600,
        "unit": "kWh",
        "wallet_change": 0,
        "wallet_balance": 0,
        "shares": {"D1": 25},
    }
    return Preview(**facts | changes)


def dashboard(*, behind: bool = False, empty: bool = False) -> DashboardPage:
    """A dashboard with everything on it, or of an account that is new."""
    meters = (
        Meter(meter_id=METER, number="04123456787", kind="STS", resource="electricity", unit="kWh"),
        Meter(meter_id=WATER, number="W-220711", kind="AMI", resource="water", unit="kl"),
    )
    dice = random.Random(7)
    start = date(2026, 9, 1)
    power = tuple(UsageDay(start + timedelta(n), dice.randint(3100, 8400)) for n in range(82) if n not in (70, 71))
    water = tuple(UsageDay(start + timedelta(n), dice.randint(150, 700)) for n in range(82))
    board = Dashboard(
        account_id=ACCOUNT,
        number="1002003004",
        name="Wanjiku Kamau-Otieno",
        address="17 Acacia Road, Kisumu 40100",
        language="en",
        contacts=(
            _contact(11, "email", "wanjiku.kamau-otieno@a-rather-long-provider.example", "registered", True),
            _contact(12, "sms", "+254712555010", "registered", True),
            _contact(13, "email", "wanjiku@work.example", "secondary", True),
            _contact(14, "sms", "+254733555011", "secondary", False),
        ),
        meters=meters if not empty else (),
        currency="KES",
        wallet_balance=123450,
        usage=() if empty else (_used(METER, "kWh", power), _used(WATER, "kl", water)),
    )
    debts = [
        _debt("Connection fee 2024", 71500, 240000, 25),
        _debt("Reconnection", 15000, 15000, 100),
    ]
    kinds = ("JC", "Cash", "Cash-CC", "Reversal", "Free", "JC", "Mgmt", "JC")
    activity = [_transaction(place, kind) for place, kind in enumerate(kinds)]
    return DashboardPage(
        dashboard=board,
        activity=[] if empty else activity,
        arrears=[] if empty else debts,
        left={} if empty else {METER: Decimal("6.4"), WATER: Decimal("2.9")},
        unfinished=() if empty else UNFINISHED,
        behind=behind,
    )


UNFINISHED = (
    Unfinished(kind="purchase", id=UUID(int=31), stage="requested", amount=50000, currency="KES", since=NOON),
    Unfinished(kind="purchase", id=UUID(int=32), stage="in-doubt", amount=120000, currency="KES", since=NOON),
    Unfinished(kind="redemption", id=UUID(int=33), stage="in-doubt", amount=10000, currency="KES", since=NOON),
)


def pages() -> dict[str, tuple[str, dict[str, Any]]]:
    """Every page and state by name: its template and facts. A session where the name says "own"."""
    from tests.web.site import gallery_reading  # which stands on this

    clean: dict[str, Any] = {"values": {}, "errors": {}, "problem": None}
    empty: dict[str, Any] = {
        "offer": None,
        "meters": (),
        "chosen": "",
        "resources": resources(ENGLISH),
        "idempotency_key": "k" * 32,
        "again": False,
        "both_ways": False,
    }
    card = clean | empty
    typed = {"serial": "JC00412207", "code": "", "kept_code": "sealed", "number": "04123456787", "meter": ""}
    offer = Shown(amount=50000, currency="KES", proof="p" * 32)
    meters = dashboard().dashboard.meters
    buying: dict[str, Any] = {
        **{"values": {}, "errors": {}, "problem": None, "meters": meters, "chosen": "", "idempotency_key": "k" * 32},
        **{"resources": card["resources"], "currency": "KES", "least": "KES 100.00", "most": "KES 70,000.00"},
    }
    streets = ("Acacia Road", "Baobab Lane", "Cedar Close, Milimani Estate, Upper Hill", "Ebony Walk", "Fig Street")
    choices = tuple(Choice(value=f"{n:016x}", label=f"{7 * n + 3} {streets[n % 5]}, Kisumu 40100") for n in range(10))
    question: dict[str, Any] = {
        "question": IdentityQuestion(account_ticket="t" * 48, choices=choices, address_suffices=True),
        "ticket": "t" * 48,
        "one_more": False,
    }
    insufficient = IdentityQuestion(account_ticket="t" * 48, choices=(), address_suffices=False)
    link = {
        "heading": "Did you not ask for this password?",
        "explained": "You can take back the new password and everything that came of it.",
        "points": ["It stops working, whoever logged in with it is logged out, and its contacts are removed."],
        "button": "Take it back",
        "grave": True,
    }
    picked = {
        "values": {"email": "wanjiku@work.example", "phone": "0733 555 011"},
        "problem": "This is not the address that is registered to the account. The wrong choice was counted.",
        "one_more": True,
    }
    refused = {"values": {"number": "1002003004"}, "problem": "Number and password do not go together."}
    wrong = {"serial": "Enter the card's serial number.", "code": "A scratch code has 12 to 24 letters and digits."}
    confirmed = {"values": typed, "offer": offer, "target": typed["number"], "idempotency_key": "k" * 32}
    write = Writing("en", UTILITY.zone)
    return {
        **gallery_requests.pages(),
        "landing": ("landing.html", {}),
        "info": ("info.html", {"page": gallery_info.info_of_ours()}),
        "info-written": ("info.html", {"page": gallery_info.info_read()}),
        "redeem": ("redeem.html", card),
        "redeem-shown": ("redeem.html", {**card, "values": typed, "offer": offer}),
        "redeem-wrong": ("redeem.html", {**card, "values": {**typed, "code": "K7RT"}, "errors": wrong}),
        "redeem-refused": (
            "redeem.html",
            {**card, "values": typed, "problem": "This card was used before. A card credits once."},
        ),
        "redeem-confirm": (
            "redeem-confirm.html",
            confirmed | {"meant": "m" * 48, "preview": None},
        ),
        "redeem-confirm-own": (
            "redeem-confirm.html",
            confirmed | {"meant": "", "preview": preview()},
        ),
        "redeem-again": ("redeem.html", {**card, "values": {"serial": typed["serial"]}, "again": True}),
        "redeem-own": ("redeem.html", {**card, "meters": meters, "chosen": str(METER), "both_ways": True}),
        "buy-own": ("buy.html", buying),
        "buy-wrong-own": ("buy.html", {**buying, "values": {"amount": "5.000"}, "errors": {"amount": amounts.TWO_WAYS}}),
        "buy-no-meter-own": ("buy.html", {**buying, "meters": (), "problem": "Nothing was charged. Please try again."}),
        "buy-confirm-own": (
            "buy-confirm.html",
            {
                **{"values": {"amount": "500", "meter": str(METER)}, "preview": preview(), "offer": offer},
                **{"target": "Electricity, meter 04123456787", "button": "Pay KES 500.00", "idempotency_key": "k" * 32},
            },
        ),
        "purchase-returned": ("purchase.html", purchase("requested", returned=True)),
        "purchase-left": ("purchase.html", purchase("requested", left=True)),
        "purchase-declined": ("purchase.html", purchase("declined")),
        "purchase-cancelled": ("purchase.html", purchase("abandoned", rule="cancelled")),
        "purchase-expired-own": ("purchase.html", purchase("abandoned", rule="expired", is_own=True)),
        "purchase-sent": ("purchase.html", purchase("sent")),
        "purchase-in-doubt": ("purchase.html", purchase("in-doubt")),
        "purchase-by-hand": ("purchase.html", purchase("in-doubt", by_hand=True)),
        "purchase-issued": ("purchase.html", purchase("issued", receipt=receipt(wallet_balance=None))),
        "purchase-captured-own": ("purchase.html", purchase("captured", receipt=receipt(tokens=TOKENS), is_own=True)),
        "purchase-uncollected": ("purchase.html", purchase("uncollected")),
        "purchase-refused": ("purchase.html", purchase("proven-absent", rule="BlockedMeter")),
        "purchase-released": ("purchase.html", purchase("released", rule="BlockedMeter")),
        "redemption-reserved": ("redemption.html", redemption("reserved")),
        "redemption-in-doubt": ("redemption.html", redemption("in-doubt")),
        "redemption-redeemed": ("redemption.html", redemption("redeemed", receipt=receipt(wallet_balance=None))),
        "redemption-key-change-own": ("redemption.html", redemption("redeemed", receipt=receipt(tokens=TOKENS), is_own=True)),
        "redemption-ami": (
            "redemption.html",
            redemption("redeemed", receipt=receipt(tokens=(), milliunits=0, lines=(Line(kind="wallet", amount=50000),))),
        ),
        "redemption-used": ("redemption.html", redemption("proven-absent", rule="CardUsed")),
        "redemption-absent": ("redemption.html", redemption("proven-absent", rule="BlockedMeter")),
        "password": ("password.html", clean),
        "identity": ("identity.html", {**clean, **question}),
        "identity-wrong": ("identity.html", clean | question | picked),
        "identity-insufficient": ("identity.html", {**clean, **question, "question": insufficient}),
        "password-sent": (
            "password-sent.html",
            {"sent_to": ["w•••@a•••.example", "••• ••10", "wanjiku@work.example", "+254733555011"]},
        ),
        "link-sent": ("link-sent.html", {}),
        "link": ("link.html", link),
        "link-used": ("message.html", UNDO["used"] | {"good": True, "reference": None}),
        "link-expired": ("message.html", UNDO["expired"] | {"good": False, "reference": None}),
        "continue": ("continue.html", clean),
        "login": ("login.html", clean),
        "login-wrong": ("login.html", clean | refused),
        **editing(),
        "dashboard-own": ("dashboard.html", facts_of(dashboard(behind=True), write, cards_taken=True)),
        "dashboard-new-own": ("dashboard.html", facts_of(dashboard(empty=True), write, cards_taken=False)),
        **gallery_reading.pages(write),
    }


def editing() -> dict[str, tuple[str, dict[str, Any]]]:
    """The Edit page and that of the password in their states."""
    account = Account(ACCOUNT)
    juice = Context(at=NOON - timedelta(days=400), by="juice", correlation_id=UUID(int=5))
    account.open(
        juice, number="1002003004", name="Wanjiku Kamau-Otieno", address="17 Acacia Road", language="en", wallet_id=UUID(int=6)
    )
    given = [
        GivenContact(contact_id=UUID(int=21), channel="email", value="wanjiku.kamau-otieno@a-rather-long-provider.example"),
        GivenContact(contact_id=UUID(int=22), channel="sms", value="+254712555010"),
        GivenContact(contact_id=UUID(int=23), channel="email", value="wanjiku@work.example"),
        GivenContact(contact_id=UUID(int=24), channel="sms", value="+254733555011"),
    ]
    account.register_contact(juice, given[0])
    account.register_contact(juice, given[1])
    account.add_contact(juice, given[2], via_issue=None)
    account.confirm_contact(juice, given[2].contact_id)
    account.change_contact(juice, given[1].contact_id, given[3], via_issue=None, change_id=UUID(int=25))
    held = Account.fold(ACCOUNT, account.pending_events)
    now = msgspec.structs.replace(juice, at=NOON)
    issued = {"issue_id": UUID(int=26), "verifier": "", "secret_id": UUID(int=27), "reason": "identity confirmed"}
    held.issue_password(now, **issued)
    held.remove_contact(now, given[1].contact_id, via_issue=None, change_id=UUID(int=28))

    def facts(of: Account, fresh: bool = True, **values: str) -> dict[str, Any]:
        kept = {**present(of), **values}
        return {"values": kept, "errors": {}, "problem": None, "said": [], "saved_now": [], "seen": "0" * 32} | edit_facts(
            of, kept, ENGLISH, NOON, fresh=fresh
        )

    wrong = {field(given[0].contact_id): "That is not an e-mail address. It looks like name@example.com."}
    said = ["A link went to wanjiku@home.example. Open it to confirm this contact.", "How we contact you is changed."]
    new: dict[str, Any] = {"problem": None, "errors": {}, "number": "1002003004", "issued": False, "shortest": 8, "longest": 128}
    again = {"current": "That is not the current password."}
    typed = facts(account, fresh=False, **{field(given[0].contact_id): "wanjiku@"})
    return {
        "edit-own": ("edit.html", facts(account)),
        "edit-saved-own": ("edit.html", facts(account) | {"said": said}),
        "edit-wrong-own": ("edit.html", typed | {"errors": wrong}),
        "edit-meanwhile-own": (
            "edit.html",
            facts(account, email="wanjiku@home.example")
            | {
                "problem": "Something was changed meanwhile, perhaps in another window. Nothing was saved yet.",
                "saved_now": ["Often", "Quiet hours from 22:00 until 06:00"],
            },
        ),
        "edit-held-own": ("edit.html", facts(held, fresh=False)),
        "edit-password-own": ("edit-password.html", new),
        "edit-password-wrong-own": ("edit-password.html", new | {"issued": True, "errors": again}),
    }


def problems() -> dict[str, Problem]:
    """The pages of what went wrong."""

    def row(rule: str, of: Any) -> Problem:
        return Problem(status=of.status, rule=rule, title=of.title, detail=of.detail, request_id=UUID(int=77))

    return {
        "404": Problem(status=404, rule="NotFound", title="Not found", detail="There is nothing here."),
        "403": Problem(status=403, rule="NotAllowed", title="Not allowed", detail="You may not do this here."),
        "429": Problem(status=429, rule="TooManyTries", title="Too many tries", detail="Too often.", retry_after=130),
        "500": row("OutOfOrder", OUT_OF_ORDER),
        "503": row("TooBusy", BUSY),
    }


async def drawn(name: str, utility: Description = UTILITY) -> bytes:
    """This will render one page of the gallery."""
    services = SimpleNamespace(description=_given(utility))
    visit = SimpleNamespace(session=object() if name.endswith("-own") else None, services=services, languages=("en",))
    req: Request = testing.create_asgi_req(path="/dashboard" if "dashboard" in name else "/")
    req.context.visit = visit
    resp = Response()
    if name in problems():
        await render_problem(req, resp, problems()[name])
    else:
        template, facts = pages()[name]
        dress(req, resp, template, utility, **facts)
    assert resp.data is not None
    return resp.data


Draw = Callable[[str, Description], Awaitable[bytes | None]]


async def _drawn_if_known(name: str, utility: Description) -> bytes | None:
    return await drawn(name, utility) if name in pages() or name in problems() else None


@contextmanager
def shown(utility: Description = UTILITY, port: int = 0, draw: Draw | None = None) -> Iterator[str]:
    """This will serve the gallery on loopback, under the site's own Content Security Policy, and give its address.

    `draw` gives the pages of another gallery by name, None for a name it does not have.
    """
    look = colours.look(utility.primary_colour, utility.accent_colour)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/").partition("?")[0]
            asset = assets().find(name.removeprefix("static/"))
            if asset is not None:
                content, kind = asset.plain, asset.media_type
            elif self.path == look.url:
                content, kind = look.content.encode(), "text/css"
            else:
                page = asyncio.run((draw or _drawn_if_known)(name, utility))
                content, kind = (page, "text/html; charset=utf-8") if page is not None else (b"", "")
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", kind or "text/plain")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def _given(utility: Description) -> Any:
    async def description() -> Description:
        return utility

    return description


def _contact(number: int, channel: Any, value: str, standing: Any, confirmed: bool) -> Contact:
    return Contact(contact_id=UUID(int=number), channel=channel, value=value, standing=standing, confirmed=confirmed)


def _used(meter_id: UUID, unit: str, days: tuple[UsageDay, ...]) -> MeterUsed:
    return MeterUsed(meter_id=meter_id, unit=unit, days=days)


def _debt(description: str, balance: int, original: int, share: int) -> ArrearsRow:
    return ArrearsRow(
        account_id=ACCOUNT,
        debt_id=description,
        description=description,
        balance=balance,
        original=original,
        share=share,
        plan="share",
        opened_on=date(2024, 3, 8),
        changed_at=NOON,
    )


def _transaction(place: int, kind: str) -> ActivityRow:
    return ActivityRow(
        account_id=ACCOUNT,
        position=100 - place,
        happened_at=NOON - timedelta(days=6 * place, hours=3 * place),
        kind=kind,
        juice_number=f"JC-00012044{place:02}",
        meter_id=METER,
        amount=50000 if kind != "Reversal" else -50000,
        currency="KES",
        milliunits=25600 if kind != "Mgmt" else 0,
        unit="kWh",
        arrears=12500,
        fees=1000,
        tax=5172,
        wallet_change=0,
        wallet_balance=0,
        lines=LINES if kind == "JC" else (),
        tokens=(TOKENS if place == 0 else TOKENS[2:]) if kind in ("JC", "Cash") else (),
    )


if __name__ == "__main__":
    with shown(port=int(sys.argv[1]) if len(sys.argv) > 1 else 8090) as address:
        print(address, *pages(), *problems())
        threading.Event().wait()
