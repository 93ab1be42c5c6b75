"""The demo: waits until Seed has learnt what the Juice stand-in knows, makes a few logins, and writes demo.json.

Everything is learnt through Juice's feeds, as it would be in life. Only the passwords of the ready-made logins are chosen
here, since their owners are nobody.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg import sql
from rich.progress import BarColumn, Progress, TextColumn

from cli import demo_people
from cli.deployment import Deployment, Utility, opened
from cli.workers import context, now
from config import Settings, UtilitySettings
from domain.clock import Clock
from domain.log import Position
from domain.passwords import make_password
from vending.feeds import ORDER
from web.access.api_keys import create_api_key
from web.access.roles import Role

LOGINS = 3
"""Accounts of each utility that get a password to log in with, beside one that is always about to run out."""

EAGER = Clock(pace="often", quiet=None)
"""That one's clock: its notices come at once, whatever the hour."""

LOOK_AGAIN_S = 0.2
PATIENCE_S = 60.0

KEYS = {"staff": Role.STAFF, "auditor": Role.AUDITOR, "analyst": Role.ANALYST, "operator": Role.OPERATOR}


def prepare(settings: Settings) -> None:
    """This will wait for the feeds, with a progress bar, and write `demo.json`, readable by its owner only."""
    asyncio.run(_prepare(settings))


async def _prepare(settings: Settings) -> None:
    path = settings.data_dir / "demo.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    async with opened(settings, name="demo", connections=4) as deployment:
        told = [await _told(utility, deployment.client) for utility in deployment.settings.utilities]
        await _learnt(deployment, told)
        passwords = {
            (utility["code"], account["number"]): account["password"]
            for utility in known.get("utilities", ())
            for account in utility["accounts"]
            if "password" in account
        }
        utilities = [await _described(utility, demo, passwords) for utility, demo in zip(deployment.utilities, told, strict=True)]
        people = {utility["code"]: utility["people"] for utility in known.get("utilities", ()) if "people" in utility}
        for utility, described in zip(deployment.utilities, utilities, strict=True):
            described["people"] = people.get(utility.code) or await demo_people.let_in(deployment, utility)
        demo = {
            **_addresses(deployment),
            "keys": _keys(deployment.dsn, known.get("keys", {})),
            "utilities": utilities,
        }
    _write(path, json.dumps(demo, indent=1))


async def _told(utility: UtilitySettings, client: httpx.AsyncClient) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {utility.juice_key}", "X-Juice-Media-Type": "juice.v1"}
    reply = await client.get(f"{utility.juice_url}/__demo", headers=headers)
    reply.raise_for_status()
    told: dict[str, Any] = reply.json()
    return told


async def _learnt(deployment: Deployment, told: Sequence[dict[str, Any]]) -> None:
    """Done is when no feed has anything past its cursor, and the read models are at the log's end."""
    accounts = sum(len(demo["accounts"]) for demo in told)
    count = TextColumn("{task.completed:.0f} of {task.total:.0f} {task.description}")
    columns = (TextColumn("  Learning from Juice"), BarColumn(), count)
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task("accounts", total=accounts)
        while True:
            bar.update(task, completed=await _accounts(deployment))
            left = [feed for utility in deployment.utilities for feed in ORDER if not await _is_read(utility, feed)]
            if not left:
                break
            bar.update(task, description=f"accounts, reading {left[0]}")
            await asyncio.sleep(LOOK_AGAIN_S)
        for utility in deployment.utilities:
            await utility.views.caught_up(wait_s=PATIENCE_S)


async def _is_read(utility: Utility, feed: Any) -> bool:
    cursor = await utility.log.feed_cursor(feed)
    page = await utility.juice.feed(feed, after=cursor, limit=1)
    return not page.items


async def _accounts(deployment: Deployment) -> int:
    return sum([await _known(utility) for utility in deployment.utilities])


async def _known(utility: Utility) -> int:
    count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(utility.schema, "dashboard"))
    [[number]] = await utility.views.dashboard.rows(count)
    return int(number)


async def _described(utility: Utility, demo: dict[str, Any], passwords: dict[tuple[str, str], str]) -> dict[str, Any]:
    for account in _logins(demo["accounts"]):
        known = passwords.get((utility.code, account["number"]))
        account["password"] = await _password(utility, account["number"], known)
        if account["buys_little"] and known is None:
            account_id = (await utility.portal.find(account["number"])).account_id
            await utility.portal.set_clock(context("system:demo")(), account_id=account_id, clock=EAGER, via_issue=None)
    return {
        "code": utility.code,
        "host": utility.hosts[0] if utility.hosts else "127.0.0.1",
        "site": utility.site,
        "accounts": demo["accounts"],
        "cards": demo["cards"],
    }


def _logins(accounts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A few accounts to log in to: STS meters first, one AMI meter, and one that is about to run out."""
    sts = [account for account in accounts if account["meter_kind"] == "STS"][: LOGINS - 1]
    ami = [account for account in accounts if account["meter_kind"] == "AMI"][:1]
    return [*sts, *ami, *(account for account in accounts if account["buys_little"])]


async def _password(utility: Utility, number: str, known: str | None) -> str:
    """The one that demo.json holds from an earlier start, or a new one."""
    portal = utility.portal
    account = await portal.account((await portal.find(number)).account_id)
    if known is not None and account.credentials.slow_hash is not None:
        return known
    password = make_password(os.urandom)
    slow_hash = await portal.passwords.slow_hash(password)

    async def choose() -> Position:
        # Again where something else happened to the account meanwhile, such as a notice of its low balance.
        account = await portal.account((await portal.find(number)).account_id)
        account.choose_password(context("system:demo")(), slow_hash=slow_hash, via_issue=None)
        return await portal.save(account, records=[portal.version_of(account)])

    await portal.attempt(choose)
    return password


def _keys(dsn: str, known: dict[str, str]) -> dict[str, str]:
    """Those that demo.json holds from an earlier start, and new ones for roles it holds none for."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return known | {
            name: create_api_key(connection, os.urandom, utility="*", role=role, name=f"demo-{name}", now=now())
            for name, role in KEYS.items()
            if name not in known
        }


def _addresses(deployment: Deployment) -> dict[str, str]:
    site = deployment.settings.url
    data_dir = deployment.settings.data_dir
    inbox = json.loads((data_dir / "inbox.ready").read_text()) if (data_dir / "inbox.ready").exists() else {}
    juice = json.loads((data_dir / "juice.ready").read_text()) if (data_dir / "juice.ready").exists() else {}
    cards = json.loads((data_dir / "cards.ready").read_text()) if (data_dir / "cards.ready").exists() else {}
    return {
        "site": site,
        "api": f"{site}/api/v1",
        "openapi": f"{site}/api/v1/openapi.json",
        "inbox": inbox.get("http", ""),
        "juice": juice.get("url", ""),
        "credit_cards": cards.get("url", ""),
    }


def _write(path: Path, text: str) -> None:
    fresh = path.with_suffix(".json.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    fresh.replace(path)
