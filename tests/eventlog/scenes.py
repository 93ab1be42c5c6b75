"""What the tests of the log play with: events to append, a context to act in."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

from domain.account import Account
from domain.contact import GivenContact
from domain.event import Context, Event
from domain.wallet import Wallet
from eventlog.log import EventLog, open_log
from eventlog.pool import Pool
from eventlog.secrets import UtilitySecrets
from tests.pg import UTILITY_SCHEMA

MASTER = bytes(range(32))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """This will wait until something has become true, or fail."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event to set
            await asyncio.sleep(0.002)


def secrets() -> UtilitySecrets:
    """The secrets of the tests' utility."""
    return UtilitySecrets(MASTER, "test")


def log_of(pool: Pool, **kwargs: Pool) -> EventLog:
    """The log of the tests' utility."""
    return open_log(pool, UTILITY_SCHEMA, secrets(), os.urandom, **kwargs)


def context(at: datetime = NOON) -> Context:
    """Juice acts, at noon."""
    return Context(at=at, by="juice", correlation_id=uuid4())


def wallet_opened(account_id: UUID | None = None) -> list[Event]:
    """The first event of a new wallet: nothing personal in it."""
    wallet = Wallet(uuid4())
    wallet.open(context(), account_id=account_id or uuid4(), currency="USD")
    return wallet.collect_events()


def account_opened(account_id: UUID | None = None, name: str = "Ann Person") -> list[Event]:
    """The first events of a new account, with its owner's name, number, address and e-mail."""
    account = Account(account_id or uuid4())
    account.open(context(), number="4711-0815", name=name, address="1 Long Street", language="en", wallet_id=uuid4())
    account.register_contact(context(), GivenContact(contact_id=uuid4(), channel="email", value="ann@person.example"))
    return account.collect_events()
