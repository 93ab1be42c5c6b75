"""A utility moves between two servers while it is written and followed: nothing is lost, doubled or missed.

`SEED_MOVE_EVENTS=500000 .venv/bin/python -m pytest -s tests/moving/test_moving.py -k under_load` is the long form.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from tests.moving.conftest import Moving

EVENTS = int(os.environ.get("SEED_MOVE_EVENTS", "3000"))
LONGEST_S = 120.0 * max(1.0, EVENTS / 50_000)
GAP_S = 1.0


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + LONGEST_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def used_for(moving: Moving, events: int) -> None:
    """This will wait until so many more events were acknowledged."""
    before, _ = moving.acknowledged()
    until(lambda: moving.acknowledged()[0] >= before + events)


def see_that_nothing_is_lost(moving: Moving) -> int:
    """This will have the writers rest, and count."""
    moving.rest()
    stored = moving.count("SELECT count(*) FROM {schema}.events")
    acknowledged, _ = moving.acknowledged()
    # Each writer's first command, of one event, is not in its notes.
    assert stored == acknowledged + 2, "what was acknowledged is not what is in the log"
    assert moving.count("SELECT count(DISTINCT notification_id) FROM {schema}.events") == stored
    last = moving.count("SELECT max(notification_id) FROM {schema}.events")
    until(lambda: moving.count("SELECT max(position) FROM {schema}.tracking WHERE name = 'noting'") >= last)
    missed = moving.list(
        "SELECT notification_id FROM {schema}.events WHERE NOT EXISTS"
        " (SELECT FROM {schema}.seen WHERE position = notification_id) ORDER BY 1"
    )
    assert not missed
    assert moving.count("SELECT max(times) FROM {schema}.seen") == 1
    assert moving.count("SELECT count(*) FROM {schema}.seen") == stored
    return stored


class AMove:
    def test_loses_doubles_and_misses_nothing_under_load(self, moving):
        moving.use()
        used_for(moving, EVENTS)
        _, begun = moving.acknowledged()
        steps = moving.move("to", moving.elsewhere)
        took = time.monotonic() - begun
        assert moving.lives() == moving.elsewhere
        used_for(moving, EVENTS // 10)
        gap = moving.longest_gap(begun)
        stored = see_that_nothing_is_lost(moving)
        size = moving.count("SELECT pg_total_relation_size('{schema}.events') / 1000000")
        print(
            f"{stored} events ({size} MB) moved in {took:.1f} s, longest gap between acknowledged commands {gap * 1000:.0f} ms,"
            f" writers {steps[-1]} s; lost 0, doubled 0, missed 0"
        )
        assert gap < GAP_S

    def test_returns_with_all_that_happened_since(self, moving):
        moving.use()
        used_for(moving, 500)
        moving.move("to", moving.elsewhere)
        used_for(moving, 500)
        moving.move("back")
        assert moving.lives() == moving.home
        assert moving.stage() is None
        used_for(moving, 500)
        see_that_nothing_is_lost(moving)
        assert not moving.left_at(moving.home)
        assert not moving.left_at(moving.elsewhere)
        assert moving.count("SELECT count(*) FROM pg_namespace WHERE nspname = '{schema}'", moving.elsewhere) == 0

    def test_ends_with_nothing_left_at_the_former_place(self, moving):
        moving.use()
        used_for(moving, 500)
        moving.move("to", moving.elsewhere)
        moving.move("finish")
        used_for(moving, 500)
        see_that_nothing_is_lost(moving)
        assert moving.stage() is None
        assert moving.lives() == moving.elsewhere
        assert not moving.left_at(moving.home)
        assert not moving.left_at(moving.elsewhere)
        assert moving.count("SELECT count(*) FROM pg_namespace WHERE nspname = '{schema}'", moving.home) == 0

    def test_goes_home_again_like_to_any_other_place(self, moving):
        moving.use()
        used_for(moving, 200)
        moving.move("to", moving.elsewhere)
        moving.move("finish")
        moving.move("to", "home")
        moving.move("finish")
        used_for(moving, 200)
        see_that_nothing_is_lost(moving)
        assert moving.lives() == moving.home


FORTH = ("noted", "made", "copied", "subscribed", "both ways", "near", "held", "switched", "one way")
BACK = ("near", "held", "refused", "switched", "left")
EACH = 1 if "SEED_MOVE_EVENTS" in os.environ else 2
"""Of the steps: the long form takes every one, each way."""


class AMoverThatIsKilled:
    @pytest.mark.parametrize("step", FORTH[::EACH])
    def test_is_gone_on_with(self, moving, step):
        moving.use(in_each=2)
        moving.move("to", moving.elsewhere, killed_after=step)
        used_for(moving, 100)
        moving.move("to", moving.elsewhere)
        used_for(moving, 100)
        assert moving.lives() == moving.elsewhere
        see_that_nothing_is_lost(moving)

    @pytest.mark.parametrize("step", FORTH[EACH - 1 :: EACH])
    def test_is_taken_back(self, moving, step):
        moving.use(in_each=2)
        moving.move("to", moving.elsewhere, killed_after=step)
        used_for(moving, 100)
        moving.move("back")
        used_for(moving, 100)
        assert moving.lives() == moving.home
        see_that_nothing_is_lost(moving)
        assert not moving.left_at(moving.home)
        assert not moving.left_at(moving.elsewhere)

    @pytest.mark.parametrize("step", BACK[::EACH])
    def test_on_its_way_back_is_gone_on_with(self, moving, step):
        moving.use(in_each=2)
        moving.move("to", moving.elsewhere)
        moving.move("back", killed_after=step)
        if step != "refused":  # there the writers wait until the command is given again
            used_for(moving, 100)
        moving.move("back")
        used_for(moving, 100)
        assert moving.lives() == moving.home
        see_that_nothing_is_lost(moving)
        assert not moving.left_at(moving.home)
        assert not moving.left_at(moving.elsewhere)
