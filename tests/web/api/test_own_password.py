"""Changing the password over the API."""

from __future__ import annotations

import pytest

from tests.web.access.unjudged import REASONS, stopped_by
from tests.web.scene import ACCOUNT, OTHER_ACCOUNT, OWN_PASSWORD, Scene
from web.access.limits import PASSWORDS_AGAIN
from web.access.passwords import PasswordsBusy

CHOSEN = "another horse battery"


def wish(current: str = OWN_PASSWORD, chosen: str = CHOSEN) -> dict[str, str]:
    return {"current": current, "chosen": chosen}


class AChangedPassword:
    async def test_ends_the_other_sessions_and_goes_on_in_this_one_under_a_new_token(self, scene: Scene) -> None:
        here, elsewhere, neighbour = await scene.log_in(), await scene.log_in(), await scene.log_in(OTHER_ACCOUNT)
        reply = await scene.put("/me/password", wish(), token=here)
        assert reply.status_code == 200 and int(reply.headers["Seed-Position"]) == reply.json["position"] > 0
        for token, status in ((here, 401), (elsewhere, 401), (reply.json["token"], 200), (neighbour, 200)):
            assert (await scene.get("/me", token=token)).status_code == status

    async def test_opens_and_the_former_one_does_not(self, scene: Scene) -> None:
        await scene.put("/me/password", wish(), token=await scene.log_in())
        for password, status in ((CHOSEN, 201), (OWN_PASSWORD, 401)):
            assert (await scene.post("/session", {"number": ACCOUNT, "password": password})).status_code == status

    @pytest.mark.parametrize(
        ("chosen", "rule"),
        [
            ("seven c", "PasswordTooShort"),
            ("\N{PILE OF POO}" * 7, "PasswordTooShort"),
            ("password1", "PasswordTooCommon"),
            (ACCOUNT, "PasswordGuessable"),
            ("Test-Power-2026!", "PasswordGuessable"),
        ],
    )
    async def test_is_refused_where_anybody_could_guess_it(self, scene: Scene, chosen: str, rule: str) -> None:
        reply = await scene.put("/me/password", wish(chosen=chosen), token=await scene.log_in())
        assert (reply.status_code, reply.json["rule"]) == (422, rule)

    @pytest.mark.parametrize("chosen", ["\N{PILE OF POO}" * 8, "x" * 7 + "y", "ab " * 42 + "ab"])
    async def test_has_from_8_to_128_characters_of_any_script(self, scene: Scene, chosen: str) -> None:
        assert (await scene.put("/me/password", wish(chosen=chosen), token=await scene.log_in())).status_code == 200
        assert (await scene.post("/session", {"number": ACCOUNT, "password": chosen})).status_code == 201

    async def test_is_never_truncated(self, scene: Scene) -> None:
        reply = await scene.put("/me/password", wish(chosen="x" * 129), token=await scene.log_in())
        assert (reply.status_code, list(reply.json["errors"])) == (422, ["chosen"])

    async def test_needs_the_current_one_which_cannot_be_guessed(self, scene: Scene) -> None:
        token = await scene.log_in()
        for _ in range(6):
            reply = await scene.put("/me/password", wish(current="a guess"), token=token)
            assert (reply.status_code, reply.json["rule"]) == (403, "WrongPassword")
        assert (await scene.put("/me/password", wish(), token=token)).status_code == 429
        assert (await scene.post("/session/authentication", {"password": OWN_PASSWORD}, token=token)).status_code == 429

    async def test_that_is_refused_itself_counts_against_nobody(self, scene: Scene) -> None:
        token = await scene.log_in()
        for _ in range(5):
            for chosen in ("short", f"{ACCOUNT}!"):
                assert (await scene.put("/me/password", wish(chosen=chosen), token=token)).status_code == 422
        assert (await scene.put("/me/password", wish(), token=token)).status_code == 200

    @pytest.mark.parametrize("reason", REASONS)
    async def test_counts_no_current_one_that_nobody_looked_at(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch, reason: type[Exception]
    ) -> None:
        token = await scene.log_in()
        with monkeypatch.context() as many_at_once:
            many_at_once.setattr(scene.utility.portal.passwords, "matches", stopped_by(reason))
            for _ in range(PASSWORDS_AGAIN.free + 2):
                assert (await scene.put("/me/password", wish(), token=token)).status_code == 503
        assert (await scene.put("/me/password", wish(), token=token)).status_code == 200

    async def test_counts_no_right_one_where_there_is_no_time_for_the_new(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = await scene.log_in()
        with monkeypatch.context() as many_at_once:
            many_at_once.setattr(scene.utility.portal.passwords, "slow_hash", stopped_by(PasswordsBusy))
            for _ in range(PASSWORDS_AGAIN.free + 2):
                assert (await scene.put("/me/password", wish(), token=token)).status_code == 503
        assert (await scene.put("/me/password", wish(), token=token)).status_code == 200

    async def test_takes_an_issued_password_for_the_current_one_and_can_be_undone_with_it(self, scene: Scene) -> None:
        issued = await scene.issued_password()
        token = (await scene.post("/session", {"number": ACCOUNT, "password": issued})).json["token"]
        changed = await scene.put("/me/password", wish(current=issued), token=token)
        assert changed.status_code == 200
        assert (await scene.post("/session", {"number": ACCOUNT, "password": issued})).status_code == 401
        portal = scene.utility.portal
        account = await portal.account((await portal.find(ACCOUNT)).account_id)
        undo = portal.links.make("undo", account.id, list(account.credentials.issues)[-1])
        assert (await scene.post("/links/undo", {"link": undo})).status_code == 200
        assert (await scene.get("/me", token=changed.json["token"])).status_code == 401
        for password, status in ((CHOSEN, 401), (OWN_PASSWORD, 201)):
            assert (await scene.post("/session", {"number": ACCOUNT, "password": password})).status_code == status

    async def test_through_an_issue_stays_undoable_from_a_session_of_its_own(self, scene: Scene) -> None:
        issued = await scene.issued_password()
        own = await scene.log_in()
        await scene.put("/me/password", wish(current=issued), token=own)
        portal = scene.utility.portal
        account = await portal.account((await portal.find(ACCOUNT)).account_id)
        assert account.credentials.own[-1].via_issue == list(account.credentials.issues)[-1]

    async def test_takes_no_field_beyond_what_is_offered(self, scene: Scene) -> None:
        reply = await scene.put("/me/password", {**wish(), "via_issue": None}, token=await scene.log_in())
        assert (reply.status_code, list(reply.json["errors"])) == (422, ["via_issue"])

    async def test_appears_in_no_answer_and_no_problem(self, scene: Scene) -> None:
        token = await scene.log_in()
        for body in (wish(), wish(current="not " + OWN_PASSWORD), wish(chosen="password1")):
            text = (await scene.put("/me/password", body, token=token)).text
            assert OWN_PASSWORD not in text and CHOSEN not in text and "password1" not in text
