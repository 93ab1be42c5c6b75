"""Tables as CSV (RFC 4180) that a spreadsheet opens as it is, and runs nothing of."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell begins with that a spreadsheet takes for a formula, in narrow and in wide letters (OWASP, CSV injection)."""


def csv_of(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """This will write UTF-8 with its mark, by which spreadsheets know it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(map(harmless, header))
    writer.writerows(map(harmless, row) for row in rows)
    return text.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """This will put an apostrophe before a cell that would be run."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
