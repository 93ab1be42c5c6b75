"""Analysts' facts over random histories: they are what a plain fold of the events says, whenever and however they are asked."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection

from domain import redemption_events as card_events
from domain import ticket_events
from domain.account_events import MeterInstalled
from domain.aggregate import Refusal
from domain.event import Context
from domain.redemption import CardRedemption
from domain.ticket import Ticket
from domain.utility import Utility
from domain.wallet import ArrearsStated, Debt, Line, Receipt, TransactionRecorded, Wallet
from eventlog.follower import Recorded
from projections.arrears_ageing import ArrearsAgeingProjection, ArrearsAgeingView
from projections.periods import Period
from projections.projection import Place
from projections.recovery import RecoveryView
from projections.redemption_times import RedemptionTimesProjection, RedemptionTimesView
from projections.registry import all_projections
from projections.sales import SalesProjection, SalesView
from projections.ticket_times import TicketTimesProjection, TicketTimesView
from tests.projections.test_read_models import dump
from tests.web.scene import DESCRIPTION

PLACE = Place("u_test")
FIRST = date(2026, 3, 1)
ZONES = ("Africa/Johannesburg", "Pacific/Kiritimati", "Pacific/Pago_Pago")
PROJECTIONS = (ArrearsAgeingProjection(), SalesProjection(), RedemptionTimesProjection(), TicketTimesProjection())
WHOLE = [Period(FIRST - timedelta(days=600), FIRST + timedelta(days=200))]


def numbered(kind: int, number: int) -> UUID:
    return UUID(int=(kind << 64) + number)


amounts = st.integers(0, 400)
lines = st.tuples(st.integers(0, 2), amounts, amounts)
actions = st.one_of(
    st.tuples(
        st.just("pay"), st.integers(0, 1), st.sampled_from(["Cash", "Reversal"]), st.lists(lines, max_size=2), st.integers(0, 60)
    ),
    st.tuples(st.just("state"), st.integers(0, 1), st.dictionaries(st.integers(0, 2), st.tuples(amounts, st.integers(0, 500)))),
    st.tuples(st.just("card"), st.integers(0, 1), st.sampled_from(["reserve", "send", "doubt", "settle", "absent", "found"])),
    st.tuples(st.just("ticket"), st.integers(0, 1), st.sampled_from(["open", "ask", "answer", "close", "reopen"])),
)
steps = st.lists(st.tuples(st.integers(0, 30), actions), max_size=40)


class OneConnection:
    """Stands for the pool that views read from."""

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        self._connection = connection

    @asynccontextmanager
    async def connection(self, within_s: float | None = None) -> AsyncIterator[AsyncConnection[Any]]:
        yield self._connection


class Life:
    """What happened: the domain's own aggregates are told what to do, and what they refuse did not happen."""

    def __init__(self) -> None:
        self.at = datetime.combine(FIRST, time(6), UTC)
        self.aggregates: dict[UUID, Any] = {}
        self.recorded: list[Recorded] = []
        self.move_to("Africa/Johannesburg")
        for account in (0, 1):
            self.do(
                Wallet,
                numbered(1, account),
                lambda wallet, by, n=account: wallet.open(by, account_id=numbered(9, n), currency="ZAR"),
            )

    def do(self, kind: type[Any], id: UUID, command: Any, by: str = "juice") -> None:
        aggregate = self.aggregates.setdefault(id, kind(id))
        try:
            command(aggregate, Context(at=self.at, by=by, correlation_id=UUID(int=7)))
        except Refusal:
            return
        self.recorded += [Recorded(len(self.recorded) + n, event) for n, event in enumerate(aggregate.collect_events(), 1)]

    def move_to(self, zone: str) -> None:
        described = msgspec.structs.replace(DESCRIPTION, zone=zone)
        self.do(Utility, numbered(0, 0), lambda utility, by: utility.describe(by, described))

    def step(self, hours: int, action: Any) -> None:
        self.at += timedelta(hours=hours)
        name, *told = action
        getattr(self, name)(*told)

    def pay(self, account: int, kind: str, paid: Any, late: int) -> None:
        arrears = tuple(
            Line(kind="arrears", amount=amount, debt_id=f"D{debt}", balance_before=after + amount, balance_after=after)
            for debt, amount, after in paid
        )
        receipt = Receipt(
            juice_number=f"{len(self.recorded)}",
            happened_at=self.at - timedelta(hours=late),
            amount=100 + sum(line.amount for line in arrears),
            currency="ZAR",
            lines=(Line(kind="tax", amount=100), *arrears),
            wallet_change=0,
            wallet_balance=0,
        )
        self.do(Wallet, numbered(1, account), lambda wallet, by: wallet.take_transaction(by, kind=kind, receipt=receipt))

    def state(self, account: int, debts: Any) -> None:
        stated = tuple(
            Debt(
                debt_id=f"D{number}",
                description="",
                balance=balance,
                original=balance,
                share=25,
                plan="share",
                opened_on=str(FIRST - timedelta(days=age)),
            )
            for number, (balance, age) in sorted(debts.items())
        )
        self.do(Wallet, numbered(1, account), lambda wallet, by: wallet.state_arrears(by, debts=stated, as_of=self.at))

    def card(self, number: int, move: str) -> None:
        message = numbered(3, number)
        receipt = Receipt(
            juice_number="1", happened_at=self.at, amount=50, currency="ZAR", lines=(), wallet_change=0, wallet_balance=0
        )
        reservation: dict[str, Any] = {
            **{"account_id": numbered(9, 0), "wallet_id": numbered(1, 0), "meter_id": None, "message_id": message},
            **{"secret_id": message, "amount": 50, "currency": "ZAR"},
        }
        moves = {
            "reserve": lambda card, by: card.reserve(by, **reservation),
            "send": lambda card, by: card.send(by, message_id=message),
            "doubt": lambda card, by: card.doubt(by, message_id=message, reason="silent"),
            "settle": lambda card, by: card.settle(by, message_id=message, receipt=receipt),
            "absent": lambda card, by: card.prove_absent(by, message_id=message, rule="CardUsed"),
            "found": lambda card, by: card.find_made(by, message_id=message, receipt=receipt),
        }
        self.do(CardRedemption, numbered(2, number), moves[move])

    def ticket(self, number: int, move: str) -> None:
        opening = {
            "account_id": numbered(9, 0),
            "reference": "K",
            "topic": ("meter", "card")[number],
            "subject": "a",
            "text": "b",
        }
        if move != "open" and numbered(4, number) not in self.aggregates:
            return
        by, command = {
            "open": ("customer", lambda ticket, by: ticket.open(by, **opening)),
            "ask": ("customer", lambda ticket, by: ticket.comment(by, text="a")),
            "answer": ("staff:ann", lambda ticket, by: ticket.comment(by, text="a")),
            "close": ("staff:ann", lambda ticket, by: ticket.close(by, comment="a")),
            "reopen": ("customer", lambda ticket, by: ticket.reopen(by, text="a")),
        }[move]
        self.do(Ticket, numbered(4, number), command, by)


