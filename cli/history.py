"""`seed history`: what happened to an account, up to any moment, straight from the log."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import click
import msgspec

from cli.deployment import Utility, opened
from cli.ground import NotReady
from config import Settings
from domain.commands.identity import UnknownNumber
from domain.event import Event
from eventlog.follower import Recorded
from projections.account_history import as_it_was
from web.journeys.history import WITHHELD

HEADER = set(Event.__struct_fields__)


class Moment(click.ParamType):  # type: ignore[type-arg]
    """An RFC 3339 time; without a zone it is UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time such as 2026-03-02T12:00:00Z", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command()
@click.argument("account")
@click.option("--as-of", type=Moment(), help="Leave out what happened after this moment (RFC 3339, no zone: UTC).")
@click.option("--utility", help="The utility's code; the first one where it is left out.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
@click.pass_obj
def history(settings: Settings, account: str, as_of: datetime | None, utility: str | None, as_json: bool) -> None:
    """Show what happened to ACCOUNT, given by account or meter number, and what it came to.

    Every event is shown with its position in the log, when it happened, who did it and what it says. Passwords' hashes are left
    out. With --as-of the account is shown as it was at that moment.
    """
    asyncio.run(_show(settings, account, as_of, utility, as_json))


async def _show(settings: Settings, number: str, as_of: datetime | None, code: str | None, as_json: bool) -> None:
    async with opened(settings, name="history", connections=2) as deployment:
        chosen = next((each for each in deployment.utilities if code in (None, each.code)), None)
        if chosen is None:
            raise NotReady(f"There is no utility {code!r}: --utility takes one of SEED_UTILITIES.")
        try:
            found = await chosen.portal.find(number)
        except UnknownNumber:
            raise NotReady(f"No account and no meter of {chosen.code} has the number {number}.") from None
        async for recorded in chosen.history.of(found.account_id, as_of):
            click.echo(_json_line(recorded) if as_json else _line(recorded))
        if not as_json:
            await _summary(chosen, found.account_id, as_of)


async def _summary(utility: Utility, account_id: UUID, as_of: datetime | None) -> None:
    account, wallet = await as_it_was(utility.history.of(account_id, as_of), account_id)
    if not account.exists:
        click.echo("Nothing had happened to this account by then.")
        return
    click.echo(f"\nAs it was{f' at {as_of.isoformat()}' if as_of else ''}:")
    click.echo(f"  holder    {account.name}, {account.address}")
    for meter in account.meters.values():
        click.echo(f"  meter     {meter.number} ({meter.kind}, {meter.resource})")
    for contact in account.contacts.values():
        click.echo(f"  contact   {contact.value} ({contact.standing}, {'' if contact.confirmed else 'not '}confirmed)")
    if wallet is not None:
        click.echo(f"  wallet    {wallet.balance} {wallet.currency} (minor units)")
        for debt in wallet.debts:
            click.echo(f"  arrears   {debt.balance} of {debt.original}, {debt.share} % of each purchase: {debt.description}")


def _told(event: Event) -> dict[str, Any]:
    """What an event says, less its header and less what proves a password."""
    return {name: value for name, value in msgspec.to_builtins(event).items() if name not in HEADER | WITHHELD}


def _line(recorded: Recorded) -> str:
    event = recorded.event
    told = " ".join(f"{name}={msgspec.json.encode(value).decode()}" for name, value in _told(event).items())
    return f"{recorded.position:>8}  {event.at:%Y-%m-%d %H:%M:%S}Z  {event.by:<16} {type(event).__name__:<22} {told}"


def _json_line(recorded: Recorded) -> str:
    event = recorded.event
    line = {
        "position": recorded.position,
        "at": event.at,
        "by": event.by,
        "event": event.TOPIC,
        "correlation_id": event.correlation_id,
        "says": _told(event),
    }
    return msgspec.json.encode(line).decode()
