"""What a customer reads beyond the dashboard, in every state: tokens, arrears, usage, activity, receipts."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from domain.meter import Meter
from domain.wallet import Line
from projections.activity import ActivityRow
from projections.arrears import ArrearsRow
from projections.arrears_shares import ArrearsShareRow
from projections.usage_months import UsageMonth
from tests.web.site import gallery
from tests.web.site.gallery import ACCOUNT, LINES, METER, NOON, TOKENS, WATER
from vending.juice_answers import ShareLimits
from web.journeys import arrears as owing
from web.journeys import token_shelf, usage
from web.journeys.arrears_share import Choice, Effect, Shares
from web.journeys.paging import Page
from web.journeys.share_effect import split, with_share
from web.journeys.token_shelf import Bought, Shelf, ShelfToken, Shelves, State
from web.site import activity, arrears, arrears_share, tokens
from web.site import usage as usage_page
from web.site.labels import kinds, resources
from web.site.writing import Writing

POWER = Meter(meter_id=METER, number="04123456787", kind="STS", resource="electricity", unit="kWh")
SECOND = Meter(meter_id=WATER, number="W-220711", kind="STS", resource="water", unit="kl")


def bought(place: int, *states: State, key_change: bool = False, **changes: Any) -> Bought:
    """The tokens of one purchase; `place` days ago."""
    of = TOKENS if key_change else TOKENS[2:]
    states = states * len(of) if len(states) == 1 else states
    facts: dict[str, Any] = {
        "juice_number": f"JC-00012044{place:02}",
        "kind": "Cash",
        "issued_at": NOON - timedelta(days=place),
        "position": 100 - place,
        "meter_id": METER,
        "amount": 50000,
        "currency": "KES",
        "milliunits": 25600,
        "unit": "kWh",
        "tokens": tuple(
            ShelfToken(
                token_id=UUID(int=place * 10 + token.order),
                kind=token.kind,
                digits=token.digits,
                order=token.order,
                state=state,
                entered_at=NOON if state == "entered" else None,
            )
            for token, state in zip(of, states, strict=True)
        ),
    }
    return Bought(**facts | changes)


def shelves(write: Writing, *all_shelves: Shelf, **said: Any) -> dict[str, Any]:
    """The facts of the token shelf."""
    contacts = token_shelf.reachable(gallery.dashboard().dashboard.contacts)
    return tokens.facts_of(Shelves(shelves=all_shelves, contacts=contacts, behind=False), write, **said)


def owed(write: Writing, *, many: bool) -> dict[str, Any]:
    """The facts of the page of arrears: none, or long ones with their payments."""
    debts = [
        _debt("D1", "Reconnection after the meter was moved to the new pole", 15000, 15000, 100, date(2026, 10, 1)),
        _debt("D2", "Connection fee 2024", 71500, 240000, 25, date(2024, 3, 8)),
        _debt("D3", "Loan for a fridge", 9_876_543_210, 12_345_678_900, 10, date(2025, 1, 1)),
    ]
    paying = [_paying(place, "D2", 71500 + place * 1250, 1250) for place in range(8)]
    paying.append(_paying(70, "D4", 900, 900, "Old meter's account"))
    if not many:
        debts, paying = [], []
    shown = tuple(owing.shown(debts, paying, NOON.date()))
    found = owing.Arrears(currency="KES", debts=shown, paid_off=tuple(owing.paid_off(debts, paying)), behind=False)
    return arrears.facts_of(found, NOON.date(), write)


def one_debt(write: Writing) -> dict[str, Any]:
    """The facts of the page of one debt that is paid steadily."""
    debt = _debt("D2", "Connection fee 2024", 7150, 240000, 25, date(2024, 3, 8))
    paying = [_paying(place, "D2", 7150 + place * 1250, 1250) for place in range(8)]
    found = owing.Arrears(currency="KES", debts=tuple(owing.shown([debt], paying, NOON.date())), paid_off=(), behind=True)
    return arrears.facts_of(found, NOON.date(), write)


def share_choice(write: Writing, *, step: str) -> dict[str, Any]:
    """The facts of the page on which a larger share is chosen: at first, with its effect, wrong, or while Juice is asked."""
    debts = (
        ShareLimits(debt="D1", description="Connection fee 2024", balance=71500, share=25, least=20, most=60),
        ShareLimits(debt="D3", description="Loan for a fridge", balance=9_876_543_210, share=100, least=100, most=100),
    )
    last = ArrearsShareRow(
        share_id=UUID(int=5),
        account_id=ACCOUNT,
        debt_id="D1",
        description="Connection fee 2024",
        stage="in-doubt" if step == "doubt" else "confirmed",
        share=25,
        former_share=20,
        message_id=UUID(int=6),
        chosen_at=NOON,
        changed_at=NOON,
        rule=None,
        flag=None,
        position=9,
    )
    shares = Shares(
        currency="KES", choices=(Choice(limits=debts[0], last=last), Choice(limits=debts[1], last=None)), usual=50_000
    )
    then = split(50_000, with_share(debts, "D1", 40))
    effect = Effect(
        debt_id="D1",
        share=40,
        amount=50_000,
        now=split(50_000, debts),
        then=then,
        paid_off_now=date(2027, 9, 1),
        paid_off_then=None,
    )
    said = {"values": {"debt": "D1", "share": "61" if step == "wrong" else "40"}, "problem": None, "idempotency_key": "k" * 32}
    wrong = {"share": "That is more than the utility lets go to this debt."} if step == "wrong" else {}
    found = effect if step == "effect" else None
    return arrears_share.facts_of(shares, found, NOON.date(), write) | said | {"errors": wrong, "fresh": False}


def used(write: Writing, months: int, month: date | None = None) -> dict[str, Any]:
    """The facts of the page of usage, of so many months up to 21 November 2026."""
    dice = random.Random(5)
    known = []
    for meter, resource, unit, least in ((METER, "electricity", "kWh", 3100), (WATER, "water", "kl", 150)):
        for back in range(months - 1, -1, -1):
            first = usage.month_before(NOON.date(), back)
            last = (usage.month_before(first, -1) - first).days if back else 21
            days = {day: dice.randint(least, least * 2) for day in range(1, last + 1)}
            known.append(
                UsageMonth(
                    account_id=ACCOUNT,
                    meter_id=meter,
                    month=first,
                    resource=resource,
                    unit=unit,
                    milliunits=sum(days.values()),
                    days=days,
                )
            )
    meters = {METER: POWER} if months > 1 else {METER: POWER, WATER: SECOND}
    return usage_page.facts_of(usage.meters_of(known, meters, usage.month_before(NOON.date(), 12)), month, write)


def listed(write: Writing, *, empty: bool = False, asked: dict[str, str] | None = None) -> dict[str, Any]:
    """The facts of a page of activity."""
    rows = [] if empty else [*gallery.dashboard().activity, *gallery.dashboard().activity]
    page = Page(items=rows, next=None if empty else "1767225600000000.4711")
    found = activity.Asked(**{"kind": "", "period": "90", "before": ""} | (asked or {}))
    return {"behind": False, **activity.facts_of(page, found, write)}


def receipt(write: Writing, row: ActivityRow, meter: Meter | None = POWER) -> dict[str, Any]:
    """The facts of a receipt."""
    board = gallery.dashboard().dashboard
    return {"row": row, "meter": meter, "board": board, "kinds": kinds(write), "resources": resources(write)}


def pages(write: Writing) -> dict[str, tuple[str, dict[str, Any]]]:
    """Every page and state by name: its template and facts."""
    newest = bought(0, "open")
    unmarked = tuple(bought(place, "open") for place in range(9, -1, -1))
    entered = (bought(5, "entered"), bought(8, "passed"), bought(12, "reversed"))
    half = bought(0, "entered", "open", "open", key_change=True)
    gone = Shelf(meter=None, to_enter=(), others=(bought(40, "meter-gone"),))
    row, *others = gallery.dashboard().activity
    free = msgspec.structs.replace(row, kind="Free", amount=0, lines=(), tokens=TOKENS[2:], meter_id=UUID(int=77))
    wallet = msgspec.structs.replace(others[2], lines=(Line(kind="wallet", amount=-50000),), milliunits=0, wallet_change=-50000)
    field = f"send-{newest.tokens[-1].token_id}"
    return {
        "tokens-none-own": ("tokens.html", shelves(write)),
        "tokens-one-own": (
            "tokens.html",
            shelves(write, Shelf(meter=POWER, to_enter=(newest,), others=()), Shelf(meter=SECOND, to_enter=(), others=())),
        ),
        "tokens-many-own": (
            "tokens.html",
            shelves(
                write,
                Shelf(meter=POWER, to_enter=(*unmarked[:-1], half), others=entered),
                Shelf(meter=SECOND, to_enter=(), others=entered),
                gone,
                sent="wanjiku.kamau-otieno@a-rather-long-provider.example",
            ),
        ),
        "tokens-marked-own": (
            "tokens.html",
            shelves(write, Shelf(meter=POWER, to_enter=(), others=entered), marked=str(entered[0].tokens[-1].token_id)),
        ),
        "tokens-wrong-own": (
            "tokens.html",
            shelves(write, Shelf(meter=POWER, to_enter=(newest,), others=entered), errors={field: tokens.CHOOSE}),
        ),
        "arrears-none-own": ("arrears.html", owed(write, many=False)),
        "arrears-one-own": ("arrears.html", one_debt(write)),
        "arrears-many-own": ("arrears.html", owed(write, many=True)),
        "usage-none-own": ("usage.html", usage_page.facts_of([], None, write)),
        "usage-month-own": ("usage.html", used(write, 1)),
        "usage-year-own": ("usage.html", used(write, 25)),
        "usage-of-a-month-own": ("usage.html", used(write, 14, date(2026, 2, 1))),
        "usage-of-no-month-own": ("usage.html", used(write, 2, date(2026, 2, 1))),
        "arrears-share-own": ("arrears-share.html", share_choice(write, step="effect")),
        "arrears-share-wrong-own": ("arrears-share.html", share_choice(write, step="wrong")),
        "arrears-share-doubt-own": ("arrears-share.html", share_choice(write, step="doubt")),
        "activity-own": ("activity.html", listed(write)),
        "activity-older-own": ("activity.html", listed(write, asked={"kind": "JC", "period": "all", "before": "1.1"})),
        "activity-empty-own": ("activity.html", listed(write, empty=True)),
        "receipt-own": ("receipt.html", receipt(write, row)),
        "receipt-free-own": ("receipt.html", receipt(write, free, None)),
        "receipt-reversal-own": ("receipt.html", receipt(write, wallet)),
    }


def _debt(debt_id: str, description: str, balance: int, original: int, share: int, opened_on: date) -> ArrearsRow:
    return ArrearsRow(
        account_id=ACCOUNT,
        debt_id=debt_id,
        description=description,
        balance=balance,
        original=original,
        share=share,
        plan="share",
        opened_on=opened_on,
        changed_at=NOON,
    )


def _paying(place: int, debt_id: str, before: int, amount: int, description: str = "Connection fee 2024") -> ActivityRow:
    row = gallery.dashboard().activity[0]
    line = Line(
        kind="arrears",
        amount=amount,
        debt_id=debt_id,
        description=description,
        balance_before=before,
        balance_after=before - amount,
    )
    return msgspec.structs.replace(
        row, lines=(line, *LINES[1:]), happened_at=NOON - timedelta(days=9 * place), juice_number=f"JC-{place}"
    )
