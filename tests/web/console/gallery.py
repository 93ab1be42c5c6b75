"""Every page of the console in every state, with canned rows: for tests, and for looking
(`python -m tests.web.console.gallery 8091`)."""

from __future__ import annotations

import sys
import threading
from contextlib import AbstractContextManager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import msgspec
from falcon import testing
from falcon.asgi import Request, Response

from domain.info_page import LONGEST
from domain.utility import Description
from projections.differences import DifferenceRow
from projections.info_pages import InfoPageRow
from projections.reconciliations import ReconciliationRow
from projections.standing import LeftOut
from tests.web.console.gallery_histories import histories
from tests.web.site import gallery as site
from tests.web.site import gallery_info, gallery_requests
from tests.web.site.gallery import NOON, UTILITY
from web.access.roles import Role
from web.console.book_words import BY_ITSELF, DO, HOW, IN_JUICE, WHAT
from web.console.errors import render_console_problem
from web.console.render import dress
from web.console.stages import FEEDS, FLAGS, MESSAGES, NEXT, RULES, STAGES, TO_DO
from web.journeys import attention as needed
from web.journeys import markdown
from web.journeys.account_desk import AccountSeen, Payment, place
from web.journeys.differences import Found
from web.journeys.history import MALFORMED_CASE
from web.journeys.info_page import InfoShown
from web.services import Undelivered
from web.site.labels import kinds, resources
from web.site.writing import Writing

CLEAN: dict[str, Any] = {"values": {}, "errors": {}, "problem": None}


def pages() -> dict[str, tuple[Role | None, str, str, dict[str, Any]]]:
    """Every page and state by name: whose it is (None: nobody is signed in), its path, its template and its facts."""
    audited = {name: (Role.AUDITOR, "/console/histories", "histories.html", facts) for name, facts in histories().items()}
    return entrance() | info_page() | requests() | account() | attention() | decision() | audited


def entrance() -> dict[str, tuple[Role | None, str, str, dict[str, Any]]]:
    enrol = {
        "person": SimpleNamespace(name="wanjiku"),
        "secret": "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP",
        "token": "t" * 43,
    }
    refused = {"values": {"name": "wanjiku"}, "problem": "Name, password and code do not go together."}
    wrong = {"errors": {"code": "That is not the code that the phone shows now. Is the phone's time right?"}}
    codes = [f"{n:04x}-7kd2-mq9{n}-zz{n}4" for n in range(10)]
    return {
        "sign-in": (None, "/console/sign-in", "sign-in.html", CLEAN),
        "sign-in-refused": (None, "/console/sign-in", "sign-in.html", CLEAN | refused),
        "enrol": (None, "/console/enrol/t", "enrol.html", CLEAN | enrol),
        "enrol-wrong": (None, "/console/enrol/t", "enrol.html", CLEAN | enrol | wrong),
        "recovery-codes": (None, "/console/enrol/t", "recovery-codes.html", {"codes": codes, "is_new": True}),
        **{f"home-{role}": (role, "/console", "home.html", {}) for role in (Role.STAFF, Role.AUDITOR, Role.OPERATOR)},
        "me": (Role.STAFF, "/console/me", "me.html", CLEAN | {"left": 7, "must_confirm": True}),
    }


def requests() -> dict[str, tuple[Role | None, str, str, dict[str, Any]]]:
    pages = gallery_requests.console_pages()
    return {name: (Role.STAFF, "/console/requests", template, facts) for name, (template, facts) in pages.items()}


