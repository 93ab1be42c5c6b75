"""The rooms of the house, and who may import whom."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = {
    "domain",
    "eventlog",
    "projections",
    "vending",
    "notifications",
    "wording",
    "web",
    "standins",
    "cli",
    "config",
    "benchmarks",
}

MAY_IMPORT = {
    "domain": {"eventsourcing", "msgspec"},
    "eventlog": {"domain", "eventsourcing", "msgspec", "psycopg", "psycopg_pool", "cryptography"},
    "projections": {"domain", "eventlog", "msgspec", "psycopg", "psycopg_pool"},
    "vending": {"domain", "eventlog", "msgspec", "psycopg", "psycopg_pool", "httpx", "phonenumbers", "email_validator", "stripe"},
    "notifications": {"domain", "eventlog", "msgspec", "psycopg", "psycopg_pool", "httpx", "jinja2", "wording"},
    "wording": {"domain", "babel", "phonenumbers"},
    "standins": {"aiosmtpd", "falcon", "gunicorn", "jinja2", "markupsafe"},
}
"""Beside the standard library and itself. A room that is not named here may import any package, and of the rooms those below."""

MAY_ENTER = {
    "web": {"domain", "projections", "vending", "eventlog", "wording"},
    "benchmarks": {"tests", "domain", "eventlog", "projections", "cli", "config"},
}
"""Rooms that `web` may import; `cli` may import all. Benchmarks run the portal as the tests do, and look at it from outside."""


def files(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py")) if (ROOT / room).is_dir() else [ROOT / f"{room}.py"]


def imports(file: Path) -> Iterator[str]:
    """Every absolute import of the file, also those inside functions, as a dotted name."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute, so that the rooms can be told apart"
            yield node.module or ""


def strangers(room: str) -> list[str]:
    """What the room imports and may not."""
    found = []
    for file in files(room):
        for name in imports(file):
            top = name.partition(".")[0]
            if top == room or top in sys.stdlib_module_names:
                continue
            if room in MAY_IMPORT:
                allowed = top in MAY_IMPORT[room]
            else:
                allowed = top not in ROOMS | {"tests"} or top in MAY_ENTER.get(room, ROOMS)
            if not allowed:
                found.append(f"{file.relative_to(ROOT)} imports {name}")
    return found


class ARoom:
    @pytest.mark.parametrize("room", sorted(ROOMS))
    def test_imports_only_what_it_may(self, room):
        assert files(room), f"{room} is empty"
        assert not strangers(room)


class TheEnvironment:
    def test_is_read_in_one_place(self):
        readers = [
            str(file.relative_to(ROOT))
            for room in ROOMS - {"config", "standins"}
            for file in files(room)
            if "os.environ" in file.read_text() or "getenv" in file.read_text()
        ]
        assert not readers


class SQL:
    def test_is_run_in_web_only_for_access(self):
        others = [
            f"{file.relative_to(ROOT)}:{node.lineno}"
            for file in files("web")
            if "access" not in file.parts
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.Attribute) and node.attr in ("execute", "executemany", "copy")
        ]
        assert not others
