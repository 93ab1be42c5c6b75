"""Buying power on the site, on a real database, as a browser without JavaScript does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from falcon.testing import Result

from domain.purchase_events import PurchaseRequested
from tests.vending.fake_juice import FakeJuice
from tests.vending.fake_provider import ORIGIN
from tests.web.api.test_purchases import events, meter_id, vend
from tests.web.scene import ACCOUNT, CODE, METER, OTHER_ACCOUNT, OTHER_METER, SERIAL, Scene
from tests.web.site.test_pages import Visitor, hidden, words


class Buyer(Visitor):
    """A customer who is logged in, and whose browser does not follow to other sites."""

    async def start(self) -> Buyer:
        await self.log_in()
        self.meter = await meter_id(self.scene)
        return self

    async def open(self, path: str, **headers: str) -> Result:
        self.elsewhere = path if path.startswith("http") else ""
        return Gone() if self.elsewhere else await super().open(path, **headers)  # type: ignore[return-value]

    async def confirm(self, amount: str = "50.00", **changes: str) -> dict[str, str]:
        """This will fill the form in, and give what the page that asks to confirm holds."""
        page = await self.open("/buy")
        form = {"amount": amount, "meter": self.meter, "idempotency_key": hidden(page, "idempotency_key")} | changes
        shown = await self.send("/buy", do="pay", **form)
        assert "Where the money will go" in words(shown), words(shown)
        return form | {"offered": hidden(shown, "offered"), "idempotency_key": hidden(shown, "idempotency_key")}

    async def to_payment(self, **changes: str) -> str:
        """This will go up to the payment page, and give the address to come back to, less its parameter."""
        await self.send("/buy", do="pay", **(await self.confirm() | changes))
        assert self.elsewhere == f"{ORIGIN}/cs_{len(self.scene.cards.checkouts)}"
        return self.scene.cards.orders[-1].success_url.removeprefix("https://test.example").partition("?")[0]


class Gone:
    """The browser is at the provider's."""

    status_code = 303
    text = ""


@pytest.fixture
async def buyer(scene: Scene) -> Iterator[Buyer]:
    return await Buyer(scene).start()  # type: ignore[return-value]


def stage(page: Result) -> str:
    found = re.search(r"(?s)<h1.*?</h1>", page.text)
    assert found
    return re.sub(r"<[^>]+>", "", found[0]).strip()


class TheMenu:
    async def test_leads_to_buying_power(self, buyer: Buyer) -> None:
        page = await buyer.open("/dashboard")
        menu = re.search(r"(?s)<nav.*?</nav>", page.text)
        assert menu and "Dashboard" in menu[0] and '<a href="/buy">Buy power</a>' in menu[0]


class BothWaysToPay:
    async def test_look_alike(self, buyer: Buyer) -> None:
        for path, way in (("/buy", "Credit card"), ("/redeem", "Juice card")):
            page = await buyer.open(path)
            assert stage(page) == "Buy power"
            here = re.search(r'(?s)<nav class="ways".*?aria-current="page">(.*?)</a>', page.text)
            assert here and way in here[1]
            assert "For which meter?" in words(page) and METER in words(page)

    async def test_show_where_the_money_will_go_before_it_does(self, buyer: Buyer) -> None:
        await buyer.confirm()
        page = await buyer.open("/redeem")
        form = {"serial": SERIAL, "code": CODE, "meter": buyer.meter, "idempotency_key": hidden(page, "idempotency_key")}
        shown = await buyer.send("/redeem", do="redeem", **form)
        assert "Where the money will go" in words(shown) and "owed ZAR 900.00, now ZAR 887.50" in words(shown)

    async def test_keep_a_visitor_from_anothers_arrears(self, scene: Scene) -> None:
        visitor = Visitor(scene)
        page = await visitor.open("/redeem")
        assert "Credit card" not in words(page)
        form = {"serial": SERIAL, "code": CODE, "number": METER, "idempotency_key": hidden(page, "idempotency_key")}
        shown = await visitor.send("/redeem", do="redeem", **form)
        assert "Is this right?" in words(shown) and "Where the money will go" not in words(shown)


