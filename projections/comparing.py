"""Do two editions of a read model's tables hold the same? Row by row, in SQL, at the position at which both stand.

What is found names keys and columns. Values are given of plain columns that hold nothing personal, and of no others: a
finding is printed, and ends in logs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
from psycopg import AsyncCursor, sql

from projections.projection import Place, Projection, Table
from projections.tables import REBUILDING, columns_there
from projections.touched import touched_name

SHOWN = 5
"""Rows of each table that are named."""

NEVER_SHOWN = {"jsonb", "bytea"}
"""Types of columns whose values nobody could read in a line; receipts and tokens are among them."""

Kind = Literal["differ", "go", "come", "incomparable", "left-out"]
"""Rows `differ`, would `go` with the live table, or `come` with the new one; a table whose key has changed is incomparable.
Aggregates would be `left-out` that the live tables have.
"""


class Shape(msgspec.Struct, frozen=True):
    """How rows differ: in which table, and in which columns."""

    table: str
    kind: Kind
    columns: tuple[str, ...] = ()


class Group(msgspec.Struct, frozen=True):
    """How many rows differ in the same way."""

    shape: Shape
    count: int


class Example(NamedTuple):
    """One row that differs; `values` are (live, new) of those columns whose values may be shown."""

    shape: Shape
    key: dict[str, str]
    values: dict[str, tuple[str | None, str | None]]


class Finding(NamedTuple):
    """What a comparison came to. `notes` say what could be compared in part only."""

    groups: tuple[Group, ...]
    examples: tuple[Example, ...]
    notes: tuple[str, ...]

    @property
    def shapes(self) -> frozenset[Shape]:
        """In which ways anything differs."""
        return frozenset(group.shape for group in self.groups)

    @property
    def words(self) -> str:
        """What was found, as it is accepted: empty where nothing differs."""
        return words(self.groups)


def words(groups: Sequence[Group]) -> str:
    """This will say in words how much differs, table by table, and in which columns."""
    alike: dict[tuple[str, Kind], list[Group]] = {}
    for group in groups:
        alike.setdefault((group.shape.table, group.shape.kind), []).append(group)
    return "; ".join(_words(table, kind, each) for (table, kind), each in alike.items())


def _words(table: str, kind: Kind, groups: Sequence[Group]) -> str:
    count = sum(group.count for group in groups)
    rows = f"{count} row{'' if count == 1 else 's'} of {table}"
    if kind == "differ":
        columns = dict.fromkeys(name for group in groups for name in group.shape.columns)
        return f"{rows} differ{'s' if count == 1 else ''} in {', '.join(columns)}"
    if kind == "incomparable":
        return f"{table} cannot be compared"
    if kind == "left-out":
        return f"{count} aggregate{'' if count == 1 else 's'} more would be left out"
    return f"{rows} would {kind}"


class Compared(NamedTuple):
    """A table in both editions: which of its columns are compared, and which of those may be shown."""

    table: Table
    columns: tuple[str, ...]
    types: Mapping[str, str]

    def value(self, side: str, column: str) -> sql.Composed:
        """This will give a column of a side as it is compared: JSON by how it is written, so that 1 is not 1.0."""
        place = sql.Identifier(side, column)
        # A column that holds nothing may hold JSON's null or none at all; both are read as nothing.
        return sql.SQL("nullif({}::text, 'null')" if self.types[column] == "jsonb" else "{}").format(place)

    @property
    def shown(self) -> tuple[str, ...]:
        """Columns whose values may be shown."""
        personal = {column.name for column in self.table.columns if column.personal}
        return tuple(name for name in self.columns if name not in personal and self.types[name] not in NEVER_SHOWN)


class Comparison:
    """Compares a projection's tables with those beside them. The cursor's transaction sees both at one position."""

    def __init__(self, schema: str, projection: Projection) -> None:
        self._live, self._next = Place(schema), Place(schema, REBUILDING)
        self._schema = schema
        self._projection = projection

    async def whole(self, cursor: AsyncCursor[Any]) -> Finding:
        """This will compare every row."""
        groups: list[Group] = []
        examples: list[Example] = []
        notes: list[str] = []
        if not await self._anything(cursor):
            notes.append(f"{self._projection.name} is empty so far: there is nothing to compare with.")
        else:
            async for compared in self._tables(cursor, groups, notes):
                found = await self._groups(cursor, compared, self._all(compared.table))
                groups += found
                examples += await self._examples(cursor, compared) if found else []
        groups += await self._left_out(cursor)
        return Finding(tuple(groups), tuple(examples), tuple(notes))

    async def touched(self, cursor: AsyncCursor[Any]) -> frozenset[Shape]:
        """This will compare the rows that were touched beside since they are being noted, and say in which ways they differ."""
        groups: list[Group] = []
        if await self._anything(cursor):
            async for compared in self._tables(cursor, groups, []):
                groups += await self._groups(cursor, compared, self._touched(compared.table))
        groups += await self._left_out(cursor)
        return frozenset(group.shape for group in groups)

    async def _anything(self, cursor: AsyncCursor[Any]) -> bool:
        """Whether any of the live tables holds a row."""
        for table in self._projection.tables:
            if await columns_there(cursor, self._schema, table.name):
                await cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(self._live.of(table.name)))
                row = await cursor.fetchone()
                if row and row[0]:
                    return True
        return False

    async def _tables(self, cursor: AsyncCursor[Any], groups: list[Group], notes: list[str]) -> Any:
        """The tables that can be compared; what cannot be goes into the groups, and what only in part into the notes."""
        for table in self._projection.tables:
            live = await columns_there(cursor, self._schema, table.name)
            new = await columns_there(cursor, self._schema, table.name + REBUILDING)
            if not live:
                notes.append(f"{table.name} is new: there is nothing to compare it with.")
                continue
            common = [name for name in new if live.get(name) == new[name]]
            if not set(table.key) <= set(common):
                groups.append(Group(Shape(table.name, "incomparable"), 1))
                continue
            if len(common) < max(len(live), len(new)):
                notes.append(_partly(table.name, live, new, common))
            yield Compared(table, tuple(name for name in common if name not in table.key), new)

    async def _groups(self, cursor: AsyncCursor[Any], compared: Compared, rows: sql.Composed) -> list[Group]:
        await cursor.execute(
            sql.SQL("SELECT kind, columns, count(*) FROM (SELECT {what} {rows}) AS found GROUP BY 1, 2 ORDER BY 1, 2").format(
                what=_what(compared), rows=self._differing(compared, rows)
            )
        )
        name = compared.table.name
        return [Group(Shape(name, kind, tuple(columns)), count) for kind, columns, count in await cursor.fetchall()]

    async def _examples(self, cursor: AsyncCursor[Any], compared: Compared) -> list[Example]:
        keys, shown = compared.table.key, compared.shown
        key = [sql.SQL("coalesce({}, {})::text").format(sql.Identifier("live", k), sql.Identifier("new", k)) for k in keys]
        values = [sql.SQL("{}::text").format(sql.Identifier(side, name)) for side in ("live", "new") for name in shown]
        await cursor.execute(
            sql.SQL("SELECT {what}, {listed} {rows} ORDER BY {key} LIMIT {limit}").format(
                what=_what(compared),
                listed=sql.SQL(", ").join([*key, *values]),
                rows=self._differing(compared, self._all(compared.table)),
                key=sql.SQL(", ").join(key),
                limit=sql.Literal(SHOWN),
            )
        )
        examples = []
        for kind, columns, *listed in await cursor.fetchall():
            named, sides = listed[: len(keys)], listed[len(keys) :]
            both = dict(zip(shown, zip(sides[: len(shown)], sides[len(shown) :], strict=True), strict=True))
            told = {name: both[name] for name in columns if name in both}
            examples.append(Example(Shape(compared.table.name, kind, tuple(columns)), dict(zip(keys, named, strict=True)), told))
        return examples

    async def _left_out(self, cursor: AsyncCursor[Any]) -> list[Group]:
        name = self._projection.name
        await cursor.execute(
            sql.SQL(
                "SELECT count(*) FROM {parked} AS beside WHERE follower = %s"
                " AND NOT EXISTS (SELECT FROM {parked} AS live WHERE live.follower = %s"
                " AND live.originator_id = beside.originator_id)"
            ).format(parked=self._live.of("parked")),
            (name + REBUILDING, name),
        )
        row = await cursor.fetchone()
        return [Group(Shape(name, "left-out"), row[0])] if row and row[0] else []

    def _all(self, table: Table) -> sql.Composed:
        return sql.SQL("{live} AS live FULL JOIN {new} AS new ON {same}").format(
            live=self._live.of(table.name), new=self._next.of(table.name), same=_same(table, "live", "new")
        )

    def _touched(self, table: Table) -> sql.Composed:
        keys = sql.SQL(", ").join(map(sql.Identifier, table.key))
        return sql.SQL(
            "(SELECT DISTINCT {keys} FROM {touched}) AS touched LEFT JOIN {live} AS live ON {is_live}"
            " LEFT JOIN {new} AS new ON {is_new}"
        ).format(
            keys=keys,
            touched=sql.Identifier(self._schema, touched_name(table)),
            live=self._live.of(table.name),
            is_live=_same(table, "touched", "live"),
            new=self._next.of(table.name),
            is_new=_same(table, "touched", "new"),
        )

    @staticmethod
    def _differing(compared: Compared, rows: sql.Composed) -> sql.Composed:
        first = compared.table.key[0]
        conditions = [sql.SQL("{} IS DISTINCT FROM {}").format(sql.Identifier("live", first), sql.Identifier("new", first))]
        if compared.columns:
            sides = [sql.SQL(", ").join(compared.value(side, name) for name in compared.columns) for side in ("live", "new")]
            conditions.append(sql.SQL("ROW({}) IS DISTINCT FROM ROW({})").format(*sides))
        return sql.SQL("FROM {} WHERE {}").format(rows, sql.SQL(" OR ").join(conditions))


def _what(compared: Compared) -> sql.Composed:
    """The kind of a difference, and the columns in which two rows of the same key differ."""
    first = compared.table.key[0]
    named = [
        sql.SQL("CASE WHEN {} IS DISTINCT FROM {} THEN {} END").format(
            compared.value("live", name), compared.value("new", name), sql.Literal(name)
        )
        for name in compared.columns
    ]
    return sql.SQL(
        "CASE WHEN {new} IS NULL THEN 'go' WHEN {live} IS NULL THEN 'come' ELSE 'differ' END AS kind,"
        " CASE WHEN {new} IS NULL OR {live} IS NULL THEN '{{}}' ELSE array_remove(ARRAY[{named}]::text[], NULL) END AS columns"
    ).format(live=sql.Identifier("live", first), new=sql.Identifier("new", first), named=sql.SQL(", ").join(named))


def _same(table: Table, one: str, other: str) -> sql.Composed:
    return sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier(one, name), sql.Identifier(other, name)) for name in table.key
    )


def _partly(table: str, live: Mapping[str, str], new: Mapping[str, str], common: Sequence[str]) -> str:
    return f"{table} has changed its shape; compared by {', '.join(common)}. {' '.join(_only(live, new))}"


def _only(live: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for said, names in (
        ("Only live:", [name for name in live if name not in new]),
        ("Only new:", [name for name in new if name not in live]),
        ("Of another type:", [name for name in new if name in live and live[name] != new[name]]),
    ):
        if names:
            yield f"{said} {', '.join(names)}."
