"""What do customers ask of the utility, and how does it stand? One row a request."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncCursor, sql

from domain import ticket_events as ticket
from domain.ticket import is_utility
from projections.keyed import from_row
from projections.of_people import RowsOfPeople
from projections.projection import Column, Place, Recorded, Table, when
from projections.view import KeyedView


class TicketRow(msgspec.Struct, frozen=True, kw_only=True):
    """One request. `utility_said` is the utility's last comment; `waiting` says that the utility's next word is waited for.

    `last_by` and `opened_by` are who spoke, as in the log: `customer`, `staff:ann`, `system:vendor`.
    """

    ticket_id: UUID
    account_id: UUID
    reference: str
    topic: str
    subject: str
    about_kind: str | None
    about_id: UUID | None
    cause: str | None
    opened_at: datetime
    opened_by: str
    opened_position: int
    answered_at: datetime | None
    closed_at: datetime | None
    reopenings: int
    comments: int
    last_at: datetime
    last_by: str
    waiting: bool
    utility_said: str | None
    utility_said_at: datetime | None
    forgotten: bool
    position: int


class TicketsProjection(RowsOfPeople[TicketRow]):
    """Keeps one row a request; of a forgotten person's nothing is left that anybody wrote."""

    name = "tickets"
    row = TicketRow
    tables = (
        Table(
            name="tickets",
            meaning="Customers' requests to the utility, and how each stands.",
            key=("ticket_id",),
            indexes=(("account_id", "opened_at"), ("closed_at", "opened_at")),
            columns=(
                Column("ticket_id", "uuid", "the request"),
                Column("account_id", "uuid", "the account that it is about"),
                Column("reference", "text", "its number, as it is said on the phone"),
                Column("topic", "text", "question, meter, token, payment, card, account or other"),
                Column("subject", "text", "what it is about, in somebody's words", personal=True),
                Column("about_kind", "text", "redemption or purchase, where it is about one"),
                Column("about_id", "uuid", "the redemption or purchase that it is about"),
                Column("cause", "text", "why Seed opened it, where Seed did"),
                Column("opened_at", "timestamptz", "when it was opened"),
                Column("opened_by", "text", "who opened it"),
                Column("opened_position", "bigint", "position of its first event"),
                Column("answered_at", "timestamptz", "when the utility first said something"),
                Column("closed_at", "timestamptz", "when it was closed; nothing while it is open"),
                Column("reopenings", "bigint", "how often it was opened again"),
                Column("comments", "bigint", "how many comments it has"),
                Column("last_at", "timestamptz", "when somebody last said or did something"),
                Column("last_by", "text", "who that was"),
                Column("waiting", "boolean", "whether the utility's next word is waited for"),
                Column("utility_said", "text", "the utility's last comment", personal=True),
                Column("utility_said_at", "timestamptz", "when it said that"),
                Column("forgotten", "boolean", "whether its customer was forgotten"),
                Column("position", "bigint", "position of the last event in this row"),
            ),
        ),
    )

    async def forget(self, cursor: AsyncCursor[Any], place: Place, account_ids: list[UUID]) -> None:
        """This will take away what anybody wrote; that there was a request stays."""
        statement = sql.SQL(
            "UPDATE {} SET subject = '', utility_said = NULL, waiting = false, forgotten = true WHERE account_id = ANY(%s)"
        )
        await cursor.execute(statement.format(place.of(self.name)), (account_ids,))

    @when(ticket.TicketOpened)
    def opened(self, row: TicketRow | None, recorded: Recorded) -> TicketRow:
        event: Any = recorded.event
        return TicketRow(
            ticket_id=event.originator_id,
            account_id=event.account_id,
            reference=event.reference,
            topic=event.topic,
            subject=event.subject,
            about_kind=event.about.kind if event.about else None,
            about_id=event.about.id if event.about else None,
            cause=event.cause,
            opened_at=event.at,
            opened_by=event.by,
            opened_position=recorded.position,
            answered_at=None,
            closed_at=None,
            reopenings=0,
            comments=0,
            last_at=event.at,
            last_by=event.by,
            waiting=True,
            utility_said=None,
            utility_said_at=None,
            forgotten=False,
            position=recorded.position,
        )

    @when(ticket.TicketCommented)
    def commented(self, row: TicketRow, recorded: Recorded) -> TicketRow:
        event: Any = recorded.event
        return _said(row, recorded, event.text, comments=row.comments + 1, waiting=not is_utility(event.by))

    @when(ticket.TicketClosed)
    def closed(self, row: TicketRow, recorded: Recorded) -> TicketRow:
        event: Any = recorded.event
        return _said(row, recorded, event.comment, closed_at=event.at, waiting=False)

    @when(ticket.TicketReopened)
    def reopened(self, row: TicketRow, recorded: Recorded) -> TicketRow:
        event: Any = recorded.event
        return _said(row, recorded, event.text, closed_at=None, reopenings=row.reopenings + 1, waiting=True)


