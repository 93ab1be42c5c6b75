"""What was said in this request? One row for each thing that customer or utility said or did, in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncCursor, sql

from domain import ticket_events as ticket
from domain.account_events import PersonForgotten
from projections.keyed import from_row
from projections.projection import Column, Place, Projection, Recorded, Table, when
from projections.rows import put
from projections.view import View

Kind = Literal["opened", "commented", "closed", "reopened"]


class ThreadRow(msgspec.Struct, frozen=True, kw_only=True):
    """One thing said or done; `text` is None where it went without a word."""

    ticket_id: UUID
    version: int
    account_id: UUID
    at: datetime
    by: str
    kind: Kind
    text: str | None


class TicketThreadProjection(Projection):
    """Keeps a row an event; of a forgotten person's requests none."""

    name = "ticket_thread"
    tables = (
        Table(
            name="ticket_thread",
            meaning="What customer and utility said in each request, in order.",
            key=("ticket_id", "version"),
            indexes=(("account_id",),),
            columns=(
                Column("ticket_id", "uuid", "the request"),
                Column("version", "bigint", "its place in the request, from 1"),
                Column("account_id", "uuid", "the account that the request is about"),
                Column("at", "timestamptz", "when it was said"),
                Column("by", "text", "who said it"),
                Column("kind", "text", "opened, commented, closed or reopened"),
                Column("text", "text", "what was said", personal=True),
            ),
        ),
    )

    async def apply(self, cursor: AsyncCursor[Any], place: Place, batch: Sequence[Recorded]) -> None:
        for forgets, run in groupby(batch, lambda recorded: isinstance(recorded.event, PersonForgotten)):
            said = [self.handlers[type(recorded.event)](self, recorded) for recorded in run]
            if forgets:
                await cursor.execute(sql.SQL("DELETE FROM {} WHERE account_id = ANY(%s)").format(place.of(self.name)), (said,))
            else:
                await put(cursor, place, self.tables[0], said)

    @when(ticket.TicketOpened)
    def opened(self, recorded: Recorded) -> ThreadRow:
        return _row(recorded, "opened", recorded.event.text)  # type: ignore[attr-defined]

    @when(ticket.TicketCommented)
    def commented(self, recorded: Recorded) -> ThreadRow:
        return _row(recorded, "commented", recorded.event.text)  # type: ignore[attr-defined]

    @when(ticket.TicketClosed)
    def closed(self, recorded: Recorded) -> ThreadRow:
        return _row(recorded, "closed", recorded.event.comment)  # type: ignore[attr-defined]

    @when(ticket.TicketReopened)
    def reopened(self, recorded: Recorded) -> ThreadRow:
        return _row(recorded, "reopened", recorded.event.text)  # type: ignore[attr-defined]

    @when(PersonForgotten)
    def person_forgotten(self, recorded: Recorded) -> UUID:
        return recorded.event.originator_id


def _row(recorded: Recorded, kind: Kind, text: str | None) -> ThreadRow:
    event: Any = recorded.event
    return ThreadRow(
        ticket_id=event.originator_id,
        version=event.originator_version,
        account_id=event.account_id,
        at=event.at,
        by=event.by,
        kind=kind,
        text=text,
    )


class TicketThreadView(View):
    """Reads what was said."""

    async def of(self, ticket_id: UUID) -> list[ThreadRow]:
        """This will give it in order, the request's own text first."""
        query = sql.SQL("SELECT {columns} FROM {table} WHERE ticket_id = %s ORDER BY version").format(
            columns=sql.SQL(", ").join(map(sql.Identifier, ThreadRow.__struct_fields__)),
            table=self.place.of("ticket_thread"),
        )
        return [from_row(ThreadRow, values) for values in await self.rows(query, (ticket_id,))]