def day_of(moment: datetime, zone: str = ZONES[0]) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def known(life: Life, day: date) -> list[Any]:
    """The events that had been recorded at the end of a day."""
    return [each.event for each in life.recorded if day_of(each.event.at) <= day]


def plainly_owed(events: list[Any], day: date) -> Counter[str]:
    """Bucket -> balance, by the domain's own fold of each wallet."""
    wallets: dict[UUID, Wallet] = {}
    for event in events:
        if type(event) in Wallet.EVOLVERS:
            wallets.setdefault(event.originator_id, Wallet(event.originator_id)).replay([event])
    owed: Counter[str] = Counter()
    for debt in (debt for wallet in wallets.values() for debt in wallet.debts):
        age = (day - date.fromisoformat(debt.opened_on)).days
        limits = ((30, "0-30"), (60, "31-60"), (90, "61-90"), (180, "91-180"), (365, "181-365"))
        owed[next((name for most, name in limits if age <= most), "over-365")] += debt.balance
    return +owed


def plainly_collected(events: list[Any]) -> Counter[date]:
    paid: Counter[date] = Counter()
    for event in events:
        if isinstance(event, TransactionRecorded):
            paid[day_of(event.receipt.happened_at)] += sum(line.amount for line in event.receipt.lines if line.kind == "arrears")
    return +paid


