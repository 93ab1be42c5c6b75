"""One's own contacts and language over the API, and everybody who should not get at them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import msgspec
import pytest
from falcon.testing import Result

from domain.account import Account
from domain.commands.feeds import AccountTold
from tests.domain.scenario import context
from tests.web.access.unjudged import REASONS, stopped_by
from tests.web.scene import ACCOUNT, ADDRESS, OTHER_ACCOUNT, OWN_PASSWORD, Scene
from web.access.limits import CONTACT_CHANGES, PASSWORDS_AGAIN

NEW = {"email": "Second@Example.org"}


async def account_of(scene: Scene, number: str = ACCOUNT) -> Account:
    portal = scene.utility.portal
    account: Account = await portal.account((await portal.find(number)).account_id)
    return account


async def contacts(scene: Scene, token: str) -> dict[str, dict[str, Any]]:
    """Each contact as the API tells it, by its value."""
    reply = await scene.get("/me/contacts", token=token)
    assert reply.status_code == 200
    return {contact["value"]: contact for contact in reply.json["contacts"]}


async def registered(scene: Scene, token: str, channel: str = "email") -> str:
    """The id of a registered contact."""
    found = await contacts(scene, token)
    return next(str(c["contact_id"]) for c in found.values() if (c["channel"], c["standing"]) == (channel, "registered"))


async def link(scene: Scene, purpose: Any, subject: Any) -> str:
    account = await account_of(scene)
    return str(scene.utility.portal.links.make(purpose, account.id, subject))


async def change(scene: Scene, token: str, contact_id: str, body: dict[str, Any] | None = None) -> Result:
    return await scene.put(f"/me/contacts/{contact_id}", body or NEW, token=token)


class OwnContacts:
    async def test_are_added_in_their_normal_form_and_unconfirmed(self, scene: Scene) -> None:
        token = await scene.log_in()
        reply = await scene.post("/me/contacts", NEW, token=token)
        assert reply.status_code == 201 and int(reply.headers["Seed-Position"]) == reply.json["position"]
        added = (await contacts(scene, token))["Second@example.org"]
        assert (added["standing"], added["confirmed"], added["contact_id"]) == ("secondary", False, reply.json["contact_id"])

    async def test_are_changed_once_the_new_one_is_confirmed(self, scene: Scene) -> None:
        token = await scene.log_in()
        old = await registered(scene, token)
        reply = await change(scene, token, old)
        assert reply.status_code == 200 and reply.json["asked"] is False
        assert (await contacts(scene, token))["Second@example.org"]["replaces"] == old
        confirming = await link(scene, "confirm", msgspec.convert(reply.json["contact_id"], type(uuid4())))
        assert (await scene.post("/links/confirmations", {"link": confirming})).status_code == 200
        now = await contacts(scene, token)
        assert f"holder{ACCOUNT}@example.org" not in now and now["Second@example.org"]["standing"] == "registered"

    async def test_are_removed_but_for_the_last_registered_one(self, scene: Scene) -> None:
        token = await scene.log_in()
        first, last = await registered(scene, token), await registered(scene, token, "sms")
        assert (await scene.delete(f"/me/contacts/{first}", token=token)).json["asked"] is False
        refused = await scene.delete(f"/me/contacts/{last}", token=token)
        assert (refused.status_code, refused.json["rule"]) == (409, "LastRegisteredContact")

    async def test_are_refused_where_they_cannot_be_used(self, scene: Scene) -> None:
        token = await scene.log_in()
        phone = await registered(scene, token, "sms")
        for path, body, field in (
            ("/me/contacts", {"email": "nobody"}, "email"),
            ("/me/contacts", {"phone": "12345"}, "phone"),
            ("/me/contacts", {}, "email"),
            ("/me/contacts", {**NEW, "phone": "0821234567"}, "email"),
            (f"/me/contacts/{phone}", NEW, "email"),
        ):
            ask = scene.post if path == "/me/contacts" else scene.put
            reply = await ask(path, body, token=token)
            assert (reply.status_code, list(reply.json["errors"])) == (422, [field]), (path, body)

    async def test_are_there_once(self, scene: Scene) -> None:
        token = await scene.log_in()
        assert (await scene.post("/me/contacts", NEW, token=token)).status_code == 201
        again = await scene.post("/me/contacts", NEW, token=token)
        assert (again.status_code, again.json["rule"]) == (409, "ContactAlreadyThere")

    @pytest.mark.parametrize(
        "more", ["standing", "confirmed", "number", "name", "address", "contact_id", "issue_id", "account_id"]
    )
    async def test_take_no_field_beyond_what_is_offered(self, scene: Scene, more: str) -> None:
        token = await scene.log_in()
        before = await contacts(scene, token)
        reply = await scene.post("/me/contacts", {**NEW, more: "registered"}, token=token)
        assert (reply.status_code, list(reply.json["errors"])) == (422, [more])
        assert await contacts(scene, token) == before

    async def test_are_changed_by_nobody_else(self, scene: Scene) -> None:
        mine, other = await scene.log_in(), await scene.log_in(OTHER_ACCOUNT)
        contact_id = await registered(scene, mine)
        for token, host, status in ((other, "test.example", 404), (mine, "other.example", 401), (None, "test.example", 401)):
            for reply in (
                await scene.put(f"/me/contacts/{contact_id}", NEW, token=token, host=host),
                await scene.delete(f"/me/contacts/{contact_id}", token=token, host=host),
            ):
                assert reply.status_code == status
        assert (await scene.delete(f"/me/contacts/{uuid4()}", token=mine)).status_code == 404

    async def test_are_changed_so_often_and_no_more(self, scene: Scene) -> None:
        token = await scene.log_in()
        statuses = set()
        for _ in range(CONTACT_CHANGES.most // 2 + 1):
            added = await scene.post("/me/contacts", NEW, token=token)
            statuses.add(added.status_code)
            if added.status_code == 201:
                await scene.delete(f"/me/contacts/{added.json['contact_id']}", token=token)
        assert statuses == {201, 429}


class ThePasswordAgain:
    async def test_is_asked_for_ten_minutes_after_it_was_given(self, scene: Scene) -> None:
        token = await scene.log_in()
        contact_id = await registered(scene, token)
        scene.later(minutes=10)
        for reply in (
            await scene.post("/me/contacts", NEW, token=token),
            await change(scene, token, contact_id),
            await scene.delete(f"/me/contacts/{contact_id}", token=token),
            await scene.put("/me/language", {"language": "en"}, token=token),
        ):
            assert (reply.status_code, reply.json["rule"]) == (403, "PasswordNeededAgain")

    async def test_puts_a_new_token_in_the_place_of_the_old_one(self, scene: Scene) -> None:
        old = await scene.log_in()
        scene.later(minutes=10)
        reply = await scene.post("/session/authentication", {"password": OWN_PASSWORD}, token=old)
        assert reply.status_code == 201
        new = reply.json["token"]
        assert new != old
        assert (await scene.get("/me/contacts", token=old)).status_code == 401
        assert (await scene.post("/me/contacts", NEW, token=new)).status_code == 201

    async def test_cannot_be_guessed_with_a_session_that_was_found_open(self, scene: Scene) -> None:
        token = await scene.log_in()
        for _ in range(6):
            reply = await scene.post("/session/authentication", {"password": "a guess"}, token=token)
            assert (reply.status_code, reply.json["rule"]) == (403, "WrongPassword")
        refused = await scene.post("/session/authentication", {"password": OWN_PASSWORD}, token=token)
        assert refused.status_code == 429 and int(refused.headers["Retry-After"]) >= 1
        scene.later(minutes=16)
        assert (await scene.post("/session/authentication", {"password": OWN_PASSWORD}, token=token)).status_code == 201

    @pytest.mark.parametrize("reason", REASONS)
    async def test_counts_no_password_that_nobody_looked_at(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch, reason: type[Exception]
    ) -> None:
        token = await scene.log_in()
        with monkeypatch.context() as many_at_once:
            many_at_once.setattr(scene.utility.portal.passwords, "matches", stopped_by(reason))
            for _ in range(PASSWORDS_AGAIN.free + 2):
                reply = await scene.post("/session/authentication", {"password": OWN_PASSWORD}, token=token)
                assert reply.status_code == 503 and int(reply.headers["Retry-After"]) > 0
        assert (await scene.post("/session/authentication", {"password": OWN_PASSWORD}, token=token)).status_code == 201

    async def test_leaves_what_an_issued_password_opened_undoable(self, scene: Scene) -> None:
        issued = await scene.issued_password()
        token = (await scene.post("/session", {"number": ACCOUNT, "password": issued})).json["token"]
        token = (await scene.post("/session/authentication", {"password": OWN_PASSWORD}, token=token)).json["token"]
        await scene.post("/me/contacts", NEW, token=token)
        account = await account_of(scene)
        undo = await link(scene, "undo", list(account.credentials.issues)[-1])
        assert (await scene.post("/links/undo", {"link": undo})).status_code == 200
        assert "Second@example.org" not in {c.value for c in (await account_of(scene)).contacts.values()}


class ATakeover:
    """Somebody who picked the right address out of ten, and now would keep the account."""

    async def thief(self, scene: Scene) -> str:
        issued = await scene.issued_password()
        return str((await scene.post("/session", {"number": ACCOUNT, "password": issued})).json["token"])

    async def test_changes_no_registered_contact_without_its_word(self, scene: Scene) -> None:
        token = await self.thief(scene)
        email, phone = await registered(scene, token), await registered(scene, token, "sms")
        assert (await change(scene, token, email)).json["asked"] is True
        assert (await scene.delete(f"/me/contacts/{phone}", token=token)).json["asked"] is True
        now = await contacts(scene, token)
        assert {c["contact_id"] for c in now.values() if c["standing"] == "registered"} == {email, phone}
        waiting = (await scene.get("/me/contacts", token=token)).json["waiting"]
        assert [(each["contact_id"], each["value"]) for each in waiting] == [(email, "Second@example.org"), (phone, None)]

    async def test_is_undone_with_all_it_changed(self, scene: Scene) -> None:
        owner = await scene.log_in()
        before = await contacts(scene, owner)
        await scene.post("/me/contacts", {"email": "mine@example.org"}, token=owner)
        mine = (await contacts(scene, owner))["mine@example.org"]
        token = await self.thief(scene)
        await scene.delete(f"/me/contacts/{mine['contact_id']}", token=token)
        await scene.post("/me/contacts", NEW, token=token)
        password = await scene.put("/me/password", {"current": OWN_PASSWORD, "chosen": "a thief's password"}, token=token)
        token = password.json["token"]
        scene.later(days=7)
        token = (await scene.post("/session", {"number": ACCOUNT, "password": "a thief's password"})).json["token"]
        assert (await change(scene, token, await registered(scene, token), {"email": "thief@example.org"})).json["asked"] is False
        account = await account_of(scene)
        undo = await link(scene, "undo", list(account.credentials.issues)[-1])
        assert (await scene.post("/links/undo", {"link": undo})).status_code == 200
        assert (await scene.get("/me", token=token)).status_code == 401
        assert (await scene.post("/session", {"number": ACCOUNT, "password": "a thief's password"})).status_code == 401
        now = await contacts(scene, await scene.log_in())
        assert now == {**before, "mine@example.org": mine}

    async def test_goes_on_with_a_registered_contacts_word_since_then_it_is_none(self, scene: Scene) -> None:
        token = await self.thief(scene)
        await change(scene, token, await registered(scene, token))
        (change_id,) = (await account_of(scene)).contacts.requested
        agreeing = await link(scene, "change", change_id)
        for forged in (agreeing[:-4] + "AAAA", await link(scene, "revert", change_id)):
            assert (await scene.post("/links/changes", {"link": forged})).status_code == 410
        assert (await scene.post("/links/changes", {"link": agreeing})).status_code == 200
        assert (await contacts(scene, token))["Second@example.org"]["standing"] == "registered"
        assert (await scene.post("/links/changes", {"link": agreeing})).status_code == 410


class SomebodyWhoKnowsThePassword:
    async def test_is_put_out_by_the_contact_that_they_replaced(self, scene: Scene) -> None:
        thief = await scene.log_in()
        old = await registered(scene, thief)
        changed = await change(scene, thief, old)
        confirming = await link(scene, "confirm", msgspec.convert(changed.json["contact_id"], type(uuid4())))
        await scene.post("/links/confirmations", {"link": confirming})
        reverting = await link(scene, "revert", msgspec.convert(old, type(uuid4())))
        assert (await scene.post("/links/reversals", {"link": reverting})).status_code == 200
        assert (await scene.get("/me", token=thief)).status_code == 401
        again = await scene.log_in()
        assert f"holder{ACCOUNT}@example.org" in await contacts(scene, again)
        assert (await change(scene, again, old)).json["asked"] is True
        assert (await scene.post("/links/reversals", {"link": reverting})).status_code == 410


class TheFeed:
    async def test_neither_overwrites_nor_brings_back_what_the_customer_changed(self, scene: Scene) -> None:
        token = await scene.log_in()
        await scene.delete(f"/me/contacts/{await registered(scene, token, 'sms')}", token=token)
        await change(scene, token, await registered(scene, token))
        before = await contacts(scene, token)
        told = AccountTold(
            number=ACCOUNT,
            name="Another Name",
            address=ADDRESS,
            language="en",
            email=f"holder{ACCOUNT}@example.org",
            phone=f"+2782{ACCOUNT[:7]}",
        )
        await scene.utility.portal.learn_account(context(by="juice"), told, currency="ZAR")
        assert await contacts(scene, token) == before
        new = msgspec.structs.replace(told, email="from@juice.example")
        await scene.utility.portal.learn_account(context(by="juice"), new, currency="ZAR")
        assert set(await contacts(scene, token)) == {"from@juice.example"}


class TheLanguage:
    async def test_is_one_of_those_that_are_offered(self, scene: Scene) -> None:
        token = await scene.log_in()
        assert (await scene.get("/me/language", token=token)).json == {"language": "en", "offered": ["en"]}
        assert (await scene.put("/me/language", {"language": "en"}, token=token)).status_code == 200
        refused = await scene.put("/me/language", {"language": "xx"}, token=token)
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["language"])
