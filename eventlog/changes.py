"""Which row each kind of record becomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from psycopg.types.numeric import Int8

from domain.ids import Randomness
from domain.records import (
    CredentialVersionSet,
    FeedAdvanced,
    NumberAssigned,
    NumberReleased,
    Record,
    SecretDestroyed,
    SecretHeld,
)
from eventlog.operations import (
    ADVANCE_FEED,
    ASSIGN_NUMBER,
    DESTROY_SECRET,
    HOLD_SECRET,
    RELEASE_NUMBER,
    SET_CREDENTIAL_VERSION,
)
from eventlog.sealing import Sealer
from eventlog.secrets import UtilitySecrets
from eventlog.transaction import Change


class Changes:
    """Turns records into rows; numbers become keyed hashes, secrets in transit are sealed."""

    def __init__(self, secrets: UtilitySecrets, randomness: Randomness) -> None:
        self._secrets = secrets
        self._randomness = randomness
        self._transit = Sealer(secrets.key("seal-transit"))
        self._makers: dict[type[Record], Callable[[Any], Change]] = {
            NumberAssigned: self._assigned,
            NumberReleased: self._released,
            CredentialVersionSet: self._credentials,
            SecretHeld: self._held,
            SecretDestroyed: lambda record: Change(DESTROY_SECRET, record.secret_id, (record.secret_id,)),
            FeedAdvanced: lambda record: Change(ADVANCE_FEED, record.feed, (record.feed, record.cursor)),
        }

    def of(self, record: Record) -> Change:
        """This will give the row of a record."""
        return self._makers[type(record)](record)

    def unseal(self, secret_id: UUID, purpose: str, sealed: bytes) -> str:
        """This will give a secret in transit back. Raises SealBroken."""
        return self._transit.unseal(sealed, _place(secret_id, purpose)).decode()

    def _assigned(self, record: NumberAssigned) -> Change:
        key = (record.kind, self._secrets.number_hash(record.kind, record.number))
        return Change(ASSIGN_NUMBER, key, (*key, record.account_id, record.meter_id))

    def _released(self, record: NumberReleased) -> Change:
        key = (record.kind, self._secrets.number_hash(record.kind, record.number))
        return Change(RELEASE_NUMBER, key, key)

    def _credentials(self, record: CredentialVersionSet) -> Change:
        return Change(SET_CREDENTIAL_VERSION, record.account_id, (record.account_id, Int8(record.version)))

    def _held(self, record: SecretHeld) -> Change:
        place = _place(record.secret_id, record.purpose)
        sealed = self._transit.seal(record.secret.encode(), place, self._randomness)
        values = (record.secret_id, record.purpose, record.account_id, sealed, record.expires_at)
        return Change(HOLD_SECRET, record.secret_id, values)


def _place(secret_id: UUID, purpose: str) -> bytes:
    return f"{secret_id}|{purpose}".encode()
