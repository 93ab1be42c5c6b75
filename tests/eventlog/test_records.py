"""Secrets in transit, feeds' cursors and credential versions: kept with the events, looked up, destroyed."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError

from domain.records import CredentialVersionSet, FeedAdvanced, SecretDestroyed, SecretHeld
from eventlog.log import EventLog
from eventlog.sealing import SealBroken
from tests.eventlog.scenes import NOON, wallet_opened
from tests.pg import UTILITY_SCHEMA


def held(**fields: object) -> SecretHeld:
    known = {"secret_id": uuid4(), "purpose": "scratch-code", "account_id": uuid4(), "secret": "AB12CD34EF56", "expires_at": None}
    return SecretHeld(**{**known, **fields})  # type: ignore[arg-type]


class ASecretInTransit:
    async def test_is_there_until_it_is_destroyed(self, log: EventLog) -> None:
        secret = held()
        await log.append(wallet_opened(), [secret])
        assert await log.secret(secret.secret_id) == "AB12CD34EF56"
        await log.append(wallet_opened(), [SecretDestroyed(secret_id=secret.secret_id)])
        assert await log.secret(secret.secret_id) is None

    async def test_is_not_there_where_its_command_was_refused(self, log: EventLog) -> None:
        events, secret = wallet_opened(), held()
        await log.append(events)
        with pytest.raises(IntegrityError):
            await log.append(events, [secret])
        assert await log.secret(secret.secret_id) is None

    async def test_is_kept_sealed(self, log: EventLog, database: str) -> None:
        await log.append([], [held()])
        with psycopg.connect(database) as connection:
            [(sealed,)] = connection.execute(f"SELECT sealed FROM {UTILITY_SCHEMA}.transit").fetchall()
        assert b"AB12" not in sealed

    async def test_opens_in_no_other_row(self, log: EventLog, database: str) -> None:
        one, other = held(), held(secret="another")
        await log.append([], [one, other])
        with psycopg.connect(database) as connection:
            connection.execute(
                f"UPDATE {UTILITY_SCHEMA}.transit AS one SET sealed = other.sealed"
                f" FROM {UTILITY_SCHEMA}.transit AS other WHERE other.secret_id = %s",
                [other.secret_id],
            )
        with pytest.raises(SealBroken):
            await log.secret(one.secret_id)

    async def test_that_expired_is_swept_away_and_one_without_an_end_is_not(self, log: EventLog) -> None:
        password, code = held(purpose="issued-password", expires_at=NOON), held()
        await log.append([], [password, code])
        await log.sweep(NOON - timedelta(seconds=1))
        assert await log.secret(password.secret_id) is not None
        await log.sweep(NOON)
        assert await log.secret(password.secret_id) is None
        assert await log.secret(code.secret_id) is not None


class AFeedsCursor:
    async def test_is_the_last_one_written(self, log: EventLog) -> None:
        assert await log.feed_cursor("accounts") is None
        for cursor in ("1", "2"):
            await log.append([], [FeedAdvanced(feed="accounts", cursor=cursor)])
        assert await log.feed_cursor("accounts") == "2"
        assert await log.feed_cursor("meters") is None


class ACredentialVersion:
    async def test_never_falls(self, log: EventLog) -> None:
        account_id = uuid4()
        assert await log.credential_version(account_id) == 0
        for version in (1, 3, 2):
            await log.append([], [CredentialVersionSet(account_id=account_id, version=version)])
        assert await log.credential_version(account_id) == 3
