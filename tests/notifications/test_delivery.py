"""The outbox on a real PostgreSQL, sending over real SMTP and HTTP to the catcher."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from notifications.channels import Channel, DeliveryDelayed, Message
from notifications.channels.email import EmailChannel, MailServer
from notifications.channels.sms import SmsChannel, SmsGateway
from notifications.delivery import LONGEST_WAIT, MOST_ATTEMPTS, NothingToSay, deliver_due, wait_after
from notifications.outbox import BATCH, DELIVERIES_DDL, LEASE, Delivery, NewDelivery, Outbox
from tests.inbox import ROOT, Inbox

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SCHEMA = "u_blue"
OUTBOX = Outbox(SCHEMA)
PAT, PHONE = "pat@example.test", "+254700000001"
SECRET = "k3y5-w0rd"


def told(position: int = 1, **more: Any) -> NewDelivery:
    given: dict[str, Any] = {"channel": "email", "kind": "password-to-given", "parameters": {}} | more
    return NewDelivery(position=position, account_id=uuid4(), contact_id=uuid4(), created_at=NOON, **given)


async def resolve(delivery: Delivery) -> Message:
    return Message(
        id=delivery.delivery_id,
        channel=delivery.channel,
        at=delivery.created_at,
        to=PAT if delivery.channel == "email" else PHONE,
        sender="Blue Power",
        subject="Your password",
        text=f"The password is {SECRET}",
    )


class Deliveries:
    """The outbox under test, with the channels that lead to the catcher."""

    def __init__(self, pool: AsyncConnectionPool[Any], channels: dict[Any, Channel]) -> None:
        self.pool = pool
        self.channels = channels

    async def enqueue(self, *rows: NewDelivery) -> None:
        async with self.pool.connection() as connection, connection.cursor() as cursor:
            await OUTBOX.enqueue(cursor, rows)

    async def deliver(self, now: datetime = NOON, *, resolving: Any = resolve) -> int:
        return await deliver_due(self.pool, OUTBOX, resolving, self.channels, now)

    async def rows(self) -> Sequence[dict[str, Any]]:
        async with self.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(sql.SQL("SELECT * FROM {} ORDER BY position").format(sql.Identifier(SCHEMA, "deliveries")))
            return await cursor.fetchall()

    async def row(self) -> dict[str, Any]:
        (row,) = await self.rows()
        return row


@asynccontextmanager
async def opened(dsn: str, inbox: Inbox, *, autocommit: bool = False) -> AsyncIterator[Deliveries]:
    async with (
        AsyncConnectionPool(dsn, min_size=1, max_size=4, open=False, kwargs={"autocommit": autocommit}) as pool,
        httpx.AsyncClient() as client,
    ):
        server = MailServer(host=inbox.smtp_host, port=inbox.smtp_port, sender="no-reply@blue.example", timeout=60)
        gateway = SmsGateway(url=inbox.sms_url, key=inbox.sms_key, timeout=60)
        yield Deliveries(pool, {"email": EmailChannel(server), "sms": SmsChannel(gateway, client)})


@pytest.fixture
def schema(empty_database: str) -> str:
    with psycopg.connect(empty_database) as connection:
        name = sql.Identifier(SCHEMA)
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
        connection.execute(sql.SQL(DELIVERIES_DDL).format(schema=name))
    return empty_database


@pytest.fixture(params=[False, True], ids=["transactions", "autocommit"])
async def either(request: pytest.FixtureRequest, schema: str, inbox: Inbox) -> AsyncIterator[Deliveries]:
    async with opened(schema, inbox, autocommit=request.param) as deliveries:
        yield deliveries


@pytest.fixture
async def deliveries(schema: str, inbox: Inbox) -> AsyncIterator[Deliveries]:
    async with opened(schema, inbox) as deliveries:
        yield deliveries


class ADelivery:
    async def test_arrives_once_and_is_marked(self, either: Deliveries, inbox: Inbox) -> None:
        await either.enqueue(told(1), told(2, channel="sms"))
        assert await either.deliver() == 2
        assert await either.deliver(NOON + timedelta(days=2)) == 0
        assert sorted(caught.to for caught in inbox.messages()) == [PHONE, PAT]
        assert [(row["state"], row["attempts"]) for row in await either.rows()] == [("sent", 1), ("sent", 1)]

    async def test_is_not_doubled_when_the_event_is_read_again(self, deliveries: Deliveries, inbox: Inbox) -> None:
        row = told()
        await deliveries.enqueue(row)
        await deliveries.enqueue(row, replace(row, kind="another"))
        await deliveries.deliver()
        await deliveries.enqueue(row)
        await deliveries.deliver()
        assert len(inbox.messages()) == 1

    async def test_is_undone_with_the_transaction_that_asked_for_it(self, deliveries: Deliveries) -> None:
        with pytest.raises(RuntimeError):
            async with deliveries.pool.connection() as connection, connection.cursor() as cursor:
                await OUTBOX.enqueue(cursor, [told()])
                raise RuntimeError
        assert await deliveries.rows() == []

    async def test_hands_its_parameters_to_the_resolver(self, deliveries: Deliveries) -> None:
        seen: list[Delivery] = []

        async def looking(delivery: Delivery) -> Message:
            seen.append(delivery)
            return await resolve(delivery)

        row = told(7, parameters={"via": "website", "issue": str(uuid4())}, secret_id=uuid4())
        await deliveries.enqueue(row)
        await deliveries.deliver(resolving=looking)
        (delivery,) = seen
        assert {
            name: getattr(delivery, name) for name in ("position", "contact_id", "parameters", "secret_id", "created_at")
        } == {name: getattr(row, name) for name in ("position", "contact_id", "parameters", "secret_id", "created_at")}

    async def test_keeps_neither_address_nor_secret_nor_words(
        self, deliveries: Deliveries, inbox: Inbox, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def failing(delivery: Delivery) -> Message:
            raise ValueError(f"{PAT} has no {SECRET}")

        caplog.set_level(logging.DEBUG)
        await deliveries.enqueue(told(1), told(2), told(3, channel="sms"))
        inbox.faults("email", "refuse")
        inbox.faults("sms", "temporary")
        await deliveries.deliver()
        await deliveries.enqueue(told(4))
        await deliveries.deliver(resolving=failing)
        assert {row["state"] for row in await deliveries.rows()} == {"sent", "refused", "pending"}
        for kept in (str(await deliveries.rows()), caplog.text):
            assert not any(part in kept for part in (PAT, PHONE, SECRET, "password is"))

    async def test_is_refused_once_and_for_all(self, deliveries: Deliveries, inbox: Inbox) -> None:
        inbox.faults("email", "refuse")
        await deliveries.enqueue(told())
        await deliveries.deliver()
        assert await deliveries.deliver(NOON + timedelta(days=2)) == 0
        row = await deliveries.row()
        assert row["state"] == "refused" and "550" in row["last_error"]

    async def test_is_tried_again_later_and_then_arrives(self, deliveries: Deliveries, inbox: Inbox) -> None:
        inbox.faults("email", "temporary")
        await deliveries.enqueue(told())
        await deliveries.deliver()
        assert await deliveries.deliver(NOON + timedelta(seconds=4)) == 0
        assert await deliveries.deliver(NOON + timedelta(seconds=7)) == 1
        assert (await deliveries.row())["state"] == "sent"
        assert len(inbox.messages()) == 1

    async def test_is_given_up_loudly_and_kept(
        self, deliveries: Deliveries, inbox: Inbox, caplog: pytest.LogCaptureFixture
    ) -> None:
        inbox.faults("sms", "temporary", 1000)
        await deliveries.enqueue(told(channel="sms"))
        now, tries = NOON, 0
        while await deliveries.deliver(now):
            now, tries = now + 2 * LONGEST_WAIT, tries + 1
        row = await deliveries.row()
        assert (tries, row["attempts"], row["state"]) == (MOST_ATTEMPTS, MOST_ATTEMPTS, "given_up")
        assert "503" in row["last_error"]
        (loud,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert str(row["delivery_id"]) in loud.getMessage()

    async def test_is_told_of_where_it_reached_nobody(self, deliveries: Deliveries, inbox: Inbox, schema: str) -> None:
        inbox.faults("email", "refuse")
        refused = told()
        await deliveries.enqueue(refused)
        await deliveries.deliver()
        await deliveries.enqueue(told(2))
        await deliveries.deliver()
        async with await psycopg.AsyncConnection.connect(schema, autocommit=True) as connection:
            (lost,) = await OUTBOX.undelivered(connection, since=NOON, limit=5)
            behind = (lost["ended_at"], lost["delivery_id"])
            assert await OUTBOX.undelivered(connection, since=NOON, limit=5, before=behind) == []
            assert await OUTBOX.undelivered(connection, since=NOON + timedelta(days=1), limit=5) == []
        assert (lost["state"], lost["kind"], lost["account_id"]) == ("refused", refused.kind, refused.account_id)
        assert "550" in lost["error"] and PAT not in str(lost)

    async def test_expires_unsent(self, deliveries: Deliveries, inbox: Inbox) -> None:
        await deliveries.enqueue(told(expires_at=NOON + timedelta(hours=72)))
        await deliveries.deliver(NOON + timedelta(hours=72))
        assert (await deliveries.row())["state"] == "expired"
        assert inbox.messages() == []

    async def test_expires_where_the_contact_is_gone(self, deliveries: Deliveries) -> None:
        async def gone(delivery: Delivery) -> Message:
            raise NothingToSay("the contact was removed")

        await deliveries.enqueue(told())
        await deliveries.deliver(resolving=gone)
        row = await deliveries.row()
        assert (row["state"], row["last_error"]) == ("expired", "the contact was removed")

    async def test_does_not_suffer_from_anothers_failure(self, deliveries: Deliveries, inbox: Inbox) -> None:
        async def one_fails(delivery: Delivery) -> Message:
            if delivery.position == 1:
                raise KeyError
            return await resolve(delivery)

        await deliveries.enqueue(told(1), told(2))
        await deliveries.deliver(resolving=one_fails)
        assert [row["state"] for row in await deliveries.rows()] == ["pending", "sent"]

    async def test_waits_for_a_gateway_that_names_a_time(self, deliveries: Deliveries) -> None:
        class Busy:
            async def send(self, message: Message) -> None:
                raise DeliveryDelayed("busy", retry_after=timedelta(minutes=10))

        deliveries.channels["sms"] = Busy()
        await deliveries.enqueue(told(channel="sms"))
        await deliveries.deliver()
        assert (await deliveries.row())["next_at"] == NOON + timedelta(minutes=10)


class SeveralWorkers:
    async def test_share_the_work_and_double_nothing(self, schema: str, inbox: Inbox) -> None:
        count = 3 * BATCH + 5
        async with opened(schema, inbox) as one, opened(schema, inbox) as two, opened(schema, inbox) as three:
            await one.enqueue(*(told(position) for position in range(count)))

            async def work(worker: Deliveries) -> int:
                done = 0
                while some := await worker.deliver():
                    done += some
                return done

            done = await asyncio.gather(work(one), work(two), work(three))
            assert sum(done) == count
            assert {row["state"] for row in await one.rows()} == {"sent"}
        caught = inbox.messages()
        assert len(caught) == len({mail.message_id for mail in caught}) == count

    async def test_leave_a_claimed_row_alone_until_its_lease_ends(self, deliveries: Deliveries) -> None:
        await deliveries.enqueue(told())
        async with deliveries.pool.connection() as connection:
            assert len(await OUTBOX.claim(connection, NOON)) == 1
        assert await deliveries.deliver(NOON + LEASE - timedelta(seconds=1)) == 0
        assert await deliveries.deliver(NOON + LEASE) == 1

    async def test_do_not_undo_what_the_next_holder_of_the_lease_did(self, deliveries: Deliveries) -> None:
        await deliveries.enqueue(told())
        async with deliveries.pool.connection() as connection:
            (late,) = await OUTBOX.claim(connection, NOON)
            (holder,) = await OUTBOX.claim(connection, NOON + LEASE)
            await OUTBOX.end(connection, late, "refused", "too late", NOON)
            await OUTBOX.put_off(connection, late, "too late", NOON)
        row = await deliveries.row()
        assert (row["state"], row["next_at"]) == ("pending", NOON + 2 * LEASE)
        async with deliveries.pool.connection() as connection:
            await OUTBOX.end(connection, late, "sent", None, NOON)
            await OUTBOX.end(connection, holder, "refused", "no", NOON)
        assert (await deliveries.row())["state"] == "sent"


class AWorkerKilledAfterSending:
    async def test_leads_to_one_more_copy_with_the_same_id(self, deliveries: Deliveries, schema: str, inbox: Inbox) -> None:
        await deliveries.enqueue(told(1), told(2, channel="sms"))
        # Both channels keep the message and answer late: the worker dies in between.
        inbox.faults("email", "delay", seconds=30)
        inbox.faults("sms", "delay", seconds=30)
        given = {"dsn": schema, "smtp": [inbox.smtp_host, inbox.smtp_port], "sms": [inbox.sms_url, inbox.sms_key]}
        command = (sys.executable, "-m", "tests.notifications.worker")
        worker = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE, cwd=ROOT)
        assert worker.stdin is not None
        worker.stdin.write(json.dumps(given).encode())
        worker.stdin.close()
        await asyncio.to_thread(inbox.wait_for, count=2)
        worker.send_signal(signal.SIGKILL)
        await worker.wait()
        assert {row["state"] for row in await deliveries.rows()} == {"pending"}

        assert await deliveries.deliver(NOON + LEASE) == 2
        assert {row["state"] for row in await deliveries.rows()} == {"sent"}
        mails = [caught for caught in inbox.messages() if caught.channel == "email"]
        assert [mail.repeated for mail in mails] == [False, True]
        assert len({mail.message_id for mail in mails}) == 1
        assert len([caught for caught in inbox.messages() if caught.channel == "sms"]) == 1


class ASecretInTransit:
    async def test_is_told_once_every_copy_has_ended(self, deliveries: Deliveries, inbox: Inbox) -> None:
        one, other = uuid4(), uuid4()
        inbox.faults("sms", "temporary")
        await deliveries.enqueue(told(1, secret_id=one), told(1, secret_id=one, channel="sms"), told(2, secret_id=other), told(3))
        await deliveries.deliver()
        assert await self.told(deliveries) == [other]
        await deliveries.deliver(NOON + timedelta(minutes=1))
        assert sorted(await self.told(deliveries)) == sorted([one, other])

    async def test_is_named_no_more_once_it_was_destroyed(self, deliveries: Deliveries) -> None:
        secret = uuid4()
        await deliveries.enqueue(told(1, secret_id=secret))
        await deliveries.deliver()
        async with deliveries.pool.connection() as connection:
            await OUTBOX.release_secrets(connection, [secret])
        assert await self.told(deliveries) == []

    @staticmethod
    async def told(deliveries: Deliveries) -> list[UUID]:
        async with deliveries.pool.connection() as connection:
            return await OUTBOX.told_secrets(connection)


class TheWait:
    def test_grows_to_an_hour_and_lasts_about_a_day_in_all(self) -> None:
        id = UUID(int=0)
        waits = [wait_after(attempt, id) for attempt in range(1, MOST_ATTEMPTS)]
        assert waits == sorted(waits)
        assert (waits[0], waits[1], waits[-1]) == (timedelta(seconds=5), timedelta(seconds=15), LONGEST_WAIT)
        assert timedelta(hours=20) < sum(waits, timedelta()) < timedelta(hours=30)

    def test_differs_by_up_to_a_fifth(self) -> None:
        assert wait_after(1, UUID(int=255)) == timedelta(seconds=6)
