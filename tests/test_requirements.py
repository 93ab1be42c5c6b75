"""Every sentence of the description that Seed was asked for by leads to its page, route, events and tests, and they exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from falcon import inspect

import domain.portal  # noqa: F401 (its imports fill the catalogue)
from domain.event import CATALOGUE
from tests.web.api.live import application
from web.access.matrix import API

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "customer-portal.txt").read_text()
HEADINGS = {
    *("Back to Table of Contents", "Customer Portal", "Customer Login", "Get Password", "Confirm Identity", "Customer Dashboard"),
    *("Edit Data", "Change Password", "Customer Service Request", "Buy Power", "Redeeming a Juice Card"),
}


class Row(NamedTuple):
    """One sentence, and where it leads."""

    sentence: str
    pages: list[str]
    routes: list[str]
    events: list[str]
    tests: list[str]


def sentences() -> list[str]:
    """The sentences of the text, in order, headings left out."""
    paragraphs = [line.strip() for line in TEXT.splitlines() if line.strip() and line.strip() not in HEADINGS]
    return [sentence for paragraph in paragraphs for sentence in re.split(r"(?<=\.)\s+", paragraph)]


def rows() -> list[Row]:
    """The table in docs/requirements.md."""
    lines = (ROOT / "docs" / "requirements.md").read_text().splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")][2:]
    return [Row(sentence, *(re.findall(r"`([^`]+)`", cell) for cell in others)) for sentence, *others in cells]


@cache
def live() -> set[str]:
    return {
        f"{method.method} {route.path}"
        for route in inspect.inspect_routes(application())
        for method in route.methods
        if not method.internal
    }


@cache
def names(file: str) -> set[str]:
    """Class::function, or function, of every test in a file."""
    found = set()
    for node in ast.parse((ROOT / file).read_text()).body:
        if isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}::{each.name}" for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
            }
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
    return found


class TheTable:
    def test_has_every_sentence_in_order(self) -> None:
        assert [row.sentence for row in rows()] == sentences()

    @pytest.mark.parametrize("row", rows(), ids=lambda row: row.sentence[:40])
    def test_names_pages_routes_events_and_tests_that_exist(self, row: Row) -> None:
        assert row.pages and row.tests
        assert [page for page in row.pages if not {f"GET {page}", f"POST {page}"} & live()] == []
        assert [route for route in row.routes if route.replace(" ", f" {API}") not in live()] == []
        assert [event for event in row.events if event not in {each.__name__ for each in CATALOGUE.values()}] == []
        for test in row.tests:
            file, _, name = test.partition("::")
            assert name in names(file), test
