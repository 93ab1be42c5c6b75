"""The words in each language. English is what the code says itself; others stand in `locale/LANGUAGE.po`."""

from __future__ import annotations

import gettext
import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
ENGLISH = "en"

LANGUAGES = (ENGLISH, *sorted(path.stem for path in LOCALE.glob("*.po")))
"""Every language whose words are known (ISO 639-1)."""


def N_(text: str) -> str:  # noqa: N802 (gettext's own name for it)
    """This will mark a text for translation and give it back: it is translated where it is shown."""
    return text


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """This will give the words of a language; English for one that is not known."""
    if language == ENGLISH or language not in LANGUAGES:
        return gettext.NullTranslations()
    with (LOCALE / f"{language}.po").open("rb") as file:
        words = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, words)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def known(language: str) -> str:
    """This will give the language itself where its words are known, else English: dates and words never differ in theirs."""
    return language if language in LANGUAGES else ENGLISH


def offered(languages: Sequence[str]) -> tuple[str, ...]:
    """This will give those of a utility's languages whose words are known, in its order; English where none is."""
    return tuple(language for language in languages if language in LANGUAGES) or (ENGLISH,)


def chosen(wanted: Sequence[str], languages: Sequence[str]) -> str:
    """This will give the first wanted language that is offered, or the first that is offered."""
    return next((language for language in wanted if language in languages), languages[0])
