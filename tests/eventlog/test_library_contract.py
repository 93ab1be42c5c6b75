"""The library's own contract cases, on our recorders, and one of its applications opened on our log.

`NonInterleavingNotificationIDsBaseCase` is left out: it demands what a table lock gives, that no transaction's positions
lie between another's. The fence gives what followers need of that (test_fence.py, test_nothing_missed.py).
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from unittest import TestCase
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory, InfrastructureFactoryError, IntegrityError, StoredEvent, Tracking
from eventsourcing.tests.persistence import (
    AggregateRecorderTestCase,
    ApplicationRecorderTestCase,
    ProcessRecorderTestCase,
    TrackingRecorderTestCase,
)

from domain.wallet import Wallet
from eventlog.mapper import EventMapper
from eventlog.persistence import POOLS, Factory
from eventlog.recorder import LogAggregateRecorder, LogApplicationRecorder, LogProcessRecorder, LogTrackingRecorder
from tests.eventlog.scenes import MASTER, context
from tests.pg import UTILITY_SCHEMA


class OnOurLog(TestCase):
    """Gives the case a database of its own."""

    @pytest.fixture(autouse=True)
    def _factory(self, database: str) -> Iterator[None]:
        self.factory = Factory({"LOG_DSN": database, "LOG_SCHEMA": UTILITY_SCHEMA})
        yield
        self.factory.close()


class TestAggregateRecorder(OnOurLog, AggregateRecorderTestCase):
    def create_recorder(self) -> LogAggregateRecorder:
        return self.factory.aggregate_recorder()


class TestApplicationRecorder(OnOurLog, ApplicationRecorderTestCase[LogApplicationRecorder]):
    def create_recorder(self) -> LogApplicationRecorder:
        return self.factory.application_recorder()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestTrackingRecorder(OnOurLog, TrackingRecorderTestCase):
    def create_recorder(self) -> LogTrackingRecorder:
        return self.factory.tracking_recorder()


class TestProcessRecorder(OnOurLog, ProcessRecorderTestCase):
    def create_recorder(self) -> LogProcessRecorder:
        return self.factory.process_recorder()


class AnApplicationOfTheLibrary:
    def test_reads_and_writes_our_log(self, database: str) -> None:
        env = {
            "PERSISTENCE_MODULE": "eventlog.persistence",
            "MAPPER_TOPIC": "eventlog.mapper:EventMapper",
            "LOG_DSN": database,
            "LOG_SCHEMA": UTILITY_SCHEMA,
            "LOG_UTILITY": "test",
            "LOG_MASTER_KEY": base64.b64encode(MASTER).decode(),
        }
        application: Application[UUID] = Application(env)
        with application:
            wallet = Wallet(uuid4())
            wallet.open(context(), account_id=uuid4(), currency="USD")
            events = wallet.collect_events()
            application.events.put(events)
            assert isinstance(application.mapper, EventMapper)
            assert list(application.events.get(wallet.id)) == events
            assert application.recorder.max_notification_id() == 1

    def test_shares_one_pool_with_the_others_of_its_database(self, database: str) -> None:
        env = {"PERSISTENCE_MODULE": "eventlog.persistence", "LOG_DSN": database, "LOG_SCHEMA": UTILITY_SCHEMA}
        first, second = InfrastructureFactory.construct(env), InfrastructureFactory.construct(env)
        assert isinstance(first, Factory) and isinstance(second, Factory)
        assert first.pool is second.pool
        first.close()
        assert not second.pool.closed
        second.close()
        assert database not in POOLS._pools

    def test_is_told_what_its_environment_lacks(self) -> None:
        with pytest.raises(InfrastructureFactoryError, match="LOG_DSN"):
            Factory({"LOG_SCHEMA": UTILITY_SCHEMA})

    def test_makes_the_schema_only_where_it_is_asked_to(self, empty_database: str) -> None:
        env = {"LOG_DSN": empty_database, "LOG_SCHEMA": "u_other"}
        Factory(env).close()
        with psycopg.connect(empty_database) as connection:
            assert connection.execute("SELECT to_regclass('u_other.events')").fetchone() == (None,)
        Factory({**env, "CREATE_TABLE": "y"}).close()
        with psycopg.connect(empty_database) as connection:
            assert connection.execute("SELECT to_regclass('u_other.events')").fetchone() != (None,)


class TheLogsRecorder:
    def test_leaves_nothing_of_events_whose_tracking_is_refused(self, database: str) -> None:
        factory = Factory({"LOG_DSN": database, "LOG_SCHEMA": UTILITY_SCHEMA})
        recorder = factory.process_recorder()
        recorder.insert_tracking(Tracking("upstream", 7))
        event = StoredEvent(uuid4(), 1, "wallet-opened", os.urandom(4))
        with pytest.raises(IntegrityError):
            recorder.insert_events([event], tracking=Tracking("upstream", 7))
        assert recorder.select_events(event.originator_id) == []
        factory.close()
