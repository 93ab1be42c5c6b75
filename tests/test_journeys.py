"""Each journey is walked in all four ways, and called at both utilities; in each, somebody of the other utility asks too."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
UTILITIES = ("at the first utility", "at the second")
BROWSERS = ("with JavaScript", "without JavaScript")
OTHERS = {"elsewhere", "stranger", "neighbour", "impostor", "other"}
"""Fixtures of the other utility."""


class Journey(NamedTuple):
    """A row of docs/journeys.md."""

    name: str
    walks: list[str]
    calls: list[str]


def journeys() -> list[Journey]:
    lines = [line for line in (ROOT / "docs" / "journeys.md").read_text().splitlines() if line.startswith("| **")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [Journey(name.strip("*"), *(re.findall(r"`([^`]+)`", cell) for cell in others)) for name, *others in cells]


@cache
def collected() -> dict[str, list[str]]:
    """What pytest finds, as it would run it: each test with the ways in which it is taken."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests/web/browser", "tests/processes"]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found: dict[str, list[str]] = {}
    for line in told.splitlines():
        name, _, way = line.partition("[")
        found.setdefault(name, []).append(way.rstrip("]"))
    return found


def asks_elsewhere(test: str) -> bool:
    """Whether a test takes somebody, or something, of the other utility."""
    file, class_, name = test.split("::")
    (found,) = [
        node
        for each in ast.parse((ROOT / file).read_text()).body
        if isinstance(each, ast.ClassDef) and each.name == class_
        for node in each.body
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    return bool({each.arg for each in found.args.args} & OTHERS) or 'site["other"]' in ast.unparse(found).replace("'", '"')


class TheTable:
    def test_has_the_thirteen_journeys_what_came_beside_them_and_the_three_roles(self) -> None:
        names = [re.split("[.*:]", journey.name)[0] for journey in journeys()]
        assert names == [*map(str, range(1, 14)), "Arrears share", "Damaged card", "Decision", "Staff", "Auditor", "Analyst"]

    @pytest.mark.parametrize("journey", journeys(), ids=lambda journey: journey.name)
    def test_names_walks_at_both_utilities_with_and_without_javascript(self, journey: Journey) -> None:
        assert journey.walks
        for walk in journey.walks:
            ways = collected().get(walk, [])
            for utility, browser in product(UTILITIES, BROWSERS):
                assert any({browser, utility} <= {*way.split("-")} for way in ways), f"{walk}: not {browser} {utility}"

    @pytest.mark.parametrize("journey", journeys(), ids=lambda journey: journey.name)
    def test_names_api_tests_at_both_utilities(self, journey: Journey) -> None:
        assert journey.calls
        for call in journey.calls:
            ways = collected().get(call, [])
            for utility in UTILITIES:
                assert any(utility in way.split("-") for way in ways), f"{call}: not {utility}"

    @pytest.mark.parametrize("journey", journeys(), ids=lambda journey: journey.name)
    def test_names_none_in_which_the_other_utility_is_not_tried(self, journey: Journey) -> None:
        assert [test for test in journey.walks + journey.calls if not asks_elsewhere(test)] == []
