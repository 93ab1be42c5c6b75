"""Our log as a persistence module of the library: PERSISTENCE_MODULE=eventlog.persistence.

The environment that is handed to the application names the rest:

- `LOG_DSN`, `LOG_SCHEMA`: where the log is. Applications of one DSN share one pool.
- `LOG_UTILITY`, `LOG_MASTER_KEY` (base64): whose secrets open it; needed with MAPPER_TOPIC=eventlog.mapper:EventMapper.
- `CREATE_TABLE`: `n` here unless it says otherwise, since `release` makes the tables.
"""

from __future__ import annotations

import base64
from threading import Lock
from typing import Any

from eventsourcing.persistence import Cipher, InfrastructureFactory, InfrastructureFactoryError
from eventsourcing.utils import Environment, EnvType, strtobool
from psycopg_pool import ConnectionPool

from eventlog.mapper import AccountKeys
from eventlog.recorder import (
    LogAggregateRecorder,
    LogApplicationRecorder,
    LogProcessRecorder,
    LogTrackingRecorder,
    SyncPool,
)
from eventlog.schema import create_utility_schema
from eventlog.secrets import UtilitySecrets


class Pools:
    """One pool for each DSN, for as long as somebody uses it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pools: dict[str, tuple[SyncPool, int]] = {}

    def take(self, dsn: str) -> SyncPool:
        """This will give the DSN's pool, opened."""
        with self._lock:
            pool, users = self._pools.get(dsn) or (_open(dsn), 0)
            self._pools[dsn] = pool, users + 1
            return pool

    def give_back(self, dsn: str) -> None:
        """This will close the pool after its last user."""
        with self._lock:
            pool, users = self._pools[dsn]
            if users > 1:
                self._pools[dsn] = pool, users - 1
            else:
                del self._pools[dsn]
                pool.close()


POOLS = Pools()


class Factory(InfrastructureFactory[LogTrackingRecorder]):
    """Makes the library's parts."""

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        self._dsn, self._schema = self._setting("LOG_DSN"), self._setting("LOG_SCHEMA")
        self._pool: SyncPool | None = POOLS.take(self._dsn)
        if strtobool(self.env.get("CREATE_TABLE") or "n"):
            with self.pool.connection() as connection:
                create_utility_schema(connection, self._schema)

    @property
    def pool(self) -> SyncPool:
        """The shared pool. Raises InfrastructureFactoryError once the factory is closed."""
        if self._pool is None:
            raise InfrastructureFactoryError("the factory is closed")
        return self._pool

    def cipher(self) -> Cipher | None:
        """This will give the accounts' keys, which our mapper takes in a cipher's place."""
        if not self.env.get("LOG_MASTER_KEY"):
            return super().cipher()
        secrets = UtilitySecrets(base64.b64decode(self._setting("LOG_MASTER_KEY")), self._setting("LOG_UTILITY"))
        keys: Any = AccountKeys(self.pool, self._schema, secrets)
        return keys  # type: ignore[no-any-return]

    def aggregate_recorder(self, purpose: str = "events") -> LogAggregateRecorder:
        """This will give the log without its positions. Raises InfrastructureFactoryError for snapshots: we keep none."""
        if purpose != "events":
            raise InfrastructureFactoryError(f"the log keeps no {purpose}")
        return LogAggregateRecorder(self.pool, self._schema)

    def application_recorder(self) -> LogApplicationRecorder:
        """This will give the log."""
        return LogApplicationRecorder(self.pool, self._schema)

    def tracking_recorder(self, tracking_recorder_class: type[LogTrackingRecorder] | None = None) -> LogTrackingRecorder:
        """This will give the recorder of followers' positions."""
        return (tracking_recorder_class or LogTrackingRecorder)(self.pool, self._schema)

    def process_recorder(self) -> LogProcessRecorder:
        """This will give the log with positions."""
        return LogProcessRecorder(self.pool, self._schema)

    def close(self) -> None:
        """This will let go of the pool."""
        if self._pool is not None:
            self._pool = None
            POOLS.give_back(self._dsn)

    def _setting(self, name: str) -> str:
        value = self.env.get(name)
        if not value:
            raise InfrastructureFactoryError(f"{name} is not set in the application's environment")
        return value


def _open(dsn: str) -> SyncPool:
    return ConnectionPool(dsn, kwargs={"autocommit": True}, min_size=1, max_size=10, open=True)
