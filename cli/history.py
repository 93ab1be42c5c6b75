"""`seed history`: what happened to an account, up to any moment, straight from the log."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import click

from cli import telling
from cli.deployment import opened
from cli.ground import NotReady
from cli.workers import context
from config import Settings
from domain.account import Account
from domain.wallet import Wallet, WalletOpened
from eventlog.follower import Recorded
from projections.account_history import as_it_was
from projections.replay import Replay
from web.journeys.history import CASE, MALFORMED_CASE, Asked


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
@click.option("--as-of", type=Moment(), help="Leave out what Seed recorded after this moment (RFC 3339, no zone: UTC).")
@click.option("--until", type=int, help="Leave out what stands behind this position of the log.")
@click.option("--changes", is_flag=True, help="Under each event, what it changed: the field, before → after.")
@click.option("--case", help="The reference of the case it is read for; kept with the reading.")
@click.option("--utility", help="The utility's code; the first one where it is left out.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs; money in minor units.")
@click.pass_obj
def history(
    settings: Settings,
    account: str,
    as_of: datetime | None,
    until: int | None,
    changes: bool,
    case: str | None,
    utility: str | None,
    as_json: bool,
) -> None:
    """Show what happened to ACCOUNT, given by account or meter number, and what it came to.

    A meter that was removed or has moved leads to the account it belonged to at that time.

    Every event is shown with its position in the log, when Seed recorded it, who did it and what it says. Money is shown as
    people read it, with its minor units in brackets. Passwords' hashes are left out.

    --as-of goes by the time of recording: it shows the account as Seed knew it at that moment. A purchase made elsewhere is
    recorded when Juice tells of it; when it was made stands in its receipt, as `happened_at`.

    That it was read is recorded in the account's history: by `operator:` and your name on this machine, and for which --case.
    """
    if case is not None and not CASE.fullmatch(case):
        raise click.BadParameter(MALFORMED_CASE, param_hint="--case")
    asked = Asked(number=account, as_of=as_of, until=until, case=case)
    asyncio.run(_show(settings, asked, utility, as_json=as_json, changes=changes))


async def _show(settings: Settings, asked: Asked, code: str | None, *, as_json: bool, changes: bool) -> None:
    async with opened(settings, name="history", connections=2, waits=False) as deployment:
        (chosen, *_) = deployment.chosen(code)
        account_id = await chosen.history.find(asked.number, asked.as_of)
        if account_id is None:
            raise NotReady(f"No account and no meter of {chosen.code} has or had the number {asked.number}.")
        reader = context(f"operator:{getpass.getuser()}")()
        await chosen.portal.record_reading(
            reader, account_id=account_id, what="history", as_of=asked.as_of, until=asked.until, case=asked.case
        )
        told = _told(chosen.history.of(account_id, asked.as_of, asked.until), as_json, Replay() if changes else None)
        account, wallet = await as_it_was(told, account_id)
        if not as_json:
            _sum_up(account, wallet, asked)


async def _told(history: AsyncIterator[Recorded], as_json: bool, replay: Replay | None) -> AsyncIterator[Recorded]:
    """Each event is told as it passes; a wallet names its currency once, when it is opened."""
    currency = None
    async for recorded in history:
        if isinstance(recorded.event, WalletOpened):
            currency = recorded.event.currency
        changes = replay.take(recorded.event)[1] if replay else []
        if as_json:
            click.echo(telling.json_line(recorded, changes if replay else None))
        else:
            click.echo(telling.line(recorded, currency))
            for change in changes:
                click.echo(telling.change_line(change, currency))
        yield recorded


def _sum_up(account: Account, wallet: Wallet | None, asked: Asked) -> None:
    if not account.exists:
        click.echo("Nothing had happened to this account by then, as far as Seed had recorded.")
        return
    then = f"As Seed knew it at {asked.as_of.isoformat()}" if asked.as_of else "As it stands"
    click.echo(f"\n{then}{f', up to position {asked.until}' if asked.until is not None else ''}:")
    click.echo(f"  holder    {account.name}, {account.address}")
    for meter in account.meters.values():
        click.echo(f"  meter     {meter.number} ({meter.kind}, {meter.resource})")
    for contact in account.contacts.values():
        click.echo(f"  contact   {contact.value} ({contact.standing}, {'' if contact.confirmed else 'not '}confirmed)")
    if wallet is not None:
        click.echo(f"  wallet    {telling.money(wallet.balance, wallet.currency)}")
        for debt in wallet.debts:
            owed = f"{telling.money(debt.balance, wallet.currency)} of {telling.money(debt.original, wallet.currency)}"
            click.echo(f"  arrears   {owed}, {debt.share} % of each purchase: {debt.description}")
