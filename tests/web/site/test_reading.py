"""What a customer reads beyond the dashboard, over HTTP and without JavaScript."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
from falcon.testing import Result

from domain.commands.feeds import MeterTold
from domain.token_shelf import shelf_id
from domain.usage import Reading
from domain.wallet import Line, Token
from projections.activity import KINDS
from tests.domain.scenario import NOON
from tests.projections.lives import receipt
from tests.web.api.test_arrears import debt, owed
from tests.web.api.test_tokens import JUICE, KEY_CHANGE, bought
from tests.web.scene import ACCOUNT, METER, OTHER_ACCOUNT, OTHER_METER, Scene
from tests.web.site.test_pages import Visitor, words
from web.site.labels import kinds
from web.site.writing import Writing
from web.spreadsheets import cell, lines

PAGES = ("/tokens", "/arrears", "/usage", "/activity", "/usage.csv")


@pytest.fixture
def visitor(scene: Scene) -> Iterator[Visitor]:
    return Visitor(scene)


def digits(page: Result) -> list[str]:
    return re.findall(r'data-digits="(\d+)"', page.text)


def forms(page: Result, ending: str) -> list[str]:
    """Where the page's forms go, of those whose address ends so."""
    return re.findall(rf'action="([^"]+/{ending})"', page.text)


class ThePages:
    @pytest.mark.parametrize("path", [*PAGES, "/receipts/T0"])
    async def test_need_a_login(self, visitor: Visitor, path: str) -> None:
        await visitor.open(path)
        assert visitor.path == "/login"

    async def test_of_a_new_account_say_that_there_is_nothing_yet(self, visitor: Visitor) -> None:
        await visitor.log_in()
        for path, said in (
            ("/tokens", "No token yet"),
            ("/arrears", "You owe nothing"),
            ("/usage", "No usage is known yet"),
            ("/activity", "nothing of this kind"),
        ):
            page = await visitor.open(path)
            assert page.status_code == 200 and said in words(page), path

    async def test_are_all_reached_from_the_dashboard(self, scene: Scene, visitor: Visitor) -> None:
        await bought(scene, "T0")
        await owed(scene, debt("D1", 900))
        await used(scene, 40)
        await visitor.log_in()
        page = await visitor.open("/dashboard")
        for path in ("/tokens", "/arrears", "/usage", "/activity", "/receipts/T0"):
            assert f'href="{path}"' in page.text, path
            assert (await visitor.open(path)).status_code == 200

    async def test_refuse_an_address_that_is_none_with_words(self, visitor: Visitor) -> None:
        await visitor.log_in()
        for path in (
            "/usage?month=2026-13",
            "/usage?month=x&month=y",
            "/activity?kind=Barter",
            "/activity?period=7",
            "/activity?before=1",
            "/activity?kind=JC&kind=Cash",
            "/tokens?at_least=x",
        ):
            assert (await visitor.open(path)).status_code == 422, path


