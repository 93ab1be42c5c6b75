"""A worker in a process of its own, to be killed: delivers once what is due at noon. Its settings come over stdin."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import httpx
from psycopg_pool import AsyncConnectionPool

from notifications.channels.email import EmailChannel, MailServer
from notifications.channels.sms import SmsChannel, SmsGateway
from notifications.delivery import deliver_due
from tests.notifications.test_delivery import NOON, OUTBOX, resolve


async def main(given: dict[str, Any]) -> None:
    host, port = given["smtp"]
    url, key = given["sms"]
    async with AsyncConnectionPool(given["dsn"], min_size=1, open=False) as pool, httpx.AsyncClient() as client:
        email = EmailChannel(MailServer(host=host, port=port, sender="no-reply@blue.example"))
        await deliver_due(pool, OUTBOX, resolve, {"email": email, "sms": SmsChannel(SmsGateway(url, key), client)}, NOON)


if __name__ == "__main__":
    asyncio.run(main(json.load(sys.stdin)))
