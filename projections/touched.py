"""Which rows of the tables beside were touched since the comparison? Noted by triggers there, so that the last look before the
switch is at few rows. The live tables have none."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from projections.projection import Place, Projection, Table
from projections.tables import REBUILDING


def touched_name(table: Table) -> str:
    """This will give the name of the table that holds the keys, and of the function that writes them."""
    return f"{table.name}{REBUILDING}_touched"


def note_statements(schema: str, projection: Projection) -> Iterator[sql.Composed]:
    """This will give what begins to note the keys of rows that are touched from then on."""
    place = Place(schema, REBUILDING)
    for table in projection.tables:
        touched = sql.Identifier(schema, touched_name(table))
        types = {column.name: column.type for column in table.columns}
        # Not logged: whoever kills the server ends the rebuild too, and the next one compares anew.
        yield sql.SQL("CREATE UNLOGGED TABLE {} ({})").format(
            touched,
            sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(types[name])) for name in table.key),
        )
        yield sql.SQL(
            "CREATE FUNCTION {touched}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF TG_OP <> 'INSERT' THEN INSERT INTO {touched} VALUES ({old}); END IF;"
            " IF TG_OP <> 'DELETE' THEN INSERT INTO {touched} VALUES ({new}); END IF;"
            " RETURN NULL; END $$"
        ).format(touched=touched, old=_keys("OLD", table), new=_keys("NEW", table))
        yield sql.SQL("CREATE TRIGGER touched AFTER INSERT OR UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION {}()").format(
            place.of(table.name), touched
        )


def forget_statements(schema: str, projection: Projection) -> Iterator[sql.Composed]:
    """This will give what ends it, and leaves nothing behind."""
    for table in projection.tables:
        touched = sql.Identifier(schema, touched_name(table))
        yield sql.SQL("DROP FUNCTION IF EXISTS {}() CASCADE").format(touched)
        yield sql.SQL("DROP TABLE IF EXISTS {}").format(touched)


def _keys(side: str, table: Table) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL("{}.{}").format(sql.SQL(side), sql.Identifier(name)) for name in table.key)
