"""The workers: projector, vendor, notifier. Each runs until it is stopped, for all utilities side by side."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import click

from cli.deployment import Deployment, Utility, opened
from config import Settings
from domain.event import Context
from domain.ids import uuid7
from eventlog.follower import Follower
from eventlog.waiting import waited
from notifications.channels.email import EmailChannel, MailServer
from notifications.channels.sms import SmsChannel, SmsGateway
from notifications.letters import Letters
from notifications.notifier import Notifier
from notifications.outbox import Outbox
from notifications.policy import FOLLOWS_AS, Policy
from projections.projection import Place
from projections.projector import TRACKED_AS, Projector
from projections.registry import all_projections
from vending.feeds import Feeder
from vending.redeeming import Redeeming
from vending.vendor import FEEDS_EVERY_S, VENDS_AS, Vendor
from vending.work import Work

logger = logging.getLogger(__name__)

Loop = Callable[[asyncio.Event], Coroutine[Any, Any, None]]


@click.command()
@click.pass_obj
def projector(settings: Settings) -> None:
    """Keep the read models up to date with the log. A second one stands by."""
    _run(settings, "projector", _projector)


@click.command()
@click.pass_obj
def vendor(settings: Settings) -> None:
    """Drive redemptions to their end, and take in Juice's feeds. Several share the work."""
    _run(settings, "vendor", _vendor)


@click.command()
@click.pass_obj
def notifier(settings: Settings) -> None:
    """Send the messages that are due. Several share the work."""
    _run(settings, "notifier", _notifier)


def _projector(deployment: Deployment, utility: Utility) -> list[Loop]:
    work = Projector(all_projections(utility.secrets.mac), Place(utility.schema))
    return [Follower(deployment.dsn, utility.log, TRACKED_AS, work.apply).run]


def _vendor(deployment: Deployment, utility: Utility) -> list[Loop]:
    redeeming = Redeeming(utility.portal, utility.juice)
    work = Work(utility.schema)
    worker = Vendor(deployment.pool, work, redeeming, now=now, context=context("system:vendor"))
    feeder = Feeder(utility.portal, utility.juice, redeeming)
    follower = Follower(deployment.dsn, utility.log, VENDS_AS, worker.follow)
    return [follower.run, worker.run, worker.feeding(feeder, deployment.dsn, utility.schema, FEEDS_EVERY_S)]


def _notifier(deployment: Deployment, utility: Utility) -> list[Loop]:
    settings = deployment.settings
    outbox = Outbox(utility.schema)
    letters = Letters(utility.portal, site=utility.site)
    mail = MailServer(
        host=settings.smtp_host or "",
        port=settings.smtp_port,
        sender=settings.mail_from,
        user=settings.smtp_user,
        password=settings.smtp_password,
        security="starttls" if settings.smtp_starttls else "none",
    )
    channels: dict[Any, Any] = {"email": EmailChannel(mail)}
    if settings.sms_url is not None:
        channels["sms"] = SmsChannel(SmsGateway(settings.sms_url, settings.sms_key or ""), deployment.client)
    worker = Notifier(deployment.pool, outbox, letters, channels, utility.log, now=now)
    policy = Policy(utility.portal, outbox)
    return [Follower(deployment.dsn, utility.log, FOLLOWS_AS, worker.waking(policy.follow)).run, worker.run]


def now() -> datetime:
    """This will read the clock: here at the edge, and nowhere further in."""
    return datetime.now(UTC)


def context(by: str) -> Callable[[], Context]:
    """This will give what makes the contexts of a worker's commands."""

    def make() -> Context:
        at = now()
        return Context(at=at, by=by, correlation_id=uuid7(at, os.urandom))

    return make


def _run(settings: Settings, name: str, loops: Callable[[Deployment, Utility], list[Loop]]) -> None:
    async def main() -> None:
        stop = asyncio.Event()
        running = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            running.add_signal_handler(number, stop.set)
        async with opened(settings, name=name) as deployment, asyncio.TaskGroup() as tasks:
            for utility in deployment.utilities:
                for loop in loops(deployment, utility):
                    tasks.create_task(_kept_up(loop, stop, f"{name} of {utility.code}"))

    asyncio.run(main())


async def _kept_up(loop: Loop, stop: asyncio.Event, name: str) -> None:
    """An error ends one round of one loop, loudly; the others and the next round go on."""
    while not stop.is_set():
        try:
            await loop(stop)
        except Exception:
            logger.exception("%s stumbled and begins again", name)
            await waited(stop, 1.0)
