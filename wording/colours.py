"""Colours as #rrggbb, and how well one is read on another (WCAG 2.2: contrast of text at least 4.5 to 1)."""

from __future__ import annotations

import re

ENOUGH = 4.5
WHITE, INK, NEUTRAL = "#ffffff", "#17211f", "#2f4a57"

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


def mixed(one: str, other: str, share: float) -> str:
    """This will mix a share of `other`, from 0 to 1, into `one`."""
    return _hex(*(round(a + (b - a) * share) for a, b in zip(_rgb(one), _rgb(other), strict=True)))


def readable_on(background: str) -> str:
    """This will give white or ink, whichever is read better on the background."""
    return max(WHITE, INK, key=lambda text: contrast(text, background))


def towards(text: str, target: str, *backgrounds: str, enough: float = ENOUGH) -> str:
    """This will move a colour towards `target`, in small steps, until it can be read on every background."""
    for step in range(21):
        candidate = mixed(text, target, step / 20)
        if all(contrast(candidate, background) >= enough for background in backgrounds):
            return candidate
    return target


def _luminance(text: str) -> float:
    parts = [part / 255 for part in _rgb(text)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(text: str) -> Rgb:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _hex(red: int, green: int, blue: int) -> str:
    return f"#{red:02x}{green:02x}{blue:02x}"
