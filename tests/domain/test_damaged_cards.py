from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args
from uuid import UUID

import pytest

from domain.damaged_card_events import (
    OUTCOMES,
    CardOutcome,
    CardStanding,
    DamagedCardLookedUp,
    DamagedCardReported,
    DamagedCardSettled,
)
from domain.damaged_cards import CardTold, DamagedCardNotLookedUp, NoDamagedCard, OnlyStaffSettlesCards, OutcomeAgainstJuice
from domain.ticket import Ticket
from tests.domain.scenario import NOON, Scenario, context

ANN, PAT, SEED = context(by="staff:ann"), context(by="customer"), context(by="system:vendor")
USED = CardTold(standing="used", amount=5000, currency="ZAR", used_at=NOON, used_meter="0701")


def opened(ticket: Ticket) -> None:
    said: dict[str, Any] = {"topic": "card", "subject": "A card", "text": "It was washed."}
    ticket.open(PAT, account_id=UUID(int=7), reference="K7RT-94PQ", **said)


def reported(ticket: Ticket) -> None:
    ticket.report_damaged_card(PAT, serial="7100000101", damage="code-gone")


def told(standing: CardStanding, by: Any = ANN) -> Callable[[Ticket], None]:
    return lambda ticket: ticket.note_card(by, CardTold(standing=standing))


def settled(outcome: CardOutcome, by: Any = ANN) -> Callable[[Ticket], None]:
    return lambda ticket: ticket.settle_card(by, outcome=outcome)


class ADamagedCard:
    def test_is_told_with_its_serial_and_what_is_wrong(self):
        said = {"serial": "7100000101", "damage": "code-gone"}
        Scenario(Ticket).given(opened).when(reported).then((DamagedCardReported, said))

    def test_keeps_what_juice_says_of_it_and_who_asked(self):
        noted = {"standing": "used", "amount": 5000, "currency": "ZAR", "used_at": NOON, "used_meter": "0701", "by": "staff:ann"}
        ticket = Scenario(Ticket).given(opened, reported)
        ticket.when(lambda ticket: ticket.note_card(ANN, USED)).then((DamagedCardLookedUp, noted))

    @pytest.mark.parametrize("by", [PAT, SEED], ids=lambda by: by.by)
    def test_is_looked_up_and_settled_by_staff_alone(self, by):
        ticket = Scenario(Ticket).given(opened, reported, told("used"))
        ticket.when(told("used", by)).then_refused(OnlyStaffSettlesCards)
        ticket.when(settled("already-used", by)).then_refused(OnlyStaffSettlesCards)

    def test_is_not_settled_before_juice_was_asked(self):
        Scenario(Ticket).given(opened, reported).when(settled("replaced")).then_refused(DamagedCardNotLookedUp)

    def test_is_not_settled_again_by_what_juice_said_before_the_last_time(self):
        ticket = Scenario(Ticket).given(opened, reported, told("activated"), settled("replaced"))
        ticket.when(settled("credit-ordered")).then_refused(DamagedCardNotLookedUp)

    def test_is_told_of_in_no_other_request(self):
        ticket = Scenario(Ticket).given(opened)
        ticket.when(told("used")).then_refused(NoDamagedCard)
        ticket.when(settled("already-used")).then_refused(NoDamagedCard)

    @pytest.mark.parametrize("standing", ["used", "unknown"])
    @pytest.mark.parametrize("outcome", ["credit-ordered", "replaced"])
    def test_credits_nothing_twice_and_nothing_that_never_was(self, standing, outcome):
        ticket = Scenario(Ticket).given(opened, reported, told(standing))
        ticket.when(settled(outcome)).then_refused(OutcomeAgainstJuice)

    @pytest.mark.parametrize("standing", get_args(CardStanding))
    def test_has_an_outcome_however_it_stands(self, standing):
        possible = []
        for outcome in OUTCOMES:
            try:
                Scenario(Ticket).given(opened, reported, told(standing)).when(settled(outcome)).then(
                    (DamagedCardSettled, {"outcome": outcome})
                )
                possible.append(outcome)
            except OutcomeAgainstJuice:
                pass
        assert possible