class Buying:
    async def test_shows_the_preview_and_leads_to_the_providers_page(self, buyer: Buyer) -> None:
        assert await buyer.to_payment()
        (order,) = buyer.scene.cards.orders
        assert (order.amount, order.currency) == (5000, "ZAR")

    async def test_allows_its_form_to_lead_there_and_nowhere_else(self, buyer: Buyer) -> None:
        policy = (await buyer.open("/buy")).headers["content-security-policy"]
        assert f"form-action 'self' {ORIGIN};" in policy
        assert "form-action 'self';" in (await buyer.open("/dashboard")).headers["content-security-policy"]

    @pytest.mark.parametrize("changes", [{"amount": "5000.00"}, {"amount": "10"}, {"offered": "1000 ZAR 0" * 2}])
    async def test_asks_again_where_what_was_seen_is_not_what_is_sent(self, buyer: Buyer, changes: dict[str, str]) -> None:
        page = await buyer.send("/buy", do="pay", **(await buyer.confirm() | changes))
        assert stage(page) == "Is this right?"
        assert not buyer.scene.cards.orders

    async def test_for_anothers_meter_is_refused(self, buyer: Buyer) -> None:
        form = await buyer.confirm()
        page = await buyer.send("/buy", do="pay", **(form | {"meter": await meter_id(buyer.scene, OTHER_METER)}))
        assert "Choose the meter to top up." in words(page)
        assert not buyer.scene.cards.orders

    async def test_keeps_what_was_typed_and_says_what_is_wrong_with_it(self, buyer: Buyer) -> None:
        for amount, said in (
            ("1.250", "two ways"),
            ("5", "less than can be paid"),
            ("", "Enter an amount"),
            ("99999999", "more than"),
        ):
            page = await buyer.send("/buy", do="pay", amount=amount, meter=buyer.meter, idempotency_key="k" * 32)
            assert page.status_code == 422 and said in words(page), amount
            assert f'value="{amount}"' in page.text

    async def test_can_be_changed_before_it_is_paid(self, buyer: Buyer) -> None:
        page = await buyer.send("/buy", **(await buyer.confirm("123.40") | {"do": "change"}))
        assert 'value="123.40"' in page.text and not buyer.scene.cards.orders

    async def test_is_confirmed_at_an_address_of_its_own_that_can_be_opened_again(self, buyer: Buyer) -> None:
        confirmed = f"/buy?amount=50.00&meter={buyer.meter}&step=confirm"
        assert "Where the money will go" in words(await buyer.open(confirmed)) and not buyer.scene.cards.orders
        page = await buyer.open(confirmed.replace("50.00", "2OO"))
        assert page.status_code == 422 and "That is not an amount" in words(page) and 'value="2OO"' in page.text
        assert (await buyer.open("/buy?step=confirm")).status_code == 422

    async def test_pressed_twice_is_one_purchase(self, buyer: Buyer) -> None:
        form = await buyer.confirm()
        for _ in range(2):
            await buyer.send("/buy", do="pay", **form)
            assert buyer.elsewhere == f"{ORIGIN}/cs_1"
        assert len(await events(buyer.scene, PurchaseRequested)) == 1

    async def test_says_so_where_the_provider_or_juice_is_away(self, buyer: Buyer) -> None:
        form = await buyer.confirm()
        buyer.scene.cards.faults.append("unreachable")
        page = await buyer.send("/buy", do="pay", **form)
        assert page.status_code == 503 and "Nothing was charged" in words(page)
        buyer.scene.juice.silent = True
        page = await buyer.send("/buy", do="pay", amount="50", meter=buyer.meter, idempotency_key="k" * 32)
        assert page.status_code == 503 and "Nothing was charged" in words(page)

    async def test_needs_a_login(self, scene: Scene) -> None:
        visitor = Visitor(scene)
        await visitor.open("/buy")
        assert visitor.path == "/login"

    async def test_tells_a_script_the_same(self, buyer: Buyer) -> None:
        told = (await buyer.send("/buy/preview", amount="50", meter=buyer.meter)).json
        assert told["button"] == "Pay ZAR\N{NO-BREAK SPACE}50.00" and "Where the money will go" in told["sheet"]
        form = {"amount": "50", "meter": buyer.meter, "offered": told["proof"], "idempotency_key": "k" * 32}
        await buyer.send("/buy", do="pay", **form)
        assert buyer.elsewhere == f"{ORIGIN}/cs_1"
        assert (await buyer.send("/buy/preview", amount="x", meter=buyer.meter)).json["problem"]


