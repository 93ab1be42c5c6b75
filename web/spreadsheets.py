"""Tables as CSV (RFC 4180) that a spreadsheet opens and runs nothing of."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell begins with that a spreadsheet takes for a formula, in narrow and in wide letters (OWASP, CSV injection)."""

MARK = "\ufeff".encode()
"""What a file begins with so that a spreadsheet reads it as UTF-8."""

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def cell(value: Any) -> str:
    """This will write one value. A text with which a formula could begin is quoted by an apostrophe, as spreadsheets want it."""
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) and not _NUMBER.fullmatch(text) else text


def lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """This will write rows."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows([cell(value) for value in row] for row in rows)
    return written.getvalue().encode()
