"""What happened to this account? Everything, in order, straight from the log: the one question no read model answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql

from domain.account import Account
from domain.audit_trail import trail_id
from domain.commands.forgetting import Begun
from domain.log import Position
from domain.token_shelf import shelf_id
from domain.wallet import Wallet
from eventlog.follower import Recorded
from eventlog.log import EventLog
from projections.view import Pool, View

PROCESSES = (
    ("redemptions", "redemption_id"),
    ("purchases", "purchase_id"),
    ("tickets", "ticket_id"),
    ("differences", "difference_id"),
)
"""Read models that know, by account, aggregates whose ids do not follow from it: (table, column of the id)."""


class AccountHistory(View):
    """Reads the events of an account and of all that is its own: wallet, tokens, redemptions, purchases, requests, differences,
    readings.
    """

    def __init__(self, pool: Pool, log: EventLog) -> None:
        super().__init__(pool, log.schema)
        self.log = log

    async def of(self, account_id: UUID, as_of: datetime | None = None, until: Position | None = None) -> AsyncIterator[Recorded]:
        """This will give the events that were recorded up to a moment, or to a position, or to both, in the log's order.

        A stream ends where it first passes the moment: what came later in it means nothing without what came before, also
        where its time is a little earlier because its command had to wait for its turn.
        """
        originators = await self._originators(account_id)
        query = sql.SQL(
            "SELECT notification_id, topic, state FROM {} WHERE originator_id = ANY(%s)"
            " AND (%s::bigint IS NULL OR notification_id <= %s) ORDER BY notification_id"
        ).format(self.place.of("events"))
        rows = await self.rows(query, (originators, until, until), binary=True)
        events = await self.log.decode([row[1:] for row in rows])
        ended: set[UUID] = set()
        for (position, *_), event in zip(rows, events, strict=True):
            if as_of is not None and event.at > as_of:
                ended.add(event.originator_id)
            # Redemptions of one card may have gone to several accounts, one after another.
            if event.account_id in (None, account_id) and event.originator_id not in ended:
                yield Recorded(position, event)

    async def find(self, number: str, as_of: datetime | None = None) -> UUID | None:
        """This will give the account that a number led to at a moment, by default now; else one that it ever led to, if any.

        A meter that was removed or moved is found too: an old receipt names nothing else.
        """
        candidates = []
        for kind in ("account", "meter"):
            if found := await self.log.find_number(kind, number):
                candidates.append(found.account_id)
            candidates.extend(await self.log.find_former(kind, number))
        for account_id in candidates if as_of else ():
            account, _ = await as_it_was(self.of(account_id, as_of), account_id)
            if number == account.number or number in {meter.number for meter in account.meters.values()}:
                return account_id
        return candidates[0] if candidates else None

    async def begun(self, account_id: UUID) -> Begun:
        """This will give the purchases and redemptions that the account ever began, as far as the read models have come."""
        found = {table: tuple(await self._of(table, column, account_id)) for table, column in PROCESSES}
        return Begun(purchases=found["purchases"], redemptions=found["redemptions"])

    async def _originators(self, account_id: UUID) -> list[Any]:
        account = Account.fold(account_id, await self.log.load(account_id))
        found = [account_id, account.wallet_id, shelf_id(account_id), trail_id(account_id)]
        for table, column in PROCESSES:
            found.extend(await self._of(table, column, account_id))
        return found

    async def _of(self, table: str, column: str, account_id: UUID) -> list[UUID]:
        query = sql.SQL("SELECT {} FROM {} WHERE account_id = %s").format(sql.Identifier(column), self.place.of(table))
        return [row[0] for row in await self.rows(query, (account_id,))]


async def as_it_was(history: AsyncIterator[Recorded], account_id: UUID) -> tuple[Account, Wallet | None]:
    """This will fold a history into the account and its wallet as they were at its end."""
    account, wallet = Account(account_id), None
    async for recorded in history:
        event = recorded.event
        if event.originator_id == account_id:
            account.replay([event])
        elif type(event) in Wallet.EVOLVERS:
            wallet = wallet or Wallet(event.originator_id)
            wallet.replay([event])
    return account, wallet
