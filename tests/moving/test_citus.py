"""On Citus the engine moves a utility, tried where there is one: `SEED_CITUS_URL` names a coordinator with two workers."""

from __future__ import annotations

import os

import psycopg
import pytest

from eventlog.citus import is_citus, move_schema
from eventlog.log import EventLog
from eventlog.moving import MoveImpossible
from eventlog.pool import make_pool
from eventlog.schema import create_utility_schema
from tests.eventlog.scenes import log_of, wallet_opened
from tests.pg import UTILITY_SCHEMA

CITUS = os.environ.get("SEED_CITUS_URL")


class OnCitus:
    @pytest.fixture(autouse=True)
    def coordinator(self):
        if CITUS is None:
            pytest.skip(
                "NOT TRIED: citus_schema_distribute and citus_schema_move of a utility that is written; SEED_CITUS_URL is not set"
            )
        with psycopg.connect(CITUS, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {UTILITY_SCHEMA} CASCADE")
            create_utility_schema(connection, UTILITY_SCHEMA)
        return CITUS

    async def test_a_utility_moves_from_worker_to_worker(self, coordinator):
        assert is_citus(coordinator)
        with psycopg.connect(coordinator) as connection:
            workers = connection.execute("SELECT nodename, nodeport FROM pg_dist_node WHERE shouldhaveshards").fetchall()
        async with make_pool(coordinator) as pool:
            log: EventLog = log_of(pool)
            for host, port in workers:
                [event] = wallet_opened()
                await log.append([event])
                move_schema(coordinator, UTILITY_SCHEMA, f"host={host} port={port}", lambda line: None)
                assert len(await log.load(event.originator_id)) == 1

    def test_takes_its_own_workers_only(self, coordinator):
        with pytest.raises(MoveImpossible):
            move_schema(coordinator, UTILITY_SCHEMA, "host=nowhere.invalid port=1", lambda line: None)
