from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.web.scene import ACCOUNT, ADDRESS, METER, OWN_PASSWORD, SOURCE, Scene
from web.access.limits import ADDRESS_PICKS
from web.access.throttles import Throttles

GIVEN = {"email": "New.Person@Example.org", "phone": "082 123 4567"}


async def asked(scene: Scene, number: str = ACCOUNT) -> dict[str, Any]:
    reply = await scene.post("/identity/questions", {"number": number})
    assert reply.status_code == 200, reply.text
    return dict(reply.json)


def answer(question: dict[str, Any], *, right: bool) -> dict[str, str]:
    value = next(c["value"] for c in question["choices"] if (c["label"] == ADDRESS) is right)
    return {**GIVEN, "account_ticket": question["account_ticket"], "choice": value}


class AskingForAPassword:
    async def test_shows_ten_addresses_the_same_each_time_for_account_and_meter(self, scene: Scene) -> None:
        first, again, by_meter = await asked(scene), await asked(scene), await asked(scene, METER)
        assert len({c["label"] for c in first["choices"]}) == 10
        assert ADDRESS in [c["label"] for c in first["choices"]]
        assert first["choices"] == again["choices"] == by_meter["choices"]

    async def test_names_no_other_customers_address(self, scene: Scene) -> None:
        assert "29 Baobab Road" not in [c["label"] for c in (await asked(scene))["choices"]]

    async def test_ends_at_an_unknown_number_with_a_message_beside_the_field(self, scene: Scene) -> None:
        reply = await scene.post("/identity/questions", {"number": "99999999"})
        assert reply.status_code == 422
        assert list(reply.json["errors"]) == ["number"]

    async def test_is_no_directory_of_customers(self, scene: Scene) -> None:
        statuses = [(await scene.post("/identity/questions", {"number": f"9{n:07d}"})).status_code for n in range(61)]
        assert statuses == [422] * 60 + [429]
        assert (await scene.post("/identity/questions", {"number": ACCOUNT})).status_code == 429

    async def test_shows_a_source_thirty_lists_a_day_and_then_the_way_by_link(self, scene: Scene) -> None:
        picked = answer(await asked(scene), right=True)
        for _ in range(29):
            await asked(scene)
        scene.later(minutes=10)
        question = await asked(scene)
        assert (question["address_suffices"], question["choices"]) == (False, [])
        picked["account_ticket"] = question["account_ticket"]
        assert (await scene.post("/identity/confirmations", picked)).json["rule"] == "AddressNoLongerSuffices"
        reply = await scene.post("/identity/links", {"account_ticket": question["account_ticket"]})
        assert reply.status_code == 202
        elsewhere = await scene.post("/identity/questions", {"number": ACCOUNT}, remote_addr="192.0.2.99")
        assert len(elsewhere.json["choices"]) == 10

    async def test_gives_out_a_ticket_that_holds_no_number_and_lasts_half_an_hour(self, scene: Scene) -> None:
        question = await asked(scene)
        assert ACCOUNT not in question["account_ticket"] and METER not in question["account_ticket"]
        scene.later(minutes=31)
        reply = await scene.post("/identity/confirmations", answer(question, right=True))
        assert reply.status_code == 410


class TheRightAddress:
    async def test_has_a_password_sent_to_four_places_shown_masked(self, scene: Scene) -> None:
        reply = await scene.post("/identity/confirmations", answer(await asked(scene), right=True))
        assert reply.status_code == 202
        assert len(reply.json["sent_to"]) == 4
        assert int(reply.headers["Seed-Position"]) == reply.json["position"] > 0
        assert "example.org" not in reply.text and "4567" not in reply.text and "holder" not in reply.text

    async def test_adds_the_given_contacts_in_their_normal_form(self, scene: Scene) -> None:
        await scene.post("/identity/confirmations", answer(await asked(scene), right=True))
        found = await scene.utility.portal.find(ACCOUNT)
        contacts = (await scene.utility.portal.account(found.account_id)).contacts.values()
        assert {c.value for c in contacts if c.standing == "secondary"} == {"New.Person@example.org", "+27821234567"}

    async def test_leaves_the_own_password_working(self, scene: Scene) -> None:
        await scene.post("/identity/confirmations", answer(await asked(scene), right=True))
        assert (await scene.post("/session", {"number": ACCOUNT, "password": OWN_PASSWORD})).status_code == 201


