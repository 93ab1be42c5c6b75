"""A utility's two colours, made readable by day and by night (WCAG 2.2: contrast of text at least 4.5 to 1)."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import NamedTuple

from wording.colours import INK, WHITE, colour, mixed, readable_on, towards

NIGHT = "#1b2326"
"""The lightest surface that text stands on in the dark; static/seed.css uses the same."""


class Look(NamedTuple):
    """A utility's stylesheet: its address, its content, and the colour of the browser's own frame."""

    url: str
    content: str
    brand: str


@lru_cache(maxsize=64)
def look(primary_colour: str, accent_colour: str) -> Look:
    """This will make the stylesheet. It is named by its content, so that browsers may keep it for ever."""
    content = stylesheet(primary_colour, accent_colour)
    name = f"colours-{hashlib.sha256(content.encode()).hexdigest()[:12]}.css"
    solid = towards(colour(primary_colour), INK, readable_on(colour(primary_colour)))
    return Look(f"/theme/{name}", content, solid)


def stylesheet(primary_colour: str, accent_colour: str) -> str:
    """This will give the custom properties that dress the pages in the utility's colours."""
    primary, accent = colour(primary_colour), colour(accent_colour)
    paper = mixed(WHITE, primary, 0.05)
    solid = towards(primary, INK, readable_on(primary))
    by_day = {
        "brand": solid,
        "on-brand": readable_on(solid),
        "accent": accent,
        "ground": paper,
        "wash": mixed(WHITE, primary, 0.1),
        "link": towards(primary, INK, WHITE, paper, mixed(WHITE, primary, 0.1)),
        "bar": towards(primary, INK, WHITE, enough=3),
        "average": towards(accent, INK, WHITE, enough=3),
    }
    by_night = {
        "ground": mixed("#11181a", primary, 0.06),
        "wash": mixed(NIGHT, primary, 0.16),
        "link": towards(primary, WHITE, NIGHT, mixed(NIGHT, primary, 0.16)),
        "bar": towards(primary, WHITE, NIGHT, enough=3),
        "average": towards(accent, WHITE, NIGHT, enough=3),
    }
    return f":root{{{_declared(by_day)}}}@media screen and (prefers-color-scheme:dark){{:root{{{_declared(by_night)}}}}}"


def _declared(properties: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in properties.items())
