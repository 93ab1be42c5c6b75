"""The kind of projection that has any number of rows of one person, which are found together where the person is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from psycopg import AsyncCursor, sql

from domain.account_events import PersonForgotten
from domain.event import Event
from projections.keyed import KeyedProjection
from projections.projection import Place, Recorded, when

R = TypeVar("R", bound=msgspec.Struct)


class RowsOfPeople(KeyedProjection[R]):
    """One row an aggregate, with the `account_id` whose it is. Of a forgotten person none is left, unless `forget` is another."""

    def key(self, event: Event) -> UUID:
        """The row is the aggregate's."""
        return event.originator_id

    async def apply(self, cursor: AsyncCursor[Any], place: Place, batch: Sequence[Recorded]) -> None:
        for forgets, run in groupby(batch, lambda recorded: isinstance(recorded.event, PersonForgotten)):
            if forgets:
                await self.forget(cursor, place, [recorded.event.originator_id for recorded in run])
            else:
                await super().apply(cursor, place, list(run))

    async def forget(self, cursor: AsyncCursor[Any], place: Place, account_ids: list[UUID]) -> None:
        """This will leave nothing personal of these accounts."""
        statement = sql.SQL("DELETE FROM {} WHERE account_id = ANY(%s)").format(place.of(self.name))
        await cursor.execute(statement, (account_ids,))

    @when(PersonForgotten)
    def person_forgotten(self, row: R | None, recorded: Recorded) -> None:
        """Done in `forget`: the rows are no one key's."""
