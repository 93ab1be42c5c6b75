"""The library's mapper on our payloads, so that a library `Application` reads and writes the same log."""

from __future__ import annotations

import os
from typing import Any
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent
from psycopg.sql import SQL, Identifier

from domain.event import Event
from eventlog import codec
from eventlog.codec import Key
from eventlog.keys import AccountForgotten, AccountKeyMissing, Wrapper
from eventlog.recorder import SyncPool
from eventlog.secrets import UtilitySecrets


class AccountKeys:
    """The accounts' keys, read one at a time and not kept: tools are in no hurry, and see a destroyed key at once."""

    def __init__(self, pool: SyncPool, schema: str, secrets: UtilitySecrets) -> None:
        self._pool = pool
        self._query = SQL("SELECT account_id, wrapped, wrapped_under FROM {} WHERE account_id = %s").format(
            Identifier(schema, "account_keys")
        )
        self._wrapper = Wrapper(secrets)

    def __getitem__(self, account_id: UUID) -> Key:
        with self._pool.connection() as connection:
            row = connection.execute(self._query, [account_id]).fetchone()
        if row is None:
            raise AccountKeyMissing(str(account_id))
        return self._wrapper.unwrap(*row)


class EventMapper(Mapper[UUID]):
    """Maps our events; named by MAPPER_TOPIC. The factory hands the keys in as its cipher."""

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """This will seal and encode. Raises AccountForgotten, AccountKeyMissing: a tool makes no keys."""
        event: Any = domain_event
        key = self._key(event)
        state = codec.encode(event, key, os.urandom)
        return StoredEvent(event.originator_id, event.originator_version, event.TOPIC, state)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """This will decode and unseal; forgotten fields read FORGOTTEN."""
        keys: dict[UUID, codec.Key] = {}
        if codec.personal([stored_event.topic]):
            owner = codec.owner(stored_event.state)
            keys[owner] = self._keys[owner]
        return codec.decode(stored_event.topic, stored_event.state, keys)

    @property
    def _keys(self) -> AccountKeys:
        keys: Any = self.cipher
        if not isinstance(keys, AccountKeys):
            raise AccountKeyMissing("no keys were handed in")
        return keys

    def _key(self, event: Event) -> Key:
        if not event.PERSONAL or event.account_id is None:
            return None
        key = self._keys[event.account_id]
        if key is None:
            raise AccountForgotten(str(event.account_id))
        return key
