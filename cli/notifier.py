"""`seed notifier`: what people have to be told goes out by e-mail and SMS."""

from __future__ import annotations

from typing import Any

import click

from cli.deployment import Deployment, Utility
from cli.neighbours import with_inbox
from cli.workers import Loop, context, now, run_worker
from config import Settings
from eventlog.follower import Follower
from notifications.channels.email import EmailChannel, MailServer
from notifications.channels.sms import SmsChannel, SmsGateway
from notifications.letters import Letters
from notifications.low_balance import LowBalances
from notifications.low_balance_letters import LowBalanceLetters
from notifications.messages.contents import LowBalance
from notifications.notifier import Notifier
from notifications.outbox import Outbox
from notifications.policy import FOLLOWS_AS, Policy
from notifications.quiet_hours import QuietHours
from notifications.service_requests import FOLLOWS_AS as REQUESTS_AS
from notifications.service_requests import ServiceRequests


@click.command()
@click.pass_obj
def notifier(settings: Settings) -> None:
    """Send the messages that are due. Several share the work."""
    run_worker(with_inbox(settings, waits=True), "notifier", _loops)


def _loops(deployment: Deployment, utility: Utility) -> list[Loop]:
    settings = deployment.settings
    outbox = Outbox(utility.schema)
    low_balance = LowBalanceLetters(utility.portal, utility.views.days_left, site=utility.site, now=now)
    letters = Letters(utility.portal, site=utility.site, others={LowBalance.KIND: low_balance.write})
    quiet_hours = QuietHours(utility.portal, letters.write, now=now)
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
    worker = Notifier(utility.pool, outbox, quiet_hours.write, channels, utility.log, now=now)
    policy = Policy(utility.portal, outbox)
    follower = Follower(utility.address, utility.log, FOLLOWS_AS, worker.waking(policy.follow))
    low_balances = LowBalances(utility.portal, utility.views, context("system:notifier"))
    requests = Follower(utility.address, utility.log, REQUESTS_AS, ServiceRequests(utility.portal).follow)
    return [follower.run, requests.run, worker.run, low_balances.looking(utility.address, utility.schema)]
