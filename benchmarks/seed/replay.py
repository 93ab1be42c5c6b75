"""Contestant: Seed reads and folds a long history, from the database each time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

from benchmarks import wallets
from benchmarks.contestant import Told, contest_in_loop, task, told
from benchmarks.seed.wallet_commands import context, receipt, utility
from domain.account import Account
from domain.records import AccountKeyCreated
from domain.wallet import Wallet
from projections.account_history import as_it_was
from tests.utility import OpenUtility


async def filled(opened: OpenUtility, events: int) -> Account:
    """This will make an account whose wallet has the history."""
    now = context()
    account, wallet = Account(uuid4()), Wallet(uuid4())
    account.open(now, number="4100017", name="A Person", address="1 Long Street", language="en", wallet_id=wallet.id)
    wallet.open(now, account_id=account.id, currency=wallets.CURRENCY)
    while wallet.version < events:
        wallet.take_transaction(now, kind="Cash", receipt=receipt())
    await opened.portal.save(account, wallet, records=[AccountKeyCreated(account_id=account.id)])
    return account


async def folded(opened: OpenUtility, account_id: UUID) -> int:
    """This will fold the account's whole history, as `seed history` does, and give the wallet's version."""
    _, wallet = await as_it_was(opened.history.of(account_id), account_id)
    return wallet.version if wallet is not None else 0


async def main(asked: dict[str, Any]) -> None:
    """This will fold for so many seconds whenever it is asked to."""
    async with utility(asked["dsn"]) as opened:
        account = await filled(opened, asked["events"])

        async def loaded() -> int:
            return (await opened.portal.load(Wallet, account.wallet_id)).version

        async def history() -> int:
            return await folded(opened, account.id)

        replay: Callable[[], Awaitable[int]] = loaded if asked["what"] == "wallet" else history

        async def work() -> Told:
            taken: list[float] = []
            began = last = time.perf_counter()
            while last - began < asked["seconds"]:
                if await replay() != asked["events"]:
                    raise AssertionError("the history is not whole")
                now = time.perf_counter()
                taken.append(now - last)
                last = now
            return told(taken, last - began, len(taken) * asked["events"])

        await work()
        await contest_in_loop(work)


if __name__ == "__main__":
    asyncio.run(main(task()))
