"""The fence: never past a number that may still appear."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.errors import AdminShutdown

from eventlog.fence import OWN_ID, Fence, last_number
from eventlog.operations import INSERT_EVENTS
from tests.pg import UTILITY_SCHEMA

LOOKS = 300_000
"""Where too much is told, it is once in some thousands."""


@pytest.fixture
async def connections(database: str) -> AsyncIterator[list[AsyncConnection[Any]]]:
    """A reader's and two writers' connections."""
    opened = [await AsyncConnection.connect(database, autocommit=True) for _ in range(3)]
    yield opened
    for connection in opened:
        await connection.close()


async def draw(connection: AsyncConnection[Any]) -> int:
    """This will insert an event as the writer does, and give its number."""
    [(sql, values)] = INSERT_EVENTS.statements(UTILITY_SCHEMA, [(uuid4(), 1, "wallet-opened", b"{}")])
    cursor = AsyncRawCursor(connection)
    await cursor.execute(sql, values)
    [(number,)] = await cursor.fetchall()
    return int(number)


async def settled(fence: Fence, connection: AsyncConnection[Any]) -> int:
    """The server is shared with other tests, whose transactions hold the fence for a moment."""
    mark = await fence.mark(connection)
    while fence.held:
        mark = await fence.mark(connection)
    return mark


class TheFence:
    async def test_lets_pass_what_is_committed(self, connections: list[AsyncConnection[Any]]) -> None:
        reader, writer, _ = connections
        fence = Fence(UTILITY_SCHEMA)
        assert await settled(fence, reader) == 0
        number = await draw(writer)
        assert await settled(fence, reader) == number

    async def test_holds_below_a_lower_number_that_is_not_committed_yet(self, connections: list[AsyncConnection[Any]]) -> None:
        reader, slow, quick = connections
        fence = Fence(UTILITY_SCHEMA)
        await slow.execute("BEGIN")
        lower = await draw(slow)
        higher = await draw(quick)
        assert lower < higher
        for _ in range(50):
            assert await fence.mark(reader) == 0
            assert fence.held
        await slow.execute("COMMIT")
        assert await settled(fence, reader) == higher

    async def test_holds_for_a_transaction_that_will_draw_a_lower_number(self, connections: list[AsyncConnection[Any]]) -> None:
        """One that has its transaction id and not yet its number when the fence looks."""
        reader, slow, quick = connections
        fence = Fence(UTILITY_SCHEMA)
        await slow.execute("BEGIN")
        await slow.execute("SELECT pg_current_xact_id()")
        await draw(quick)
        assert await fence.mark(reader) == 0
        number = await draw(slow)
        await slow.execute("COMMIT")
        assert await settled(fence, reader) == number - 1, "the mark is of the time when the fence looked"
        assert await settled(fence, reader) == number

    async def test_passes_a_gap_that_a_rollback_left(self, connections: list[AsyncConnection[Any]]) -> None:
        reader, writer, _ = connections
        await writer.execute("BEGIN")
        number = await draw(writer)
        await writer.execute("ROLLBACK")
        assert await settled(Fence(UTILITY_SCHEMA), reader) == number

    async def test_takes_a_transaction_id_only_where_a_number_was_drawn(self, connections: list[AsyncConnection[Any]]) -> None:
        reader, writer, _ = connections
        fence, asked = Fence(UTILITY_SCHEMA), []

        class Spy:
            async def execute(self, query: Any, **kwargs: Any) -> Any:
                asked.append(query)
                return await reader.execute(query, **kwargs)

        spy: Any = Spy()
        await draw(writer)
        await settled(fence, spy)
        assert asked.count(OWN_ID) == 1
        for _ in range(20):
            await fence.mark(spy)
        assert asked.count(OWN_ID) == 1

    async def test_is_never_told_a_number_that_is_yet_to_be_drawn(self, connections: list[AsyncConnection[Any]]) -> None:
        """`SELECT last_value FROM sequence` tells one now and then, while nextval writes to the write-ahead log."""
        reader, writer, _ = connections
        sequence = f"{UTILITY_SCHEMA}.events_notification_id_seq"
        drawing = asyncio.create_task(writer.execute(f"DO $$ BEGIN LOOP PERFORM nextval('{sequence}'); END LOOP; END $$"))
        told = last_number(sequence).as_string(reader)
        try:
            await reader.execute(f"""DO $$ DECLARE told bigint; drawn bigint; BEGIN
                FOR look IN 1..{LOOKS} LOOP
                    {told.replace("SELECT", "SELECT INTO told", 1)}; drawn := nextval('{sequence}');
                    IF drawn <= told THEN RAISE EXCEPTION 'told %, and then drew %', told, drawn; END IF;
                END LOOP;
            END $$""")
        finally:
            await reader.execute("SELECT pg_terminate_backend(%s)", [writer.info.backend_pid])
            with pytest.raises(AdminShutdown):
                await drawing
