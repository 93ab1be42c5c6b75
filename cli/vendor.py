"""`seed vendor`: redemptions and purchases are driven to their end, and Juice's feeds are taken in."""

from __future__ import annotations

import click

from cli.deployment import Deployment, Utility
from cli.reconcile import reconciler_of
from cli.workers import Loop, context, now, run_worker
from config import Settings
from eventlog.follower import Follower
from vending.feeds import Feeder
from vending.purchasing import Purchasing
from vending.redeeming import Redeeming
from vending.share_choosing import ShareChoosing
from vending.vendor import FEEDS_EVERY_S, VENDS_AS, Desk, Vendor
from vending.work import PURCHASES, REDEMPTIONS, SHARES, Work


@click.command()
@click.pass_obj
def vendor(settings: Settings) -> None:
    """Drive redemptions and purchases to their end, and take in Juice's feeds. Several share the work."""
    run_worker(settings, "vendor", _loops)


def _loops(deployment: Deployment, utility: Utility) -> list[Loop]:
    redeeming = Redeeming(utility.portal, utility.juice)
    purchasing = Purchasing(utility.portal, utility.juice, utility.cards) if utility.cards else None
    pool, schema = utility.pool, utility.schema
    desks = [
        Desk(Work(pool, schema, REDEMPTIONS), redeeming),
        Desk(Work(pool, schema, PURCHASES), purchasing),
        Desk(Work(pool, schema, SHARES), ShareChoosing(utility.portal, utility.juice)),
    ]
    worker = Vendor(desks, now=now, context=context("system:vendor"))
    feeder = Feeder(utility.portal, utility.juice, redeeming, purchasing)
    follower = Follower(utility.address, utility.log, VENDS_AS, worker.follow)
    feeding = worker.feeding(feeder, utility.address, schema, FEEDS_EVERY_S)
    reconciling = reconciler_of(utility).reconciling(utility.address, schema, context("system:vendor"))
    return [follower.run, worker.run, feeding, reconciling]
