"""A pool and a log on the test's own database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from eventlog.log import EventLog
from eventlog.pool import Pool, make_pool
from tests.eventlog.scenes import log_of


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    """A pool of connections to the test's database."""
    async with make_pool(database) as pool:
        yield pool


@pytest.fixture
def log(pool: Pool) -> EventLog:
    """The log of the tests' utility."""
    return log_of(pool)