def info_page() -> dict[str, tuple[Role | None, str, str, dict[str, Any]]]:
    page = gallery_info.info_shown()
    editor: dict[str, Any] = {
        "errors": {},
        "problem": None,
        "values": {"language": "en", "source": gallery_info.SOURCE, "based_on": "4"},
        "present": page.row,
        "preview": "",
        "is_preview": False,
        "is_published": False,
        "is_overtaken": False,
        "must_confirm": False,
        "written_in": [("en", "English"), ("fr", "Français")],
        "longest": LONGEST,
        "unwritten": {"fr": "en"},
    }
    overtaken = {
        "problem": "Somebody else published another text meanwhile. Look at it, take over what you need, and publish again.",
        "is_overtaken": True,
        "must_confirm": True,
        "values": {"language": "en", "source": gallery_info.SOURCE.replace("Siaya", "Bondo"), "based_on": "4"},
    }
    rows = [
        InfoPageRow(
            language="en" if n % 3 else "fr",
            edition=9 - n,
            source=gallery_info.SOURCE if n != 2 else "",
            published_at=NOON - timedelta(days=11 * n),
            published_by="staff:wanjiku" if n % 2 else "staff:otieno",
        )
        for n in range(6)
    ]
    return {
        "info-editor": (Role.STAFF, "/console/info-page", "info-editor.html", editor),
        "info-published": (Role.STAFF, "/console/info-page", "info-editor.html", editor | {"is_published": True}),
        "info-preview": (
            Role.STAFF,
            "/console/info-page",
            "info-editor.html",
            editor | {"preview": markdown.html(gallery_info.SOURCE), "is_preview": True},
        ),
        "info-overtaken": (Role.STAFF, "/console/info-page", "info-editor.html", editor | overtaken),
        "info-editions": (Role.STAFF, "/console/info-page/editions", "info-editions.html", {"editions": rows}),
        "info-edition": (
            Role.STAFF,
            "/console/info-page/editions/en/4",
            "info-edition.html",
            {"found": InfoShown(row=page.row, html=page.html)},
        ),
    }


def account() -> dict[str, tuple[Role | None, str, str, dict[str, Any]]]:
    page = site.dashboard()
    payment: dict[str, Any] = {
        "id": UUID(int=5),
        "message_id": UUID("019b7655-1c00-7000-8000-00000000d0b7"),
        "kind": "card",
        "amount": 50000,
        "currency": "KES",
        "began_at": NOON,
        "changed_at": NOON,
        "rule": None,
        "flag": None,
    }
    payments = [
        Payment(stage="in-doubt", **payment),
        Payment(stage="uncollected", **payment | {"kind": "purchase", "flag": "uncollected", "rule": "AuthorisationEnds"}),
        Payment(stage="captured", **payment | {"kind": "purchase"}),
        Payment(stage="proven-absent", **payment | {"rule": "BlockedMeter"}),
    ]
    seen = AccountSeen(
        board=page.dashboard,
        places={each.contact_id: place(each) for each in page.dashboard.contacts},
        in_full=False,
        activity=page.activity,
        payments=payments,
        requests=[gallery_requests.ticket(), gallery_requests.DONE],
    )
    write = Writing("en", UTILITY.zone)
    facts: dict[str, Any] = {
        "seen": seen,
        "board": seen.board,
        "resources": resources(write),
        "kinds": kinds(write),
        "stages": STAGES,
        "flags": FLAGS,
        "rules": RULES,
        "behind": False,
        "done": None,
    }
    full = msgspec.structs.replace(
        seen, in_full=True, places={each.contact_id: each.value for each in page.dashboard.contacts}, payments=[], requests=[]
    )
    wrong = {"number": seen.board.number, "contact": page.dashboard.contacts[3], "place": "••• ••11", "must_confirm": True}
    path, search = "/console/accounts/1002003004", CLEAN | {"is_led_from_elsewhere": False}
    return {
        "accounts": (Role.STAFF, "/console/accounts", "accounts.html", search),
        "accounts-from-elsewhere": (
            Role.STAFF,
            "/console/accounts",
            "accounts.html",
            search | {"values": {"number": "1002003004"}, "is_led_from_elsewhere": True},
        ),
        "accounts-unknown": (
            Role.STAFF,
            "/console/accounts",
            "accounts.html",
            search | {"values": {"number": "99"}, "errors": {"number": "No account and no meter has this number."}},
        ),
        "account": (Role.STAFF, path, "account.html", facts),
        "account-in-full": (Role.STAFF, path, "account.html", facts | {"seen": full, "done": "link"}),
        "wrong-contact": (Role.STAFF, path, "wrong-contact.html", CLEAN | wrong),
        "wrong-contact-registered": (
            Role.STAFF,
            path,
            "wrong-contact.html",
            CLEAN | wrong | {"contact": page.dashboard.contacts[0], "place": "w•••@a•••.example"},
        ),
    }