class TheTokenShelf:
    async def test_shows_the_tokens_in_the_order_of_entry(self, scene: Scene, visitor: Visitor) -> None:
        await bought(scene, "T0", tokens=(Token(kind="credit", digits="9" * 20, order=1),))
        await bought(scene, "T1", tokens=KEY_CHANGE)
        await visitor.log_in()
        page = await visitor.open("/tokens")
        assert digits(page) == ["9" * 20, "1" * 20, "2" * 20, "3" * 20]
        assert "1111 1111 1111 1111 1111" in words(page)

    async def test_takes_a_mark_and_gives_it_back(self, scene: Scene, visitor: Visitor) -> None:
        await bought(scene, "T0", "T1")
        await visitor.log_in()
        (_, newest) = forms(await visitor.open("/tokens"), "entered")
        await visitor.send(newest, do="entered")
        await scene.utility.project()
        marked = await visitor.open("/tokens")
        assert visitor.path == "/tokens" and "There is nothing to enter" in words(marked)
        assert "A later one was entered" in words(marked) and forms(marked, "entered") == [newest]
        await visitor.send(newest, do="not-entered")
        await scene.utility.project()
        assert len(forms(await visitor.open("/tokens"), "entered")) == 2

    async def test_waits_for_what_was_just_marked(self, scene: Scene, visitor: Visitor) -> None:
        await bought(scene, "T0")
        await visitor.log_in()
        (only,) = forms(await visitor.open("/tokens"), "entered")
        page = await visitor.send(only, do="entered")
        assert re.fullmatch(r"/tokens\?at_least=\d+", visitor.path) and "catching up" in words(page)

    async def test_sends_tokens_to_the_contact_that_is_chosen_and_says_where(self, scene: Scene, visitor: Visitor) -> None:
        await bought(scene, "T0")
        await visitor.log_in()
        page = await visitor.open("/tokens")
        (messages,) = forms(page, "messages")
        contact = re.findall(r'name="contact" value="([^"]+)"', page.text)[0]
        sent = await visitor.send(messages, contact=contact)
        assert visitor.path == "/tokens" and f"On its way to holder{ACCOUNT}" in words(sent)
        assert "On its way" not in words(await visitor.open("/tokens"))
        account_id = (await scene.utility.portal.find(ACCOUNT)).account_id
        assert len(await scene.utility.log.load(shelf_id(account_id))) == 1

    async def test_asks_again_where_no_contact_was_chosen(self, scene: Scene, visitor: Visitor) -> None:
        await bought(scene, "T0")
        await visitor.log_in()
        (messages,) = forms(await visitor.open("/tokens"), "messages")
        for wrong in ({}, {"contact": "nobody"}):
            page = await visitor.send(messages, **wrong)
            assert page.status_code == 422 and "Choose where we shall send it" in words(page) and digits(page)

    async def test_keeps_apart_what_a_meter_that_is_gone_would_take(self, scene: Scene, visitor: Visitor) -> None:
        await bought(scene, "T0")
        gone = MeterTold(account_number=ACCOUNT, number=METER, kind="STS", resource="electricity", unit="kWh", removed=True)
        await scene.utility.portal.learn_meter(JUICE, gone)
        await scene.utility.project()
        await visitor.log_in()
        page = await visitor.open("/tokens")
        assert "no longer yours" in words(page) and forms(page, "entered") == []

    async def test_touches_no_token_of_another_customer(self, scene: Scene, visitor: Visitor) -> None:
        await bought(scene, "O0", account=OTHER_ACCOUNT, meter=OTHER_METER)
        await visitor.log_in(OTHER_ACCOUNT)
        page = await visitor.open("/tokens")
        (entered,), (messages,) = forms(page, "entered"), forms(page, "messages")
        await visitor.log_in(ACCOUNT)
        assert digits(await visitor.open("/tokens")) == []
        assert (await visitor.send(entered, do="entered")).status_code == 404
        assert (await visitor.send(messages, contact="x")).status_code in (404, 422)
        account_id = (await scene.utility.portal.find(OTHER_ACCOUNT)).account_id
        assert await scene.utility.log.load(shelf_id(account_id)) == []


class Arrears:
    async def test_are_told_with_their_order_share_and_payments(self, scene: Scene, visitor: Visitor) -> None:
        await owed(scene, debt("D1", 900), debt("D2", 300, 100))
        line = Line(kind="arrears", amount=50, debt_id="D2", description="Debt D2", balance_before=300, balance_after=250)
        told = msgspec.structs.replace(receipt("T0"), lines=(line,))
        await scene.utility.portal.learn_transactions(JUICE, account_number=ACCOUNT, transactions=[("Cash", told)])
        await scene.utility.project()
        await visitor.log_in()
        page = words(await visitor.open("/arrears"))
        assert page.index("1. Debt D2") < page.index("2. Debt D1")
        assert "owed ZAR 3.00, now ZAR 2.50" in page.replace("\xa0", " ")
        assert "Its turn comes once the one above is paid" in page and "You owe ZAR 11.50" in page.replace("\xa0", " ")


