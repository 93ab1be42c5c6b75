"""Contestant: the library `eventsourcing` as it comes, with its own recorder for PostgreSQL: locks, notifies, inserts."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import IntegrityError

from benchmarks import wallets
from benchmarks.contestant import Told, contest, in_threads, task

SAVED_TOGETHER = 100
"""An insert of ten thousand events at once never comes back: client and server each wait for the other."""


class CurrencyDiffers(Exception):
    """As in Seed's wallet."""


class LibraryWallet(Aggregate):
    """A wallet in the library's own style."""

    @event("Opened")
    def __init__(self, at: str, by: str, correlation_id: str, account_id: str, currency: str) -> None:
        self.account_id, self.currency, self.balance = account_id, currency, 0
        self.juice_numbers: set[str] = set()

    def take_transaction(self, at: str, by: str, correlation_id: str, kind: str, receipt: dict[str, Any]) -> None:
        """This will decide, and record what Juice told."""
        if receipt["currency"] != self.currency:
            raise CurrencyDiffers
        if receipt["juice_number"] not in self.juice_numbers:
            self._record(at, by, correlation_id, kind, receipt)

    @event("TransactionRecorded")
    def _record(self, at: str, by: str, correlation_id: str, kind: str, receipt: dict[str, Any]) -> None:
        self.balance += receipt["wallet_change"]
        self.juice_numbers.add(receipt["juice_number"])


def environment(asked: dict[str, Any]) -> dict[str, str]:
    """This will give the library's settings: where the database is, and all others as they come."""
    where = asked["database"]
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": where["dbname"],
        "POSTGRES_HOST": where["host"],
        "POSTGRES_PORT": where.get("port", "5432"),
        "POSTGRES_USER": where["user"],
        "POSTGRES_PASSWORD": where["password"],
    }


def application(asked: dict[str, Any]) -> Application[UUID]:
    """This will open the library's application on the task's database."""
    return Application(env=environment(asked))


def filled(app: Application[UUID], events: int) -> UUID:
    """This will make a wallet of so many events."""
    wallet = LibraryWallet(**wallets.opened())
    for number in range(1, events):
        wallet.take_transaction(**wallets.moved())
        if number % SAVED_TOGETHER == 0:
            app.save(wallet)
    app.save(wallet)
    return wallet.id


def command(app: Application[UUID], asked: dict[str, Any]) -> Callable[[], object]:
    """This will give the command that is measured."""
    if asked["work"] == "create":
        return lambda: app.save(LibraryWallet(**wallets.opened()))
    ids = [filled(app, asked["events"]) for _ in range(asked["wallets"])]

    def take() -> None:
        told = wallets.moved()
        wallet_id = random.choice(ids)  # noqa: S311 (which wallet, no secret)
        while True:
            wallet: LibraryWallet = app.repository.get(wallet_id)
            wallet.take_transaction(**told)
            try:
                app.save(wallet)
                return
            except IntegrityError:  # somebody else was faster
                continue

    return take


def main(asked: dict[str, Any]) -> None:
    """This will make the wallets, and append whenever it is asked to."""
    app = application(asked)
    measured = command(app, asked)

    def work(seconds: float = asked["seconds"]) -> Told:
        return in_threads(measured, asked["callers"], seconds)

    work(asked["warm_up_s"])
    contest(work)
    app.close()


if __name__ == "__main__":
    main(task())
