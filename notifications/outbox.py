"""The outbox: every message to one contact is a row, and the row knows how far it is.

A row holds no address, no secret and no words: it says whose contact, which kind of message, and which event caused it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, LiteralString
from uuid import UUID, uuid5

from psycopg import AsyncConnection, AsyncCursor, sql
from psycopg.rows import class_row, dict_row, scalar_row, tuple_row
from psycopg.types.json import Jsonb

from domain.contact import ContactChannel

DELIVERIES_DDL = """
CREATE TABLE IF NOT EXISTS {schema}.deliveries (
    delivery_id uuid PRIMARY KEY,
    position bigint NOT NULL,
    account_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'sms')),
    kind text NOT NULL,
    parameters jsonb NOT NULL,
    secret_id uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'refused', 'given_up', 'expired')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    last_error text,
    ended_at timestamptz,
    UNIQUE (position, contact_id)
);
CREATE INDEX IF NOT EXISTS deliveries_due ON {schema}.deliveries (next_at) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS deliveries_of_account ON {schema}.deliveries (account_id) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS deliveries_undelivered ON {schema}.deliveries (ended_at, delivery_id)
    WHERE state IN ('refused', 'given_up');
CREATE INDEX IF NOT EXISTS deliveries_with_secret ON {schema}.deliveries (secret_id) WHERE secret_id IS NOT NULL;
"""

End = Literal["sent", "refused", "given_up", "expired"]

BATCH = 20
LEASE = timedelta(minutes=3)
"""For so long nobody else takes a claimed row: longer than a sending may take, since a batch is sent all at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """One message to one contact, caused by the event at `position`.

    `parameters` (JSON) holds no personal data and no secret; `secret_id` names the secret in transit that is to be told.
    `not_before` is when it may be sent, where that is not at once.
    """

    position: int
    account_id: UUID
    contact_id: UUID
    channel: ContactChannel
    kind: str
    parameters: Mapping[str, Any]
    created_at: datetime
    secret_id: UUID | None = None
    expires_at: datetime | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery(NewDelivery):
    """A claimed row. Its id becomes the message's: a copy sent twice is known by it. `attempts` counts this one too."""

    delivery_id: UUID
    attempts: int


def delivery_id(schema: str, row: NewDelivery) -> UUID:
    """This will make a message's id: it follows from utility, event and contact."""
    return uuid5(row.contact_id, f"{schema}:{row.position}")


