"""Contestant: the library's ProjectionRunner, an event and its position in one transaction each, for so many seconds."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg import connect
from psycopg.sql import SQL

from benchmarks import wallets
from benchmarks.contestant import Told, contest, task, told
from benchmarks.peers.eventsourcing_append import SAVED_TOGETHER, LibraryWallet, environment

PUT = (
    "INSERT INTO dashboard AS known (wallet_id, wallet_balance) VALUES (%s, %s)"
    " ON CONFLICT (wallet_id) DO UPDATE SET wallet_balance = known.wallet_balance + excluded.wallet_balance"
)


class LibraryWallets(Application[UUID]):
    """The wallets to follow."""


class DashboardRecorder(PostgresTrackingRecorder):
    """The dashboard's rows, and how far they are."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        self.sql_create_statements.append(
            SQL("CREATE TABLE IF NOT EXISTS dashboard (wallet_id uuid PRIMARY KEY, wallet_balance bigint NOT NULL)").format()
        )

    def put(self, wallet_id: UUID, change: int, tracking: Tracking) -> None:
        """This will change a row and move the position, in one transaction."""
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(PUT, (wallet_id, change), prepare=True)
            self._insert_tracking(cursor, tracking)


class DashboardProjection(Projection[DashboardRecorder]):
    """What each event does to a row."""

    name = "dashboards"

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """This will take any other event for one that changes nothing."""

    @process_event.register
    def _(self, domain_event: LibraryWallet.Opened, tracking: Tracking) -> None:  # type: ignore[name-defined]
        self.view.put(domain_event.originator_id, 0, tracking)

    @process_event.register
    def _(self, domain_event: LibraryWallet.TransactionRecorded, tracking: Tracking) -> None:  # type: ignore[name-defined]
        self.view.put(domain_event.originator_id, domain_event.receipt["wallet_change"], tracking)


def main(asked: dict[str, Any]) -> None:
    """This will fill its log, and follow it from the beginning whenever it is asked to."""
    env = environment(asked)
    app = LibraryWallets(env=env)
    opened = [LibraryWallet(**wallets.opened()) for _ in range(asked["accounts"])]
    for start in range(0, len(opened), SAVED_TOGETHER):
        app.save(*opened[start : start + SAVED_TOGETHER])
    name = app.name
    app.close()

    def work() -> Told:
        with connect(asked["dsn"], autocommit=True) as connection:
            for (table,) in connection.execute(
                "SELECT tablename FROM pg_tables WHERE tablename ~ 'tracking|dashboard'"
            ).fetchall():
                connection.execute(f'DROP TABLE "{table}"')
        began = time.perf_counter()
        runner: ProjectionRunner[LibraryWallets, DashboardRecorder]
        with ProjectionRunner(
            application_class=LibraryWallets, projection_class=DashboardProjection, view_class=DashboardRecorder, env=env
        ) as runner:
            time.sleep(asked["seconds"])
            count = runner.view.max_tracking_id(name) or 0
            took = time.perf_counter() - began
        return told((), took, count)

    contest(work)


if __name__ == "__main__":
    main(task())
