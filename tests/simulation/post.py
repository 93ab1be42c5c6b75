"""Messages to people in a simulation: the outbox in memory, and channels that are slow, fail, or lose the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from domain.contact import ContactChannel
from domain.utility import Description
from notifications.channels import DeliveryDelayed, DeliveryRefused, Message
from notifications.messages.contents import Content
from notifications.messages.rendering import Rendered
from notifications.outbox import BATCH, LEASE, Delivery, End, NewDelivery, delivery_id
from tests.simulation.followers import Tables, Transaction
from tests.simulation.world import Life

DELIVERIES = "deliveries"
SCHEMA = "simulated"
SLOW_S = 120.0
"""A channel that is slow is slower than the notifier waits."""


class Row(msgspec.Struct, frozen=True):
    """One message to one contact."""

    new: NewDelivery
    next_at: datetime
    attempts: int = 0
    state: str = "pending"


class MemoryOutbox:
    """The deliveries, as one process reaches them. Does what `notifications.outbox.Outbox` does."""

    def __init__(self, life: Life, tables: Tables) -> None:
        self.life = life
        self.rows: dict[Any, Row] = tables.of(DELIVERIES)

    async def enqueue(self, cursor: Transaction, rows: Sequence[NewDelivery]) -> None:
        for row in rows:
            id = delivery_id(SCHEMA, row)
            if cursor.get(DELIVERIES, id) is None:
                cursor.put(DELIVERIES, id, Row(row, row.not_before or row.created_at))

    async def hasten(self, cursor: Transaction, account_id: UUID, kinds: Collection[str], at: datetime) -> None:
        raise NotImplementedError

    async def claim(self, connection: None, now: datetime) -> list[Delivery]:
        await self.life.step()
        due = sorted((row.next_at, id) for id, row in self.rows.items() if row.state == "pending" and row.next_at <= now)
        claimed = []
        for _, id in due[:BATCH]:
            row = self.rows[id] = self._changed(id, attempts=self.rows[id].attempts + 1, next_at=now + LEASE)
            claimed.append(Delivery(**_fields(row.new), delivery_id=id, attempts=row.attempts))
        return claimed

    async def end(self, connection: None, delivery: Delivery, state: End, error: str | None, now: datetime) -> None:
        await self.life.step()
        row = self.rows[delivery.delivery_id]
        if row.state == "pending" and (state == "sent" or row.attempts == delivery.attempts):
            self.rows[delivery.delivery_id] = self._changed(delivery.delivery_id, state=state)

    async def put_off(self, connection: None, delivery: Delivery, error: str, next_at: datetime) -> None:
        await self.life.step()
        row = self.rows[delivery.delivery_id]
        if row.state == "pending" and row.attempts == delivery.attempts:
            self.rows[delivery.delivery_id] = self._changed(delivery.delivery_id, next_at=next_at)

    async def told_secrets(self, connection: None) -> list[UUID]:
        return []

    def next_due(self) -> datetime | None:
        """This will give when the next message is due."""
        return min((row.next_at for row in self.rows.values() if row.state == "pending"), default=None)

    def _changed(self, id: UUID, **changes: Any) -> Row:
        return msgspec.structs.replace(self.rows[id], **changes)


class NoPool:
    """Connections to nothing: the outbox is in memory."""

    @asynccontextmanager
    async def connection(self, within_s: float | None = None) -> AsyncIterator[NoPool]:
        yield self

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        yield


class PostBooks:
    """All that reached people: a gateway that knows a message by its id hands on one copy of it."""

    def __init__(self) -> None:
        self.copies: Counter[UUID] = Counter()
        self.inboxes: dict[UUID, tuple[str, str]] = {}
        self.changed: list[UUID] = []

    def take(self, message: Message) -> None:
        """This will hand a message on."""
        said = (message.to, message.text)
        self.copies[message.id] += 1
        if self.inboxes.setdefault(message.id, said) != said:
            self.changed.append(message.id)


class ChannelOfLife:
    """The way to people of one process. Satisfies the port."""

    def __init__(self, books: PostBooks, life: Life) -> None:
        self.books = books
        self.life = life

    async def send(self, message: Message) -> None:
        await self.life.step(0.2)
        strike = self.life.world.faults.strike
        if strike("channel-refuses"):
            raise DeliveryRefused("no such mailbox")
        if strike("channel-unreachable"):
            raise DeliveryDelayed("the gateway is away")
        if strike("channel-slow"):
            await self.life.world.loop.pause(SLOW_S)
            await self.life.check()
        self.books.take(message)
        await self.life.step(0.2)
        if strike("channel-answer-lost"):
            raise DeliveryDelayed("nobody knows")


def channels(books: PostBooks, life: Life) -> Mapping[ContactChannel, ChannelOfLife]:
    """This will give a process's channels."""
    channel = ChannelOfLife(books, life)
    return {"email": channel, "sms": channel}


def in_no_words(content: Content, channel: ContactChannel, utility: Description, language: str) -> Rendered:
    """This will put a content into no words at all: rendering would take longer than all the rest, and is tried elsewhere."""
    return Rendered(subject=content.KIND, text=repr(content), html=None)


def _fields(new: NewDelivery) -> dict[str, Any]:
    return {name: getattr(new, name) for name in NewDelivery.__dataclass_fields__}
