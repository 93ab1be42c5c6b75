"""The promises about money, in many histories in which everything fails; and that the simulator can tell when one is broken."""

from __future__ import annotations

import pytest

from tests.simulation.bugs import PLANTED
from tests.simulation.history import run
from tests.simulation.many import run_many

MOST_HISTORIES = 300


class Histories:
    def test_break_no_promise(self) -> None:
        told = list(run_many(1, 300, 50))
        broken = {each.seed: each.violations for each in told if each.violations}
        assert not broken, f"replay one with `seed simulate --seed N --histories 1 --commands 50`: {broken}"
        assert sum(each.acknowledged for each in told) > 300 * 10, "nobody was answered: nothing was tried"
        struck = ("crash", "juice-reply-lost", "webhook-doubled", "provider-charges-twice")
        assert all(sum(each.faults.get(kind, 0) for each in told) for kind in struck)

    def test_are_the_same_for_the_same_seed(self) -> None:
        assert run(7, 40) == run(7, 40)
        assert run(7, 40) != run(8, 40)


class APlantedBug:
    @pytest.mark.parametrize("bug", PLANTED)
    def test_is_found(self, bug: str) -> None:
        found = next((seed for seed in range(1, MOST_HISTORIES + 1) if run(seed, 50, PLANTED[bug]).violations), None)
        assert found is not None, f"{bug}: not found in {MOST_HISTORIES} histories"
