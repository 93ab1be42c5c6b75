"""`seed rebuild` and `seed parked retry`: at which speed, and behind whom."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from cli.main import COMMANDS, GIVES_WAY
from cli.parked import parked
from cli.rebuild import rebuild
from projections.rebuild import FULL_SPEED, GENTLE


@pytest.fixture
def speeds(monkeypatch):
    """The speeds at which anything was to be rebuilt."""
    asked = []

    async def noted(*told):
        asked.append(told[-1])
        return True

    monkeypatch.setattr("cli.rebuild._rebuild", noted)
    monkeypatch.setattr("cli.parked._retry", noted)
    return asked


class ABuild:
    @pytest.mark.parametrize("command", [[rebuild, "dashboard"], [parked, "retry", "dashboard"]])
    def test_rests_unless_full_speed_is_asked_for(self, speeds, command):
        command, *words = command
        for more in ([], ["--full-speed"]):
            assert CliRunner().invoke(command, [*words, *more], obj=None).exit_code == 0
        assert speeds == [GENTLE, FULL_SPEED]

    def test_gives_way_to_the_portals_processes(self):
        assert GIVES_WAY == {"rebuild", "parked"} <= set(COMMANDS)
