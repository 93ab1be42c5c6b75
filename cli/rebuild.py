"""`seed rebuild`: build a read model anew beside the live one, and swap."""

from __future__ import annotations

import asyncio

import click
import psycopg
from psycopg import sql
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.deployment import Utility, opened
from cli.ground import NotReady
from config import Settings
from projections.rebuild import Rebuild
from projections.registry import all_projections


@click.command()
@click.argument("name")
@click.option("--utility", help="The utility's code; every one where it is left out.")
@click.pass_obj
def rebuild(settings: Settings, name: str, utility: str | None) -> None:
    """Build the read model NAME anew from the log.

    The site goes on with the present one; the new one takes its place in one transaction once it has caught up. Needs the
    projector running. Interrupted, the same command goes on where it was.
    """
    asyncio.run(_rebuild(settings, name, utility))


async def _rebuild(settings: Settings, name: str, code: str | None) -> None:
    async with opened(settings, name="rebuild", connections=3, waits=False) as deployment:
        for utility in deployment.chosen(code):
            await _one(deployment.dsn, utility, name)


async def _one(dsn: str, utility: Utility, name: str) -> None:
    known = {projection.name: projection for projection in all_projections(utility.secrets.mac)}
    if name not in known:
        raise NotReady(f"There is no read model {name!r}: NAME is one of {', '.join(known)}.")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as bar:
        task = bar.add_task(f"{utility.code} {name}", total=_last_position(dsn, utility.schema))
        work = Rebuild(dsn, utility.log, known[name], lambda position, _: bar.update(task, completed=position))
        reached = await work.run()
        bar.update(task, completed=reached, total=reached)


def _last_position(dsn: str, schema: str) -> int:
    query = sql.SQL("SELECT coalesce(max(notification_id), 0) FROM {}").format(sql.Identifier(schema, "events"))
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