class AWrongAddress:
    async def test_is_told_to_be_wrong_and_twice_is_enough(self, scene: Scene) -> None:
        question = await asked(scene)
        for _ in range(2):
            reply = await scene.post("/identity/confirmations", answer(question, right=False))
            assert (reply.status_code, reply.json["rule"]) == (403, "WrongAddress")
        reply = await scene.post("/identity/confirmations", answer(question, right=True))
        assert (reply.status_code, reply.json["rule"]) == (409, "AddressNoLongerSuffices")
        now = await asked(scene)
        assert not now["address_suffices"] and now["choices"] == []

    async def test_never_shuts_the_owner_out_since_a_link_continues(self, scene: Scene) -> None:
        question = await asked(scene)
        for _ in range(2):
            await scene.post("/identity/confirmations", answer(question, right=False))
        offered = await scene.post("/identity/links", {"account_ticket": question["account_ticket"]})
        assert offered.status_code == 202
        link = await self._link(scene)
        confirmed = await scene.post("/identity/continuations", {"link": link, **GIVEN})
        assert confirmed.status_code == 202 and len(confirmed.json["sent_to"]) == 4
        again = await scene.post("/identity/continuations", {"link": link, **GIVEN})
        assert again.status_code == 410

    async def test_counts_against_the_source_over_all_accounts(self, scene: Scene) -> None:
        visit = Throttles(scene.utility.pool, scene.utility.secrets, "test", scene.now)
        for _ in range(ADDRESS_PICKS.most - 1):
            await visit.take(ADDRESS_PICKS, SOURCE)
        question = await asked(scene)
        assert (await scene.post("/identity/confirmations", answer(question, right=False))).status_code == 403
        assert (await scene.post("/identity/confirmations", answer(question, right=True))).status_code == 429

    async def test_that_was_not_on_the_list_is_no_pick(self, scene: Scene) -> None:
        body = answer(await asked(scene), right=True) | {"choice": "0123456789abcdef"}
        reply = await scene.post("/identity/confirmations", body)
        assert (reply.status_code, list(reply.json["errors"])) == (422, ["choice"])
        assert (await asked(scene))["address_suffices"]

    @staticmethod
    async def _link(scene: Scene) -> str:
        found = await scene.utility.portal.find(ACCOUNT)
        account = await scene.utility.portal.account(found.account_id)
        return scene.utility.portal.links.make("continue", account.id, next(iter(account.offers)))


class BadInput:
    async def test_is_told_for_all_fields_at_once(self, scene: Scene) -> None:
        body = answer(await asked(scene), right=True) | {"email": "nobody", "phone": "12"}
        reply = await scene.post("/identity/confirmations", body)
        assert reply.status_code == 422
        assert set(reply.json["errors"]) == {"email", "phone"}

    async def test_is_refused_where_a_field_is_unknown_missing_or_of_another_type(self, scene: Scene) -> None:
        for body, field in (
            ({"number": ACCOUNT, "more": 1}, "more"),
            ({}, "number"),
            ({"number": 41000017}, "number"),
            ({"number": None}, "number"),
            ({"number": ["1"]}, "number"),
            ({"number": "x" * 1000}, "number"),
        ):
            reply = await scene.post("/identity/questions", body)
            assert (reply.status_code, list(reply.json["errors"])) == (422, [field]), body

    async def test_of_a_forged_ticket_or_link_leads_nowhere(self, scene: Scene) -> None:
        ticket = (await asked(scene))["account_ticket"]
        for forged in ("A" * 48, ticket[:-4] + "AAAA", "AAAA" + ticket[4:], ticket.swapcase()):
            body = {**GIVEN, "account_ticket": forged, "choice": "0" * 16}
            assert (await scene.post("/identity/confirmations", body)).status_code == 410, forged
        for path in ("/links/undo", "/links/confirmations"):
            assert (await scene.post(path, {"link": "A" * 64})).status_code == 410

    @pytest.mark.parametrize("bent", ["{}=", "{}====", "{}AAAA", " {}", "{}\n", "x", "ü"])
    async def test_of_a_ticket_in_another_form_names_the_field(self, scene: Scene, bent: str) -> None:
        ticket = (await asked(scene))["account_ticket"]
        body = {**GIVEN, "account_ticket": bent.format(ticket), "choice": "0" * 16}
        reply = await scene.post("/identity/confirmations", body)
        assert (reply.status_code, list(reply.json["errors"])) == (422, ["account_ticket"])


class ATicket:
    async def test_does_not_show_whose_it_is(self, scene: Scene) -> None:
        found = await scene.utility.portal.find(ACCOUNT)
        ticket = (await asked(scene))["account_ticket"]
        assert found.account_id.bytes not in base64.urlsafe_b64decode(ticket)


class TheLinks:
    async def test_in_messages_undo_an_issue_and_end_its_sessions(self, scene: Scene) -> None:
        issued = await scene.issued_password()
        token = (await scene.post("/session", {"number": ACCOUNT, "password": issued})).json["token"]
        account = await self._account(scene)
        issue_id = list(account.credentials.issues)[-1]
        link = scene.utility.portal.links.make("undo", account.id, issue_id)
        assert (await scene.post("/links/undo", {"link": link})).status_code == 200
        assert (await scene.get("/me", token=token)).status_code == 401
        assert (await scene.post("/session", {"number": ACCOUNT, "password": issued})).status_code == 401
        assert not [c for c in (await self._account(scene)).contacts.values() if c.standing == "secondary"]
        assert (await scene.post("/links/undo", {"link": link})).status_code == 410

    async def test_in_messages_confirm_a_contact(self, scene: Scene) -> None:
        await scene.issued_password()
        account = await self._account(scene)
        contact = next(c for c in account.contacts.values() if c.standing == "secondary")
        link = scene.utility.portal.links.make("confirm", account.id, contact.contact_id)
        assert (await scene.post("/links/confirmations", {"link": link})).status_code == 200
        assert (await self._account(scene)).contacts[contact.contact_id].confirmed

    @staticmethod
    async def _account(scene: Scene) -> Any:
        found = await scene.utility.portal.find(ACCOUNT)
        return await scene.utility.portal.account(found.account_id)
