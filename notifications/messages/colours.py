"""A utility's colours, made readable (WCAG 2.2: contrast of text at least 4.5 to 1)."""

from __future__ import annotations

import re

ENOUGH = 4.5
WHITE, INK, NEUTRAL = "#ffffff", "#1b2327", "#2f4a57"
_HEX = re.compile(r"#[0-9a-f]{6}")

Rgb = tuple[int, int, int]


def colour(text: str) -> str:
    """This will give a CSS colour as #rrggbb; what is none becomes a neutral one, so that no style breaks."""
    text = text.strip().lower()
    if re.fullmatch(r"#[0-9a-f]{3}", text):
        text = "#" + "".join(2 * digit for digit in text[1:])
    return text if _HEX.fullmatch(text) else NEUTRAL


def contrast(one: str, other: str) -> float:
    """This will give the contrast ratio of two #rrggbb colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable_on(background: str) -> str:
    """This will give white or ink, whichever is read better on this background."""
    return max(WHITE, INK, key=lambda text: contrast(text, background))


def dark_enough(text: str, background: str = WHITE) -> str:
    """This will darken a colour until it can be read on a light background."""
    red, green, blue = _rgb(text)
    while contrast(_hex((red, green, blue)), background) < ENOUGH and (red, green, blue) != (0, 0, 0):
        red, green, blue = red * 9 // 10, green * 9 // 10, blue * 9 // 10
    return _hex((red, green, blue))


def solid(background: str) -> str:
    """This will darken a background until its better text colour, white or ink, has enough contrast."""
    return background if contrast(background, readable_on(background)) >= ENOUGH else dark_enough(background)


def _luminance(text: str) -> float:
    parts = [part / 255 for part in _rgb(text)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(text: str) -> Rgb:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _hex(rgb: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)
