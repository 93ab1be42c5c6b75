"""`seed forget`: make what is personal of one customer unreadable, for ever; the money's history stays."""

from __future__ import annotations

import asyncio
import getpass

import click

from cli.deployment import opened
from cli.ground import NotReady
from cli.workers import context
from config import Settings
from domain.commands.forgetting import Begun, MoneyUnderWay
from domain.commands.identity import UnknownNumber

BEHIND = "The read models are behind the log, so nobody can say whether money is under way: is `seed projector` running?"


@click.command()
@click.argument("account")
@click.option("--utility", help="The utility's code; may be left out where there is one only.")
@click.confirmation_option(prompt="Names, addresses, contacts and texts become unreadable, for ever. Forget this person?")
@click.pass_obj
def forget(settings: Settings, account: str, utility: str | None) -> None:
    """Forget the person of ACCOUNT, given by account or meter number: their log-in ends, and what is personal becomes unreadable.

    What happened to the account's money stays. While a purchase or a card of theirs is under way nobody is forgotten: give the
    command again when it has ended. Where it was killed, give it again too.
    """
    asyncio.run(_forget(settings, account, utility))


async def _forget(settings: Settings, number: str, code: str | None) -> None:
    async with opened(settings, name="forget", connections=2, waits=False) as deployment:
        chosen, *others = deployment.chosen(code)
        if others:
            # The same number may be somebody's at each of them, and this cannot be undone.
            codes = ", ".join(each.code for each in (chosen, *others))
            raise NotReady(f"Whose customer is it? --utility takes one of {codes}.")
        try:
            account_id = (await chosen.portal.find(number)).account_id
        except UnknownNumber:
            raise NotReady(f"No account and no meter of {chosen.code} has the number {number}.") from None

        async def begun() -> Begun:
            if not await chosen.views.caught_up(wait_s=10):
                raise NotReady(BEHIND)
            return await chosen.history.begun(account_id)

        try:
            await chosen.portal.forget_person(context(f"operator:{getpass.getuser()}")(), account_id=account_id, begun=begun)
        except MoneyUnderWay:
            raise NotReady(
                "A purchase or a card of this account is still under way, and would be lost. Nothing was made unreadable:"
                " give the command again when it has ended, within the hour for a payment page that is open."
            ) from None
        click.echo("Forgotten: within a minute nobody can read what was personal. The money's history stays.")
