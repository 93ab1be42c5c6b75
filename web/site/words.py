"""The words of the pages, in the languages there are catalogues for; English is what the templates say themselves."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
FALLBACK = "en"


@cache
def words(language: str) -> gettext.NullTranslations:
    """This will give the catalogue of a language; without one, English."""
    return gettext.translation("seed", LOCALE, [language], fallback=True)


def spoken(language: str) -> str:
    """This will give the language where the pages can be written in it, else English."""
    return language if gettext.find("seed", LOCALE, [language]) else FALLBACK
