"""What analysts read by SQL: views of facts, in the utility's own schema, without anybody in them.

They are made by `release`, and again in the transaction that swaps a rebuilt read model in: a view clings to the table that it
was made over, whatever that is called. Replacing a view keeps what was granted on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from psycopg import sql

from projections import arrears_ageing, redemption_times, sales, ticket_times
from projections.arrears_ageing import BUCKETS, bucket_of
from projections.projection import Place, Projection, Table

PREFIX = "analysis_"


class AnalysisView(NamedTuple):
    """A view: the table that it is over, (column, meaning) each, what it selects, and a question it answers."""

    name: str
    meaning: str
    table: Table
    columns: tuple[tuple[str, str], ...]
    select: Callable[[sql.Identifier], sql.Composed]
    example: str


def facts(name: str, meaning: str, table: Table, example: str) -> AnalysisView:
    """This will make a view that shows a table of facts as it is."""
    columns = tuple((column.name, column.meaning) for column in table.columns)
    names = sql.SQL(", ").join(sql.Identifier(column) for column, _ in columns)

    def select(place: sql.Identifier) -> sql.Composed:
        return sql.SQL("SELECT {} FROM {}").format(names, place)

    return AnalysisView(PREFIX + name, meaning, table, columns, select, example)


def _ages(place: sql.Identifier) -> sql.Composed:
    # The days come from a function beside the table: one day that is asked for is chosen before anything is added up.
    return sql.SQL(
        "SELECT each.day::date AS day, {bucket} AS bucket, currency, sum(debts)::bigint AS debts, sum(balance)::bigint AS balance"
        " FROM (SELECT min(known_on) AS first, max(known_on) AS last FROM {table}) AS known"
        " CROSS JOIN LATERAL generate_series(known.first::timestamp, known.last::timestamp, interval '1 day') AS each (day)"
        " JOIN {table} ON known_on <= each.day::date GROUP BY 1, 2, 3"
    ).format(bucket=bucket_of(sql.SQL("each.day::date - opened_on")), table=place)


VIEWS = (
    AnalysisView(
        PREFIX + "arrears_ageing",
        "Open debts by age, as they were known at the end of each day.",
        arrears_ageing.AGEING,
        (
            ("day", "the end of this day of the utility; the last one is the last on which anything changed"),
            ("bucket", f"age in days: {', '.join(bucket.name for bucket in BUCKETS)}"),
            ("currency", "ISO 4217"),
            ("debts", "how many debts are open"),
            ("balance", "what is owed, minor units"),
        ),
        _ages,
        "SELECT bucket, debts, balance\nFROM analysis_arrears_ageing\nWHERE day = DATE '2026-03-31'",
    ),
    facts(
        "arrears_changes",
        "Changes of what is owed, by the day on which they became known and the day since when it is owed.",
        arrears_ageing.AGEING,
        "SELECT date_trunc('year', opened_on)::date AS owed_since, sum(balance)\nFROM analysis_arrears_changes"
        "\nWHERE known_on <= DATE '2026-03-31'\nGROUP BY 1 ORDER BY 1",
    ),
    facts(
        "recovery",
        "Changes of what is owed, by day and cause; added + adjusted - collected is the whole change of a day.",
        arrears_ageing.MOVEMENTS,
        "SELECT date_trunc('month', day)::date AS month, sum(collected) AS collected,\n"
        "  sum(sum(added + adjusted - collected)) OVER (ORDER BY date_trunc('month', day)) AS closing"
        "\nFROM analysis_recovery\nWHERE currency = 'ZAR'\nGROUP BY date_trunc('month', day) ORDER BY 1",
    ),
    facts(
        "sales",
        "What was sold on each day, by channel and resource.",
        sales.SALES,
        "SELECT channel, sum(transactions), sum(amount)\nFROM analysis_sales"
        "\nWHERE day BETWEEN DATE '2026-03-01' AND DATE '2026-03-31' AND known_on <= DATE '2026-03-31'\nGROUP BY channel",
    ),
    facts(
        "redemptions",
        "What became of each day's card redemptions, and how fast.",
        redemption_times.TIMES,
        "SELECT day, sum(reserved) AS reserved, sum(redeemed) AS redeemed,\n"
        "  sum(seconds) / nullif(sum(redeemed + absent), 0) AS seconds_on_average"
        "\nFROM analysis_redemptions\nGROUP BY day ORDER BY day",
    ),
    facts(
        "tickets",
        "What became of each day's requests, by topic, and how fast.",
        ticket_times.TIMES,
        "SELECT topic, sum(opened) AS opened, sum(seconds_to_answer) / 3600 / nullif(sum(answered), 0) AS hours_to_answer"
        "\nFROM analysis_tickets\nWHERE day >= DATE '2026-01-01'\nGROUP BY topic",
    ),
)


def view_statements(schema: str, view: AnalysisView) -> Iterator[sql.Composed]:
    """This will give what makes a view, or makes it anew over the table that is live now, and says what it means."""
    name, live = sql.Identifier(schema, view.name), Place(schema).of(view.table.name)
    yield sql.SQL("CREATE OR REPLACE VIEW {} ({}) AS {}").format(
        name, sql.SQL(", ").join(sql.Identifier(column) for column, _ in view.columns), view.select(live)
    )
    yield sql.SQL("COMMENT ON VIEW {} IS {}").format(name, sql.Literal(view.meaning))
    for column, meaning in view.columns:
        yield sql.SQL("COMMENT ON COLUMN {} IS {}").format(sql.Identifier(schema, view.name, column), sql.Literal(meaning))


def views_over(projection: Projection) -> Iterator[AnalysisView]:
    """This will give the views over a projection's tables."""
    names = {table.name for table in projection.tables}
    yield from (view for view in VIEWS if view.table.name in names)