def plainly_sold(events: list[Any]) -> Counter[tuple[date, str]]:
    sold: Counter[tuple[date, str]] = Counter()
    for event in events:
        if isinstance(event, TransactionRecorded):
            sold[day_of(event.receipt.happened_at), event.kind] += event.receipt.amount
    return +sold


def plainly_redeemed(events: list[Any]) -> Counter[str]:
    """Each attempt by what it came to, and how many were ever in doubt."""
    attempts: defaultdict[UUID, list[list[Any]]] = defaultdict(list)
    for event in events:
        if isinstance(event, card_events.RedemptionReserved):
            attempts[event.originator_id].append([event])
        elif type(event).__module__ == card_events.__name__:
            attempts[event.originator_id][-1].append(event)
    counted: Counter[str] = Counter()
    for attempt in (attempt for of_card in attempts.values() for attempt in of_card):
        kinds, end = [type(event) for event in attempt], attempt[-1]
        made = {card_events.RedemptionSettled, card_events.RedemptionFoundMade} & set(kinds)
        outcome = "redeemed" if made else "absent" if card_events.RedemptionProvenAbsent in kinds else ""
        counted["reserved"] += 1
        counted["doubted"] += card_events.RedemptionDoubted in kinds
        counted["in_doubt"] += not outcome and card_events.RedemptionDoubted in kinds
        if outcome:
            counted[outcome] += 1
            counted["seconds"] += int((end.at - attempt[0].at).total_seconds())
    return +counted


def plainly_answered(events: list[Any]) -> Counter[str]:
    threads: defaultdict[UUID, list[Any]] = defaultdict(list)
    for event in events:
        if type(event).__module__ == ticket_events.__name__:
            threads[event.originator_id].append(event)
    counted: Counter[str] = Counter()
    for opened, *rest in threads.values():
        answers = [event for event in rest if event.by == "staff:ann"]
        states = [event for event in rest if isinstance(event, ticket_events.TicketClosed | ticket_events.TicketReopened)]
        counted["opened"] += 1
        counted["reopened"] += sum(isinstance(event, ticket_events.TicketReopened) for event in states)
        if answers:
            counted["answered"] += 1
            counted["seconds_to_answer"] += int((answers[0].at - opened.at).total_seconds())
        if states and isinstance(states[-1], ticket_events.TicketClosed):
            counted["closed"] += 1
            counted["seconds_to_close"] += int((states[-1].at - opened.at).total_seconds())
    return +counted


async def apply(connection: AsyncConnection[Any], batch: list[Recorded]) -> None:
    async with connection.transaction(), connection.cursor() as cursor:
        for projection in PROJECTIONS:
            mine = [recorded for recorded in batch if type(recorded.event) in projection.handlers]
            if mine:
                await projection.apply(cursor, PLACE, mine)


async def told(pool: Any, day: date) -> dict[str, Any]:
    """Everything that the views say as of a day."""
    ages = await ArrearsAgeingView(pool, "u_test").of([day])
    sold = await SalesView(pool, "u_test").of([Period(d, d) for d in _days(day)], as_of=day)
    recovered = await RecoveryView(pool, "u_test").of([Period(d, d) for d in _days(day)], as_of=day)
    cards = await RedemptionTimesView(pool, "u_test").of(WHOLE, as_of=day)
    requests = await TicketTimesView(pool, "u_test").of(WHOLE, as_of=day)
    return {
        "owed": +Counter({row.bucket: row.balance for row in ages}),
        "collected": +Counter({row.period: row.collected for row in recovered}),
        "closing": recovered[-1].closing if recovered else 0,
        "sold": +Counter({(row.period, row.channel): row.amount for row in sold}),
        "cards": _counted(cards, "reserved", "redeemed", "absent", "in_doubt", "doubted", "seconds"),
        "requests": _counted(requests, "opened", "answered", "closed", "reopened", "seconds_to_answer", "seconds_to_close"),
    }


def _days(day: date) -> list[date]:
    return [day - timedelta(days=back) for back in range(60, -1, -1)]


