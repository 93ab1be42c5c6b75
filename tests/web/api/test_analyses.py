from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from domain.wallet import Receipt
from tests.domain.scenario import NOON, context
from tests.projections.lives import live
from tests.web.scene import DESCRIPTION, Scene
from web.access.roles import Role
from web.api.analyses import ANALYSES

EVERY = sorted(ANALYSES)

UNUSABLE: tuple[tuple[dict[str, str], str], ...] = (
    ({"as_of": "2026-03-03"}, "as_of"),
    ({"to": "2026-03-03"}, "to"),
    ({"as_of": "2026-03-01", "to": "2026-03-02"}, "to"),
    ({"from": "2026-03-02", "to": "2026-03-01"}, "to"),
    ({"from": "2026-03-03"}, "from"),
    ({"from": "2001-01-01"}, "from"),
    ({"from": "1999-12-31"}, "from"),
    ({"from": "20260301"}, "from"),
    ({"from": "2026-02-30"}, "from"),
    ({"after": "9999-12-31"}, "after"),
    ({"granularity": "year"}, "granularity"),
    ({"channel": "=1+1"}, "channel"),
    ({"resource": "beer"}, "resource"),
    ({"topic": "meter"}, "topic"),
    ({"limit": "0"}, "limit"),
)
"""What is asked, and the field that is named."""


@pytest.fixture
async def filled(scene: Scene) -> Scene:
    """Two accounts' lives on the scene's day, told to be of the utility's zone."""
    await scene.utility.portal.describe_utility(context(by="juice"), DESCRIPTION)
    for number in ("1001", "1002"):
        await live(scene.utility.portal, number)
    await scene.utility.project()
    return scene


async def ask(scene: Scene, name: str, **asked: Any) -> Any:
    reply = await scene.get(f"/analyses/{name}", token=scene.api_key(Role.ANALYST), params=asked)
    assert reply.status_code == 200, reply.text
    return reply.json


async def table(scene: Scene, name: str, **asked: Any) -> list[dict[str, str]]:
    reply = await scene.get(f"/analyses/{name}.csv", token=scene.api_key(Role.ANALYST), params=asked)
    assert reply.status_code == 200, reply.text
    assert reply.text.endswith("\r\n") and reply.text.count("\n") == reply.text.count("\r\n")
    return list(csv.DictReader(io.StringIO(reply.text)))


