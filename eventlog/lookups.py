"""What is kept beside the log, looked up: numbers, secrets in transit, feeds' cursors, credential versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.sql import SQL, Composed, Identifier

from domain.records import NumberFound
from eventlog.changes import Changes
from eventlog.pool import Pool, read, write
from eventlog.secrets import UtilitySecrets
from eventlog.together import Together


class Lookups:
    """One utility's; the base of its EventLog."""

    def __init__(self, pool: Pool, schema: str, secrets: UtilitySecrets, changes: Changes) -> None:
        def sql(text: str, table: str) -> Composed:
            return SQL(text).format(Identifier(schema, table))

        self.pool = pool
        self._secrets = secrets
        self._changes = changes
        self._numbers: Together[tuple[str, bytes], NumberFound | None] = Together(pool, self._find)
        self._number = sql(
            "SELECT wanted.place, number.account_id, number.meter_id"
            " FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS wanted (kind, number_hash, place)"
            # As in reader.py: each by the key, whatever the statistics say.
            " CROSS JOIN LATERAL (SELECT account_id, meter_id FROM {} AS known"
            " WHERE (known.kind, known.number_hash) = (wanted.kind, wanted.number_hash) OFFSET 0) AS number",
            "numbers",
        )
        self._former = sql("SELECT account_id FROM {} WHERE kind = %s AND number_hash = %s ORDER BY account_id", "former_numbers")
        self._next = SQL(
            "(SELECT account_id FROM {0} WHERE kind = 'account' AND number_hash >= %s ORDER BY number_hash LIMIT 1) UNION ALL"
            " (SELECT account_id FROM {0} WHERE kind = 'account' ORDER BY number_hash LIMIT 1) LIMIT 1"
        ).format(Identifier(schema, "numbers"))
        self._secret = sql("SELECT purpose, sealed FROM {} WHERE secret_id = %s", "transit")
        self._cursor = sql("SELECT cursor FROM {} WHERE feed = %s", "feed_cursors")
        self._versions: Together[UUID, int] = Together(pool, self._find_versions)
        self._version = sql(
            "SELECT wanted.place, credential.version FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (account_id, place)"
            " CROSS JOIN LATERAL (SELECT version FROM {} WHERE account_id = wanted.account_id OFFSET 0) AS credential",
            "credentials",
        )
        self._expire = sql("DELETE FROM {} WHERE expires_at <= %s", "transit")

    async def find_number(self, kind: str, number: str) -> NumberFound | None:
        """This will say where an account or meter number leads."""
        return await self._numbers.ask((kind, self._secrets.number_hash(kind, number)))

    async def decoy_account(self, number: str) -> UUID | None:
        """This will give the account whose number's hash comes next: anybody's, and the same for a number each time."""
        row = await self._one(self._next, self._secrets.number_hash("account", number))
        return row[0] if row else None

    async def find_former(self, kind: str, number: str) -> list[UUID]:
        """This will give the accounts that an account or meter number led to once."""
        values = kind, self._secrets.number_hash(kind, number)

        async def ask(connection: AsyncConnection) -> list[UUID]:
            cursor = await connection.execute(self._former, values, prepare=True)
            return [row[0] for row in await cursor.fetchall()]

        return await read(self.pool, ask)

    async def secret(self, secret_id: UUID) -> str | None:
        """This will unseal a secret in transit; None once it was destroyed. Raises SealBroken."""
        row = await self._one(self._secret, secret_id)
        return self._changes.unseal(secret_id, *row) if row else None

    async def feed_cursor(self, feed: str) -> str | None:
        """This will say how far a feed of Juice is in the log."""
        row = await self._one(self._cursor, feed)
        return row[0] if row else None

    async def credential_version(self, account_id: UUID) -> int:
        """This will give the version below which the account's sessions have ended; 0 for an unknown account."""
        return await self._versions.ask(account_id)

    async def sweep(self, now: datetime) -> None:
        """This will remove secrets in transit that have expired. Answers to Idempotency-Keys stay for ever."""
        await write(self.pool, lambda connection: connection.execute(self._expire, [now]))

    async def _find(self, connection: AsyncConnection, numbers: Sequence[tuple[str, bytes]]) -> Sequence[NumberFound | None]:
        found: list[NumberFound | None] = [None] * len(numbers)
        cursor = AsyncRawCursor(connection)
        values = [[kind for kind, _ in numbers], [number_hash for _, number_hash in numbers]]
        await cursor.execute(self._number, values, prepare=True, binary=True)
        for place, account_id, meter_id in await cursor.fetchall():
            found[place - 1] = NumberFound(account_id=account_id, meter_id=meter_id)
        return found

    async def _find_versions(self, connection: AsyncConnection, accounts: Sequence[UUID]) -> Sequence[int]:
        found = [0] * len(accounts)
        cursor = AsyncRawCursor(connection)
        await cursor.execute(self._version, [list(accounts)], prepare=True, binary=True)
        for place, version in await cursor.fetchall():
            found[place - 1] = version
        return found

    async def _one(self, query: Composed, *values: object) -> Any:
        async def ask(connection: AsyncConnection) -> Any:
            return await (await connection.execute(query, values, prepare=True)).fetchone()

        return await read(self.pool, ask)
