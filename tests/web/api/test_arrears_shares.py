"""A larger share of each purchase for a debt, chosen over the API and on the site."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.arrears_share_events import ShareChosen
from standins.juice.rules import Debt, apply
from tests.domain.scenario import NOON, context
from tests.web.api.test_arrears import debt, owed, paid
from tests.web.people import let_in
from tests.web.scene import ACCOUNT, OTHER_ACCOUNT, Scene
from tests.web.visitor import Visitor, Walker, hidden, words
from vending.juice_answers import ShareLimits
from web.access.limits import SHARES_CHOSEN
from web.access.roles import Role
from web.journeys.share_effect import split

VENDOR = context(by="system:vendor")


def limits(debt_id: str = "D1", share: int = 20, least: int = 20, most: int = 60, balance: int = 90_000) -> ShareLimits:
    return ShareLimits(debt=debt_id, description=f"Debt {debt_id}", balance=balance, share=share, least=least, most=most)


async def choose(scene: Scene, token: str, share: Any = 40, debt_id: str = "D1", key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key or uuid4().hex}
    reply = await scene.put("/me/arrears/shares", {"debt_id": debt_id, "share": share}, token=token, headers=headers)
    await scene.utility.project()
    return reply


async def ended(scene: Scene, *, rule: str | None = None) -> None:
    """This will have Juice take, or refuse, what was chosen."""
    portal = scene.utility.portal
    share_id = portal.share_id((await portal.find(ACCOUNT)).account_id, "D1")
    message_id = (await portal.arrears_share(share_id)).message_id
    assert message_id is not None
    await portal.send_share(VENDOR, share_id=share_id, message_id=message_id)
    if rule is None:
        await portal.confirm_share(VENDOR, share_id=share_id, message_id=message_id)
    else:
        await portal.refuse_share(VENDOR, share_id=share_id, message_id=message_id, rule=rule)
    await scene.utility.project()


@pytest.fixture
def owing(scene: Scene) -> Scene:
    """A customer with one debt of which more may be paid, and one for which there is nothing to choose."""
    scene.juice.shares = (limits(), limits("D2", 25, 25, 25))
    return scene


class Shares:
    async def test_are_told_with_the_utilitys_limits(self, owing: Scene) -> None:
        found = (await owing.get("/me/arrears/shares", token=await owing.log_in())).json
        assert [(each["debt_id"], each["share"], each["least"], each["most"], each["can_change"]) for each in found["items"]] == [
            ("D1", 20, 20, 60, True),
            ("D2", 25, 25, 25, False),
        ]

    async def test_are_not_guessed_where_juice_does_not_say(self, owing: Scene) -> None:
        token = await owing.log_in()
        owing.juice.silent = True
        for reply in (await owing.get("/me/arrears/shares", token=token), await choose(owing, token)):
            assert (reply.status_code, reply.json["rule"]) == (503, "SharesNotTold")

    async def test_of_another_account_are_not_there(self, owing: Scene) -> None:
        token = await owing.log_in(OTHER_ACCOUNT)
        assert (await owing.get("/me/arrears/shares", token=token)).json["items"] == []
        refused = await choose(owing, token)
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["debt_id"])


class AChoice:
    async def test_is_taken_in_and_waits_for_juices_word(self, owing: Scene) -> None:
        token = await owing.log_in()
        assert (await choose(owing, token)).status_code == 202
        (first, _) = (await owing.get("/me/arrears/shares", token=token)).json["items"]
        assert (first["can_change"], first["last_choice"]["stage"], first["last_choice"]["share"]) == (False, "chosen", 40)
        again = await choose(owing, token, 50)
        assert (again.status_code, again.json["rule"]) == (409, "ShareUnderWay")
        await ended(owing)
        (first, _) = (await owing.get("/me/arrears/shares", token=token)).json["items"]
        assert (first["can_change"], first["last_choice"]["stage"]) == (True, "confirmed")

    async def test_is_one_however_often_it_is_sent(self, owing: Scene) -> None:
        token = await owing.log_in()
        first, again = [await choose(owing, token, key="the-same-key") for _ in range(2)]
        assert first.status_code == again.status_code == 202
        other = await choose(owing, token, 50, key="the-same-key")
        assert (other.status_code, other.json["rule"]) == (422, "KeyUsedForAnother")
        portal = owing.utility.portal
        log = await owing.utility.log.load(portal.share_id((await portal.find(ACCOUNT)).account_id, "D1"))
        assert [event.share for event in log if isinstance(event, ShareChosen)] == [40]

    @pytest.mark.parametrize(
        ("share", "says"), [(19, "itself takes more"), (61, "more than the utility lets"), (20, "already"), (0, ""), (4.5, "")]
    )
    async def test_beyond_the_limits_is_refused_with_the_fields_name(self, owing: Scene, share: Any, says: str) -> None:
        token = await owing.log_in()
        refused = await choose(owing, token, share)
        assert refused.status_code == 422 and says in " ".join(refused.json["errors"]["share"])

    async def test_needs_the_password_of_late(self, owing: Scene) -> None:
        token = await owing.log_in()
        owing.later(minutes=11)
        assert (await choose(owing, token)).json["rule"] == "PasswordNeededAgain"

    async def test_is_made_so_often_a_day(self, owing: Scene) -> None:
        token = await owing.log_in()
        for _ in range(SHARES_CHOSEN.most):
            assert (await choose(owing, token)).status_code == 202
            await ended(owing, rule="ShareOutOfLimits")
        assert (await choose(owing, token)).status_code == 429

    async def test_is_seen_by_staff_and_looked_at_while_juice_is_silent(self, owing: Scene) -> None:
        await choose(owing, await owing.log_in())
        staff = owing.api_key(Role.STAFF)
        (seen,) = (await owing.get(f"/accounts/{ACCOUNT}", token=staff)).json["share_choices"]
        assert (seen["share"], seen["former_share"], seen["stage"]) == (40, 20, "chosen")
        assert (await owing.get("/attention", token=staff)).json["shares"] == []
        owing.later(minutes=3)
        (stuck,) = (await owing.get("/attention", token=staff)).json["shares"]
        assert (stuck["account"], stuck["message_id"]) == (ACCOUNT, seen["message_id"])
        desk = Walker(owing)
        await (await let_in(owing)).sign_in(desk)
        assert "20 %, chosen: 40 %" in words(await desk.open("/console/attention"))
        assert "20 %, chosen: 40 %" in words(await desk.open(f"/console/accounts/{ACCOUNT}"))


class ThePage:
    @pytest.fixture
    async def pat(self, owing: Scene) -> Visitor:
        """The customer, who is logged in."""
        await owed(owing, debt("D1", 90_000, 20), debt("D2", 90_000, 25))
        pat = Visitor(owing)
        await pat.log_in()
        return pat

    async def test_is_found_from_the_arrears(self, pat: Visitor) -> None:
        assert 'href="/arrears/share"' in (await pat.open("/arrears")).text
        page = words(await pat.open("/arrears/share"))
        assert "20 % (the utility's share) to 60 %" in page and "there is nothing to choose" in page

    async def test_shows_what_a_purchase_would_do_now_and_then(self, pat: Visitor) -> None:
        page = words(await pat.open("/arrears/share?debt=D1&share=40&amount=100"))
        assert "Of a purchase of ZAR 100.00" in page
        for amount in ("20.00", "40.00", "25.00", "55.00", "35.00"):
            assert amount in page
        assert "not known" in page and "Let 40 % go to it" in page

    async def test_shows_that_the_debt_is_paid_off_sooner(self, owing: Scene, pat: Visitor) -> None:
        await owed(owing, debt("D1", 90_000, 20))
        for number, days in (("A", 60), ("B", 30), ("C", 1)):
            await paid(owing, number, days, "D1", 100_000, 10_000, share=20)
        owing.juice.shares = (limits(balance=90_000),)
        page = words(await pat.open("/arrears/share?debt=D1&share=40"))
        months = [(NOON + timedelta(days=days)).strftime("%B %Y") for days in (270, 135)]
        assert page.index(f"around {months[0]}") < page.index(f"around {months[1]}")
        # And once the share is what it is, the page of arrears says the same.
        await owed(owing, debt("D1", 90_000, 40))
        assert f"around {months[1]}" in words(await pat.open("/arrears"))

    @pytest.mark.parametrize(
        ("query", "says"),
        [
            ("debt=D1&share=19", "itself takes more"),
            ("debt=D1&share=61", "more than the utility lets"),
            ("debt=D1&share=x", "whole number of percent"),
            ("debt=D1&share=", "whole number of percent"),
            ("debt=D1&share=61&amount=x", "more than the utility lets"),
            ("debt=D1&share=61&amount=x", "not an amount"),
            ("debt=D1&share=40&amount=x", "not an amount"),
            ("debt=none&share=40", "Choose one of the debts"),
        ],
    )
    async def test_says_what_cannot_be_chosen(self, pat: Visitor, query: str, says: str) -> None:
        page = await pat.open(f"/arrears/share?{query}")
        assert page.status_code == 422 and says in words(page)

    async def test_has_juice_asked_and_says_that_it_waits_and_then_that_it_counts(self, owing: Scene, pat: Visitor) -> None:
        owing.later(minutes=11)
        page = await pat.open("/arrears/share?debt=D1&share=40")
        key = hidden(page, "idempotency_key")
        form = {"debt": "D1", "share": "40", "idempotency_key": key}
        without = await pat.send("/arrears/share", **form)
        assert without.status_code == 403 and 'href="#password"' in without.text
        wrong = await pat.send("/arrears/share", **form, password="not mine at all")
        assert "That is not your password." in words(wrong) and "Let 40 % go to it" in words(wrong)
        await pat.send("/arrears/share", **form, password="correct horse battery")
        await owing.utility.project()
        assert "You chose 40 %. It counts as soon as Juice confirms it" in words(await pat.open("/arrears/share"))
        await ended(owing)
        owing.juice.shares = (limits(share=40),)
        assert "40 % of each purchase goes to it, as you chose" in words(await pat.open("/arrears/share"))
        assert "20 %, chosen: 40 %" in words(await pat.open("/activity"))

    async def test_says_that_juice_did_not_take_it(self, owing: Scene, pat: Visitor) -> None:
        await choose(owing, await owing.log_in())
        await ended(owing, rule="ShareOutOfLimits")
        assert "Juice did not take the 40 %" in words(await pat.open("/arrears/share"))


class ASplit:
    @given(
        st.integers(1, 10**6),
        st.lists(st.tuples(st.integers(1, 100), st.integers(1, 10**6)), max_size=5),
    )
    def test_is_what_juice_makes_of_a_purchase(self, amount: int, owed: list[tuple[int, int]]) -> None:
        debts = [
            Debt(id=f"D{place}", description="", balance=balance, original=balance, share=share, plan="", opened_on="2026-01-01")
            for place, (share, balance) in enumerate(owed)
        ]
        told = [limits(each.id, each.share, each.share, 100, each.balance) for each in debts]
        made = split(amount, told)
        by_juice = {line["debt"]: line["amount"] for line in apply(amount, debts, None).lines if line["kind"] == "arrears"}
        assert {part.debt_id: part.amount for part in made.parts if part.amount} == by_juice
        assert made.left + sum(by_juice.values()) == amount
