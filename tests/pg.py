"""A real PostgreSQL for the tests: one server a test run, one database a test.

- `database`: the DSN of a database of the test's own, cloned from a template that holds the control schema and one
  utility's schema, `u_test`.
- `empty_database`: the same, with nothing in it.
- `own_server`: a server of the test's own, durable, to be killed and started again.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from eventlog.embedded import EmbeddedServer
from eventlog.schema import create_control_schema, create_utility_schema

UTILITY_SCHEMA = "u_test"

ROOT = Path(__file__).parent.parent
_TEMPLATE = "template_of_tests"
_numbers = count(1)


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """The server all tests of this process share; it need not survive a power cut, so it does not wait for the disk."""
    with served(tmp_path_factory.mktemp("postgres"), durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def template(shared_server: EmbeddedServer) -> str:
    """The name of the database the others are cloned from."""
    with psycopg.connect(shared_server.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {_TEMPLATE}")
    with psycopg.connect(make_conninfo(shared_server.dsn, dbname=_TEMPLATE)) as connection:
        create_control_schema(connection)
        create_utility_schema(connection, UTILITY_SCHEMA)
    return _TEMPLATE


@pytest.fixture
def database(shared_server: EmbeddedServer, template: str) -> Iterator[str]:
    """The DSN of a database with the product's schemas, dropped after the test."""
    yield from cloned(shared_server.dsn, template)


@pytest.fixture
def empty_database(shared_server: EmbeddedServer) -> Iterator[str]:
    """The DSN of an empty database, dropped after the test."""
    yield from cloned(shared_server.dsn, "template0")


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    """A durable server that is the test's own; its database is empty."""
    with served(tmp_path, durable=True) as server:
        yield server


@contextmanager
def served(folder: Path, *, durable: bool) -> Iterator[EmbeddedServer]:
    """This will run a server in `folder` as long as the block, and end it too where this very process is killed."""
    server = EmbeddedServer(folder, durable=durable)
    server.start()
    command = [sys.executable, "-m", "tests.undertaker", str(folder)]
    undertaker = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, cwd=ROOT)
    try:
        yield server
    finally:
        server.stop()
        undertaker.communicate()


def cloned(dsn: str, template: str) -> Iterator[str]:
    """This will clone a database for as long as it is used, and give its DSN."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield make_conninfo(dsn, dbname=name)
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