class Outbox:
    """The deliveries of one utility. Each method works in the transaction it is called in, and ends none."""

    def __init__(self, schema: str) -> None:
        self._schema = schema
        self._table = sql.Identifier(schema, "deliveries")

    async def enqueue(self, cursor: AsyncCursor[Any], rows: Sequence[NewDelivery]) -> None:
        """This will add rows. One that is there already is left as it is.

        The id follows from utility, event and contact: a follower that replays the event doubles nothing, and even in a
        table that was restored from an old copy the message keeps its id.
        """
        await cursor.executemany(
            self._sql(
                "INSERT INTO {} (delivery_id, position, account_id, contact_id, channel, kind, parameters, secret_id,"
                " created_at, expires_at, next_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
            ),
            [
                (
                    delivery_id(self._schema, row),
                    row.position,
                    row.account_id,
                    row.contact_id,
                    row.channel,
                    row.kind,
                    Jsonb(dict(row.parameters)),
                    row.secret_id,
                    row.created_at,
                    row.expires_at,
                    row.not_before or row.created_at,
                )
                for row in rows
            ],
        )

    async def hasten(self, cursor: AsyncCursor[Any], account_id: UUID, kinds: Collection[str], at: datetime) -> None:
        """This will have an account's messages of these kinds looked at again from then on, those that were never tried."""
        await cursor.execute(
            self._sql(
                "UPDATE {} SET next_at = %(at)s WHERE account_id = %(account)s AND state = 'pending' AND attempts = 0"
                " AND next_at > %(at)s AND kind = ANY(%(kinds)s)"
            ),
            {"at": at, "account": account_id, "kinds": list(kinds)},
        )

    async def claim(self, connection: AsyncConnection[Any], now: datetime) -> list[Delivery]:
        """This will lease up to a batch of due rows; rows that somebody else is claiming are passed over."""
        cursor = connection.cursor(row_factory=class_row(Delivery))
        await cursor.execute(
            self._sql(
                "UPDATE {0} SET attempts = attempts + 1, next_at = %s WHERE delivery_id IN (SELECT delivery_id FROM {0}"
                " WHERE state = 'pending' AND next_at <= %s ORDER BY next_at LIMIT %s FOR UPDATE SKIP LOCKED)"
                " RETURNING delivery_id, position, account_id, contact_id, channel, kind, parameters, secret_id, created_at,"
                " expires_at, attempts"
            ),
            (now + LEASE, now, BATCH),
        )
        return await cursor.fetchall()

    async def end(
        self, connection: AsyncConnection[Any], delivery: Delivery, state: End, error: str | None, now: datetime
    ) -> None:
        """This will mark a row as ended. Sent is sent, whoever holds the lease; another end counts only while it is ours."""
        await connection.execute(
            self._sql(
                "UPDATE {} SET state = %(state)s, ended_at = %(now)s, last_error = %(error)s WHERE delivery_id = %(id)s"
                " AND state = 'pending' AND (%(sent)s OR attempts = %(attempts)s)"
            ),
            self._named(delivery) | {"state": state, "now": now, "error": error, "sent": state == "sent"},
        )

    async def put_off(self, connection: AsyncConnection[Any], delivery: Delivery, error: str, next_at: datetime) -> None:
        """This will have a row tried again, unless its lease has passed to somebody else."""
        await connection.execute(
            self._sql(
                "UPDATE {} SET next_at = %(next_at)s, last_error = %(error)s WHERE delivery_id = %(id)s"
                " AND state = 'pending' AND attempts = %(attempts)s"
            ),
            self._named(delivery) | {"next_at": next_at, "error": error},
        )

    async def told_secrets(self, connection: AsyncConnection[Any]) -> list[UUID]:
        """This will give the secrets in transit whose every copy has ended: they have no purpose any more."""
        cursor = connection.cursor(row_factory=scalar_row)
        await cursor.execute(
            self._sql(
                "SELECT secret_id FROM {} WHERE secret_id IS NOT NULL GROUP BY secret_id HAVING bool_and(state <> 'pending')"
            )
        )
        return await cursor.fetchall()

    async def release_secrets(self, connection: AsyncConnection[Any], secret_ids: Sequence[UUID]) -> None:
        """This will let go of secrets that were destroyed, so that `told_secrets` names them no more."""
        await connection.execute(self._sql("UPDATE {} SET secret_id = NULL WHERE secret_id = ANY(%s)"), (list(secret_ids),))

    async def waiting(self, connection: AsyncConnection[Any], now: datetime) -> tuple[int, float]:
        """This will give how many rows are due and not sent, and for how many seconds the oldest has been."""
        cursor = connection.cursor(row_factory=tuple_row)
        await cursor.execute(
            self._sql("SELECT count(*), min(created_at) FROM {} WHERE state = 'pending' AND next_at <= %s"), (now,)
        )
        count, oldest = await cursor.fetchone() or (0, None)
        return count, (now - oldest).total_seconds() if oldest else 0.0

    async def undelivered(
        self, connection: AsyncConnection[Any], *, since: datetime, limit: int, before: tuple[datetime, UUID] | None = None
    ) -> list[dict[str, Any]]:
        """This will give the rows that were refused or given up at a moment or later, the newest first, from behind the
        (moment, id) `before`.
        """
        cursor = connection.cursor(row_factory=dict_row)
        at, delivery_id = before or ("infinity", UUID(int=0))
        await cursor.execute(
            self._sql(
                "SELECT delivery_id, account_id, kind, channel, state, attempts, created_at, ended_at, last_error AS error"
                " FROM {} WHERE state IN ('refused', 'given_up') AND ended_at >= %s"
                " AND (ended_at, delivery_id) < (%s::timestamptz, %s) ORDER BY ended_at DESC, delivery_id DESC LIMIT %s"
            ),
            (since, at, delivery_id, limit),
        )
        return await cursor.fetchall()

    def _sql(self, statement: LiteralString) -> sql.Composed:
        return sql.SQL(statement).format(self._table)

    @staticmethod
    def _named(delivery: Delivery) -> dict[str, object]:
        return {"id": delivery.delivery_id, "attempts": delivery.attempts}
