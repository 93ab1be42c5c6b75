"""Where secrets are looked for, and how one is told from digits that stand somewhere by chance."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import psycopg
from psycopg import sql

LONG_RUN = re.compile(r"(?<![0-9A-Za-z+/=_.-])[3-6][0-9]{13,18}(?![0-9A-Za-z+/=_.-])")
"""What stands alone and could be a bank card's number; inside ids, tokens and seals digits stand by chance."""


def everything(dsn: str) -> Iterator[tuple[str, str, str, str]]:
    """Each column of each table of the product, with all it holds as one text."""
    with psycopg.connect(dsn) as connection:
        columns = connection.execute(
            "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_schema LIKE 'u\\_%%' OR table_schema = 'seed' ORDER BY 1, 2, ordinal_position"
        ).fetchall()
        for schema, table, column, kind in columns:
            form = "encode({0}, 'escape')" if kind == "bytea" else "{0}::text"
            query = sql.SQL("SELECT string_agg(" + form + ", ' ') FROM {1}").format(
                sql.Identifier(column), sql.Identifier(schema, table)
            )
            row = connection.execute(query).fetchone()
            yield schema, table, column, (row and row[0]) or ""


def found(words: Iterable[str], text: str) -> list[str]:
    """Those of the words that stand in the text; seven digits inside a token, an id or a seal are there by chance."""
    return [word for word in words if word in text and (not word.isdigit() or stands_alone(word, text))]


def stands_alone(number: str, text: str) -> bool:
    """Whether a number stands in a text as one."""
    return re.search(rf"(?<![0-9A-Za-z+/=]){number}(?![0-9A-Za-z+/=])", text) is not None


def bank_cards(text: str) -> list[str]:
    """What stands alone and has the length, the beginning and the check digit of a bank card's number (ISO/IEC 7812)."""
    return [run for run in LONG_RUN.findall(text) if luhn(run)]


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(each // 10 + each % 10 for each in doubled) % 10 == 0
