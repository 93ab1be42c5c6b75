"""An analyst at the console: charts, tables and CSV, as of any day."""

from __future__ import annotations

import csv
import io
import re

import pytest

from domain.wallet import Receipt
from tests.domain.scenario import NOON, context
from tests.projections.lives import live
from tests.web.people import at_the_console
from tests.web.scene import ACCOUNT, DESCRIPTION, Scene
from tests.web.visitor import Visitor, words
from web.access.roles import Role
from web.console.analyses import SECTIONS


@pytest.fixture
async def analyst(scene: Scene) -> Visitor:
    await scene.utility.portal.describe_utility(context(by="juice"), DESCRIPTION)
    await live(scene.utility.portal, "1001")
    await scene.utility.project()
    return await at_the_console(scene, Role.ANALYST)


def charts(page: str) -> list[str]:
    return re.findall(r'(?s)<svg class="chart".*?</svg>', page)


class AnAnalyst:
    async def test_finds_the_figures_from_the_console_and_sees_a_chart_of_each(self, analyst: Visitor) -> None:
        assert 'href="/console/analyses"' in (await analyst.open("/console")).text
        reply = await analyst.open("/console/analyses")
        assert reply.status_code == 200 and len(charts(reply.text)) == len(SECTIONS)
        shown = words(reply)
        assert "ZAR 200.00 in 4 transactions." in shown
        assert "ZAR 8.00 owed in 1 debt." in shown
        assert "2 cards, 0 in doubt." in shown and "2 requests, 1 closed." in shown
        assert not any(mark in reply.text for mark in ("1001", "Holder", "Acacia", "@example"))

    async def test_reads_in_the_chart_and_beside_it_what_it_shows(self, analyst: Visitor) -> None:
        (first, *_) = charts((await analyst.open("/console/analyses")).text)
        assert 'role="img"' in first and "<title" in first
        assert "3 December 2025 to 2 March 2026. ZAR\xa0200.00 in 4 transactions." in first

    async def test_gets_every_table_as_csv_with_the_same_filters(self, analyst: Visitor) -> None:
        page = (await analyst.open("/console/analyses?channel=JC&granularity=month")).text
        found = re.findall(r'href="(/console/analyses/[a-z-]+\.csv\?[^"]*)"', page)
        assert len(found) == len(SECTIONS)
        for path in found:
            reply = await analyst.open(path.replace("&amp;", "&"))
            assert reply.status_code == 200 and reply.headers["Content-Type"].startswith("text/csv")
            rows = list(csv.DictReader(io.StringIO(reply.text)))
            assert rows
            if "sales" in path:
                assert [(row["period"], row["channel"], row["amount"]) for row in rows] == [("2026-03-01", "JC", "5000")]

    async def test_sees_what_was_known_on_an_earlier_day(self, analyst: Visitor, scene: Scene) -> None:
        scene.later(days=4)
        late = Receipt(
            juice_number="late", happened_at=NOON, amount=700, currency="ZAR", lines=(), wallet_change=700, wallet_balance=700
        )
        told = context(at=scene.now, by="juice")
        await scene.utility.portal.learn_transactions(told, account_number=ACCOUNT, transactions=[("Cash", late)])
        await scene.utility.project()
        analyst = await at_the_console(scene, Role.ANALYST, name="ada")
        assert "ZAR 207.00 in 5 transactions." in words(await analyst.open("/console/analyses?to=2026-03-02"))
        assert "ZAR 200.00 in 4 transactions." in words(await analyst.open("/console/analyses?as_of=2026-03-02"))

    async def test_is_told_what_cannot_be_used_and_loses_nothing(self, analyst: Visitor) -> None:
        for asked, said in (
            ("from=yesterday", "Choose a day, or leave it out."),
            ("as_of=2026-03-09", "This day has not come yet."),
            ("granularity=year", "Choose one of the list."),
            ("channel=<b>", "Choose one of the list."),
            ("from=2024-01-01&granularity=day", "So many days are better seen by week or by month."),
        ):
            reply = await analyst.open(f"/console/analyses?to=2026-03-01&{asked}")
            assert reply.status_code == 422 and said in words(reply), asked
            assert 'value="2026-03-01"' in reply.text and "<b>" not in reply.text

    async def test_finds_no_other_table(self, analyst: Visitor) -> None:
        assert (await analyst.open("/console/analyses/passwords.csv")).status_code == 404


class Somebody:
    async def test_of_another_role_sees_no_figures(self, scene: Scene) -> None:
        for role in (Role.STAFF, Role.AUDITOR, Role.OPERATOR):
            visitor = await at_the_console(scene, role, name=role.value)
            for path in ("/console/analyses", "/console/analyses/sales.csv"):
                assert (await visitor.open(path)).status_code == 403, role

    async def test_of_nobody_is_asked_to_sign_in(self, scene: Scene) -> None:
        reply = await Visitor(scene).open("/console/analyses")
        assert "Sign in" in words(reply)


class AUtilityWithoutFigures:
    async def test_has_a_page_all_the_same(self, scene: Scene) -> None:
        reply = await (await at_the_console(scene, Role.ANALYST)).open("/console/analyses")
        assert reply.status_code == 200 and charts(reply.text) == []
        assert words(reply).count("There is nothing to show for these days.") == len(SECTIONS)
