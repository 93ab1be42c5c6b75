"""System passwords: random (≥ 128 bits, easy to type), kept as a keyed hash, single purpose, expire unused, never in a log, URL
or event.
"""

from __future__ import annotations

import structlog

from domain.passwords import normal_form
from tests.web.scene import ACCOUNT, OTHER_ACCOUNT, Scene


class ASystemPassword:
    async def test_is_in_no_answer_no_address_no_log_and_no_event(self, scene: Scene) -> None:
        with structlog.testing.capture_logs() as logs:
            secret = await scene.issued_password()
            opened = await scene.post("/session", {"number": ACCOUNT, "password": secret})
            told = [opened, await scene.get("/me", token=opened.json["token"])]
            told.append(await scene.post("/session", {"number": OTHER_ACCOUNT, "password": secret}))
        assert [reply.status_code for reply in told] == [201, 200, 401]
        account_id = (await scene.utility.portal.find(ACCOUNT)).account_id
        events = str(await scene.utility.log.load(account_id))
        for spelling in (secret, normal_form(secret)):
            assert all(spelling not in reply.text + str(reply.headers) for reply in told)
            assert spelling not in str(logs) and spelling not in events

    async def test_opens_its_own_account_and_nothing_else(self, scene: Scene) -> None:
        secret = await scene.issued_password()
        assert (await scene.post("/session", {"number": OTHER_ACCOUNT, "password": secret})).status_code == 401
        for link in ("undo", "confirmations", "changes", "reversals"):
            reply = await scene.post(f"/links/{link}", {"link": (normal_form(secret) * 3)[:64]})
            assert reply.status_code == 410
        assert (await scene.get("/me", token=normal_form(secret))).status_code == 401
