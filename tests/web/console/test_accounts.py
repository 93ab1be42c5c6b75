"""A customer's account at the desk: found by number, looked at with a trace, helped with."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.commands.editing import Edit
from domain.contact import GivenContact
from tests.domain.scenario import context, nothing_begun
from tests.utility import OpenUtility
from tests.web.console.payments import CODE_ON_THE_CARD, account_id, bought_in_doubt, reserved
from tests.web.people import Somebody, at_the_console
from tests.web.scene import ACCOUNT, METER, OTHER_ACCOUNT, Scene, played
from tests.web.visitor import Visitor, Walker, words
from web.access.limits import CONTINUATIONS, STAFF_LOOKUPS
from web.access.roles import Role
from web.access.throttles import Throttles

SECOND = GivenContact(contact_id=UUID(int=77), channel="email", value="wrong@example.org")


@pytest.fixture
async def staff(scene: Scene) -> Visitor:
    return await at_the_console(scene, visitor=Walker(scene))


async def with_second_contact(scene: Scene) -> UUID:
    whose = await account_id(scene)
    await scene.utility.portal.edit(context(at=scene.now), account_id=whose, edit=Edit(add=(SECOND,)), via_issue=None)
    await scene.utility.project()
    return whose


async def readings(scene: Scene) -> list[tuple[str, str]]:
    found = [recorded.event async for recorded in scene.utility.history.of(await account_id(scene))]
    return [(event.by, event.what) for event in found if event.TOPIC == "history-read"]


class AnAccount:
    @pytest.mark.parametrize("number", [ACCOUNT, METER, f" {METER[:4]}-{METER[4:]} "])
    async def test_is_found_by_its_own_or_its_meters_number(self, staff: Visitor, number: str) -> None:
        page = await staff.open(f"/console/accounts?number={number}")
        assert staff.path == f"/console/accounts/{ACCOUNT}"
        assert f"Holder {ACCOUNT}" in words(page) and METER in words(page)

    @pytest.mark.parametrize(("number", "status"), [("99999999", 422), ("!", 422), ("x" * 400, 422)])
    async def test_that_there_is_not_is_said(self, staff: Visitor, number: str, status: int) -> None:
        assert (await staff.open(f"/console/accounts?number={number}")).status_code == status
        assert (await staff.open("/console/accounts/99999999")).status_code == 404

    async def test_leaves_a_trace_of_each_look_with_who_looked(self, scene: Scene, staff: Visitor) -> None:
        await staff.open(f"/console/accounts/{ACCOUNT}")
        await staff.open(f"/console/accounts/{ACCOUNT}?contacts=full")
        assert await readings(scene) == [("staff:ann", "account"), ("staff:ann", "account and contacts")]

    async def test_shows_contacts_masked_unless_asked_for_in_full(self, staff: Visitor) -> None:
        email = f"holder{ACCOUNT}@example.org"
        masked = await staff.open(f"/console/accounts/{ACCOUNT}")
        assert email not in masked.text.replace("<wbr>", "") and "h•••@e•••.org" in masked.text.replace("<wbr>", "")
        full = await staff.open(f"/console/accounts/{ACCOUNT}?contacts=full")
        assert email in full.text.replace("<wbr>", "")

    async def test_shows_what_became_of_a_card(self, scene: Scene, staff: Visitor) -> None:
        card = await reserved(scene)
        page = words(await staff.open(f"/console/accounts/{ACCOUNT}"))
        assert "about to be sent to Juice" in page and "50.00" in page and CODE_ON_THE_CARD not in page
        vendor, ids = context(at=scene.now), {"redemption_id": card.redemption_id, "message_id": card.message_id}
        await scene.utility.portal.send_redemption(vendor, **ids)
        await scene.utility.portal.prove_redemption_absent(vendor, **ids, rule="CardUsed")
        await scene.utility.project()
        page = words(await staff.open(f"/console/accounts/{ACCOUNT}"))
        assert "not done, and that is certain: the card was used before" in page

    async def test_shows_a_purchase_in_doubt_with_the_id_that_juice_knows_and_what_to_do(
        self, scene: Scene, staff: Visitor
    ) -> None:
        purchase = await bought_in_doubt(scene)
        page = words(await staff.open(f"/console/accounts/{ACCOUNT}"))
        assert "in doubt: Juice is asked" in page and "70.00" in page and str(purchase.message_id) in page
        await scene.utility.portal.flag_purchase(context(), purchase_id=purchase.purchase_id, reason="doubt-lasts")
        await scene.utility.project()
        assert "Ask Juice's operators" in words(await staff.open(f"/console/accounts/{ACCOUNT}"))

    async def test_of_a_person_who_was_forgotten_is_found_no_more(self, scene: Scene, staff: Visitor) -> None:
        await scene.utility.portal.forget_person(context(at=scene.now), account_id=await account_id(scene), begun=nothing_begun)
        await scene.utility.project()
        for path in ("", "/links", f"/contacts/{SECOND.contact_id}"):
            reply = await (staff.send if path else staff.open)(f"/console/accounts/{ACCOUNT}{path}")
            assert reply.status_code == 404 and f"Holder {ACCOUNT}" not in reply.text, path
        assert (await scene.get(f"/accounts/{ACCOUNT}", token=scene.api_key(Role.STAFF))).status_code == 404

    async def test_says_where_what_was_done_is_not_shown_yet(self, staff: Visitor) -> None:
        page = await staff.open(f"/console/accounts/{ACCOUNT}?at_least=999999&done=link")
        assert "may not be shown yet" in words(page)
        assert (await staff.open(f"/console/accounts/{ACCOUNT}?at_least=x")).status_code == 422

    async def test_cannot_be_read_one_after_another_without_end(self, scene: Scene, staff: Visitor) -> None:
        throttles = Throttles(scene.utility.pool, scene.utility.secrets, "test", scene.now)
        for _ in range(STAFF_LOOKUPS.most):
            await throttles.take(STAFF_LOOKUPS, "staff:ann")
        assert (await staff.open(f"/console/accounts/{ACCOUNT}")).status_code == 429
        assert await readings(scene) == []

    @pytest.mark.parametrize("role", [Role.AUDITOR, Role.ANALYST, Role.OPERATOR])
    async def test_is_for_staff_alone(self, scene: Scene, role: Role) -> None:
        visitor = await at_the_console(scene, role)
        assert (await visitor.open("/console/accounts")).status_code == 403
        assert (await visitor.open(f"/console/accounts/{ACCOUNT}")).status_code == 403
        assert (await scene.get(f"/accounts/{ACCOUNT}", token=scene.api_key(role))).status_code == 403


class ALinkFromElsewhere:
    @pytest.mark.parametrize(
        "headers",
        [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}, {"Referer": "https://evil.example/"}, {}],
    )
    async def test_leaves_no_trace_in_the_name_of_who_follows_it(
        self, scene: Scene, staff: Visitor, headers: dict[str, str]
    ) -> None:
        browser = Visitor(scene)
        browser.cookies = staff.cookies
        page = await browser.open(f"/console/accounts/{ACCOUNT}?contacts=full", **headers)
        assert page.status_code == 200 and "Nothing was read" in words(page) and f'value="{ACCOUNT}"' in page.text
        assert f"Holder {ACCOUNT}" not in page.text and await readings(scene) == []


class ALink:
    async def test_goes_to_the_registered_contacts_and_staff_sees_nothing_of_it(self, scene: Scene, staff: Visitor) -> None:
        page = await staff.send(f"/console/accounts/{ACCOUNT}/links")
        assert "on its way to the registered contacts" in words(page) or "may not be shown yet" in words(page)
        offered = [e for e in await scene.utility.log.load(await account_id(scene)) if e.TOPIC == "continuation-offered"]
        assert [event.by for event in offered] == ["staff:ann"]
        assert str(offered[0].offer_id) not in page.text and "/continue/" not in page.text

    async def test_leads_back_to_the_account_from_a_meters_number_too(self, staff: Visitor) -> None:
        await staff.send(f"/console/accounts/{METER}/links")
        assert staff.path.startswith(f"/console/accounts/{ACCOUNT}?")

    async def test_does_not_go_out_more_often_than_strangers_can_have_it_sent(self, staff: Visitor) -> None:
        for _ in range(CONTINUATIONS.most):
            assert (await staff.send(f"/console/accounts/{ACCOUNT}/links")).status_code == 200
        assert (await staff.send(f"/console/accounts/{ACCOUNT}/links")).status_code == 429


class AWrongContact:
    async def test_is_removed_once_it_is_asked_for_twice(self, scene: Scene, staff: Visitor) -> None:
        await with_second_contact(scene)
        path = f"/console/accounts/{ACCOUNT}/contacts/{SECOND.contact_id}"
        assert path in (await staff.open(f"/console/accounts/{ACCOUNT}")).text
        assert "w•••@e•••.org" in words(await staff.open(path))
        await staff.send(path)
        await scene.utility.project()
        assert path not in (await staff.open(f"/console/accounts/{ACCOUNT}")).text
        assert (await staff.send(path)).status_code == 404

    async def test_takes_a_code_where_the_last_is_old(self, scene: Scene, visitor: Visitor, ann: Somebody) -> None:
        await with_second_contact(scene)
        await ann.sign_in(visitor)
        scene.later(minutes=11)
        path = f"/console/accounts/{ACCOUNT}/contacts/{SECOND.contact_id}"
        assert (await visitor.send(path, code="")).status_code == 422
        assert (await visitor.send(path, code=ann.code())).status_code == 200

    async def test_is_never_a_registered_one(self, scene: Scene, staff: Visitor) -> None:
        account = await scene.utility.portal.account(await account_id(scene))
        registered = account.registered()[0].contact_id
        reply = await staff.send(f"/console/accounts/{ACCOUNT}/contacts/{registered}")
        assert reply.status_code == 409 and "registered" in words(reply)

    async def test_is_one_of_that_account(self, scene: Scene, staff: Visitor) -> None:
        await with_second_contact(scene)
        for contact in (str(SECOND.contact_id), "x"):
            assert (await staff.send(f"/console/accounts/{OTHER_ACCOUNT}/contacts/{contact}")).status_code == 404


class TheApi:
    async def test_tells_the_same_and_leaves_the_same_trace(self, scene: Scene) -> None:
        whose = await with_second_contact(scene)
        key = scene.api_key(Role.STAFF)
        told = (await scene.get(f"/accounts/{METER}", token=key)).json
        assert told["number"] == ACCOUNT and told["meters"][0]["number"] == METER
        assert {contact["place"] for contact in told["contacts"]} >= {"h•••@e•••.org", "w•••@e•••.org"}
        full = (await scene.get(f"/accounts/{ACCOUNT}", token=key, params={"contacts": "full"})).json
        assert SECOND.value in {contact["place"] for contact in full["contacts"]}
        assert [what for _, what in await readings(scene)] == ["account", "account and contacts"]
        assert (await scene.post(f"/accounts/{ACCOUNT}/links", token=key)).status_code == 202
        gone = await scene.delete(f"/accounts/{ACCOUNT}/contacts/{SECOND.contact_id}", token=key)
        assert gone.status_code == 200
        assert SECOND.contact_id not in (await scene.utility.portal.account(whose)).contacts

    async def test_refuses_what_cannot_be_meant(self, scene: Scene) -> None:
        account = await scene.utility.portal.account(await account_id(scene))
        registered, key = account.registered()[0].contact_id, scene.api_key(Role.STAFF)
        assert (await scene.get("/accounts/99999999", token=key)).status_code == 404
        assert (await scene.get("/accounts/!", token=key)).status_code == 422
        assert (await scene.get(f"/accounts/{ACCOUNT}", token=key, params={"contacts": "all"})).status_code == 422
        assert (await scene.post("/accounts/99999999/links", token=key)).status_code == 404
        for contact, status in ((registered, 409), (SECOND.contact_id, 404), ("x", 404)):
            assert (await scene.delete(f"/accounts/{ACCOUNT}/contacts/{contact}", token=key)).status_code == status, contact

    async def test_tells_of_a_payment_how_far_it_is_and_the_id_that_juice_knows(self, scene: Scene) -> None:
        purchase = await bought_in_doubt(scene)
        (told,) = (await scene.get(f"/accounts/{ACCOUNT}", token=scene.api_key(Role.STAFF))).json["payments"]
        assert (told["kind"], told["stage"], told["amount"]) == ("purchase", "in-doubt", 7000)
        assert (told["id"], told["message_id"]) == (str(purchase.purchase_id), str(purchase.message_id))

    async def test_is_held_to_as_many_looks_as_the_page(self, scene: Scene) -> None:
        key = scene.api_key(Role.STAFF)
        throttles = Throttles(scene.utility.pool, scene.utility.secrets, "test", scene.now)
        assert (await scene.get(f"/accounts/{ACCOUNT}", token=key)).status_code == 200
        ((by, _),) = await readings(scene)
        for _ in range(STAFF_LOOKUPS.most - 1):
            await throttles.take(STAFF_LOOKUPS, by)
        assert (await scene.get(f"/accounts/{ACCOUNT}", token=key)).status_code == 429


class AnotherUtility:
    async def test_is_told_nothing(self, scene: Scene) -> None:
        key = scene.api_key(Role.STAFF, "other")
        assert (await scene.get(f"/accounts/{ACCOUNT}", token=key)).status_code == 403

    async def test_with_the_same_number_sees_and_changes_its_own_account(
        self, utility: OpenUtility, other_utility: OpenUtility
    ) -> None:
        async with played(utility, other_utility) as two:
            await with_second_contact(two)
            await bought_in_doubt(two)
            theirs = {"token": two.api_key(Role.STAFF, "other"), "host": "other.example"}
            told = await two.get(f"/accounts/{ACCOUNT}", **theirs)
            assert told.status_code == 200 and told.json["payments"] == [] and len(told.json["contacts"]) == 2
            gone = await two.delete(f"/accounts/{ACCOUNT}/contacts/{SECOND.contact_id}", **theirs)
            assert gone.status_code == 404
            assert SECOND.contact_id in (await utility.portal.account(await account_id(two))).contacts
            assert await readings(two) == [], "whoever looked at the other's namesake did not look here"
