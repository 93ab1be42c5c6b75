"""A replica is asked only where that costs nobody anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg import AsyncConnection

from eventlog.replica import Replica, ReplicaAway
from tests.eventlog.scenes import until


async def one(connection: AsyncConnection) -> int:
    cursor = await connection.execute("SELECT 1")
    [[found]] = await cursor.fetchall()
    return int(found)


async def sleeps(connection: AsyncConnection) -> None:
    await connection.execute("SELECT pg_sleep(60)")


@pytest.fixture
async def replica(empty_database: str) -> AsyncIterator[Replica]:
    """Any server will do here: what makes a replica of it is not looked at."""
    replica = Replica(empty_database)
    await replica.open()
    await replica._pool.wait()
    yield replica
    await replica.close()


class AReplica:
    async def test_answers(self, replica: Replica) -> None:
        assert await replica.ask(one, patience_s=30) == 1

    async def test_is_not_waited_for_where_nobody_is_there(self) -> None:
        replica = Replica("host=127.0.0.1 port=1 dbname=none")
        await replica.open()
        for _ in range(3):
            with pytest.raises(ReplicaAway):
                await replica.ask(one, patience_s=30)
        await replica.close()

    async def test_that_does_not_answer_is_given_up_and_left_alone(self, replica: Replica) -> None:
        with pytest.raises(ReplicaAway):
            await replica.ask(sleeps, patience_s=0.05)
        assert replica.rests
        with pytest.raises(ReplicaAway):
            await replica.ask(one, patience_s=30)

    async def test_that_answers_again_is_asked_again(self, replica: Replica) -> None:
        with pytest.raises(ReplicaAway):
            await replica.ask(sleeps, patience_s=0.05)
        await until(lambda: not replica.rests)
        await replica._pool.wait()
        assert await replica.ask(one, patience_s=30) == 1
        assert not replica.rests

    async def test_that_is_tried_again_is_tried_by_one_alone(self, replica: Replica) -> None:
        with pytest.raises(ReplicaAway):
            await replica.ask(sleeps, patience_s=0.05)
        await until(lambda: not replica.rests)
        tried = asyncio.create_task(replica.ask(one, patience_s=30))
        await asyncio.sleep(0)
        with pytest.raises(ReplicaAway):
            await replica.ask(one, patience_s=30)
        assert await tried == 1

    async def test_that_breaks_the_connection_is_left_alone(self, replica: Replica) -> None:
        async def ends_itself(connection: AsyncConnection) -> None:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

        with pytest.raises(ReplicaAway) as raised:
            await replica.ask(ends_itself, patience_s=30)
        assert isinstance(raised.value.__cause__, psycopg.OperationalError) and replica.rests

    async def test_says_what_went_wrong_with_the_rows_themselves(self, replica: Replica) -> None:
        async def not_what_was_meant(connection: AsyncConnection) -> None:
            raise KeyError("name")

        with pytest.raises(KeyError):
            await replica.ask(not_what_was_meant, patience_s=30)
        assert not replica.rests
