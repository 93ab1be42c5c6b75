"""What Seed relies on in a Juice that keeps no message ids, over HTTP: it sells again what comes twice, and lists it all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.portal import Portal
from tests.domain.portal import make_portal
from tests.domain.scenario import context
from tests.juice_standin import JuiceStandin
from tests.vending.messages import sale
from vending.claims import Claims
from vending.juice_answers import Reply, Sent
from vending.juice_http import HttpJuice
from vending.juice_refusals import CardUsed, JuiceSilent, NoSuchTransaction, StillArriving, Undecided
from vending.juice_without_advice import JuiceWithoutAdvice
from vending.lost_vends import PROVEN_AFTER


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JuiceStandin]:
    running = JuiceStandin(tmp_path_factory.mktemp("harder-juice"), "--without-advice")
    yield running
    running.stop()


class Party:
    """Such a Juice, asked through both adapters, with a log in which transactions are claimed."""

    def __init__(self, standin: JuiceStandin) -> None:
        standin.without_faults()
        self.standin = standin
        self.code = standin.codes[0]
        self.portal: Portal = make_portal()
        client = HttpJuice(standin.url(self.code), standin.key(self.code), client=httpx.AsyncClient(), knows_messages=False)
        self.juice = JuiceWithoutAdvice(client, Claims(self.portal, self._nobody))
        self.meters = iter(
            meter["number"]
            for account in standin.demo(self.code)["accounts"]
            for meter in account["meters"]
            if meter["kind"] == "STS" and not meter["blocked"]
        )

    async def _nobody(self) -> tuple[()]:
        return ()

    async def vend(self, sent: Sent) -> Reply:
        """This will ask for what was sent."""
        assert sent.amount is not None
        return await self.juice.vend(sent.message_id, amount=sent.amount, tender=sent.tender, meter=sent.meter)

    def sent(self, **differently: Any) -> Sent:
        """A message that is being sent just now."""
        now = datetime.now(UTC)
        told = {"message_id": uuid4(), "tender": "Cash-CC", "first_at": now, "last_at": now}
        return sale(**(told | differently))


METERS_USED = iter(range(0, 1000, 3))


@pytest.fixture
def party(process: JuiceStandin) -> Party:
    made = Party(process)
    for _ in range(next(METERS_USED)):
        next(made.meters)
    return made


class AVend:
    async def test_says_no_message_id_and_is_done_again_where_it_comes_twice(self, party: Party) -> None:
        sent = party.sent(meter=next(party.meters))
        first, second = await party.vend(sent), await party.vend(sent)
        assert (first.message_id, second.message_id) == (None, None)
        assert first.transaction != second.transaction

    async def test_whose_reply_was_lost_is_found_by_meter_amount_and_time(self, party: Party) -> None:
        sent = party.sent(meter=next(party.meters))
        party.standin.faults("lose-reply", path="/vends")
        with pytest.raises(JuiceSilent):
            await party.vend(sent)
        found = await party.juice.advise(sent, at=datetime.now(UTC))
        assert (found.meter, found.amount, len(found.tokens)) == (sent.meter, sent.amount, 1)

    async def test_that_never_came_is_proven_absent_once_no_copy_can_arrive_any_more(self, party: Party) -> None:
        sent = party.sent(meter=next(party.meters))
        now = datetime.now(UTC)
        with pytest.raises(StillArriving):
            await party.juice.advise(sent, at=now)
        with pytest.raises(NoSuchTransaction):
            await party.juice.advise(sent, at=now + PROVEN_AFTER + timedelta(seconds=1))

    async def test_is_not_found_where_it_is_another_amount_or_meter(self, party: Party) -> None:
        meter, other = next(party.meters), next(party.meters)
        await party.vend(party.sent(meter=meter, amount=5100))
        await party.vend(party.sent(meter=other))
        with pytest.raises(StillArriving):
            await party.juice.advise(party.sent(meter=meter), at=datetime.now(UTC))

    async def test_of_which_there_are_two_is_left_to_staff(self, party: Party) -> None:
        sent = party.sent(meter=next(party.meters))
        numbers = {(await party.vend(sent)).transaction, (await party.vend(sent)).transaction}
        with pytest.raises(Undecided) as left:
            await party.juice.advise(sent, at=datetime.now(UTC))
        assert set(left.value.candidates) == numbers

    async def test_that_is_claimed_is_nobody_elses(self, party: Party) -> None:
        meter = next(party.meters)
        made = await party.vend(party.sent(meter=meter))
        claim = await party.portal.juice_transaction(made.transaction)
        claim.recognise(context(), account_id=None, juice_number=made.transaction, process_id=uuid4())
        await party.portal.save(claim)
        with pytest.raises(StillArriving):
            await party.juice.advise(party.sent(meter=meter), at=datetime.now(UTC))


class ARedemption:
    async def test_whose_reply_was_lost_is_found_by_its_serial(self, party: Party) -> None:
        meter, card = next(party.meters), party.standin.cards(party.code)[0]
        sent = party.sent(tender="JC", meter=meter, amount=None, currency=None, serial=card["serial"])
        ask = {"serial": card["serial"], "code": card["code"], "meter": meter}
        party.standin.faults("lose-reply", path="/redemptions")
        with pytest.raises(JuiceSilent):
            await party.juice.redeem(sent.message_id, **ask)
        with pytest.raises(CardUsed):
            await party.juice.redeem(sent.message_id, **ask)
        found = await party.juice.advise(sent, at=datetime.now(UTC))
        assert (found.serial, found.amount) == (card["serial"], card["amount"])