def _said(row: TicketRow, recorded: Recorded, text: str | None, **changes: Any) -> TicketRow:
    event = recorded.event
    if text is not None and is_utility(event.by):
        changes |= {"utility_said": text, "utility_said_at": event.at, "answered_at": row.answered_at or event.at}
    return msgspec.structs.replace(row, last_at=event.at, last_by=event.by, position=recorded.position, **changes)


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests are open, and how many of those wait for the utility."""

    open: int
    waiting: int


class TicketsView(KeyedView[TicketRow]):
    """Reads requests: one, a customer's, or the utility's queue."""

    projection = TicketsProjection

    async def of(self, ticket_id: UUID) -> TicketRow | None:
        """This will give the request; None where there is none, or its customer was forgotten."""
        row = await self.one(ticket_id)
        return None if row is None or row.forgotten else row

    async def listed(
        self,
        *,
        limit: int,
        closed: bool | None = None,
        account_id: UUID | None = None,
        topic: str | None = None,
        waiting: bool | None = None,
        oldest_first: bool = False,
        past: tuple[datetime, int] | None = None,
    ) -> list[TicketRow]:
        """This will give requests by the time at which they were closed, where only closed ones are asked for, else opened.

        Newest first, unless `oldest_first`; past the row whose time and `opened_position` are `past`, where one pages on.
        """
        time = sql.Identifier("closed_at" if closed else "opened_at")
        query = sql.SQL(
            "SELECT {columns} FROM {table} WHERE NOT forgotten"
            " AND (%(account)s::uuid IS NULL OR account_id = %(account)s)"
            " AND (%(topic)s::text IS NULL OR topic = %(topic)s)"
            " AND (%(waiting)s::boolean IS NULL OR waiting = %(waiting)s)"
            " AND {standing}"
            " AND (%(at)s::timestamptz IS NULL OR ({time}, opened_position) {past} (%(at)s, %(position)s))"
            " ORDER BY {time} {way}, opened_position {way} LIMIT %(limit)s"
        ).format(
            columns=sql.SQL(", ").join(map(sql.Identifier, TicketRow.__struct_fields__)),
            table=self.place.of("tickets"),
            standing=sql.SQL({None: "true", True: "closed_at IS NOT NULL", False: "closed_at IS NULL"}[closed]),
            time=time,
            past=sql.SQL(">" if oldest_first else "<"),
            way=sql.SQL("ASC" if oldest_first else "DESC"),
        )
        at, position = past or (None, None)
        wanted = {"account": account_id, "topic": topic, "waiting": waiting, "at": at, "position": position, "limit": limit}
        return [from_row(TicketRow, values) for values in await self.rows(query, wanted)]

    async def counts(self) -> dict[str, Waiting]:
        """This will count the open requests of each topic that has any."""
        query = sql.SQL(
            "SELECT topic, count(*), count(*) FILTER (WHERE waiting) FROM {}"
            " WHERE closed_at IS NULL AND NOT forgotten GROUP BY topic"
        ).format(self.place.of("tickets"))
        return {topic: Waiting(open=opened, waiting=waiting) for topic, opened, waiting in await self.rows(query)}
