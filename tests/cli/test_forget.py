"""`seed forget`: one customer's personal data made unreadable, unless money of theirs is under way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from domain.commands.forgetting import MoneyUnderWay
from tests.domain.scenario import context
from tests.running import Running
from tests.web.api.test_redemptions import redeem, settle
from tests.web.conftest import scene
from tests.web.scene import METER, Scene

__all__ = ["scene"]

ROOT = Path(__file__).parent.parent.parent


def forget(portal: Running, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli", "forget", *arguments]
    return subprocess.run(command, env=portal.environment, cwd=ROOT, capture_output=True, text=True, input=typed)


class AnAccount:
    async def test_is_known_to_have_a_card_under_way_by_the_read_models(self, scene: Scene) -> None:
        portal, history = scene.utility.portal, scene.utility.history
        account_id = (await portal.find(METER)).account_id
        assert await history.begun(account_id) == await history.begun(context().correlation_id)
        started = (await redeem(scene)).json["redemption_id"]
        await scene.utility.project()
        assert [str(each) for each in (await history.begun(account_id)).redemptions] == [started]
        with pytest.raises(MoneyUnderWay):
            await portal.forget_person(context(), account_id=account_id, begun=lambda: history.begun(account_id))
        await settle(scene, started)
        await portal.forget_person(context(), account_id=account_id, begun=lambda: history.begun(account_id))


class TheCommand:
    def test_forgets_nobody_whom_nobody_knows(self, running_portal: Running) -> None:
        done = forget(running_portal, "99999999", "--yes", "--utility", running_portal.demo["utilities"][0]["code"])
        assert done.returncode == 1 and "has the number 99999999" in done.stderr

    def test_forgets_nobody_where_nothing_says_of_which_utility(self, running_portal: Running) -> None:
        number = running_portal.demo["utilities"][0]["accounts"][9]["number"]
        done = forget(running_portal, number, "--yes")
        assert done.returncode == 1 and "--utility takes one of" in done.stderr and "Forgotten" not in done.stdout

    def test_asks_before_it_does_anything(self, running_portal: Running) -> None:
        done = forget(running_portal, "99999999", typed="n\n")
        assert done.returncode == 1 and "for ever. Forget this person?" in done.stdout and "Aborted" in done.stderr