def _counted(rows: Any, *names: str) -> Counter[str]:
    return +Counter({name: sum(getattr(row, name) for row in rows) for name in names})


def emptied(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for table in (table for projection in PROJECTIONS for table in projection.tables):
            connection.execute(f"TRUNCATE u_test.{table.name}")


@pytest.fixture
def facts(utility_database: str) -> str:
    return utility_database


GENERATED = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


class Facts:
    @GENERATED
    @given(steps=steps)
    def test_say_at_the_end_of_each_day_and_for_ever_after_what_a_plain_fold_says(self, facts: str, steps: Any) -> None:
        emptied(facts)
        life = Life()
        for hours, action in steps:
            life.step(hours, action)

        async def play() -> None:
            async with await AsyncConnection.connect(facts, autocommit=True) as connection:
                pool = OneConnection(connection)
                then: dict[date, dict[str, Any]] = {}
                for day in sorted({day_of(each.event.at) for each in life.recorded}):
                    await apply(connection, [each for each in life.recorded if day_of(each.event.at) == day])
                    then[day] = await told(pool, day)
                    events = known(life, day)
                    assert then[day]["owed"] == plainly_owed(events, day)
                    assert then[day]["collected"] == plainly_collected(events)
                    assert then[day]["sold"] == plainly_sold(events)
                    assert then[day]["cards"] == plainly_redeemed(events)
                    assert then[day]["requests"] == plainly_answered(events)
                for day, said in then.items():
                    assert await told(pool, day) == said

        asyncio.run(play())

    @GENERATED
    @given(
        steps=steps,
        zones=st.lists(st.tuples(st.integers(0, 40), st.sampled_from(ZONES)), max_size=3),
        cuts=st.sets(st.integers(1, 60)),
    )
    def test_are_the_same_rows_however_the_log_is_cut_and_wherever_the_utility_moves(
        self, facts: str, steps: Any, zones: Any, cuts: set[int]
    ) -> None:
        life = Life()
        for place, (hours, action) in enumerate(steps):
            for _, zone in (each for each in zones if each[0] == place):
                life.move_to(zone)
            life.step(hours, action)
        edges = sorted({0, len(life.recorded), *(cut for cut in cuts if cut < len(life.recorded))})
        dumps = []
        for batches in ([life.recorded], [life.recorded[first:last] for first, last in pairwise(edges)]):
            emptied(facts)
            asyncio.run(_applied(facts, batches))
            dumps.append([dump(facts, "u_test", table.name) for projection in PROJECTIONS for table in projection.tables])
        assert dumps[0] == dumps[1]


async def _applied(dsn: str, batches: list[list[Recorded]]) -> None:
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        for batch in batches:
            await apply(connection, batch)


class WhatIsOwed:
    @GENERATED
    @given(steps=steps)
    def test_adds_up_to_what_came_and_went(self, facts: str, steps: Any) -> None:
        """Every debt that was ever told of, the unstated ones included."""
        emptied(facts)
        life = Life()
        for hours, action in steps:
            life.step(hours, action)
        asyncio.run(_applied(facts, [life.recorded]))
        with psycopg.connect(facts) as connection:
            ((owed,),) = connection.execute("SELECT coalesce(sum(balance), 0) FROM u_test.arrears_debts").fetchall()
            ((moved,),) = connection.execute(
                "SELECT coalesce(sum(added + adjusted - collected), 0) FROM u_test.arrears_movements"
            ).fetchall()
            ((aged,),) = connection.execute("SELECT coalesce(sum(balance), 0) FROM u_test.arrears_ageing").fetchall()
            ((stated,),) = connection.execute(
                "SELECT coalesce(sum(balance), 0) FROM u_test.arrears_debts WHERE standing = 'stated'"
            ).fetchall()
        assert (moved, aged) == (owed, stated)


class TheFacts:
    def test_of_every_daily_projection_are_tried_here(self) -> None:
        from projections.daily import DailyProjection

        daily = {type(each) for each in all_projections(lambda purpose, message: b"") if isinstance(each, DailyProjection)}
        assert daily == {type(each) for each in PROJECTIONS}
        assert {MeterInstalled, ArrearsStated} <= {kind for each in PROJECTIONS for kind in each.handlers}
