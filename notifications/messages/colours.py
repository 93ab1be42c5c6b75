"""A utility's colours, made readable in a mail, which is always by day."""

from __future__ import annotations

from wording.colours import ENOUGH, WHITE, contrast, readable_on, towards


def dark_enough(text: str, background: str = WHITE) -> str:
    """This will darken a colour until it can be read on a light background."""
    return towards(text, "#000000", background)


def solid(background: str) -> str:
    """This will darken a background until its better text colour, white or ink, has enough contrast."""
    return background if contrast(background, readable_on(background)) >= ENOUGH else dark_enough(background)
