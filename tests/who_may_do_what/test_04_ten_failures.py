"""Ten failures slow an account down; none locks it for ever."""

from __future__ import annotations

from tests.domain.scenario import context
from tests.web.people import at_the_console, let_in
from tests.web.scene import ACCOUNT, OWN_PASSWORD, Scene
from tests.web.visitor import Visitor

LIKE_A_MACHINES = "my old dog ate two blue potatoes ok"
"""28 letters once the spaces are left out: of the form that passwords have which Seed makes."""


async def tried(scene: Scene, password: str) -> int:
    return (await scene.post("/session", {"number": ACCOUNT, "password": password})).status_code


class TenFailures:
    async def test_slow_guesses_down_that_look_like_a_password_of_ours(self, scene: Scene) -> None:
        portal = scene.utility.portal
        account = await portal.account((await portal.find(ACCOUNT)).account_id)
        await portal.choose_password(
            context(scene.now), account_id=account.id, current=OWN_PASSWORD, chosen=LIKE_A_MACHINES, via_issue=None
        )
        for number in range(11):
            assert await tried(scene, f"my old cat ate two blue potatoes o{chr(97 + number)}") == 401
        assert await tried(scene, LIKE_A_MACHINES) == 401, "while the delay holds, a phrase of one's own opens nothing"
        scene.later(seconds=5)
        assert await tried(scene, LIKE_A_MACHINES) == 201


class AStrangerAtTheConsolesDoor:
    async def test_holds_nobody_up_who_confirms_a_change_inside(self, scene: Scene) -> None:
        visitor = await at_the_console(scene)
        ann = await let_in(scene, name="anne")
        scene.later(minutes=11)
        for name in ("confirm ann", "password ann"):
            for _ in range(8):
                await ann.sign_in(Visitor(scene), name=name, password="wrong enough")
        form = {"password": "wrong enough", "new": "another lamp altogether", "again": "another lamp altogether", "code": ""}
        assert (await visitor.send("/console/me/password", **form)).status_code == 422, "not 429: nobody tried that before"
        assert (await visitor.send("/console/me/recovery-codes", code="1")).status_code == 422