def books() -> dict[str, Any]:
    """Differences between the books: four are open, the second of which nobody's, and two were settled."""

    def row(kind: str, place: int, **differently: Any) -> DifferenceRow:
        said: dict[str, Any] = {
            "difference_id": UUID(int=70 + place),
            "account_id": UUID(int=1),
            "kind": kind,
            "day": NOON.date(),
            "about": None,
            "message_id": "019b7655-1c00-7000-8000-00000000d0b7",
            "juice_number": "520002005",
            "payment_id": "pi_3SRx7Q2eZvKYlo2C1gYVLW8T",
            "recorded": 50000,
            "currency": "KES",
            "told": 0,
            "told_currency": "KES",
            "difference": -50000,
            "found_at": NOON,
            "how": None,
            "reference": None,
            "settled_at": None,
            "settled_by": None,
            "position": 4,
        }
        return DifferenceRow(**said | differently)

    done = {"settled_at": NOON, "settled_by": "staff:ann", "how": "refunded", "reference": "Board 7/26"}
    by_itself = {"settled_at": NOON, "settled_by": "system:vendor", "how": "vanished"}
    nobodys: dict[str, Any] = {"account_id": None, "message_id": None, "juice_number": None, "recorded": 0, "told": 50000}
    return {
        "books": Found(
            open=[
                row("issued-without-charge", 1),
                row("charged-without-issue", 2, **nobodys),
                row("refunded-after-issue", 5, told=30000, difference=-20000),
                row("charge-disputed", 6),
            ],
            settled=[row("charged-amount-differs", 3, **done), row("issued-unknown-to-juice", 4, **by_itself)],
            more=True,
        ),
        "tried": {"of": None, "values": {}, "problem": None, "errors": {}},
        "done": False,
        "what": WHAT,
        "do": DO,
        "how": HOW,
        "in_juice": IN_JUICE,
        "settled_as": {**HOW, **BY_ITSELF},
        "name_of": lambda by: by.rpartition(":")[2],
    }


def decision() -> dict[str, tuple[Role | None, str, str, dict[str, Any]]]:
    """A purchase that may be one of two transactions, or none."""
    found = SimpleNamespace(
        purchase_id=UUID(int=5),
        account_id=UUID(int=1),
        message_id=UUID("019b7655-1c00-7000-8000-00000000d0b7"),
        stage="in-doubt",
        amount=50000,
        currency="KES",
        rule=None,
        authorised_until=NOON + timedelta(days=6),
        none_from=NOON + timedelta(minutes=15),
        is_open=True,
    )
    facts: dict[str, Any] = {
        "found": found,
        "choices": {
            "HP-000004711": "HP-000004711, 24 November 2026, 10:31, KES 500.00, 18.4 kWh",
            "HP-000004712": "HP-000004712, 24 November 2026, 10:33, KES 500.00, 18.4 kWh",
            "none": "None of them: Juice sold nothing for it",
        },
        "number": "1002003004",
        "values": {},
        "stages": STAGES,
        "rules": RULES,
        "next": NEXT,
        "done": False,
        "errors": {},
        "problem": None,
    }
    errors = {"transaction": "Choose one of them.", "reason": "Say how you know."}
    settled = SimpleNamespace(**{**vars(found), "stage": "captured", "is_open": False})
    none = SimpleNamespace(**{**vars(settled), "stage": "proven-absent", "rule": "PurchaseDecided"})
    path = "/console/purchases/5"
    return {
        "decision": (Role.STAFF, path, "decision.html", facts),
        "decision-refused": (Role.STAFF, path, "decision.html", facts | {"errors": errors, "values": {"reason": ""}}),
        "decision-made": (Role.STAFF, path, "decision.html", facts | {"found": settled}),
        "decision-just-made": (Role.STAFF, path, "decision.html", facts | {"found": none, "done": True}),
    }


