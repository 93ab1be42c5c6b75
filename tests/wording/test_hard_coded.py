"""Text that people read, but that nobody can translate since it is not marked: found in templates and in code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = sorted(
    path
    for folder in ("web/site/templates", "web/console/templates", "notifications/messages/templates")
    for path in (ROOT / folder).iterdir()
)
SENTENCES = [
    path
    for folder in ("web/site", "web/console", "web/journeys", "web/problems.py")
    for path in ([ROOT / folder] if folder.endswith(".py") else sorted((ROOT / folder).rglob("*.py")))
]

NAMES = {"Seed"}
"""What is called the same in every language."""

TRANSLATED = {"_", "N_", "gettext", "ngettext", "Unusable"}
LETTERS = re.compile(r"[A-Za-zÀ-ÿ]{2,}")


def read(template: str) -> Iterator[str]:
    """What a template shows that does not come out of `{{ }}` or `{% trans %}`: text between tags, attributes that are read."""
    left = re.sub(r"{%-?\s*trans\b.*?{%-?\s*endtrans\s*-?%}|{#.*?#}", "", template, flags=re.DOTALL)
    left = re.sub(r"{% block \w+ %}[a-z /]*{% endblock %}", "", left)  # names of classes and of menus
    left = re.sub(r"{{.*?}}|{%.*?%}", "", left, flags=re.DOTALL)
    left = re.sub(r"<(style|svg)\b.*?</\1>|<!--.*?-->", "", left, flags=re.DOTALL)
    for attribute in re.findall(r'(?:title|alt|placeholder|aria-label|data-[a-z]+)="([^"]*)"', left):
        if " " in attribute:
            yield attribute
    yield re.sub(r"<[^>]*>", "\n", left)


class ATemplate:
    @pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
    def test_says_nothing_that_is_not_marked(self, path: Path) -> None:
        words = {word for text in read(path.read_text()) for word in LETTERS.findall(text)}
        assert words - NAMES == set()


class Code:
    @pytest.mark.parametrize("path", SENTENCES, ids=lambda path: path.relative_to(ROOT).as_posix())
    def test_says_nothing_to_people_that_is_not_marked(self, path: Path) -> None:
        assert list(unmarked(ast.parse(path.read_text()))) == []


def unmarked(tree: ast.Module) -> Iterator[str]:
    """Sentences (a capital letter, a space, and an end) that stand outside of what marks them, of docstrings, logs and errors."""
    inside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in TRANSLATED | {"describe", "ValueError", "info", "warning", "error"}:
            inside |= set(ast.walk(node))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inside.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            inside |= set(ast.walk(node)) - {node}
    for node in ast.walk(tree):
        said = node.value if isinstance(node, ast.Constant) and node not in inside else None
        if isinstance(said, str) and re.fullmatch(r"[A-ZÀ-Ý][^\n]* [^\n]*[.?!]", said):
            yield said


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
