"""A reader who is served by a real streaming replica, and never goes back in time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from domain.wallet import Debt
from eventlog.replica import Replica, ReplicaAway
from projections import analysts
from projections.as_new import Standing
from projections.glance import Glance
from projections.rebuild import Rebuild
from projections.registry import all_projections
from projections.views import Views
from tests.domain.scenario import NOON
from tests.eventlog.scenes import until
from tests.projections.lives import JUICE, live, told
from tests.replica import Pair
from tests.utility import OpenUtility, opened

numbers = count(2001)


class Worker:
    """A web worker, as far as it reads: with connections of its own, and a note of who served each read."""

    def __init__(self, utility: OpenUtility, replica: Replica) -> None:
        self.served: list[str] = []
        self.views: Views = utility.views.beside(replica, self.served.append)

    async def glance(self, account_id: UUID) -> Glance:
        return await self.views.glance.of(account_id, since=NOON - timedelta(days=90), now=NOON)

    async def owed(self, account_id: UUID) -> int:
        """What the account owes, as its dashboard says."""
        shown = (await self.glance(account_id)).dashboard
        assert shown is not None
        return shown.arrears_total


class Customer:
    """An account whose debt changes: what it owes tells the readers' times apart."""

    def __init__(self, utility: OpenUtility, number: str, account_id: UUID) -> None:
        self.utility, self.number, self.account_id = utility, number, account_id

    async def owes(self, balance: int) -> None:
        debt = Debt(
            debt_id="D1", description="Meter", balance=balance, original=9000, share=25, plan="share", opened_on="2025-01-01"
        )
        await self.utility.portal.learn_arrears(
            JUICE, account_number=self.number, debts=(debt,), as_of=NOON + timedelta(minutes=balance)
        )
        await self.utility.project()


@pytest.fixture
async def utility(pair: Pair) -> AsyncIterator[OpenUtility]:
    async with opened(pair.primary, "test") as utility:
        yield utility


@pytest.fixture
async def customer(utility: OpenUtility) -> Customer:
    number = str(next(numbers))
    await utility.portal.learn_account(JUICE, told(number), currency="ZAR")
    customer = Customer(utility, number, (await utility.portal.find(number)).account_id)
    await customer.owes(1)
    return customer


@asynccontextmanager
async def working(utility: OpenUtility, pair: Pair) -> AsyncIterator[Worker]:
    """This will open a worker, and wait until its replica answers."""
    replica = Replica(pair.replica)
    await replica.open()
    try:
        await answering(replica)
        yield Worker(utility, replica)
    finally:
        await replica.close()


async def answering(replica: Replica) -> None:
    """This will wait until the replica answers."""

    async def ask(connection: psycopg.AsyncConnection[Any]) -> None:
        await connection.execute("SELECT 1")

    async with asyncio.timeout(30):
        while True:
            try:
                return await replica.ask(ask, patience_s=5)
            except ReplicaAway:
                await asyncio.sleep(0.01)


@pytest.fixture
async def worker(utility: OpenUtility, pair: Pair) -> AsyncIterator[Worker]:
    async with working(utility, pair) as worker:
        yield worker


