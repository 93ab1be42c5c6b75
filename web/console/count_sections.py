"""Cards and requests, as the console shows them: how many, what became of them, and how fast."""

from __future__ import annotations

from collections.abc import Sequence

from projections.redemption_times import Redeemed
from projections.ticket_times import TicketTimes
from web.console.charts import Part
from web.console.sections import PERIOD, Asked, Section, or_dash, section
from web.site.labels import topics
from wording.catalogue import N_


def redemptions(asked: Asked, rows: Sequence[Redeemed]) -> Section:
    """This will show what became of cards, by when they were reserved."""
    write = asked.write
    parts = [
        Part(write.gettext("Redeemed"), asked.sums(rows, lambda row: row.redeemed)),
        Part(write.gettext("Not redeemed"), asked.sums(rows, lambda row: row.absent)),
        Part(write.gettext("Under way or in doubt"), asked.sums(rows, lambda row: row.reserved - row.redeemed - row.absent)),
    ]
    count, doubted = sum(row.reserved for row in rows), sum(row.in_doubt for row in rows)
    says = write.ngettext("%(num)s card, %(doubt)s in doubt.", "%(num)s cards, %(doubt)s in doubt.", count) % {
        "num": write.number(count),
        "doubt": write.number(doubted),
    }
    columns = (
        *(PERIOD, N_("Reserved"), N_("Redeemed"), N_("Not redeemed"), N_("In doubt")),
        *(N_("Amount"), N_("Seconds on average"), N_("Within 10 seconds")),
    )
    shown = (
        (
            asked.period(row.period, row.until),
            *(write.number(number) for number in (row.reserved, row.redeemed, row.absent, row.in_doubt)),
            write.money(row.amount, row.currency),
            or_dash(row.average_seconds, write.number),
            write.number(row.within_10_s),
        )
        for row in rows
    )
    return section(asked, "redemptions", N_("Juice cards"), says, parts, columns, shown, is_money=False)


def tickets(asked: Asked, rows: Sequence[TicketTimes]) -> Section:
    """This will show how many requests came, how many of them are closed, and how fast they were answered."""
    write, named = asked.write, topics(asked.write)
    parts = [
        Part(write.gettext("Closed"), asked.sums(rows, lambda row: row.closed)),
        Part(write.gettext("Open"), asked.sums(rows, lambda row: row.opened - row.closed)),
    ]
    opened, closed = sum(row.opened for row in rows), sum(row.closed for row in rows)
    says = write.ngettext("%(num)s request, %(closed)s closed.", "%(num)s requests, %(closed)s closed.", opened) % {
        "num": write.number(opened),
        "closed": write.number(closed),
    }
    columns = (
        *(PERIOD, N_("Topic"), N_("Opened"), N_("Answered"), N_("Hours to the answer")),
        *(N_("Closed"), N_("Hours to the closing"), N_("Opened again")),
    )
    shown = (
        (
            asked.period(row.period, row.until),
            named.get(row.topic, row.topic),
            write.number(row.opened),
            write.number(row.answered),
            or_dash(row.hours_to_answer, write.number),
            write.number(row.closed),
            or_dash(row.hours_to_close, write.number),
            write.number(row.reopened),
        )
        for row in rows
    )
    return section(asked, "tickets", N_("Requests"), says, parts, columns, shown, is_money=False)
