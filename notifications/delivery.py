"""The outbox's worker, one step at a time: take what is due, send it, mark it.

A row is claimed in one transaction and marked in another; in between, while the network is waited for, no connection is
held. Who is killed in between leaves a claim that ends with its lease, and the message is sent again under the same id.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from domain.contact import ContactChannel
from eventlog.pool import write
from eventlog.waiting import way_to
from notifications.channels import Channel, DeliveryDelayed, DeliveryRefused, Message
from notifications.outbox import Delivery, End, Outbox

log = logging.getLogger(__name__)

SEND_TAKES_AT_MOST = timedelta(seconds=90)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
MOST_ATTEMPTS = 30
"""With the waits between them about a day."""

LEVELS: dict[End, int] = {
    "sent": logging.INFO,
    "expired": logging.WARNING,
    "refused": logging.WARNING,
    "given_up": logging.ERROR,
}


class NothingToSay(Exception):
    """The resolver's answer where the contact or the secret is gone: the row expires. Says why, without the contact."""


class Later(Exception):
    """The resolver's answer where the message has to wait until then: it is no failure, and does not end by coming often."""

    def __init__(self, until: datetime) -> None:
        super().__init__("it waits until the quiet hours are over")
        self.until = until


Resolve = Callable[[Delivery], Awaitable[Message]]
"""Looks up the contact and the secret and writes the message, or raises NothingToSay or Later. What it found is not kept."""

Pool = AsyncConnectionPool[Any]


async def deliver_due(
    pool: Pool, outbox: Outbox, resolve: Resolve, channels: Mapping[ContactChannel, Channel], now: datetime
) -> int:
    """This will take up to a batch of rows that are due, send them side by side, and give their number.

    A failure of one is that one's own. What the database refuses is raised once all are through; a row that could not
    be marked comes again when its lease ends.
    """

    async def claim(connection: AsyncConnection[Any]) -> list[Delivery]:
        # A transaction of our own, whether or not the pool's connections commit by themselves.
        async with connection.transaction():
            return await outbox.claim(connection, now)

    due = await write(pool, claim)

    async def deliver(delivery: Delivery) -> None:
        end, error, retry_after = await _attempt(delivery, resolve, channels, now)

        async def mark(connection: AsyncConnection[Any]) -> None:
            async with connection.transaction():
                if end is not None:
                    await outbox.end(connection, delivery, end, error, now)
                else:
                    next_at = now + max(wait_after(delivery.attempts, delivery.delivery_id), retry_after)
                    await outbox.put_off(connection, delivery, error or "", next_at)

        await write(pool, mark)
        level = logging.WARNING if end is None else LEVELS[end]
        state, reason = end or "put off", error or "done"
        id, kind, attempt = delivery.delivery_id, delivery.kind, delivery.attempts
        log.log(level, "delivery %s (%s) %s, attempt %d: %s", id, kind, state, attempt, reason)

    outcomes = await asyncio.gather(*map(deliver, due), return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if failures:
        failures[0].add_note(f"{len(failures)} of {len(due)} deliveries could not be marked")
        raise failures[0]
    return len(due)


async def _attempt(
    delivery: Delivery, resolve: Resolve, channels: Mapping[ContactChannel, Channel], now: datetime
) -> tuple[End | None, str | None, timedelta]:
    """The end, or None where it is to be tried again; why; and how long to wait at least."""
    retry_after = timedelta(0)
    try:
        if delivery.expires_at is not None and delivery.expires_at <= now:
            return "expired", "it expired before it could be sent", retry_after
        async with asyncio.timeout(SEND_TAKES_AT_MOST.total_seconds()):
            await channels[delivery.channel].send(await resolve(delivery))
        return "sent", None, retry_after
    except NothingToSay as reason:
        return "expired", str(reason), retry_after
    except Later as reason:
        return None, str(reason), reason.until - now
    except DeliveryRefused as reason:
        return "refused", str(reason), retry_after
    except DeliveryDelayed as reason:
        error, retry_after = str(reason), reason.retry_after or retry_after
    except TimeoutError:
        error = f"no answer within {SEND_TAKES_AT_MOST.total_seconds():.0f} s"
    except Exception as failure:
        # Its text may name the contact; its type, and where it happened, do not.
        error = type(failure).__name__
        log.error("delivery %s met %s (%s)", delivery.delivery_id, error, ", ".join(way_to(failure)))
    return ("given_up" if delivery.attempts >= MOST_ATTEMPTS else None), error, retry_after


def wait_after(attempts: int, delivery_id: UUID) -> timedelta:
    """This will give the wait after so many attempts: three times longer each, up to an hour.

    Up to a fifth is added, by the id, so that what failed together does not come back together.
    """
    wait = min(FIRST_WAIT * 3.0 ** min(attempts - 1, 9), LONGEST_WAIT)
    return wait * (1 + delivery_id.bytes[-1] / 255 / 5)