class AReaderBesideAReplica:
    async def test_is_served_by_it(self, pair: Pair, worker: Worker, customer: Customer) -> None:
        pair.caught_up()
        assert await worker.owed(customer.account_id) == 1
        assert worker.served == ["replica"]
        with psycopg.connect(pair.replica) as connection:
            asked = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'seed replica' AND query LIKE 'WITH asked%'"
            ).fetchone()
        assert asked == (1,)

    async def test_is_shown_nothing_older_than_what_anybody_was(
        self, pair: Pair, utility: OpenUtility, worker: Worker, customer: Customer
    ) -> None:
        async with working(utility, pair) as other_worker:
            with pair.paused():
                await customer.owes(2)
                for each in (worker, other_worker, worker):
                    assert await each.owed(customer.account_id) == 2
                assert {*worker.served, *other_worker.served} == {"behind"}
            pair.caught_up()
            assert await worker.owed(customer.account_id) == 2
            assert worker.served[-1] == "replica"

    async def test_is_served_by_one_that_takes_no_news_while_there_is_none(
        self, pair: Pair, worker: Worker, customer: Customer
    ) -> None:
        pair.caught_up()
        with pair.paused():
            assert await worker.owed(customer.account_id) == 1
        assert worker.served == ["replica"]

    async def test_sees_its_own_command(self, pair: Pair, worker: Worker, customer: Customer) -> None:
        with pair.paused():
            await customer.owes(3)
            assert await worker.views.reached(await worker.views.position())
            assert await worker.owed(customer.account_id) == 3
        assert worker.served == ["behind"]

    async def test_sees_a_rebuilt_table_as_soon_as_it_is_switched(
        self, pair: Pair, utility: OpenUtility, worker: Worker, customer: Customer
    ) -> None:
        pair.caught_up()
        (dashboard,) = (each for each in all_projections(utility.secrets.mac) if each.name == "dashboard")
        with pair.paused():
            await Rebuild(utility.dsn, utility.log, dashboard, lambda *_: None).run()
            assert await worker.owed(customer.account_id) == 1
        assert worker.served == ["behind"]

    async def test_who_asks_for_an_analysis_waits_a_moment_for_the_replica(
        self, pair: Pair, worker: Worker, utility: OpenUtility
    ) -> None:
        await live(utility.portal, str(next(numbers)))
        await utility.project()
        assert await worker.views.arrears_ageing.of([NOON.date()])
        assert worker.served in (["replica"], ["behind"])
        pair.caught_up()
        assert await worker.views.arrears_ageing.of([NOON.date()]) == await utility.views.arrears_ageing.of([NOON.date()])
        assert worker.served[-1] == "replica"

    async def test_never_goes_back_whoever_serves_it(self, pair: Pair, utility: OpenUtility, customer: Customer) -> None:
        async with working(utility, pair) as one, working(utility, pair) as another:
            done = asyncio.Event()

            async def change() -> None:
                for balance in range(10, 90):
                    if balance in (30, 60):
                        with pair.paused():
                            for late in range(5):
                                await customer.owes(balance * 100 + late)
                    await customer.owes((balance + 1) * 100 - 1)
                done.set()

            async def read() -> int:
                shown, reads = 0, 0
                while not done.is_set():
                    for worker in (one, another):
                        owed = await worker.owed(customer.account_id)
                        assert owed >= shown
                        shown, reads = owed, reads + 1
                return reads

            *reads, _ = await asyncio.gather(read(), read(), change())
        served = one.served + another.served
        assert all(reads) and "replica" in served and "behind" in served


class AStanding:
    @pytest.mark.parametrize("other", [{"position": 8}, {"tables": [1, 3]}, {"server": 6}, {"is_replica": False}])
    def test_is_as_new_where_the_position_is_and_the_tables_the_server_and_its_part_are_the_same(
        self, other: dict[str, Any]
    ) -> None:
        primary = Standing(position=9, tables=[1, 2], server=5, is_replica=False)
        replica = primary._replace(is_replica=True)
        assert replica.is_as_new_as(primary) and replica._replace(position=10).is_as_new_as(primary)
        assert not replica._replace(**other).is_as_new_as(primary)


class AReplicaThatGoesAway:
    async def test_is_not_missed(self, pair: Pair, worker: Worker, customer: Customer) -> None:
        pair.caught_up()
        wrong: list[int] = []
        stop = asyncio.Event()

        async def read() -> None:
            while not stop.is_set():
                owed = await worker.owed(customer.account_id)
                if owed != 1:
                    wrong.append(owed)
                await asyncio.sleep(0)

        readers = [asyncio.create_task(read()) for _ in range(8)]
        await until(lambda: "replica" in worker.served)
        await asyncio.to_thread(pair.kill)
        worker.served.clear()
        await until(lambda: worker.served.count("away") > 50)
        await asyncio.to_thread(pair.start)
        worker.served.clear()
        await until(lambda: "replica" in worker.served)
        stop.set()
        await asyncio.gather(*readers)
        assert not wrong

    async def test_is_left_alone_once_it_is_no_replica_any_more(
        self, pair: Pair, utility: OpenUtility, customer: Customer
    ) -> None:
        with pair.another() as promoted:
            async with working(utility, promoted) as worker:
                promoted.caught_up()
                await worker.owed(customer.account_id)
                promoted.promote()
                assert await worker.owed(customer.account_id) == 1
        assert worker.served == ["replica", "behind"]

    async def test_of_another_server_is_never_read(self, utility: OpenUtility, utility_database: str, customer: Customer) -> None:
        replica = Replica(utility_database)
        await replica.open()
        await answering(replica)
        worker = Worker(utility, replica)
        assert await worker.owed(customer.account_id) == 1
        assert worker.served == ["behind"]
        await replica.close()


class AnAnalyst:
    async def test_reads_the_replica_by_sql(self, pair: Pair, utility: OpenUtility) -> None:
        await live(utility.portal, str(next(numbers)))
        await utility.project()
        with psycopg.connect(pair.primary, autocommit=True) as connection:
            role, password = analysts.add_analyst(
                connection, os.urandom, code="test", schema=utility.schema, name="ann", now=NOON
            )
            pair.caught_up()
            with psycopg.connect(make_conninfo(pair.replica, user=role, password=password)) as analyst:
                for view in analysts.VIEWS:
                    assert analyst.execute(f"SELECT * FROM {view.name}").fetchall(), view.name
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    analyst.execute("SELECT * FROM u_test.dashboard")
            analysts.remove_analyst(connection, code="test", name="ann")
