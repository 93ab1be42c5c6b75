"""Scratch codes: with Seed only as a sealed record while a redemption is under way, compared by Juice; wrong serial = wrong code;
a growing delay per serial, source and overall; the odds of a guess are stated and tested.
"""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from falcon.testing import Result
from psycopg import sql

from tests.domain.scenario import context
from tests.vending.fake_juice import FakeJuice
from tests.web.scene import ACCOUNT, CODE, METER, SERIAL, Scene
from vending.redeeming import Redeeming
from web.access.limits import CARDS_BY_TARGET


async def redeemed(scene: Scene) -> UUID:
    body, headers = {"serial": SERIAL, "code": CODE, "number": METER}, {"Idempotency-Key": "key-number-1"}
    reply = await scene.post("/redemptions", body, headers=headers)
    assert reply.status_code == 202, reply.text
    return UUID(reply.json["redemption_id"])


def kept(scene: Scene) -> list[str]:
    """All that the table of secrets in transit holds."""
    with psycopg.connect(scene.utility.dsn) as connection:
        table = sql.Identifier(scene.utility.schema, "transit")
        return [row[0] for row in connection.execute(sql.SQL("SELECT t::text FROM {} t").format(table)).fetchall()]


class AScratchCode:
    async def test_is_a_sealed_record_until_its_redemption_ends_and_then_nothing(self, scene: Scene) -> None:
        redemption_id = await redeemed(scene)
        (record,) = kept(scene)
        assert CODE not in record and CODE.encode().hex() not in record
        await Redeeming(scene.utility.portal, FakeJuice(cards={SERIAL: 5000}, account=ACCOUNT)).advance(
            redemption_id, context(by="system:vendor"), attempts=1
        )
        assert kept(scene) == []
        events = str(await scene.utility.log.load(redemption_id))
        assert CODE not in events and SERIAL not in events

    @pytest.mark.parametrize("code", ["WRONGWRONG12", CODE.lower()[::-1]])
    async def test_that_is_wrong_is_kept_nowhere(self, scene: Scene, code: str) -> None:
        body, headers = {"serial": SERIAL, "code": code, "number": METER}, {"Idempotency-Key": "key-number-2"}
        assert (await scene.post("/redemptions", body, headers=headers)).status_code == 404
        assert kept(scene) == []


class Guesses:
    async def test_for_an_account_and_for_its_meter_are_held_up_as_one(self, scene: Scene) -> None:
        """From many sources and of many serials, so that nothing else is counted twice."""

        async def guess(place: int, number: str) -> Result:
            body = {"serial": f"S9{place:06}", "code": "WRONGWRONG12", "number": number}
            source = f"192.0.2.{place % 7}"
            return await scene.post("/redemptions", body, headers={"Idempotency-Key": f"key-number-{place}"}, remote_addr=source)

        refused = [(await guess(place, (ACCOUNT, METER)[place % 2])).status_code for place in range(60)]
        first = refused.index(429)
        assert set(refused[:first]) == {404} and first > CARDS_BY_TARGET.free
        assert [(await guess(place, number)).status_code for place, number in ((61, ACCOUNT), (62, METER))] == [429, 429]