def attention() -> dict[str, tuple[Role | None, str, str, dict[str, Any]]]:
    def payment(kind: str, stage: str, *, of: int = 1, flag: str | None = None) -> needed.PaymentOf:
        paid = Payment(
            id=UUID(int=5),
            message_id=UUID("019b7655-1c00-7000-8000-00000000d0b7"),
            kind=kind,
            stage=stage,
            amount=50000,
            currency="KES",
            began_at=NOON,
            changed_at=NOON,
            rule=None,
            flag=flag,
        )
        return needed.PaymentOf(account_id=UUID(int=of), payment=paid)

    difference = ReconciliationRow(
        position=9,
        account_id=UUID(int=2),
        recorded_at=NOON,
        as_of=NOON,
        juice_balance=5000,
        recorded_balance=7500,
        difference=-2500,
    )
    messages = [
        Undelivered(
            delivery_id=UUID(int=6),
            account_id=UUID(int=1),
            kind="password-to-registered",
            channel=channel,
            state=state,
            attempts=9,
            created_at=NOON,
            ended_at=NOON,
            error=error,
        )
        for channel, state, error in (("email", "refused", "550 5.1.1"), ("sms", "given_up", None))
    ]
    left_out = LeftOut(
        follower="arrears_ageing",
        originator_id=UUID("019b7655-1c00-7000-8000-0000000000a7"),
        position=4711,
        reason="KeyError at TransactionRecorded",
        parked_at=NOON,
    )
    read, behind = needed.Feed(name="accounts", state="read"), needed.Feed(name="usage", state="behind")
    found = needed.Attention(
        stuck=[
            payment("card", "in-doubt"),
            payment("purchase", "in-doubt", of=3, flag="authorisation-ends"),
            payment("purchase", "authorised", of=2),
        ],
        by_hand=[payment("purchase", "uncollected", flag="uncollected")],
        more=True,
        feeds=[read, behind, needed.Feed(name="balances", state="silent")],
        gaps=[needed.Gap(left_out=left_out, account_id=UUID(int=1)), needed.Gap(left_out=left_out, account_id=None)],
    )
    facts: dict[str, Any] = {
        "now": NOON,
        "found": found,
        **books(),
        "differences": [difference],
        "differences_on": "?differences=1",
        "messages": messages,
        "messages_on": None,
        "numbers": {UUID(int=1): "1002003004", UUID(int=2): "1002003005"},
        "is_staff": True,
        "age": lambda since: "3 minutes",
        "stages": STAGES,
        "rules": RULES,
        "flags": FLAGS,
        "next": NEXT,
        "to_do": TO_DO,
        "kinds": MESSAGES,
        "feeds": FEEDS,
    }
    fine = needed.Attention(stuck=[], by_hand=[], more=False, feeds=[read], gaps=[])
    nothing = {"found": fine, "differences": [], "differences_on": None, "messages": []}
    nothing["books"] = Found(open=[], settled=[], more=False)
    errors = {"how": "Choose how it was settled.", "case": MALFORMED_CASE}
    refused = {"of": str(UUID(int=72)), "values": {"how": "", "case": "<7/26>"}, "problem": None, "errors": errors}
    path = "/console/attention"
    return {
        "attention": (Role.STAFF, path, "attention.html", facts),
        "attention-of-an-operator": (Role.OPERATOR, path, "attention.html", facts | {"numbers": {}, "is_staff": False}),
        "attention-not-settled": (Role.STAFF, path, "attention.html", facts | {"tried": refused}),
        "attention-settled": (Role.STAFF, path, "attention.html", facts | nothing | {"done": True}),
        "attention-none": (Role.STAFF, path, "attention.html", facts | nothing),
    }


async def drawn(name: str, utility: Description) -> bytes | None:
    """This will render one page of the gallery; None for a name that it does not have."""
    known = pages()
    if name not in known and name not in site.problems():
        return None
    role, path, template, facts = known.get(name, (Role.STAFF, "/console/x", "", {}))

    async def description() -> Description:
        return utility

    person = SimpleNamespace(name="wanjiku", role=role) if role is not None else None
    req: Request = testing.create_asgi_req(path=path)
    req.context.visit = SimpleNamespace(
        person=person, api_key=None, session=None, languages=("en",), services=SimpleNamespace(description=description)
    )
    req.context.request_id = UUID(int=77)
    resp = Response()
    if name in site.problems():
        await render_console_problem(req, resp, site.problems()[name])
    else:
        dress(req, resp, template, utility, **facts)
    data: bytes = resp.data or b""
    return data


def shown(utility: Description = UTILITY, port: int = 0) -> AbstractContextManager[str]:
    """This will serve the gallery on loopback, and give its address."""
    return site.shown(utility, port, drawn)


if __name__ == "__main__":
    with shown(port=int(sys.argv[1]) if len(sys.argv) > 1 else 8091) as address:
        print(address, *pages(), *site.problems())
        threading.Event().wait()
