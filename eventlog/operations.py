"""Every write that a command's transaction can hold, in the order in which it is done."""

from __future__ import annotations

from eventsourcing.persistence import IntegrityError

from domain.idempotency import ClaimLost
from domain.records import NumberAlreadyTaken
from eventlog.statements import Operation

LEASE = 30
"""Seconds; a claim this old belongs to somebody who was killed: the next one may take it over."""


class KeyAlreadyMade(Exception):
    """Another command made the account's key meanwhile; the events must be sealed again, under that one."""


NUMBER = "CASE WHEN pg_current_xact_id() > '0' THEN nextval('{schema}.events_notification_id_seq') END"
"""Draws an event's number in a transaction that has its id already: PostgreSQL would give it one only when the row is stored,
and no fence could have seen who drew the number (fence.py). CASE looks at its condition first (PostgreSQL's manual, "Expression
Evaluation Rules")."""

INSERT_EVENTS = Operation(
    "events",
    "INSERT INTO {schema}.events (originator_id, originator_version, topic, state, notification_id) VALUES ",
    ("{}::uuid", "{}::bigint", "{}::text", "{}::bytea, " + NUMBER),
    " RETURNING notification_id",
    IntegrityError,
)
MAKE_KEY = Operation(
    "account_keys",
    "INSERT INTO {schema}.account_keys (account_id, wrapped, wrapped_under) VALUES ",
    ("{}::uuid", "{}::bytea", "{}::bytea"),
    conflict=KeyAlreadyMade,
)
RELEASE_NUMBER = Operation(
    "numbers",
    "WITH released AS (DELETE FROM {schema}.numbers WHERE (kind, number_hash) IN (VALUES ",
    ("{}::text", "{}::bytea"),
    ") RETURNING kind, number_hash, account_id)"
    " INSERT INTO {schema}.former_numbers SELECT kind, number_hash, account_id FROM released ON CONFLICT DO NOTHING",
)
ASSIGN_NUMBER = Operation(
    "numbers",
    "INSERT INTO {schema}.numbers (kind, number_hash, account_id, meter_id) VALUES ",
    ("{}::text", "{}::bytea", "{}::uuid", "{}::uuid"),
    conflict=NumberAlreadyTaken,
)
SET_CREDENTIAL_VERSION = Operation(
    "credentials",
    "INSERT INTO {schema}.credentials AS known (account_id, version) VALUES ",
    ("{}::uuid", "{}::bigint"),
    " ON CONFLICT (account_id) DO UPDATE SET version = greatest(known.version, excluded.version)",
)
HOLD_SECRET = Operation(
    "transit",
    "INSERT INTO {schema}.transit (secret_id, purpose, account_id, sealed, expires_at) VALUES ",
    ("{}::uuid", "{}::text", "{}::uuid", "{}::bytea", "{}::timestamptz"),
    " ON CONFLICT (secret_id) DO NOTHING",
)
DESTROY_SECRET = Operation(
    "transit",
    "DELETE FROM {schema}.transit WHERE secret_id IN (VALUES ",
    ("{}::uuid",),
    ")",
)
ADVANCE_FEED = Operation(
    "feed_cursors",
    "INSERT INTO {schema}.feed_cursors (feed, cursor) VALUES ",
    ("{}::text", "{}::text"),
    " ON CONFLICT (feed) DO UPDATE SET cursor = excluded.cursor",
)
CLAIM = Operation(
    "idempotency",
    "INSERT INTO {schema}.idempotency AS known (scope, key, body_hash, state, claimed_at, claimant) VALUES ",
    ("{}::text", "{}::bytea", "{}::bytea", "{}::text", "{}::timestamptz", "{}::uuid"),
    # A claimant that is the same asks again, since its connection was lost.
    " ON CONFLICT (scope, key) DO UPDATE SET claimed_at = excluded.claimed_at, claimant = excluded.claimant"
    " WHERE known.state = 'claimed' AND known.body_hash = excluded.body_hash"
    f" AND (known.claimed_at < excluded.claimed_at - interval '{LEASE} seconds' OR known.claimant = excluded.claimant)"
    " RETURNING claimant",
)
ANSWER = Operation(
    "idempotency",
    "INSERT INTO {schema}.idempotency AS known"
    " (scope, key, body_hash, state, claimed_at, claimant, status, answer, position) VALUES ",
    (
        *("{}::text", "{}::bytea", "{}::bytea", "{}::text", "{}::timestamptz", "{}::uuid", "{}::bigint", "{}::bytea"),
        "CASE WHEN {}::boolean THEN currval('{schema}.events_notification_id_seq') ELSE 0 END",
    ),
    # Another claimant's row becomes NULL, which its column refuses: the whole command is refused with it.
    " ON CONFLICT (scope, key) DO UPDATE SET"
    " claimant = CASE WHEN known.claimant = excluded.claimant THEN known.claimant END,"
    " state = excluded.state, status = excluded.status, answer = excluded.answer, position = excluded.position",
    ClaimLost,
)

OPERATIONS = (
    INSERT_EVENTS,
    MAKE_KEY,
    RELEASE_NUMBER,
    ASSIGN_NUMBER,
    SET_CREDENTIAL_VERSION,
    HOLD_SECRET,
    DESTROY_SECRET,
    ADVANCE_FEED,
    ANSWER,
)
