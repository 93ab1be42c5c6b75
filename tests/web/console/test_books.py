"""What the books do not say alike: shown to staff and operators, settled by staff, on record who did so."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from domain.difference import Finding
from domain.difference_events import KINDS
from domain.ticket_events import About
from tests.domain.scenario import NOON, context
from tests.utility import OpenUtility
from tests.web.operations.test_operations import ask
from tests.web.people import at_the_console
from tests.web.scene import ACCOUNT, Scene, played
from tests.web.visitor import Visitor, words
from web.access.roles import Role
from web.console.book_words import DO, HOW, WHAT

PAGE = "/console/attention"
API = "/attention/books"


async def differ(scene: Scene, subject: str = "M1", **differently: Any) -> UUID:
    """A purchase was issued, and the provider took nothing."""
    account_id = (await scene.utility.portal.find(ACCOUNT)).account_id
    said: dict[str, Any] = {
        "kind": "issued-without-charge",
        "account_id": account_id,
        "about": About(kind="purchase", id=UUID(int=7)),
        "message_id": subject,
        "payment_id": "pi_77",
        "recorded": 7000,
        "currency": "ZAR",
        "told": 0,
        "told_currency": "ZAR",
    }
    finding = Finding(subject=subject, **said | differently)
    await scene.utility.portal.find_difference(context(at=scene.now, by="system:vendor"), day=NOON.date(), finding=finding)
    await scene.utility.project()
    return scene.utility.portal.difference_id(finding)


@pytest.fixture
async def staff(scene: Scene) -> Visitor:
    return await at_the_console(scene)


class ThePage:
    async def test_says_so_where_the_books_agree(self, staff: Visitor) -> None:
        assert "The books of every day that was compared agree" in words(await staff.open(PAGE))

    async def test_names_a_difference_with_both_amounts_what_to_do_and_whose_it_is(self, scene: Scene, staff: Visitor) -> None:
        await differ(scene)
        page = await staff.open(PAGE)
        for says in ("Power was issued, and no money was taken", "70.00", "0.00", "Collect the amount", "pi_77", "It is settled"):
            assert says in words(page)
        assert f'href="/console/accounts/{ACCOUNT}"' in page.text

    async def test_has_words_for_every_kind(self) -> None:
        assert set(WHAT) == set(KINDS) == set(DO)

    async def test_shows_one_that_is_nobodys_and_in_two_currencies(self, scene: Scene, staff: Visitor) -> None:
        await differ(scene, account_id=None, about=None, message_id=None, told=100, told_currency="USD")
        assert "Power was issued" in words(await staff.open(PAGE))


class Settling:
    async def test_is_on_record_with_who_did_it_and_the_reference(self, scene: Scene, staff: Visitor) -> None:
        difference_id = await differ(scene)
        done = await staff.send(f"{PAGE}/{difference_id}", how="written-off", case="Board 7/26")
        assert "It is on record, with your name" in words(done)
        await scene.utility.project()
        page = words(await staff.open(PAGE))
        assert "The books of every day that was compared agree" in page
        assert HOW["written-off"] in page and "Board 7/26" in page
        row = await scene.utility.views.differences.of(difference_id)
        assert row is not None and (row.how, row.reference) == ("written-off", "Board 7/26")
        assert str(row.settled_by).startswith("staff:")

    async def test_needs_a_way_and_a_reference_that_is_one_and_loses_nothing_typed(self, scene: Scene, staff: Visitor) -> None:
        difference_id = await differ(scene)
        refused = await staff.send(f"{PAGE}/{difference_id}", how="", case="Board 7/26")
        assert refused.status_code == 422 and "Choose how it was settled" in words(refused)
        assert 'value="Board 7/26"' in refused.text and 'href="#how"' in refused.text and 'id="how"' in refused.text
        refused = await staff.send(f"{PAGE}/{difference_id}", how="refunded", case="<b>")
        assert refused.status_code == 422 and "A case is a reference" in words(refused)
        assert 'value="refunded" selected' in refused.text

    async def test_of_what_was_settled_before_says_so(self, scene: Scene, staff: Visitor) -> None:
        difference_id = await differ(scene)
        for status in (200, 409):
            assert (await staff.send(f"{PAGE}/{difference_id}", how="charged")).status_code == status

    @pytest.mark.parametrize("id", ["1", str(UUID(int=9)), str(UUID(int=9)).upper()])
    async def test_of_what_is_none_is_not_found(self, staff: Visitor, id: str) -> None:
        assert (await staff.send(f"{PAGE}/{id}", how="charged")).status_code == 404

    async def test_is_for_staff_alone(self, scene: Scene) -> None:
        difference_id = await differ(scene)
        operator = await at_the_console(scene, Role.OPERATOR)
        page = await operator.open(PAGE)
        assert "Power was issued" in words(page) and "It is settled" not in words(page) and ACCOUNT not in page.text
        assert (await operator.send(f"{PAGE}/{difference_id}", how="charged")).status_code == 403


class TheApi:
    async def test_tells_and_settles_the_same(self, scene: Scene) -> None:
        difference_id, key = await differ(scene), scene.api_key(Role.STAFF)
        told = (await scene.get(API, token=key)).json
        (row,) = told["open"]
        assert (row["account"], row["kind"], row["recorded"], row["told"], row["difference"]) == (
            ACCOUNT,
            "issued-without-charge",
            7000,
            0,
            -7000,
        )
        settled = await scene.post(f"{API}/{difference_id}/settlement", {"how": "charged"}, token=key)
        assert settled.status_code == 200
        await scene.utility.project()
        told = (await scene.get(API, token=key)).json
        assert told["open"] == [] and [(each["how"], each["case"]) for each in told["settled"]] == [("charged", None)]

    @pytest.mark.parametrize("body", [{}, {"how": "vanished"}, {"how": "charged", "case": "<b>"}, {"how": 7}])
    async def test_refuses_what_is_no_settlement_and_names_the_field(self, scene: Scene, body: dict[str, Any]) -> None:
        difference_id = await differ(scene)
        reply = await scene.post(f"{API}/{difference_id}/settlement", body, token=scene.api_key(Role.STAFF))
        assert reply.status_code == 422 and set(reply.json["errors"]) <= {"how", "case"}

    async def test_gives_an_operator_no_account_number(self, scene: Scene) -> None:
        await differ(scene)
        (row,) = (await scene.get(API, token=scene.api_key(Role.OPERATOR))).json["open"]
        assert row["account"] is None

    async def test_of_one_utility_tells_and_settles_nothing_of_another(
        self, utility: OpenUtility, other_utility: OpenUtility
    ) -> None:
        async with played(utility, other_utility) as two:
            difference_id = await differ(two)
            theirs: dict[str, Any] = {"token": two.api_key(Role.STAFF, "other"), "host": "other.example"}
            assert (await two.get(API, **theirs)).json["open"] == []
            reply = await two.post(f"{API}/{difference_id}/settlement", {"how": "charged"}, **theirs)
            assert reply.status_code == 404

    async def test_counts_open_ones_by_kind_for_prometheus(self, scene: Scene) -> None:
        await differ(scene)
        figures = (await ask(scene, "/metrics", scene.api_key(Role.OPERATOR, "*"))).text
        assert 'seed_open_differences{kind="issued-without-charge",utility="test"} 1.0' in figures
        assert 'seed_open_differences{kind="issued-twice",utility="test"} 0.0' in figures
