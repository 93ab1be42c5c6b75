"""What is looked up by its key is found by it, also in a log that PostgreSQL has not looked at yet."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.sql import SQL, Composed, Identifier

from eventlog.log import EventLog
from eventlog.lookups import Lookups
from eventlog.pool import Pool
from eventlog.reader import Reader
from tests.eventlog.scenes import wallet_opened
from tests.pg import UTILITY_SCHEMA

MANY = 20_000


async def plan(connection: AsyncConnection, query: SQL | Composed, types: str, values: str) -> str:
    """This will give the plan that PostgreSQL makes once for all values."""
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    await AsyncRawCursor(connection).execute(f"PREPARE asked({types}) AS {query.as_string(connection)}")
    rows = await (await AsyncRawCursor(connection).execute(f"EXPLAIN EXECUTE asked({values})")).fetchall()
    await connection.execute("DEALLOCATE asked")
    return "\n".join(row[0] for row in rows)


@pytest.fixture
async def connection(log: EventLog, pool: Pool) -> AsyncIterator[AsyncConnection]:
    """One to a log that has grown, and that nothing has analysed."""
    (event,) = wallet_opened()
    await log.append([event])
    async with pool.connection() as connection:
        schema = Identifier(UTILITY_SCHEMA)
        for table in ("events", "numbers"):
            await connection.execute(SQL("ALTER TABLE {}.{} SET (autovacuum_enabled = off)").format(schema, Identifier(table)))
        await connection.execute(
            SQL(
                "INSERT INTO {}.events (originator_id, originator_version, topic, state)"
                " SELECT gen_random_uuid(), version, topic, state FROM {}.events, generate_series(1, %s) AS version"
            ).format(schema, schema),
            [MANY],
        )
        await connection.execute(
            SQL(
                "INSERT INTO {}.numbers (kind, number_hash, account_id)"
                " SELECT 'account', uuid_send(gen_random_uuid()), gen_random_uuid() FROM generate_series(1, %s)"
            ).format(schema),
            [MANY],
        )
        yield connection


class APlan:
    async def test_loads_by_the_key(self, connection: AsyncConnection, pool: Pool) -> None:
        query = Reader(pool, UTILITY_SCHEMA)._query
        made = await plan(connection, query, "uuid[], bigint[]", "ARRAY[gen_random_uuid()], ARRAY[0]")
        assert "events_pkey" in made and "Seq Scan" not in made, made

    async def test_finds_numbers_by_the_key(self, connection: AsyncConnection, log: Lookups) -> None:
        made = await plan(connection, log._number, "text[], bytea[]", "ARRAY['account'], ARRAY['x'::bytea]")
        assert "numbers_pkey" in made and "Seq Scan" not in made, made
