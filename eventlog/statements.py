"""Statements that write several rows at once, by VALUES, in sizes that are powers of two.

A prepared statement is made for a number of rows. Powers of two keep them few: seven of each kind write any number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

LARGEST = 64
"""Rows of one statement; larger ones are no faster (measured)."""


class Operation(NamedTuple):
    """A kind of write. `head`, `row` and `tail` make the SQL: `{schema}` is the schema, each `{}` one value of a row.

    `table` and a change's key say which writes touch the same row. `conflict` is raised where that row is taken.
    """

    table: str
    head: str
    row: tuple[str, ...]
    tail: str = ""
    conflict: type[Exception] | None = None

    def statements(self, schema: str, rows: Sequence[Sequence[Any]]) -> Iterator[tuple[bytes, list[Any]]]:
        """This will give SQL and values that together write all the rows, in their order."""
        start = 0
        while start < len(rows):
            size = min(LARGEST, 1 << (len(rows) - start).bit_length() - 1)
            values = [value for row in rows[start : start + size] for value in row]
            yield _sql(self, schema, size), values
            start += size


@lru_cache(maxsize=10_000)
def _sql(operation: Operation, schema: str, size: int) -> bytes:
    width = len(operation.row)
    rows = (
        ", ".join(field.format(f"${line * width + place}", schema=schema) for place, field in enumerate(operation.row, 1))
        for line in range(size)
    )
    lines = ", ".join(f"({row})" for row in rows)
    return (operation.head.format(schema=schema) + lines + operation.tail.format(schema=schema)).encode()
