"""One side of a move: a database that holds a utility's schema, or is to hold it, and the means of PostgreSQL there."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Composed, Identifier, Literal

from eventlog.leadership import lock_of

MARKS = "move_marks"
"""A small table in the schema, replicated with the others: what arrives there says that all before it has arrived."""

GUARD = "refuse_writes"

STOPS_WITHIN_S = 20.0
"""How long a replication worker or another command gets to end."""

MOST_ERRORS = 3
"""PostgreSQL begins again after an error; one that comes so often does not pass."""

DONE = SQL("BEGIN RETURN NULL; END")
REFUSED = SQL("BEGIN RAISE EXCEPTION 'this utility lives at another address' USING ERRCODE = 'cannot_connect_now'; END")


class MoveUnderWay(Exception):
    """Another command moves this utility just now."""


class ReplicationFails(Exception):
    """PostgreSQL cannot replicate; the reason stands in the log of the server that subscribes."""


class Side:
    """Two connections to one database: `connection` may be inside a transaction that locks, `beside` never is."""

    def __init__(self, dsn: str, schema: str, *, reached_by: str | None = None) -> None:
        """`reached_by` is what the other server reaches this one by, where that is another address.

        Raises MoveUnderWay, and psycopg's OperationalError where there is no server.
        """
        self.dsn = dsn
        self.schema = schema
        self.reached_by = reached_by or dsn
        self.name = f"seed_{schema}"
        self._errors: int | None = None
        self.connection = self._connect()
        self.beside = self._connect()
        self._hold()

    def close(self) -> None:
        """This will let go of both connections."""
        self.beside.close()
        self.connection.close()

    def one(self, query: SQL | Composed, values: Sequence[Any] = ()) -> Any:
        """This will give the one value that a query gives, or None."""
        row = self.beside.execute(query, values).fetchone()
        return row[0] if row else None

    @property
    def system(self) -> str:
        """What tells the server's data from any other's."""
        return str(self.one(SQL("SELECT system_identifier FROM pg_control_system()")))

    @property
    def slot(self) -> str:
        """What the slot is called by which the other side reads this one; slots are of a whole server."""
        database = self.one(SQL("SELECT oid FROM pg_database WHERE datname = current_database()"))
        return f"{self.name}_{database}"

    def has_schema(self) -> bool:
        """This will say whether the schema is there."""
        return bool(self.one(SQL("SELECT count(*) FROM pg_namespace WHERE nspname = %s"), [self.schema]))

    def tables(self) -> dict[str, list[str]]:
        """This will give the schema's tables with their columns and types, the marks left out."""
        rows = self.beside.execute(
            "SELECT relname, array_agg(attname || ' ' || format_type(atttypid, atttypmod) ORDER BY attname)"
            " FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped"
            " WHERE relnamespace = to_regnamespace(%s) AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> %s"
            " GROUP BY relname ORDER BY relname",
            [self.schema, MARKS],
        )
        return dict(rows.fetchall())

    def without_key(self) -> list[str]:
        """This will give the tables whose changes cannot be replicated, for want of a primary key."""
        rows = self.beside.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relkind IN ('r', 'p')"
            " AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = pg_class.oid AND indisprimary) ORDER BY relname",
            [self.schema],
        )
        return [row[0] for row in rows.fetchall()]

    def sequences(self) -> list[tuple[str, int, bool]]:
        """This will give the schema's sequences, with the last number of each and whether it was drawn."""
        names = self.beside.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relkind = 'S'", [self.schema]
        )
        found = []
        for (name,) in names.fetchall():
            row = self.beside.execute(SQL("SELECT last_value, is_called FROM {}").format(self.of(name))).fetchone()
            found.append((name, *(row or (1, False))))
        return found

    def continue_sequences(self, sequences: Sequence[tuple[str, int, bool]]) -> None:
        """This will set the sequences to where the other side's are; and with that commit, everything before is on the disk."""
        with self.beside.transaction():
            self.beside.execute("SET LOCAL synchronous_commit = on")
            for name, last, called in sequences:
                self.beside.execute("SELECT setval(%s::regclass, %s, %s)", [f"{self.schema}.{name}", last, called])

    def make_marks(self) -> None:
        """This will make the table of marks."""
        self.beside.execute(
            SQL("CREATE TABLE IF NOT EXISTS {} (name text PRIMARY KEY, number bigint NOT NULL)").format(self.of(MARKS))
        )

    def mark(self, name: str, number: int) -> None:
        """This will write a mark, safe on the disk."""
        with self.beside.transaction():
            self.beside.execute("SET LOCAL synchronous_commit = on")
            self.beside.execute(
                SQL("INSERT INTO {} VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET number = excluded.number").format(
                    self.of(MARKS)
                ),
                [name, number],
            )

    def marked(self, name: str) -> int:
        """This will give the number of the mark that has arrived; 0 for none."""
        return int(self.one(SQL("SELECT number FROM {} WHERE name = %s").format(self.of(MARKS)), [name]) or 0)

    def empty(self) -> None:
        """This will take out of the tables what making them put in."""
        tables = SQL(", ").join(self.of(name) for name in self.tables())
        self.beside.execute(SQL("TRUNCATE {}").format(tables))

    def publish(self) -> None:
        """This will offer all tables to the other side."""
        if self.one(SQL("SELECT 1 FROM pg_publication WHERE pubname = %s"), [self.name]) is None:
            tables = SQL(", ").join(self.of(name) for name in (*self.tables(), MARKS))
            self.beside.execute(SQL("CREATE PUBLICATION {} FOR TABLE {}").format(Identifier(self.name), tables))

    def published(self) -> set[str]:
        """This will give the tables that are offered, the marks left out."""
        rows = self.beside.execute("SELECT tablename FROM pg_publication_tables WHERE pubname = %s", [self.name])
        return {row[0] for row in rows.fetchall()} - {MARKS}

    def unpublish(self) -> None:
        """This will offer them no more."""
        self.beside.execute(SQL("DROP PUBLICATION IF EXISTS {}").format(Identifier(self.name)))

    def subscribes(self) -> bool:
        """This will say whether this side takes what the other offers."""
        return (
            self.one(
                SQL(
                    "SELECT 1 FROM pg_subscription WHERE subname = %s"
                    " AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
                ),
                [self.name],
            )
            is not None
        )

    def subscribe(self, other: Side, *, has_slot: bool = False) -> None:
        """This will take what the other side offers: from now on, or since its slot was made, where it has one for that.

        What came to the other side by replication is not sent back.
        """
        if self.subscribes():
            return
        if not has_slot:
            other.drop_slot(other.slot)
        self.beside.execute(
            SQL(
                "CREATE SUBSCRIPTION {name} CONNECTION {dsn} PUBLICATION {name} WITH (copy_data = false,"
                " create_slot = {new}, slot_name = {slot}, origin = none, binary = true, streaming = off)"
            ).format(
                name=Identifier(self.name),
                dsn=Literal(other.reached_by),
                new=SQL("false" if has_slot else "true"),
                slot=Literal(other.slot),
            )
        )

    def see_that_it_runs(self) -> None:
        """This will raise ReplicationFails where replication to here met errors again and again."""
        query = SQL("SELECT apply_error_count + sync_error_count FROM pg_stat_subscription_stats WHERE subname = %s")
        errors = int(self.one(query, [self.name]) or 0)
        if self._errors is None:
            self._errors = errors
        if errors >= self._errors + MOST_ERRORS:
            raise ReplicationFails

    def unsubscribe(self) -> None:
        """This will take nothing more from the other side; its slot there stays."""
        if not self.subscribes():
            return
        name = Identifier(self.name)
        self.beside.execute(SQL("ALTER SUBSCRIPTION {} DISABLE").format(name))
        self.beside.execute(SQL("ALTER SUBSCRIPTION {} SET (slot_name = NONE)").format(name))
        self.beside.execute(SQL("DROP SUBSCRIPTION {}").format(name))

    def drop_slot(self, slot: str) -> None:
        """This will have this server keep nothing more for the other side's reading."""
        deadline = time.monotonic() + STOPS_WITHIN_S
        while self.one(SQL("SELECT 1 FROM pg_replication_slots WHERE slot_name = %s"), [slot]) is not None:
            try:
                self.beside.execute("SELECT pg_drop_replication_slot(%s)", [slot])
            except psycopg.errors.ObjectInUse:  # the worker that reads it ends soon
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def analyze(self) -> None:
        """This will have PostgreSQL look at what the tables hold, so that it plans well from the first question on."""
        for name in self.tables():
            self.beside.execute(SQL("ANALYZE {}").format(self.of(name)))

    def guard(self) -> None:
        """This will refuse every write that does not come by replication; in `connection`, whose transaction it joins."""
        self._define_guard(REFUSED)
        for name in self.tables():
            self.connection.execute(
                SQL(
                    "CREATE OR REPLACE TRIGGER {} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {}"
                    " FOR EACH STATEMENT EXECUTE FUNCTION {}()"
                ).format(Identifier(GUARD), self.of(name), self.of(GUARD))
            )

    def thaw(self) -> None:
        """This will let writes pass again, without locking anything."""
        if self.one(SQL("SELECT to_regproc(%s)"), [f"{self.schema}.{GUARD}"]) is not None:
            self._define_guard(DONE)

    def drop_guard(self) -> None:
        """This will leave nothing of the guard; it waits for nobody for long."""
        self._patiently(SQL("DROP FUNCTION IF EXISTS {}() CASCADE").format(self.of(GUARD)))

    def drop_marks(self) -> None:
        """This will drop the table of marks."""
        self._patiently(SQL("DROP TABLE IF EXISTS {}").format(self.of(MARKS)))

    def drop_schema(self) -> None:
        """This will drop the schema with all that is in it."""
        self._patiently(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(self.schema)))

    def end_connections(self) -> None:
        """This will end every connection of the product's to this utility, and see that none is left."""
        named = f"seed {self.schema} "
        deadline = time.monotonic() + 2.0
        while self.beside.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND starts_with(application_name, %s)",
            [named],
        ).fetchall():
            if time.monotonic() > deadline:
                raise TimeoutError(f"connections named {named.strip()!r} do not end")
            time.sleep(0.001)

    @contextmanager
    def locked(self, within_s: float) -> Iterator[None]:
        """This will hold all writers while the block runs; readers go on. Raises psycopg's QueryCanceled where that takes longer.

        What happens in `connection` inside the block is one transaction, taken back where the block raises.
        """
        tables = SQL(", ").join(self.of(name) for name in self.tables())
        with self.connection.transaction():
            self.connection.execute("SET LOCAL idle_in_transaction_session_timeout = '5s'")
            # Whoever cleans up is waited for first: this lock keeps nobody else waiting.
            self.connection.execute("SET LOCAL statement_timeout = '15s'")
            self.connection.execute(SQL("LOCK TABLE {} IN SHARE UPDATE EXCLUSIVE MODE").format(tables))
            self.connection.execute(SQL("SET LOCAL statement_timeout = {}").format(Literal(f"{round(within_s * 1000)}ms")))
            self.connection.execute(SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(tables))
            self.connection.execute("SET LOCAL statement_timeout = 0")
            yield

    def settings(self) -> Mapping[str, str]:
        """This will give the settings of the server that replication depends on."""
        rows = self.beside.execute(
            "SELECT name, setting FROM pg_settings WHERE name IN ('wal_level', 'server_version_num', 'server_encoding')"
        )
        return dict(rows.fetchall())

    def of(self, name: str) -> Identifier:
        """This will name a table of the schema."""
        return Identifier(self.schema, name)

    def _define_guard(self, body: SQL) -> None:
        self.connection.execute(
            SQL("CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS {}").format(
                self.of(GUARD), Literal(body.as_string())
            )
        )

    def _patiently(self, statement: Composed) -> None:
        """Readers that stay long, analysts perhaps, are let through again and again."""
        while True:
            try:
                with self.connection.transaction():
                    self.connection.execute("SET LOCAL lock_timeout = '300ms'")
                    self.connection.execute(statement)
                return
            except psycopg.errors.LockNotAvailable:
                time.sleep(0.3)

    def _connect(self) -> Connection[Any]:
        connection = psycopg.connect(self.dsn, autocommit=True, connect_timeout=10, application_name=f"seed moving {self.schema}")
        connection.execute("SET client_min_messages = warning")
        return connection

    def _hold(self) -> None:
        """A killed command's last statement may still be running on the server, which holds this lock until it ends."""
        deadline = time.monotonic() + STOPS_WITHIN_S
        while not self.one(SQL("SELECT pg_try_advisory_lock(%s::bigint)"), [lock_of(self.schema, "moving")]):
            if time.monotonic() > deadline:
                self.close()
                raise MoveUnderWay(self.schema)
            time.sleep(0.1)
