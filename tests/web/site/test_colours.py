"""A utility may choose any two colours; what is written stays readable."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from web.site.colours import NIGHT, look, stylesheet
from wording.colours import NEUTRAL, WHITE, colour, contrast

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def declared(css: str) -> tuple[dict[str, str], dict[str, str]]:
    """The properties by day, and those by night over them."""
    day, night = (dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6});", part)) for part in css.split("@media"))
    return day, day | night


class AnyTwoColours:
    @given(primary=COLOURS, accent=COLOURS)
    def test_leave_text_readable_by_day_and_by_night(self, primary: str, accent: str) -> None:
        day, night = declared(stylesheet(primary, accent))
        for colours, surfaces in ((day, (WHITE, day["ground"], day["wash"])), (night, (NIGHT, night["ground"], night["wash"]))):
            assert contrast(colours["on-brand"], colours["brand"]) >= 4.5
            assert all(contrast(colours["link"], surface) >= 4.5 for surface in surfaces)
            assert contrast(colours["bar"], surfaces[0]) >= 3
            assert contrast(colours["average"], surfaces[0]) >= 3

    @given(primary=COLOURS)
    def test_keep_ink_and_quiet_words_readable_on_every_surface(self, primary: str) -> None:
        day, night = declared(stylesheet(primary, primary))
        for surface in (WHITE, day["ground"], day["wash"]):
            assert contrast("#17211f", surface) >= 4.5 and contrast("#55605e", surface) >= 4.5
        for surface in (NIGHT, night["ground"], night["wash"]):
            assert contrast("#e9efed", surface) >= 4.5 and contrast("#a9b5b2", surface) >= 4.5

    def test_are_named_by_what_comes_of_them(self) -> None:
        assert look("#0b6e4f", "#f4a300").url != look("#0b6e4f", "#f4a301").url


class WhatIsNoColour:
    @given(text=st.text())
    def test_cannot_break_out_of_the_stylesheet(self, text: str) -> None:
        assert re.fullmatch(r"#[0-9a-f]{6}", colour(text))

    def test_becomes_a_neutral_one(self) -> None:
        assert colour("red;}body{display:none") == NEUTRAL
        assert colour("#Fa0") == "#ffaa00"
