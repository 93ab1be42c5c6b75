"""kill -9 of anything at any moment: what was acknowledged is kept, and every redemption comes to its end."""

import asyncio
import random
from collections import Counter
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.processes.people import redeem, sellable, until_ended
from tests.running import Running, running

KILLED = ("web", "projector", "vendor", "notifier", "juice", "inbox", "postgres")
KILLS = 20
PEOPLE = 4


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    with running(tmp_path_factory.mktemp("kills")) as portal:
        yield portal


class KillingAnyProcess:
    async def test_loses_no_acknowledged_command_and_leaves_no_redemption_without_its_end(self, portal: Running):
        utility = portal.demo["utilities"][0]
        api = portal.demo["api"]
        cards = [card for card in utility["cards"] if card["state"] == "activated"]
        meters = sellable(utility)
        chance = random.Random(20)
        over = asyncio.Event()
        acknowledged = []

        async def person(client):
            while not over.is_set() and cards:
                card = cards.pop()
                acknowledged.append(await redeem(api, client, card, chance.choice(meters)))

        async def killer():
            for number in range(KILLS):
                await asyncio.sleep(chance.uniform(0.3, 0.9))
                portal.kill(KILLED[number % len(KILLED)])
            await asyncio.sleep(1)
            over.set()

        async with httpx.AsyncClient() as client:
            await asyncio.gather(killer(), *(person(client) for _ in range(PEOPLE)))
            assert len(acknowledged) >= PEOPLE
            ends = await asyncio.gather(*(until_ended(api, client, each) for each in acknowledged))

        assert Counter(end["stage"] for end in ends) == {"redeemed": len(acknowledged)}
        assert portal.restarts >= KILLS // 2
        with psycopg.connect(portal.dsn) as connection:
            schema = f"u_{utility['code']}"
            kept = {row[0] for row in connection.execute(f"SELECT notification_id FROM {schema}.events")}
            assert {each.position for each in acknowledged} <= kept
            credited = Counter(
                row[0]
                for row in connection.execute(
                    "SELECT convert_from(state, 'UTF8')::jsonb ->> 'redemption_id'"
                    f" FROM {schema}.events WHERE topic = 'card-redeemed'"
                )
            )
            secrets = connection.execute(f"SELECT count(*) FROM {schema}.transit WHERE purpose = 'scratch-code'").fetchone()
        assert credited == Counter(each.redemption_id for each in acknowledged)
        assert secrets == (0,)

    async def test_leaves_juice_and_seed_in_agreement(self, portal: Running):
        """Every card that Juice calls used was credited once, and by the number that Juice gave it."""
        utility = portal.demo["utilities"][0]
        with psycopg.connect(portal.dsn) as connection:
            numbers = [
                row[0]
                for row in connection.execute(
                    "SELECT convert_from(state, 'UTF8')::jsonb -> 'receipt' ->> 'juice_number'"
                    f" FROM u_{utility['code']}.events WHERE topic IN ('card-redeemed', 'transaction-recorded')"
                )
            ]
        assert len(numbers) == len(set(numbers))

    def test_leaves_no_secret_in_the_logs(self, portal: Running):
        codes = [card["code"] for utility in portal.demo["utilities"] for card in utility["cards"]]
        written = "".join(path.read_text(errors="replace") for path in Path(portal.folder).glob("*.log"))
        assert written
        assert [code for code in codes if code in written] == []