class Activity:
    async def test_leads_from_page_to_page_without_gap_or_repetition(self, scene: Scene, visitor: Visitor) -> None:
        await bought(scene, *(f"T{n}" for n in range(45)))
        await visitor.log_in()
        path, seen = "/activity", []
        while path:
            page = await visitor.open(path)
            seen += re.findall(r'href="/receipts/(T\d+)"', page.text)
            further = re.search(r'href="([^"]+)" rel="next"', page.text)
            path = further[1].replace("&amp;", "&") if further else ""
        assert seen == [f"T{n}" for n in range(44, -1, -1)]

    async def test_keeps_kind_and_period_from_page_to_page(self, scene: Scene, visitor: Visitor) -> None:
        await bought(scene, *(f"T{n}" for n in range(21)))
        await visitor.log_in()
        page = await visitor.open("/activity?kind=Cash&period=365")
        further = re.search(r'href="([^"]+)" rel="next"', page.text)
        assert further and further[1].startswith("/activity?kind=Cash&amp;period=365&amp;before=")
        assert "Credit" in words(page) and 'value="Cash" selected' in page.text and 'value="365" selected' in page.text

    async def test_goes_back_as_far_as_is_asked_for(self, scene: Scene, visitor: Visitor) -> None:
        old = receipt("OLD", minutes=-100 * 24 * 60)
        await scene.utility.portal.learn_transactions(JUICE, account_number=ACCOUNT, transactions=[("Cash", old)])
        await bought(scene, "NEW")
        await visitor.log_in()
        shown = {period: (await visitor.open(f"/activity?period={period}")).text for period in ("", "30", "90", "365", "all")}
        assert {period for period, text in shown.items() if "/receipts/OLD" in text} == {"365", "all"}
        assert all("/receipts/NEW" in text for text in shown.values())

    def test_has_a_name_for_every_kind(self) -> None:
        assert set(kinds(Writing("en", "UTC"))) == set(KINDS)


class AReceipt:
    async def test_says_where_the_money_went(self, scene: Scene, visitor: Visitor) -> None:
        await bought(scene, "T0")
        await visitor.log_in()
        page = await visitor.open("/receipts/T0")
        said = words(page).replace("\xa0", " ")
        assert "Receipt T0" in said and METER in said and "Tax ZAR 7.50" in said and "In all ZAR 50.00" in said
        assert digits(page) == ["12345678901234567890"]

    async def test_of_another_customer_is_not_found(self, scene: Scene, visitor: Visitor) -> None:
        await bought(scene, "O0", account=OTHER_ACCOUNT, meter=OTHER_METER)
        await visitor.log_in()
        others, nobodys = await visitor.open("/receipts/O0"), await visitor.open("/receipts/N0")
        assert others.status_code == nobodys.status_code == 404
        reference = r"[0-9a-f]{8}-[0-9a-f-]{27}"
        assert re.sub(reference, "", words(others)) == re.sub(reference, "", words(nobodys))


async def used(scene: Scene, days: int) -> None:
    readings = [Reading((NOON - timedelta(days=n)).date(), 4000 + n) for n in range(1, days + 1)]
    await scene.utility.portal.learn_usage(JUICE, meter_number=METER, readings=readings)
    await scene.utility.project()


class Usage:
    async def test_is_shown_by_months_and_days_and_compared_in_words(self, scene: Scene, visitor: Visitor) -> None:
        await used(scene, 420)
        await visitor.log_in()
        page = await visitor.open("/usage")
        assert page.text.count('<svg class="chart"') == 2
        assert "February 2026" in words(page) and "less than a year ago" in words(page)
        january = await visitor.open("/usage?month=2026-01")
        assert "31 Jan" in words(january) and "1 Feb " not in words(january)
        assert "nothing is known" in words(await visitor.open("/usage?month=2020-01"))

    async def test_is_a_file_of_all_days(self, scene: Scene, visitor: Visitor) -> None:
        await used(scene, 40)
        await visitor.log_in()
        reply = await visitor.open("/usage.csv")
        assert reply.headers["content-type"].startswith("text/csv")
        assert reply.headers["content-disposition"] == 'attachment; filename="usage-2026-03-02.csv"'
        header, *rows = csv.reader(io.StringIO(reply.content.decode("utf-8-sig")))
        assert header == ["Meter", "Resource", "Day", "Used", "Unit"] and len(rows) == 40
        assert rows[-1] == [METER, "Electricity", "2026-03-01", "4.001", "kWh"]

    async def test_of_another_customer_is_in_nobodys_file(self, scene: Scene, visitor: Visitor) -> None:
        await used(scene, 40)
        await visitor.log_in(OTHER_ACCOUNT)
        assert len((await visitor.open("/usage.csv")).text.splitlines()) == 1
        assert "No usage is known yet" in words(await visitor.open("/usage"))


class ACell:
    @pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
    def test_that_a_spreadsheet_would_run_is_made_harmless(self, begins: str) -> None:
        assert cell(f"{begins}cmd|' /C calc'!A0") == f"'{begins}cmd|' /C calc'!A0"
        assert b"'" in lines([[f"{begins}1+1"]])

    @pytest.mark.parametrize("text", ["", "0714", "4.5", "-4.5", "Eau & gaz", "a=b"])
    def test_that_is_harmless_stays_as_it_is(self, text: str) -> None:
        assert cell(text) == text
