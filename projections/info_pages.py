"""What does the utility tell its customers? One row an edition of its info page, in each language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncCursor, sql

from domain.info_page import InfoPagePublished
from projections.keyed import from_row
from projections.projection import Column, Place, Projection, Recorded, Table, when
from projections.rows import put
from projections.view import View


class InfoPageRow(msgspec.Struct, frozen=True, kw_only=True):
    """One edition; an empty `source` is none: the page says what Seed says itself."""

    language: str
    edition: int
    source: str
    published_at: datetime
    published_by: str


class InfoPagesProjection(Projection):
    """Keeps every edition."""

    name = "info_pages"
    tables = (
        Table(
            name="info_pages",
            meaning="The editions of the utility's info page.",
            key=("language", "edition"),
            columns=(
                Column("language", "text", "ISO 639-1"),
                Column("edition", "bigint", "counted from 1 in each language; the highest stands on the page"),
                Column("source", "text", "Markdown; empty: the page was taken back"),
                Column("published_at", "timestamptz", "when it was published"),
                Column("published_by", "text", "who did"),
            ),
        ),
    )

    async def apply(self, cursor: AsyncCursor[Any], place: Place, batch: Sequence[Recorded]) -> None:
        rows = [self.handlers[type(recorded.event)](self, recorded) for recorded in batch]
        await put(cursor, place, self.tables[0], rows)

    @when(InfoPagePublished)
    def published(self, recorded: Recorded) -> InfoPageRow:
        event: Any = recorded.event
        return InfoPageRow(
            language=event.language,
            edition=event.edition,
            source=event.source,
            published_at=event.at,
            published_by=event.by,
        )


class InfoPagesView(View):
    """Reads what stands on the page, and what stood there before."""

    async def present(self) -> dict[str, InfoPageRow]:
        """This will give the latest edition of each language that has any."""
        rows = await self._read("ORDER BY language, edition DESC", distinct=True)
        return {row.language: row for row in rows}

    async def edition(self, language: str, edition: int) -> InfoPageRow | None:
        """This will give one edition."""
        found = await self._read("WHERE language = %s AND edition = %s", (language, edition))
        return found[0] if found else None

    async def latest(self, *, limit: int = 100) -> list[InfoPageRow]:
        """This will give editions of all languages, the newest first."""
        return await self._read("ORDER BY published_at DESC, language, edition DESC LIMIT %s", (limit,))

    async def _read(self, which: str, parameters: Sequence[Any] = (), *, distinct: bool = False) -> list[InfoPageRow]:
        query = sql.SQL("SELECT {distinct} {columns} FROM {table} {which}").format(
            distinct=sql.SQL("DISTINCT ON (language)" if distinct else ""),
            columns=sql.SQL(", ").join(map(sql.Identifier, InfoPageRow.__struct_fields__)),
            table=self.place.of("info_pages"),
            which=sql.SQL(which),
        )
        return [from_row(InfoPageRow, values) for values in await self.rows(query, parameters)]
