"""Sixty-four people with one card: one credit."""

import asyncio
import uuid
from collections import Counter

import httpx
import psycopg

from tests.processes.people import Acknowledged, sellable, source, spare_cards, until_ended

RACERS = 64


class SixtyFourRacersOnOneCard:
    async def test_give_one_credit(self, running_portal):
        utility = running_portal.demo["utilities"][0]
        api = running_portal.demo["api"]
        card = spare_cards(utility, 60)[0]
        meters = sellable(utility)

        async def racer(client, number):
            headers = {**source(), "Idempotency-Key": str(uuid.uuid4())}
            body = {"serial": card["serial"], "code": card["code"], "number": meters[number % len(meters)]}
            while True:
                reply = await client.post(f"{api}/redemptions", json=body, headers=headers, timeout=60)
                if reply.status_code != 503:
                    return reply
                await asyncio.sleep(float(reply.headers["Retry-After"]))

        async with httpx.AsyncClient(limits=httpx.Limits(max_connections=RACERS)) as client:
            replies = await asyncio.gather(*(racer(client, number) for number in range(RACERS)))
            outcomes = Counter(reply.status_code for reply in replies)
            assert outcomes[202] == 1, outcomes
            assert set(outcomes) <= {202, 409, 429}, outcomes
            told = next(reply.json() for reply in replies if reply.status_code == 202)
            end = await until_ended(api, client, Acknowledged(card, told["redemption_id"], told["status"], told["position"]))
        assert end["stage"] == "redeemed"
        with psycopg.connect(running_portal.dsn) as connection:
            (credits,) = connection.execute(
                f"SELECT count(*) FROM u_{utility['code']}.events WHERE topic = 'card-redeemed'"
                " AND convert_from(state, 'UTF8')::jsonb ->> 'redemption_id' = %s",
                [told["redemption_id"]],
            ).fetchone()
        assert credits == 1
