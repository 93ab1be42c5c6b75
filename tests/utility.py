"""One utility on a real PostgreSQL: its log, its commands and its read models, without processes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from cli.release import create_utility
from domain.portal import Portal
from eventlog.embedded import EmbeddedServer
from eventlog.follower import Follower
from eventlog.log import EventLog, open_log
from eventlog.pool import Pool, make_pool
from eventlog.secrets import UtilitySecrets
from projections.account_history import AccountHistory
from projections.projection import Place
from projections.projector import TRACKED_AS, Projector
from projections.registry import all_projections
from projections.views import Views
from tests.domain.portal import PlainPasswords
from tests.pg import cloned

MASTER = bytes(range(32))
RELEASED = "template_of_a_utility"


@dataclass
class OpenUtility:
    """What a test works with; `project` brings the read models up to the end of the log."""

    code: str
    dsn: str
    pool: Pool
    log: EventLog
    secrets: UtilitySecrets
    portal: Portal
    views: Views
    history: AccountHistory

    @property
    def schema(self) -> str:
        return self.log.schema

    async def project(self) -> int:
        projector = Projector(all_projections(self.secrets.mac), Place(self.schema))
        return await Follower(self.dsn, self.log, TRACKED_AS, projector.apply, waits_for_disk=False).catch_up()


@pytest.fixture(scope="session")
def released(shared_server: EmbeddedServer, template: str) -> str:
    """The name of a template in which the utility `test` has all its tables, read models included."""
    with psycopg.connect(shared_server.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {RELEASED} TEMPLATE {template}")
    with psycopg.connect(make_conninfo(shared_server.dsn, dbname=RELEASED), autocommit=True) as connection:
        create_utility(connection, "test", 0, UtilitySecrets(MASTER, "test"))
    return RELEASED


@pytest.fixture
def utility_database(shared_server: EmbeddedServer, released: str) -> Iterator[str]:
    """The DSN of a database with the utility `test`, dropped after the test."""
    yield from cloned(shared_server.dsn, released)


@pytest.fixture
async def utility(utility_database: str) -> AsyncIterator[OpenUtility]:
    """The utility `test`, empty."""
    async with opened(utility_database, "test") as utility:
        yield utility


@pytest.fixture
async def other_utility(utility: OpenUtility) -> AsyncIterator[OpenUtility]:
    """The utility `other`, empty, in the same database."""
    with psycopg.connect(utility.dsn, autocommit=True) as connection:
        create_utility(connection, "other", 1, UtilitySecrets(MASTER, "other"))
    async with opened(utility.dsn, "other") as other:
        yield other


@asynccontextmanager
async def opened(database: str, code: str) -> AsyncIterator[OpenUtility]:
    """This will open a utility that was released."""
    secrets, schema = UtilitySecrets(MASTER, code), f"u_{code}"
    async with make_pool(database) as pool, make_pool(database, least=0, size=4, waits_for_disk=False) as counts:
        log = open_log(pool, schema, secrets, os.urandom, claim_pool=counts)
        portal = Portal(
            log,
            code=code,
            natural_id=secrets.natural_id,
            mac=secrets.mac,
            passwords=PlainPasswords(),
            randomness=os.urandom,
        )
        views = Views(pool, schema, secrets.mac)
        yield OpenUtility(code, database, pool, log, secrets, portal, views, AccountHistory(pool, log))
