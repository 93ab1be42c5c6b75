"""Where utilities live: looked up by whoever opens a connection, sealed in the directory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from eventlog.addresses import Address, SealedAddress, address_now, connected, without_password
from eventlog.embedded import EmbeddedServer
from eventlog.pool import Pool, read
from eventlog.sealing import SealBroken
from tests.eventlog.scenes import secrets
from tests.pg import UTILITY_SCHEMA, cloned


@pytest.fixture
def elsewhere(shared_server: EmbeddedServer, template: str) -> Iterator[str]:
    """The DSN of a second database with the same schemas."""
    yield from cloned(shared_server.dsn, template)


@pytest.fixture
async def address(database: str, pool: Pool) -> AsyncIterator[Address]:
    yield Address(pool, database, "test", UTILITY_SCHEMA, secrets())


def move(database: str, elsewhere: str | None) -> None:
    sealed = SealedAddress(secrets(), "test").seal(elsewhere)
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO seed.addresses (code, address) VALUES ('test', %s)"
            " ON CONFLICT (code) DO UPDATE SET address = excluded.address",
            [sealed],
        )


async def where(connection: psycopg.AsyncConnection) -> str:
    [(name,)] = await (await connection.execute("SELECT current_database()")).fetchall()
    return str(name)


def name_of(dsn: str) -> object:
    return psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]


class AnAddress:
    async def test_is_the_deployments_own_database_until_a_utility_moves(self, address, database, elsewhere):
        assert await address.dsn() == database
        move(database, elsewhere)
        assert await address.dsn() == elsewhere

    async def test_is_followed_by_a_pool_whose_connections_were_ended(self, address, database, elsewhere):
        async with address.pool(name="seed test") as pool:
            assert await read(pool, where) == name_of(database)
            move(database, elsewhere)
            assert await read(pool, where) == name_of(database), "nobody asks as long as connections last"
            with psycopg.connect(database) as connection:
                ended = connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
                    [f"seed {UTILITY_SCHEMA} test"],
                ).fetchall()
            assert ended
            assert await read(pool, where) == name_of(elsewhere)

    async def test_is_looked_up_again_once_connected(self, address, database, elsewhere, monkeypatch):
        """A move that falls between looking up and connecting found no connection to end."""
        connect = psycopg.AsyncConnection.connect

        async def slowly(*args, **kwargs):
            connection = await connect(*args, **kwargs)
            if name_of(args[0]) == name_of(database):
                move(database, elsewhere)
            return connection

        monkeypatch.setattr(psycopg.AsyncConnection, "connect", slowly)
        async with await connected(address, "somebody") as connection:
            assert await where(connection) == name_of(elsewhere)

    async def test_is_waited_for_while_it_changes(self, address, database, elsewhere):
        move(database, None)
        with psycopg.connect(database) as connection:
            connection.execute("UPDATE seed.addresses SET address = %s", [SealedAddress(secrets(), "test").seal(elsewhere)])
            looking = asyncio.create_task(address.dsn())
            await asyncio.sleep(0.2)
            assert not looking.done()
            connection.commit()
        assert await looking == elsewhere

    def test_is_sealed_since_it_may_hold_a_password(self, database, elsewhere):
        move(database, elsewhere)
        with psycopg.connect(database) as connection:
            [(sealed,)] = connection.execute("SELECT address FROM seed.addresses").fetchall()
            assert address_now(connection, "test", secrets()) == elsewhere
        assert psycopg.conninfo.conninfo_to_dict(elsewhere)["password"].encode() not in sealed
        with pytest.raises(SealBroken):
            SealedAddress(secrets(), "other").unseal(sealed)

    def test_is_shown_without_its_password(self):
        shown = without_password("postgresql://seed:" + "secret" + "@db2.example:6432/portal")
        assert shown == "db2.example:6432/portal"
        assert without_password(None) == "home"
