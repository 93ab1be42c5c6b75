"""Commands on wallets as Seed gives them: load, decide, append, and under an Idempotency-Key where one is asked for."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec
import psycopg

from benchmarks import wallets
from cli.garbage import settle
from cli.release import create_utility
from domain.event import Context
from domain.idempotency import Claimed
from domain.records import Answered, Record
from domain.wallet import Receipt, Wallet
from eventlog.schema import create_control_schema
from eventlog.secrets import UtilitySecrets
from tests.utility import MASTER, OpenUtility, opened

CODE = "bench"
SCOPE = "visitor|wallet"

RECEIPT = msgspec.convert({"juice_number": "", **wallets.RECEIPT}, Receipt)


@asynccontextmanager
async def utility(dsn: str) -> AsyncIterator[OpenUtility]:
    """This will make a utility in a database, and open it, in a process that is settled as Seed's are."""
    settle()
    release(dsn)
    async with opened(dsn, CODE) as utility:
        yield utility


def release(dsn: str) -> None:
    """This will make all its tables."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        create_control_schema(connection)
        create_utility(connection, CODE, 0, UtilitySecrets(MASTER, CODE))


def context() -> Context:
    """This will say that Juice acts, now."""
    return Context(at=datetime.now(UTC), by="juice", correlation_id=uuid4())


def receipt() -> Receipt:
    """This will give a receipt with a number of its own."""
    return msgspec.structs.replace(RECEIPT, juice_number=uuid4().hex)


class WalletCommands:
    """Commands of one utility. `keyed` ones come with an Idempotency-Key each, as the API's do; feeds give them without."""

    def __init__(self, utility: OpenUtility, *, keyed: bool) -> None:
        self._portal = utility.portal
        self._log = utility.log
        self._secrets = utility.secrets
        self._keyed = keyed

    async def create(self) -> int:
        """This will open a wallet, and give the event's position."""
        now = context()
        claim = await self._claim(now)
        wallet = Wallet(self._portal.new_id(now))
        wallet.open(now, account_id=uuid4(), currency=wallets.CURRENCY)
        return await self._portal.save(wallet, records=self._answer(claim, wallet.id))

    async def take(self, wallet_id: UUID) -> int:
        """This will take a transaction into a wallet, and give the event's position."""
        now = context()
        claim = await self._claim(now)
        told = receipt()

        async def command() -> int:
            wallet = await self._portal.load(Wallet, wallet_id)
            wallet.take_transaction(now, kind="Cash", receipt=told)
            return await self._portal.save(wallet, records=self._answer(claim, wallet_id))

        return await self._portal.attempt(command)

    async def fill(self, events: int) -> UUID:
        """This will make a wallet of so many events."""
        now = context()
        wallet = Wallet(self._portal.new_id(now))
        wallet.open(now, account_id=uuid4(), currency=wallets.CURRENCY)
        while wallet.version < events:
            wallet.take_transaction(now, kind="Cash", receipt=receipt())
        await self._portal.save(wallet)
        return wallet.id

    async def _claim(self, now: Context) -> Claimed | None:
        if not self._keyed:
            return None
        body = msgspec.json.encode({"currency": wallets.CURRENCY, "at": now.at})
        claim = await self._log.claim(SCOPE, str(uuid4()), self._secrets.body_hash(body), now.at)
        if not isinstance(claim, Claimed):
            raise AssertionError("nobody else has this key")
        return claim

    def _answer(self, claim: Claimed | None, wallet_id: UUID) -> Sequence[Record]:
        if claim is None:
            return ()
        body = msgspec.json.encode({"wallet_id": wallet_id})
        return [Answered(scope=claim.scope, key=claim.key, claimant=claim.claimant, status=201, body=body)]


def randomly(ids: Sequence[UUID]) -> UUID:
    """This will choose one of them."""
    return ids[int.from_bytes(os.urandom(4)) % len(ids)]
