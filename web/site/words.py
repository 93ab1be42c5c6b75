"""The words of the pages. English is what the templates say themselves; other languages come from catalogues."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
LANGUAGE = "en"


@cache
def words(language: str) -> gettext.NullTranslations:
    """This will give the catalogue of a language; without one, English."""
    return gettext.translation("seed", LOCALE, [language], fallback=True)
