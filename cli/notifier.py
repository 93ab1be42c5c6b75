"""`seed notifier`: what people have to be told goes out by e-mail and SMS."""

from __future__ import annotations

from typing import Any

import click

from cli.deployment import Deployment, Utility
from cli.neighbours import with_inbox
from cli.workers import Loop, now, run_worker
from config import Settings
from eventlog.follower import Follower
from notifications.channels.email import EmailChannel, MailServer
from notifications.channels.sms import SmsChannel, SmsGateway
from notifications.letters import Letters
from notifications.notifier import Notifier
from notifications.outbox import Outbox
from notifications.policy import FOLLOWS_AS, Policy


@click.command()
@click.pass_obj
def notifier(settings: Settings) -> None:
    """Send the messages that are due. Several share the work."""
    run_worker(with_inbox(settings, waits=True), "notifier", _loops)


def _loops(deployment: Deployment, utility: Utility) -> list[Loop]:
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
