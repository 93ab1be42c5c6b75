"""What people write, as it is kept: visible, in lines that end alike, and without what would turn round the text beside it."""

from __future__ import annotations

import re
import unicodedata

TURNS = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")
"""Embeddings, overrides and isolates (UAX #9) reach past the text they stand in. Marks that only say how the text itself
runs are kept: Arabic and Hebrew need them."""

LINE_END = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")


def paragraphs(text: str) -> str:
    """This will give a text of several lines as it is kept; empty where nothing in it can be seen."""
    lines = [_visible(line).rstrip() for line in LINE_END.sub("\n", text).split("\n")]
    kept = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return kept if any(unicodedata.category(character)[0] in "LMNPS" for character in kept) else ""


def line(text: str) -> str:
    """This will give a text as one line; empty where nothing in it can be seen."""
    return " ".join(paragraphs(text).split())


def _visible(text: str) -> str:
    """Without control characters, which no page or message can show and no table of PostgreSQL takes all of."""
    text = TURNS.sub("", unicodedata.normalize("NFC", text.replace("\t", " ")))
    return "".join(character for character in text if unicodedata.category(character) not in ("Cc", "Cs"))
