"""The tables of one utility's log, all in its own schema. Read models stand beside them."""

from __future__ import annotations

from eventlog.tables import Column, Table

EVENTS = Table(
    "events",
    "The log: what happened, never changed.",
    (
        Column("originator_id", "uuid NOT NULL", "The aggregate it happened to."),
        Column("originator_version", "bigint NOT NULL", "The aggregate's version after it; 1 is the first."),
        Column("topic", "text NOT NULL", "What kind of thing happened; pinned for ever."),
        Column("state", "bytea NOT NULL", "The payload: JSON, personal fields sealed under the account's key."),
        Column("notification_id", "bigserial NOT NULL", "Its position in the whole log; grows, with gaps."),
    ),
    key="originator_id, originator_version",
    unique=("notification_id",),
)
ACCOUNT_KEYS = Table(
    "account_keys",
    "Each account's own data key; destroying it makes the person's data in the log unreadable.",
    (
        Column("account_id", "uuid", "Whose key."),
        Column("wrapped", "bytea", "The key, wrapped by the utility's key; NULL once it is destroyed."),
        Column("wrapped_under", "bytea NOT NULL", "Which wrapping key: the first bytes of a hash of it."),
        Column("created_at", "timestamptz NOT NULL DEFAULT now()", "When it was made."),
        Column("destroyed_at", "timestamptz", "When it was destroyed."),
    ),
    key="account_id",
)
NUMBERS = Table(
    "numbers",
    "Where account and meter numbers lead.",
    (
        Column("kind", "text NOT NULL", "account or meter."),
        Column("number_hash", "bytea NOT NULL", "Keyed hash of kind and number; the number itself is not kept here."),
        Column("account_id", "uuid NOT NULL", "The account it leads to."),
        Column("meter_id", "uuid", "The meter, for a meter's number."),
    ),
    key="kind, number_hash",
    indexes=("account_id",),
)
FORMER_NUMBERS = Table(
    "former_numbers",
    "Where account and meter numbers led once: for auditors, who find a meter that was removed.",
    (
        Column("kind", "text NOT NULL", "account or meter."),
        Column("number_hash", "bytea NOT NULL", "Keyed hash of kind and number; the number itself is not kept here."),
        Column("account_id", "uuid NOT NULL", "The account it led to."),
    ),
    key="kind, number_hash, account_id",
)
TRANSIT = Table(
    "transit",
    "Secrets for as long as their purpose lasts.",
    (
        Column("secret_id", "uuid", "What events call it."),
        Column("purpose", "text NOT NULL", "issued-password or scratch-code."),
        Column("account_id", "uuid NOT NULL", "For whom."),
        Column("sealed", "bytea NOT NULL", "The secret, sealed under the utility's transit key."),
        Column("expires_at", "timestamptz", "When it ends at the latest; NULL: only with its purpose."),
    ),
    key="secret_id",
)
IDEMPOTENCY = Table(
    "idempotency",
    "Commands that were given an Idempotency-Key, and their answers.",
    (
        Column("scope", "text NOT NULL", "Who asks and what for."),
        Column("key", "bytea NOT NULL", "Keyed hash of the client's key."),
        Column("body_hash", "bytea NOT NULL", "Keyed hash of the request's body."),
        Column("state", "text NOT NULL CHECK (state IN ('claimed', 'answered'))", "Whether it has its answer."),
        Column("claimed_at", "timestamptz NOT NULL", "When its present claimant took it."),
        Column("claimant", "uuid NOT NULL", "Who runs or ran the command; only that one may answer."),
        Column("status", "bigint", "The answer's HTTP status."),
        Column("answer", "bytea", "The answer's body, sealed under the utility's key."),
        Column("position", "bigint", "At least the position of the command's last event; 0 where it wrote none."),
    ),
    key="scope, key",
    indexes=("claimed_at",),
)
CREDENTIALS = Table(
    "credentials",
    "Sessions that carry a lower version than their account's have ended.",
    (
        Column("account_id", "uuid", "Whose sessions."),
        Column("version", "bigint NOT NULL", "The account's credential version."),
    ),
    key="account_id",
)
FEED_CURSORS = Table(
    "feed_cursors",
    "How far each feed of Juice is in the log.",
    (
        Column("feed", "text", "The feed's name."),
        Column("cursor", "text NOT NULL", "Juice's cursor; all before it is in the log."),
    ),
    key="feed",
    options="fillfactor = 50",
)
TRACKING = Table(
    "tracking",
    "How far each follower has come, written in the transaction of what it wrote.",
    (
        Column("name", "text", "The follower."),
        Column("position", "bigint NOT NULL", "Everything up to here has been followed."),
        Column("mark", "bigint NOT NULL DEFAULT 0", "How far the fence let it read when it last moved."),
        Column("events", "bigint NOT NULL DEFAULT 0", "How many events it has taken in all."),
        Column("batch", "bigint NOT NULL DEFAULT 0", "How many of them came in its last batch."),
        Column("moved_at", "timestamptz NOT NULL DEFAULT now()", "When it last moved."),
    ),
    key="name",
    options="fillfactor = 50",
)
PARKED = Table(
    "parked",
    "Aggregates whose events a follower cannot take; it goes on with the others.",
    (
        Column("follower", "text NOT NULL", "The follower that could not."),
        Column("originator_id", "uuid NOT NULL", "The aggregate it left out."),
        Column("position", "bigint NOT NULL", "The first event that was not taken."),
        Column("reason", "text NOT NULL", "Why; the error's class and place, no payload."),
        Column("parked_at", "timestamptz NOT NULL DEFAULT now()", "Since when."),
    ),
    key="follower, originator_id",
)
REBUILDS = Table(
    "rebuilds",
    "Read models that are being built beside the live ones.",
    (
        Column("name", "text", "The read model."),
        Column("built_by", "text NOT NULL", "Digest of the code that builds it; another version begins anew."),
        Column("found", "jsonb NOT NULL DEFAULT '[]'", "How it differed from the live one when that was looked at last."),
    ),
    key="name",
)

TABLES = (
    *(EVENTS, ACCOUNT_KEYS, NUMBERS, FORMER_NUMBERS, TRANSIT, IDEMPOTENCY, CREDENTIALS, FEED_CURSORS),
    *(TRACKING, PARKED, REBUILDS),
)
