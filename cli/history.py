"""`seed history`: what happened to an account, up to any moment, straight from the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import click

from cli import telling
from cli.deployment import opened
from cli.ground import NotReady
from config import Settings
from domain.account import Account
from domain.wallet import Wallet, WalletOpened
from eventlog.follower import Recorded
from projections.account_history import as_it_was


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
@click.option("--utility", help="The utility's code; the first one where it is left out.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs; money in minor units.")
@click.pass_obj
def history(settings: Settings, account: str, as_of: datetime | None, utility: str | None, as_json: bool) -> None:
    """Show what happened to ACCOUNT, given by account or meter number, and what it came to.

    A meter that was removed or has moved leads to the account it belonged to at that time.

    Every event is shown with its position in the log, when Seed recorded it, who did it and what it says. Money is shown as
    people read it, with its minor units in brackets. Passwords' hashes are left out.

    --as-of goes by the time of recording: it shows the account as Seed knew it at that moment. A purchase made elsewhere is
    recorded when Juice tells of it; when it was made stands in its receipt, as `happened_at`.
    """
    asyncio.run(_show(settings, account, as_of, utility, as_json))


async def _show(settings: Settings, number: str, as_of: datetime | None, code: str | None, as_json: bool) -> None:
    async with opened(settings, name="history", connections=2, waits=False) as deployment:
        (chosen, *_) = deployment.chosen(code)
        account_id = await chosen.history.find(number, as_of)
        if account_id is None:
            raise NotReady(f"No account and no meter of {chosen.code} has or had the number {number}.")
        told = _told(chosen.history.of(account_id, as_of), as_json)
        account, wallet = await as_it_was(told, account_id)
        if not as_json:
            _sum_up(account, wallet, as_of)


async def _told(history: AsyncIterator[Recorded], as_json: bool) -> AsyncIterator[Recorded]:
    """Each event is told as it passes; a wallet names its currency once, when it is opened."""
    currency = None
    async for recorded in history:
        if isinstance(recorded.event, WalletOpened):
            currency = recorded.event.currency
        click.echo(telling.json_line(recorded) if as_json else telling.line(recorded, currency))
        yield recorded


def _sum_up(account: Account, wallet: Wallet | None, as_of: datetime | None) -> None:
    if not account.exists:
        click.echo("Nothing had happened to this account by then, as far as Seed had recorded.")
        return
    click.echo(f"\nAs Seed knew it at {as_of.isoformat()}:" if as_of else "\nAs it stands:")
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
