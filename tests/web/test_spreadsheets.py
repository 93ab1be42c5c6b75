"""Files for spreadsheets: what is written into a cell stays a text there."""

from __future__ import annotations

import csv
import io

import pytest

from web.spreadsheets import cell, lines

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class ACell:
    @pytest.mark.parametrize("beginning", BEGINNINGS, ids=[f"U+{ord(letter):04X}" for letter in BEGINNINGS])
    def test_begins_no_formula(self, beginning: str) -> None:
        for rest in ("", 'HYPERLINK("https://evil.example","see")', "1+1", f"{beginning}1"):
            text = f"{beginning}{rest}"
            written = next(csv.reader(io.StringIO(lines([[text]]).decode(), newline="")))
            assert written == [f"'{text}"]

    @pytest.mark.parametrize("value", [-5, "-5", "-12.50", 0, "7", "Cash", "a=b", "", "it's"])
    def test_that_is_a_number_or_a_plain_text_stays_as_it_is(self, value: object) -> None:
        assert cell(value) == str(value)

    def test_without_a_value_is_empty(self) -> None:
        assert cell(None) == ""
