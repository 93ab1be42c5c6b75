"""kill -9 of anything at any moment: what was acknowledged is kept, and everything comes to its end (`seed torture`, short)."""

import asyncio
from pathlib import Path

import pytest

from tests.running import running
from tests.torture.torture import torture

KILLS = 24


@pytest.fixture(scope="module")
def tortured(tmp_path_factory):
    with running(tmp_path_factory.mktemp("kills")) as portal:
        yield portal, asyncio.run(torture(portal, KILLS, seed=20))


class KillingAnyProcess:
    def test_breaks_no_promise(self, tortured):
        _, told = tortured
        assert told.violations == []

    def test_hit_every_kind_of_process_while_there_was_something_to_lose(self, tortured):
        """Were nothing under way, the test above could not fail."""
        portal, told = tortured
        assert told.kills.total() == KILLS and len(told.kills) == 9, told.kills
        assert portal.restarts >= KILLS // 2
        assert told.acknowledged["redemption"] >= KILLS and told.ends["captured"] >= 5, (told.acknowledged, told.ends)

    def test_leaves_no_secret_in_the_logs(self, tortured):
        portal, _ = tortured
        codes = [card["code"] for utility in portal.demo["utilities"] for card in utility["cards"]]
        written = "".join(path.read_text(errors="replace") for path in Path(portal.folder).glob("*.log"))
        assert written
        assert [code for code in codes if code in written] == []
