"""Every text that people read, found in code and templates; `.venv/bin/python -m tests.words` brings the catalogues up to date.

A text is found where it stands in `_`, `gettext`, `ngettext`, `N_`, `Unusable` (why an input cannot be used) or `{% trans %}`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from wording.catalogue import LOCALE

ROOT = Path(__file__).parent.parent
ROOMS = ("domain", "notifications", "vending", "web", "wording")
METHODS = [("**.py", "python"), *((f"**.{ending}", "jinja2") for ending in ("html", "letter", "sms", "text"))]
AS_RENDERED = {
    "newstyle_gettext": "true",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
    "extensions": "jinja2.ext.i18n",
}
"""The templates' environments say the same: a text is found as it is looked up."""

OPTIONS = {f"**.{ending}": AS_RENDERED for ending in ("html", "letter", "sms", "text")}
KEYWORDS = {"_": None, "gettext": None, "N_": None, "Unusable": None, "ngettext": (1, 2)}


class Found(NamedTuple):
    """A text, or a singular with its plural, and where it stands."""

    text: str | tuple[str, str]
    place: str


def found() -> Iterator[Found]:
    """This will give every text that is marked, once for each place."""
    for room in ROOMS:
        folder = ROOT / room
        for file, line, message, _, _ in extract_from_dir(folder, METHODS, OPTIONS, KEYWORDS):
            yield Found(message if isinstance(message, str) else tuple(message), f"{room}/{file}:{line}")


def catalogue(language: str) -> Catalog:
    """This will read what is translated into a language."""
    with (LOCALE / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def languages() -> list[str]:
    """Every language there is a catalogue of."""
    return sorted(path.stem for path in LOCALE.glob("*.po"))


def bring_up_to_date(language: str) -> None:
    """This will add what is new to a catalogue and take out what is said no more; what was translated stays."""
    path = LOCALE / f"{language}.po"
    known = catalogue(language) if path.exists() else Catalog(locale=language)
    fresh = Catalog(locale=language, project="Seed", fuzzy=False)
    fresh.header_comment = "# Every text that Seed says to people."
    for text, _ in sorted(found(), key=lambda each: str(each.text)):
        before = known.get(text if isinstance(text, str) else text[0])
        fresh.add(text, before.string if before is not None and not before.fuzzy else None)
    with path.open("wb") as file:
        write_po(file, fresh, width=120, omit_header=False, sort_output=True)


if __name__ == "__main__":
    for each in sys.argv[1:] or languages():
        bring_up_to_date(each)
