"""How fast are requests answered and closed? One row a topic and day of opening, and for each day on which more became known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncCursor, sql

from domain import ticket_events as ticket
from domain.ticket import is_utility
from projections.daily import DailyProjection, Setting, Sums, Work, seconds_between, setting_table
from projections.periods import PERIODS, Period, columns, sums
from projections.projection import Column, Place, Recorded, Table, when
from projections.rows import from_row, load, put
from projections.view import View

DAY_S, WEEK_S = 86_400, 7 * 86_400
HOUR = Decimal(3600)
TENTH = Decimal("0.1")

TIMES = Table(
    name="ticket_times",
    meaning="What became of each day's requests, by topic, and how fast, without anybody in it.",
    key=("day", "known_on", "topic"),
    columns=(
        Column("day", "date", "the utility's day on which the requests were opened"),
        Column("known_on", "date", "the utility's day on which this became known"),
        Column("topic", "text", "what they are about"),
        Column("opened", "bigint", "requests"),
        Column("answered", "bigint", "requests to which the utility has said something"),
        Column("closed", "bigint", "requests that are closed"),
        Column("reopened", "bigint", "times that one was opened again"),
        Column("seconds_to_answer", "bigint", "seconds from the opening to the first answer, of all that were answered"),
        Column("answered_within_1_d", "bigint", "requests answered within 24 hours"),
        Column("seconds_to_close", "bigint", "seconds from the opening to the last closing, of all that are closed"),
        Column("closed_within_1_d", "bigint", "closed requests whose last closing was within 24 hours"),
        Column("closed_within_7_d", "bigint", "closed requests whose last closing was within 7 days"),
    ),
)
REQUESTS = Table(
    name="ticket_times_requests",
    meaning="How each request stands, to tell how long the next step took.",
    key=("ticket_id",),
    columns=(
        Column("ticket_id", "uuid", "the request"),
        Column("topic", "text", "what it is about"),
        Column("opened_at", "timestamptz", "when it was opened"),
        Column("day", "date", "the day on which it counts"),
        Column("answered", "boolean", "whether the utility has said something"),
        Column("seconds", "bigint", "how long it took until it was closed; empty while it is open"),
    ),
)


class RequestRow(msgspec.Struct, frozen=True, kw_only=True):
    """How one request stands."""

    ticket_id: UUID
    topic: str
    opened_at: datetime
    day: date
    answered: bool = False
    seconds: int | None = None


class TimesWork(Work):
    """Sums of times, and the requests that the batch is about."""

    def __init__(self, setting: Setting, requests: Sequence[RequestRow]) -> None:
        super().__init__(setting)
        self.times = Sums(TIMES)
        self.requests = {row.ticket_id: row for row in requests}

    async def write(self, cursor: AsyncCursor[Any], place: Place) -> None:
        await self.times.write(cursor, place)
        await put(cursor, place, REQUESTS, list(self.requests.values()))

    def change(self, row: RequestRow, recorded: Recorded, numbers: dict[str, int], **changes: Any) -> RequestRow:
        """This will count something of a request, and remember how it stands."""
        self.times.add(row.day, self.setting.day(recorded.event.at), row.topic, **numbers)
        changed = self.requests[row.ticket_id] = msgspec.structs.replace(row, **changes)
        return changed


class TicketTimesProjection(DailyProjection[TimesWork]):
    """Adds up how long requests take. What was written is sealed, and makes no difference here."""

    name = "ticket_times"
    tables = (TIMES, REQUESTS, setting_table("ticket_times"))

    async def begin(self, cursor: AsyncCursor[Any], place: Place, setting: Setting, batch: Sequence[Recorded]) -> TimesWork:
        keys = {recorded.event.originator_id for recorded in batch}
        return TimesWork(setting, await load(cursor, place, REQUESTS, RequestRow, keys))

    @when(ticket.TicketOpened)
    def opened(self, work: TimesWork, recorded: Recorded) -> None:
        event: Any = recorded.event
        row = RequestRow(ticket_id=event.originator_id, topic=event.topic, opened_at=event.at, day=work.setting.day(event.at))
        work.change(row, recorded, {"opened": 1})

    @when(ticket.TicketCommented)
    def commented(self, work: TimesWork, recorded: Recorded) -> None:
        self._answered(work, recorded)

    @when(ticket.TicketClosed)
    def closed(self, work: TimesWork, recorded: Recorded) -> None:
        # The utility closes with a word, or has said one before.
        row = self._answered(work, recorded)
        seconds = seconds_between(row.opened_at, recorded.event.at)
        work.change(row, recorded, _closed(1, seconds), seconds=seconds)

    @when(ticket.TicketReopened)
    def reopened(self, work: TimesWork, recorded: Recorded) -> None:
        row = work.requests[recorded.event.originator_id]
        taken_back = {} if row.seconds is None else _closed(-1, row.seconds)
        work.change(row, recorded, {"reopened": 1, **taken_back}, seconds=None)

    @staticmethod
    def _answered(work: TimesWork, recorded: Recorded) -> RequestRow:
        row = work.requests[recorded.event.originator_id]
        if row.answered or not is_utility(recorded.event.by):
            return row
        seconds = seconds_between(row.opened_at, recorded.event.at)
        answer = {"answered": 1, "seconds_to_answer": seconds, "answered_within_1_d": seconds <= DAY_S}
        return work.change(row, recorded, answer, answered=True)


def _closed(sign: int, seconds: int) -> dict[str, int]:
    return {
        "closed": sign,
        "seconds_to_close": sign * seconds,
        "closed_within_1_d": sign * (seconds <= DAY_S),
        "closed_within_7_d": sign * (seconds <= WEEK_S),
    }


class TicketTimes(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the requests about a topic that were opened in a period."""

    period: date
    until: date
    topic: str
    opened: int
    answered: int
    closed: int
    reopened: int
    seconds_to_answer: int
    answered_within_1_d: int
    seconds_to_close: int
    closed_within_1_d: int
    closed_within_7_d: int

    @property
    def hours_to_answer(self) -> Decimal | None:
        """From the opening to the first answer, on average; None where none was answered."""
        return (self.seconds_to_answer / HOUR / self.answered).quantize(TENTH) if self.answered else None

    @property
    def hours_to_close(self) -> Decimal | None:
        """From the opening to the last closing, on average; None where none is closed."""
        return (self.seconds_to_close / HOUR / self.closed).quantize(TENTH) if self.closed else None


class TicketTimesView(View):
    """Reads how long requests take."""

    async def of(self, wanted: Sequence[Period], *, as_of: date, topic: str | None = None) -> list[TicketTimes]:
        """This will give what was known at the end of a day of the requests of periods; empty ones are left out."""
        numbers = [column.name for column in TIMES.columns if column.name not in TIMES.key]
        query = sql.SQL(
            "SELECT period.first, period.last, topic, {sums} FROM {periods}"
            " JOIN {table} ON day BETWEEN period.first AND period.last AND known_on <= %(as_of)s"
            " AND (%(topic)s::text IS NULL OR topic = %(topic)s) GROUP BY 1, 2, 3 ORDER BY 1, 3"
        ).format(sums=sums(numbers), periods=PERIODS, table=self.place.of(TIMES.name))
        first, last = columns(wanted)
        rows = await self.rows(query, {"first": first, "last": last, "as_of": as_of, "topic": topic})
        return [from_row(TicketTimes, values) for values in rows]
