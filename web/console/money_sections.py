"""Sales, arrears and their recovery, as the console shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from projections.arrears_ageing import BUCKETS, Aged
from projections.recovery import Recovered
from projections.sales import NO_METER, Sale
from web.console.charts import SHADES, Part
from web.console.sections import NOTHING, PERIOD, Asked, Row, Section, or_dash, section
from web.site.labels import kinds, resources
from web.site.writing import Writing
from wording.catalogue import N_


def sales(asked: Asked, rows: Sequence[Sale]) -> Section:
    """This will show what was sold by each channel, the strongest at the bottom."""
    write, named = asked.write, kinds(asked.write)
    own = [row for row in rows if row.currency == asked.currency]
    totals: dict[str, int] = {}
    for row in own:
        totals[row.channel] = totals.get(row.channel, 0) + row.amount
    strongest = sorted(totals, key=lambda channel: (-totals[channel], channel))
    drawn, others = strongest[: SHADES - 1], set(strongest[SHADES - 1 :])
    parts = [
        Part(named.get(channel, channel), asked.sums((row for row in own if row.channel == channel), _amount))
        for channel in drawn
    ]
    if others:
        parts.append(Part(write.gettext("All others"), asked.sums((row for row in own if row.channel in others), _amount)))
    count = sum(row.transactions for row in own)
    says = write.ngettext("%(money)s in %(num)s transaction.", "%(money)s in %(num)s transactions.", count) % {
        "money": write.money(sum(totals.values()), asked.currency),
        "num": write.number(count),
    }
    columns = (
        *(PERIOD, N_("Channel"), N_("Resource"), N_("Transactions"), N_("Amount")),
        *(N_("Arrears"), N_("Fees"), N_("Tax"), N_("To wallets"), N_("Units")),
    )
    shown = (_sold(asked, row) for row in rows)
    return section(asked, "sales", N_("Sales by channel"), says, parts, columns, shown, is_money=True)


def _amount(row: Sale) -> int:
    return row.amount


def _sold(asked: Asked, row: Sale) -> Row:
    write = asked.write
    return (
        asked.period(row.period, row.until),
        kinds(write).get(row.channel, row.channel),
        NOTHING if row.resource == NO_METER else resources(write).get(row.resource, row.resource),
        write.number(row.transactions),
        *(write.money(part, row.currency) for part in (row.amount, row.arrears, row.fees, row.tax, row.wallet_change)),
        write.units(row.milliunits, row.unit) if row.milliunits else NOTHING,
    )


def ageing(asked: Asked, rows: Sequence[Aged]) -> Section:
    """This will show how old debts are at the end of each period, the oldest at the bottom."""
    write, days = asked.write, [period.last for period in asked.periods]
    owed = {(row.day, row.bucket): row for row in rows if row.currency == asked.currency}

    def balances(bucket: str) -> list[int]:
        found = [owed.get((day, bucket)) for day in days]
        return [row.balance if row is not None else 0 for row in found]

    parts = [Part(_age(write, bucket.name), balances(bucket.name)) for bucket in reversed(BUCKETS)]
    last = [row for row in rows if row.day == days[-1]]
    debts = sum(row.debts for row in last)
    says = write.ngettext("%(money)s owed in %(num)s debt.", "%(money)s owed in %(num)s debts.", debts) % {
        "money": write.money(sum(row.balance for row in last if row.currency == asked.currency), asked.currency),
        "num": write.number(debts),
    }
    columns = (N_("End of"), N_("Age"), N_("Debts"), N_("Owed"))
    shown = (
        (write.day(row.day), _age(write, row.bucket), write.number(row.debts), write.money(row.balance, row.currency))
        for row in rows
        if row.debts or row.balance
    )
    names = [write.short_day(day) for day in days]
    return section(asked, "arrears-ageing", N_("Arrears by age"), says, parts, columns, shown, is_money=True, names=names)


def _age(write: Writing, bucket: str) -> str:
    if bucket.startswith("over-"):
        return write.gettext("over a year")
    least, _, most = bucket.partition("-")
    return write.gettext("%(least)s to %(most)s days") % {"least": least, "most": most}


def recovery(asked: Asked, rows: Sequence[Recovered]) -> Section:
    """This will show what was collected in each period, beside what was owed."""
    write = asked.write
    own = [row for row in rows if row.currency == asked.currency]
    says = write.gettext("Nothing was owed.")
    if own:
        facts = {
            "collected": write.money(sum(row.collected for row in own), asked.currency),
            "opening": write.money(own[0].opening, asked.currency),
            "closing": write.money(own[-1].closing, asked.currency),
        }
        says = write.gettext("%(collected)s collected. At first %(opening)s was owed, at last %(closing)s.") % facts
    parts = [Part(write.gettext("Collected"), asked.sums(own, lambda row: row.collected))]
    columns = (
        *(PERIOD, N_("Owed at first"), N_("Added"), N_("Adjusted")),
        *(N_("Collected"), N_("Owed at last"), N_("Collected of what was owed")),
    )
    shown = (_recovered(asked, row, row.period, row.until) for row in rows)
    return section(asked, "recovery", N_("Recovery of arrears"), says, parts, columns, shown, is_money=True)


def _recovered(asked: Asked, row: Recovered, first: date, last: date) -> Row:
    write = asked.write
    amounts = (row.opening, row.added, row.adjusted, row.collected, row.closing)
    return (
        asked.period(first, last),
        *(write.money(amount, row.currency) for amount in amounts),
        or_dash(row.rate, lambda rate: f"{write.number(rate)} %"),
    )
