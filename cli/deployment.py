"""Settings become objects: pools of connections, and for each utility its log, commands, read models and providers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg

from cli.ground import NotReady, database, master_key
from cli.names import schema_of
from cli.neighbours import with_juice
from config import Settings, UtilitySettings
from domain.portal import Portal
from eventlog.addresses import Address
from eventlog.log import EventLog, open_log
from eventlog.pool import Pool, make_pool
from eventlog.secrets import UtilitySecrets
from projections.account_history import AccountHistory
from projections.views import Views
from vending.card_provider_stripe import StripeCards
from vending.claims import Claims
from vending.juice import Juice
from vending.juice_http import HttpJuice
from vending.juice_without_advice import JuiceWithoutAdvice
from vending.work import PURCHASES, Work
from web.access.passwords import ArgonPasswords


@dataclass(frozen=True, kw_only=True)
class Utility:
    """One utility, with all that the rooms need of it. `site` is where its customers reach it.

    `pool` leads to its schema, at `address`, which may be another server than that of other utilities, and may change.
    """

    code: str
    schema: str
    address: Address
    pool: Pool
    site: str
    hosts: tuple[str, ...]
    secrets: UtilitySecrets
    log: EventLog
    portal: Portal
    views: Views
    juice: Juice
    cards: StripeCards | None
    history: AccountHistory


class Pools(NamedTuple):
    """Connections of one process: `home` reach the control schema; `counts` too, and commit without waiting for the disk; `keys`
    lead to the accounts' keys where these are kept in a database of their own.
    """

    home: Pool
    counts: Pool
    keys: Pool | None


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """Everything one process works with. `dsn` is the database of the control schema."""

    settings: Settings
    dsn: str
    pools: Pools
    client: httpx.AsyncClient
    passwords: ArgonPasswords
    utilities: tuple[Utility, ...]

    @property
    def pool(self) -> Pool:
        """Where the control schema is; each utility has a pool of its own."""
        return self.pools.home

    def chosen(self, code: str | None) -> tuple[Utility, ...]:
        """This will give the utility with that code, or all of them where none is asked for. Raises NotReady."""
        chosen = tuple(each for each in self.utilities if code in (None, each.code))
        if not chosen:
            codes = ", ".join(each.code for each in self.utilities)
            raise NotReady(f"There is no utility {code!r}: --utility takes one of {codes}.")
        return chosen


@asynccontextmanager
async def opened(settings: Settings, *, name: str, connections: int = 8, waits: bool = True) -> AsyncIterator[Deployment]:
    """This will open everything, and close it at the end. To be called in the event loop that uses it, after any fork.

    A service `waits` for what is only just starting; a command does not, and raises NotReady or psycopg.OperationalError.
    """
    # In a thread: it may wait for the stand-in's file, and a signal must not wait with it.
    settings = await asyncio.to_thread(with_juice, settings, waits=waits)
    dsn = database(settings, running=not waits)
    if not waits:
        await (await psycopg.AsyncConnection.connect(dsn, connect_timeout=5)).close()
    key = master_key(settings)
    async with AsyncExitStack() as stack:
        connecting = Connecting(name, connections, [])
        stack.push_async_callback(connecting.close)
        pools = await _pools(settings, dsn, connecting)
        client = await stack.enter_async_context(httpx.AsyncClient())
        passwords = ArgonPasswords()
        stack.callback(passwords.close)
        utilities = tuple(
            [
                await _utility(settings, each, place, dsn, pools, connecting, client, key, passwords)
                for place, each in enumerate(settings.utilities)
            ]
        )
        yield Deployment(settings=settings, dsn=dsn, pools=pools, client=client, passwords=passwords, utilities=utilities)


class Connecting(NamedTuple):
    """How the pools of one process are called, how large each is, and all that are open."""

    name: str
    connections: int
    pools: list[Pool]

    async def open(self, pool: Pool) -> Pool:
        """This will open a pool."""
        await pool.open()
        self.pools.append(pool)
        return pool

    async def close(self) -> None:
        """This will close all pools: the first, which looks addresses up for the others, after them; those all at once."""
        await asyncio.gather(*(pool.close() for pool in self.pools[1:]))
        for first in self.pools[:1]:
            await first.close()


async def _pools(settings: Settings, dsn: str, connecting: Connecting) -> Pools:
    name, keys = f"seed {connecting.name}", settings.keys_database_url
    return Pools(
        home=await connecting.open(make_pool(dsn, size=connecting.connections, name=name)),
        counts=await connecting.open(make_pool(dsn, least=0, size=4, name=f"{name} counts", waits_for_disk=False)),
        keys=await connecting.open(make_pool(keys, size=2, name=f"{name} keys")) if keys is not None else None,
    )


async def _utility(
    settings: Settings,
    each: UtilitySettings,
    place: int,
    dsn: str,
    pools: Pools,
    connecting: Connecting,
    client: httpx.AsyncClient,
    master: bytes,
    passwords: ArgonPasswords,
) -> Utility:
    secrets = UtilitySecrets(master, each.code)
    schema = schema_of(each.code)
    address, name = Address(pools.home, dsn, each.code, schema, secrets), connecting.name
    pool = await connecting.open(address.pool(size=connecting.connections, name=name))
    claims = await connecting.open(address.pool(least=0, size=4, name=f"{name} claims", waits_for_disk=False))
    log = open_log(pool, schema, secrets, os.urandom, key_pool=pools.keys, claim_pool=claims)
    portal = Portal(
        log,
        code=each.code,
        natural_id=secrets.natural_id,
        mac=secrets.mac,
        passwords=passwords.under(secrets),
        randomness=os.urandom,
    )
    return Utility(
        code=each.code,
        schema=schema,
        address=address,
        pool=pool,
        site=site_of(settings.url, each.hosts, first=place == 0),
        hosts=each.hosts,
        secrets=secrets,
        log=log,
        portal=portal,
        views=Views(pool, schema, secrets.mac),
        juice=_juice(each, client, portal, Work(pool, schema, PURCHASES)),
        cards=_cards(each, client),
        history=AccountHistory(pool, log),
    )


def _juice(each: UtilitySettings, client: httpx.AsyncClient, portal: Portal, purchases: Work) -> Juice:
    juice = HttpJuice(each.juice_url, each.juice_key, client=client, knows_messages=each.juice_advice)
    return juice if each.juice_advice else JuiceWithoutAdvice(juice, Claims(portal, purchases.under_way))


def _cards(each: UtilitySettings, client: httpx.AsyncClient) -> StripeCards | None:
    if each.cards_key is None or each.cards_webhook_secret is None:
        return None
    return StripeCards(each.code, each.cards_key, each.cards_webhook_secret, url=each.cards_url, client=client)


def site_of(url: str, hosts: tuple[str, ...], *, first: bool) -> str:
    """This will give a utility's address: the deployment's own for the first, the same under its own host name for another."""
    if first or not hosts:
        return url
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit(parts._replace(netloc=hosts[0] + port))