def as_text(items: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [{field: "" if value is None else str(value) for field, value in item.items()} for item in items]


class AnAnalyst:
    async def test_sees_what_was_sold_by_channel(self, filled: Scene) -> None:
        sold = (await ask(filled, "sales"))["items"]
        assert [(row["channel"], row["resource"], row["transactions"], row["amount"]) for row in sold] == [
            ("Cash", "electricity", 6, 30_000),
            ("JC", "electricity", 2, 10_000),
        ]
        assert [(row["arrears"], row["tax"], row["units"], row["unit"]) for row in sold] == [
            (600, 4500, "153.6", "kWh"),
            (200, 1500, "51.2", "kWh"),
        ]
        (cards,) = (await ask(filled, "sales", channel="JC"))["items"]
        assert cards == sold[1]
        assert (await ask(filled, "sales", resource="water"))["items"] == []

    async def test_sees_how_old_debts_are_at_the_end_of_any_day(self, filled: Scene) -> None:
        answer = await ask(filled, "arrears-ageing")
        assert answer["as_of"] == "2026-03-02"
        assert {row["bucket"]: (row["debts"], row["balance"]) for row in answer["items"]} == {
            **{bucket: (0, 0) for bucket in ("0-30", "31-60", "61-90", "91-180", "181-365")},
            "over-365": (2, 1600),
        }
        assert (await ask(filled, "arrears-ageing", as_of="2026-03-01"))["items"] == []

    async def test_sees_how_arrears_were_recovered(self, filled: Scene) -> None:
        today = (await ask(filled, "recovery"))["items"][-1]
        assert today["opening"] + today["added"] + today["adjusted"] - today["collected"] == today["closing"] == 1600
        assert (today["opening"], today["collected"], today["rate"]) == (1800, 800, "44.44")

    async def test_sees_what_became_of_cards_and_requests(self, filled: Scene) -> None:
        (cards,) = (await ask(filled, "redemptions"))["items"]
        assert [cards[name] for name in ("reserved", "redeemed", "absent", "in_doubt", "amount")] == [4, 2, 2, 0, 10_000]
        requests = {row["topic"]: row for row in (await ask(filled, "tickets"))["items"]}
        assert [requests["meter"][name] for name in ("opened", "answered", "closed", "reopened")] == [2, 2, 0, 2]
        assert [requests["payment"][name] for name in ("opened", "answered", "closed", "reopened")] == [2, 2, 2, 0]

    async def test_gets_the_same_as_a_table(self, filled: Scene) -> None:
        for name in EVERY:
            for asked in ({}, {"from": "2025-12-30", "granularity": "month"}, {"from": "2026-02-25", "granularity": "week"}):
                items = (await ask(filled, name, **asked))["items"]
                assert await table(filled, name, **asked) == as_text(items)
                assert items
            reply = await filled.get(f"/analyses/{name}", token=filled.api_key(Role.ANALYST), headers={"Accept": "text/csv"})
            assert reply.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
            assert list(csv.DictReader(io.StringIO(reply.text))) == as_text((await ask(filled, name))["items"])

    async def test_pages_through_everything_once(self, filled: Scene) -> None:
        for name in EVERY:
            whole = (await ask(filled, name, **{"from": "2026-01-01"}))["items"]
            paged: list[Any] = []
            after: dict[str, str] = {}
            while True:
                page = await ask(filled, name, **{"from": "2026-01-01", "limit": 7, **after})
                paged += page["items"]
                if page["next"] is None:
                    break
                after = {"after": page["next"]}
            assert paged == whole

    async def test_knew_nothing_yet_the_day_before(self, filled: Scene) -> None:
        filled.later(days=3)
        for name in EVERY:
            told = (await ask(filled, name, as_of="2026-03-01"))["items"]
            assert not any(row.get("amount") or row.get("balance") or row.get("opened") or row.get("closing") for row in told)

    async def test_is_told_which_field_cannot_be_used(self, scene: Scene) -> None:
        key = scene.api_key(Role.ANALYST)
        for asked, field in UNUSABLE:
            for path in ("/analyses/sales", "/analyses/sales.csv"):
                reply = await scene.get(path, token=key, params=asked)
                assert (reply.status_code, list(reply.json["errors"])) == (422, [field]), (asked, reply.text)

    async def test_counts_days_by_the_utilitys_zone(self, scene: Scene) -> None:
        late = NOON.replace(hour=23)  # tomorrow already in Johannesburg
        portal = scene.utility.portal
        await portal.describe_utility(context(late, by="juice"), DESCRIPTION)
        await portal.learn_transactions(context(late, by="juice"), account_number="41000017", transactions=[paid("Cash", late)])
        await scene.utility.project()
        scene.now = late
        assert [row["period"] for row in (await ask(scene, "sales"))["items"]] == ["2026-03-03"]

    async def test_opens_a_table_in_a_spreadsheet_in_which_no_formula_runs(self, scene: Scene) -> None:
        kinds = ("=HYPERLINK(1)", "+1", "-2+3", "@SUM(1)", 'a,"b"\r\nc')
        told = [paid(kind, NOON, str(number), amount=-5) for number, kind in enumerate(kinds)]
        await scene.utility.portal.learn_transactions(context(by="juice"), account_number="41000017", transactions=told)
        await scene.utility.project()
        rows = await table(scene, "sales")
        assert {row["channel"] for row in rows} == {"'=HYPERLINK(1)", "'+1", "'-2+3", "'@SUM(1)", 'a,"b"\r\nc'}
        assert {row["amount"] for row in rows} == {"-5"}

    async def test_finds_nobody_in_any_of_it(self, filled: Scene) -> None:
        for name in EVERY:
            reply = await filled.get(f"/analyses/{name}.csv", token=filled.api_key(Role.ANALYST))
            assert not any(mark in reply.text for mark in ("1001", "Holder", "Acacia", "@example", "+27"))


def paid(kind: str, at: Any, number: str = "1", amount: int = 500) -> tuple[str, Receipt]:
    receipt = Receipt(
        juice_number=number, happened_at=at, amount=amount, currency="ZAR", lines=(), wallet_change=amount, wallet_balance=amount
    )
    return kind, receipt


class ANewRange:
    async def test_ends_today_where_nobody_says_otherwise(self, scene: Scene) -> None:
        await scene.utility.portal.describe_utility(context(by="juice"), DESCRIPTION)
        before = NOON - timedelta(days=29)
        await scene.utility.portal.learn_transactions(
            context(by="juice"),
            account_number="41000017",
            transactions=[paid("Cash", before), paid("Cash", before - timedelta(1), "2")],
        )
        await scene.utility.project()
        assert [row["period"] for row in (await ask(scene, "sales"))["items"]] == ["2026-02-01"]
