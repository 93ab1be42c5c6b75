"""The tables of the deployment itself, in the schema `seed`: which utilities there are, and who is let in."""

from __future__ import annotations

from eventlog.tables import Column, Table

CONTROL_SCHEMA = "seed"

UTILITIES = Table(
    "utilities",
    "The utilities of this deployment.",
    (
        Column("code", "text", "Short lower-case name; its schema is u_<code>."),
        Column("place", "bigint NOT NULL DEFAULT 0", "The lowest answers where a host name is none of theirs."),
        Column("created_at", "timestamptz NOT NULL DEFAULT now()", "Since when."),
    ),
    key="code",
)
ADDRESSES = Table(
    "addresses",
    "The utilities that live in another database, or are being moved; all others live in this one.",
    (
        Column("code", "text", "The utility's code."),
        Column("address", "bytea", "Where its schema is, sealed under the utility's secret; NULL: in this database."),
        Column("stage", "text", "Of a move: copying, moved or clearing; NULL: none is under way."),
        Column("other", "bytea", "The move's other end, sealed likewise; NULL with a stage: this database."),
        Column("changed_at", "timestamptz NOT NULL DEFAULT now()", "When this changed last."),
    ),
    key="code",
)
HOSTS = Table(
    "hosts",
    "Which host name is which utility's.",
    (
        Column("host", "text", "Host name in lower case, without a port."),
        Column("utility", "text NOT NULL", "The utility's code."),
    ),
    key="host",
)
SESSIONS = Table(
    "sessions",
    "Who is logged in.",
    (
        Column("token_hash", "bytea", "SHA-256 of the session's token; the token itself is only in the browser."),
        Column("utility", "text NOT NULL", "The utility's code."),
        Column("account_id", "uuid NOT NULL", "Whose session."),
        Column("credential_version", "bigint NOT NULL", "It ended once the account's is higher."),
        Column("via_issue", "uuid", "The password issue it was opened with; undoing that ends it."),
        Column("created_at", "timestamptz NOT NULL", "When it began."),
        Column("authenticated_at", "timestamptz NOT NULL", "When the password was last given."),
        Column("seen_at", "timestamptz NOT NULL", "When it was last used, to the minute."),
        Column("expires_at", "timestamptz NOT NULL", "When it ends at the latest."),
    ),
    key="token_hash",
    indexes=("utility, account_id", "expires_at"),
)
THROTTLES = Table(
    "throttles",
    "Attempts counted against guessing: by whom or on what, and until when to wait.",
    (
        Column("utility", "text NOT NULL", "The utility's code."),
        Column("purpose", "text NOT NULL", "What is limited, such as login or card."),
        Column("subject", "bytea NOT NULL", "Keyed hash of the source, number or serial that is counted."),
        Column("failures", "bigint NOT NULL", "How many since started_at."),
        Column("started_at", "timestamptz NOT NULL", "When the count began."),
        Column("last_at", "timestamptz NOT NULL", "The last one."),
        Column("free_at", "timestamptz NOT NULL", "Nothing is tried before."),
    ),
    key="utility, purpose, subject",
    indexes=("last_at",),
)
API_KEYS = Table(
    "api_keys",
    "Keys of staff, auditors and analysts.",
    (
        Column("key_hash", "bytea", "SHA-256 of the key; the key itself is only with its owner."),
        Column("utility", "text NOT NULL", "The utility's code."),
        Column("role", "text NOT NULL", "staff, auditor or analyst."),
        Column("name", "text NOT NULL", "Whose it is, as events name them."),
        Column("created_at", "timestamptz NOT NULL", "Since when."),
        Column("revoked_at", "timestamptz", "Since when it no longer opens."),
    ),
    key="key_hash",
)

OFFERED_ADDRESSES = Table(
    "offered_addresses",
    "The made-up houses in each account's list of ten, so that a list stays what it was.",
    (
        Column("utility", "text NOT NULL", "The utility's code."),
        Column("account_id", "uuid NOT NULL", "Whose list."),
        Column("address_hash", "bytea NOT NULL", "Keyed hash of the made-up address, to find it in other lists."),
        Column("registered", "bytea NOT NULL", "Keyed hash of the registered address the list was made for."),
        Column("street", "text NOT NULL", "One of the utility's streets."),
        Column("house_number", "bigint NOT NULL", "Made up."),
    ),
    key="utility, account_id, address_hash",
    indexes=("utility, address_hash",),
)
ANALYSTS = Table(
    "analysts",
    "Who reads analysts' views by SQL; each has a role of their own in the database.",
    (
        Column("role", "text", "The role's name."),
        Column("utility", "text NOT NULL", "The utility's code."),
        Column("name", "text NOT NULL", "Whose it is."),
        Column("created_at", "timestamptz NOT NULL", "Since when."),
    ),
    key="role",
    indexes=("utility",),
)

PEOPLE = Table(
    "people",
    "Staff, auditors, analysts and operators: who may sign in to a utility's console.",
    (
        Column("person_id", "uuid", "Made up."),
        Column("utility", "text NOT NULL", "The utility's code; a person belongs to one."),
        Column("name", "text NOT NULL", "As events name them, after their role: ann in staff:ann."),
        Column("role", "text NOT NULL", "staff, auditor, analyst or operator."),
        Column("password_hash", "text", "argon2id; NULL until the person has chosen a password."),
        Column("totp_sealed", "bytea NOT NULL", "Secret of the codes (RFC 6238), sealed under the utility's secret."),
        Column("totp_step", "bigint NOT NULL DEFAULT 0", "The last step whose code was used: none works twice."),
        Column("enrolment_hash", "bytea", "SHA-256 of the link that lets the person in for the first time; NULL: used."),
        Column("enrolment_until", "timestamptz", "When that link ends."),
        Column("created_at", "timestamptz NOT NULL", "Since when."),
        Column("disabled_at", "timestamptz", "Since when the person is no longer let in."),
    ),
    key="person_id",
    indexes=("enrolment_hash",),
    unique=("utility, name",),
)
RECOVERY_CODES = Table(
    "recovery_codes",
    "What stands in for a code once each, when the phone is lost.",
    (
        Column("person_id", "uuid NOT NULL", "Whose."),
        Column("code_hash", "bytea NOT NULL", "Keyed hash; the code itself was shown once."),
    ),
    key="person_id, code_hash",
)
PERSON_SESSIONS = Table(
    "person_sessions",
    "Who is signed in to a console.",
    (
        Column("token_hash", "bytea", "SHA-256 of the session's token; the token itself is only in the browser."),
        Column("person_id", "uuid NOT NULL", "Whose session."),
        Column("created_at", "timestamptz NOT NULL", "When it began."),
        Column("authenticated_at", "timestamptz NOT NULL", "When a code was last given."),
        Column("seen_at", "timestamptz NOT NULL", "When it was last used, to the minute."),
        Column("expires_at", "timestamptz NOT NULL", "When it ends at the latest."),
    ),
    key="token_hash",
    indexes=("person_id", "expires_at"),
)

TABLES = (
    UTILITIES,
    ADDRESSES,
    HOSTS,
    SESSIONS,
    THROTTLES,
    API_KEYS,
    OFFERED_ADDRESSES,
    ANALYSTS,
    PEOPLE,
    RECOVERY_CODES,
    PERSON_SESSIONS,
)
