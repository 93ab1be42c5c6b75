"""Lets the books of a running portal differ, as a comparison by its vendor would find."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from cli.deployment import opened
from cli.workers import context
from domain.difference import Finding
from domain.ticket_events import About
from tests.running import Running


def differ(running: Running, code: str, number: str) -> UUID:
    """This will have a purchase of an account be issued and not charged, and give the difference's id once it is shown."""
    # In a thread of its own: a browser's may have an event loop already.
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, _differ(running, code, number)).result()


async def _differ(running: Running, code: str, number: str) -> UUID:
    async with opened(running.settings, name="differ", connections=1, waits=False) as deployment:
        (utility,) = deployment.chosen(code)
        message_id = str(uuid4())
        finding = Finding(
            kind="issued-without-charge",
            subject=message_id,
            account_id=(await utility.portal.find(number)).account_id,
            about=About(kind="purchase", id=utility.portal.purchase_id(message_id)),
            message_id=message_id,
            recorded=7000,
            currency="ZAR",
            told=0,
            told_currency="ZAR",
        )
        day = (datetime.now(UTC) - timedelta(days=20)).date()  # so long ago that nothing compares it meanwhile
        await utility.portal.find_difference(context("system:vendor")(), day=day, finding=finding)
        assert await utility.views.caught_up(wait_s=30)
        return utility.portal.difference_id(finding)
