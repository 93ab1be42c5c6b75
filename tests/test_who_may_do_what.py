"""Each promise of docs/who-may-do-what.md leads to tests, and each of these exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "who-may-do-what.md"
FOLDER = "tests/who_may_do_what"


def promises() -> dict[str, list[str]]:
    """Each promise by its name, with its tests."""
    rows = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| **")]
    return {row.split("**")[1].rstrip("."): re.findall(r"`(tests/[^`]+)`", row) for row in rows}


@cache
def named_in(file: str) -> frozenset[str]:
    """The classes and tests of a file, named as pytest names them."""
    return frozenset(_named(ast.parse((ROOT / file).read_text()), file))


def _named(tree: ast.AST, name: str) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name}::{node.name}"
            yield from _named(node, f"{name}::{node.name}")


class EveryPromise:
    def test_is_one_of_the_fourteen(self) -> None:
        names = list(promises())
        assert len(names) == 14
        assert [name.split(".")[0] for name in names[2:]] == [str(number) for number in range(1, 13)]

    def test_is_held_by_tests_that_exist(self) -> None:
        for promise, tests in promises().items():
            assert tests, f"nothing holds {promise!r}: name its tests in docs/who-may-do-what.md"
            for test in tests:
                file, _, rest = test.partition("::")
                assert (ROOT / file).exists(), f"{promise}: there is no {file}"
                assert not rest or test in named_in(file), f"{promise}: there is no {test}"

    def test_names_every_file_that_was_written_for_it(self) -> None:
        written = {f"{FOLDER}/{path.name}" for path in (ROOT / FOLDER).glob("test_*.py")}
        assert written <= {test for tests in promises().values() for test in tests}