class ComingBack:
    async def test_from_the_payment_page_waits_for_the_bank_and_shows_the_token(self, buyer: Buyer) -> None:
        back = await buyer.to_payment()
        buyer.scene.cards.pay("cs_1")
        await buyer.scene.utility.project()
        page = await buyer.open(f"{back}?returned=yes")
        assert "waiting for your bank" in stage(page)
        assert '<meta http-equiv="refresh" content="3">' in page.text
        await vend(buyer.scene, await purchase_id(buyer))
        page = await buyer.open(f"{back}?returned=yes")
        assert stage(page) == "ZAR\N{NO-BREAK SPACE}50.00 paid"
        assert "Your card was charged once" in words(page) and "25.6" in words(page)

    async def test_without_having_paid_says_that_nothing_was_charged_and_leads_back(self, buyer: Buyer) -> None:
        back = await buyer.to_payment()
        await buyer.scene.utility.project()
        page = await buyer.open(f"{back}?left=yes")
        assert "You left the payment page" in stage(page) and "Nothing was charged." in words(page)
        await buyer.send(f"{back}/payment")
        assert buyer.elsewhere == f"{ORIGIN}/cs_1"

    async def test_and_cancelling_closes_the_payment_page(self, buyer: Buyer) -> None:
        back = await buyer.to_payment()
        await buyer.send(f"{back}/cancellation")
        await buyer.scene.utility.project()
        page = await buyer.open(back)
        assert "This purchase is cancelled" in stage(page) and "nothing can be any more" in words(page)
        assert buyer.scene.cards.checkouts["cs_1"].state == "expired"
        assert 'href="/buy"' in page.text

    async def test_later_finds_on_the_dashboard_what_was_left_open_until_it_is_cancelled(self, buyer: Buyer) -> None:
        back = await buyer.to_payment()
        await buyer.scene.utility.project()
        page = await buyer.open("/dashboard")
        assert "A purchase of ZAR 50.00 is not paid yet." in words(page)
        left = f"/purchases/{await purchase_id(buyer)}"
        assert f'<a href="{left}">Go on, or cancel it</a>' in page.text
        assert "This purchase is not paid yet" in stage(await buyer.open(left))
        await buyer.send(f"{back}/cancellation")
        await buyer.scene.utility.project()
        assert "is not paid yet" not in words(await buyer.open("/dashboard"))

    async def test_shows_a_doubt_as_what_it_is(self, buyer: Buyer) -> None:
        back = await buyer.to_payment()
        buyer.scene.cards.pay("cs_1")
        juice = FakeJuice(account=ACCOUNT)
        juice.faults.append("lost-reply")
        await vend(buyer.scene, await purchase_id(buyer), juice)
        page = await buyer.open(back)
        assert "You will not be charged twice." in words(page) and "Your card is not charged yet." in words(page)
        assert "A purchase of ZAR 50.00 is under way." in words(await buyer.open("/dashboard"))
        await vend(buyer.scene, await purchase_id(buyer), juice)
        assert "paid" in stage(await buyer.open(back))
        assert (len(juice.replies), buyer.scene.cards.charged) == (1, 5000)

    async def test_shows_why_nothing_was_bought_and_that_nothing_was_charged(self, buyer: Buyer) -> None:
        back = await buyer.to_payment()
        buyer.scene.cards.pay("cs_1")
        juice = FakeJuice(account=ACCOUNT)
        juice.faults.append("BlockedMeter")
        await vend(buyer.scene, await purchase_id(buyer), juice)
        page = await buyer.open(back)
        assert stage(page) == "Nothing was bought" and "Your card was not charged." in words(page)

    async def test_with_anothers_login_shows_no_balances(self, buyer: Buyer, scene: Scene) -> None:
        back = await buyer.to_payment()
        scene.cards.pay("cs_1")
        await vend(scene, await purchase_id(buyer))
        stranger = Visitor(scene)
        await stranger.log_in(OTHER_ACCOUNT)
        assert "Your wallet now holds" not in words(await stranger.open(back))
        assert "Your wallet now holds" in words(await buyer.open(back))
        assert (await stranger.open(f"/purchases/{await purchase_id(buyer)}")).status_code == 404


async def purchase_id(buyer: Buyer) -> Any:
    (order,) = buyer.scene.cards.orders
    return str(order.purchase_id)
