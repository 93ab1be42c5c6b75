"""Answers as CSV (RFC 4180), for spreadsheets: a row each, in the order of their fields."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from falcon.asgi import Response

from web.api.answers import Answer
from web.spreadsheets import lines

MEDIA_TYPE = "text/csv"


async def send_csv(resp: Response, name: str, kind: type[Answer], pages: AsyncIterator[list[Any]]) -> None:
    """This will answer with a table, page by page; what goes wrong with the first one is still answered as a problem."""
    first: list[Any] = await anext(pages, [])

    async def stream() -> AsyncIterator[bytes]:
        yield lines([kind.__struct_fields__])
        yield lines(map(_values, first))
        async for page in pages:
            yield lines(map(_values, page))

    resp.content_type = f"{MEDIA_TYPE}; charset=utf-8; header=present"
    resp.set_header("Content-Disposition", f'attachment; filename="{name}.csv"')
    resp.stream = stream()


def _values(row: Answer) -> list[Any]:
    return [getattr(row, field) for field in row.__struct_fields__]
