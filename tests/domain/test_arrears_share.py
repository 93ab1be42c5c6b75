from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from domain.arrears_share import (
    ArrearsShare,
    ShareAboveLimit,
    ShareBelowUtilitys,
    ShareNotUnderWay,
    ShareStage,
    ShareUnchanged,
    ShareUnderWay,
)
from domain.arrears_share_events import ShareChosen, ShareConfirmed, ShareDoubted, ShareFlagged, ShareRefused, ShareSent
from tests.domain.scenario import Scenario, context

ACCOUNT, MESSAGE, LATER = UUID(int=7), UUID(int=21), UUID(int=22)
PAT, SEED = context(by="customer"), context(by="system:vendor")
LIMITS = {"present": 20, "least": 20, "most": 60}


def chosen(share: int = 40, message_id: UUID = MESSAGE, **limits: int) -> Callable[[ArrearsShare], None]:
    said: dict[str, Any] = {"account_id": ACCOUNT, "debt_id": "D1", "description": "Meter", "message_id": message_id}
    return lambda choice: choice.choose(PAT, share=share, **said, **LIMITS | limits)


def sent(choice: ArrearsShare) -> None:
    choice.send(SEED, message_id=MESSAGE)


def doubted(choice: ArrearsShare) -> None:
    choice.doubt(SEED, message_id=MESSAGE, reason="JuiceSilent")


def flagged(choice: ArrearsShare) -> None:
    choice.flag(SEED, message_id=MESSAGE)


def confirmed(choice: ArrearsShare) -> None:
    choice.confirm(SEED, message_id=MESSAGE)


def refused(choice: ArrearsShare) -> None:
    choice.refuse(SEED, message_id=MESSAGE, rule="ShareOutOfLimits")


class AChosenShare:
    def test_is_recorded_with_what_it_was_and_the_id_that_juice_will_be_asked_under(self):
        said = {"debt_id": "D1", "description": "Meter", "share": 40, "former_share": 20, "message_id": MESSAGE}
        Scenario(ArrearsShare).when(chosen()).then((ShareChosen, said | {"account_id": ACCOUNT, "by": "customer"}))

    @pytest.mark.parametrize(
        ("share", "refusal"), [(19, ShareBelowUtilitys), (0, ShareBelowUtilitys), (-5, ShareBelowUtilitys), (61, ShareAboveLimit)]
    )
    def test_is_never_below_the_utilitys_nor_above_its_limit(self, share, refusal):
        Scenario(ArrearsShare).when(chosen(share)).then_refused(refusal)

    @pytest.mark.parametrize("share", [21, 60])
    def test_may_be_anything_within_the_limits(self, share):
        Scenario(ArrearsShare).when(chosen(share)).then(ShareChosen)

    def test_may_go_back_to_the_utilitys(self):
        Scenario(ArrearsShare).given(chosen(), sent, confirmed).when(chosen(20, LATER, present=40)).then(ShareChosen)

    def test_is_another_than_before(self):
        Scenario(ArrearsShare).when(chosen(20)).then_refused(ShareUnchanged)

    @pytest.mark.parametrize("steps", [(), (sent,), (sent, doubted)])
    def test_waits_for_juice_before_another_is_chosen(self, steps):
        Scenario(ArrearsShare).given(chosen(), *steps).when(chosen(50, LATER)).then_refused(ShareUnderWay)

    def test_is_sent_once(self):
        choice = Scenario(ArrearsShare).given(chosen())
        choice.when(sent).then(ShareSent)
        choice.when(sent).then_refused(ShareNotUnderWay)

    def test_in_doubt_is_said_and_flagged_once(self):
        choice = Scenario(ArrearsShare).given(chosen(), sent)
        choice.when(doubted).then(ShareDoubted)
        choice.when(doubted).then_nothing()
        choice.when(flagged).then(ShareFlagged)
        choice.when(flagged).then_nothing()

    @pytest.mark.parametrize(("end", "event"), [(confirmed, ShareConfirmed), (refused, ShareRefused)])
    def test_ends_once_by_juices_word(self, end, event):
        choice = Scenario(ArrearsShare).given(chosen(), sent, doubted)
        choice.when(end).then(event)
        choice.when(end).then_refused(ShareNotUnderWay)

    def test_is_ended_by_the_word_on_its_own_message_alone(self):
        choice = Scenario(ArrearsShare).given(chosen(), sent)
        choice.when(lambda share: share.confirm(SEED, message_id=LATER)).then_refused(ShareNotUnderWay)
        assert choice.aggregate.stage is ShareStage.SENT
