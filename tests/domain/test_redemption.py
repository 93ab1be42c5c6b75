"""A card redemption: one way in, one end."""

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.aggregate import Refusal
from domain.redemption import (
    CardAlreadyRedeemed,
    CardBeingRedeemed,
    CardRedemption,
    RedemptionNotUnderWay,
    Stage,
)
from domain.redemption_events import (
    RedemptionDoubted,
    RedemptionFlagged,
    RedemptionFoundMade,
    RedemptionNeverLeft,
    RedemptionProvenAbsent,
    RedemptionReserved,
    RedemptionSent,
    RedemptionSettled,
)
from domain.wallet import Receipt
from tests.domain.scenario import NOON, SOME_ID, Scenario, context

MESSAGE, OTHER_MESSAGE = UUID(int=1), UUID(int=2)
ACCOUNT = UUID(int=3)


def receipt(juice_number="J1", amount=5000):
    return Receipt(
        juice_number=juice_number,
        happened_at=NOON,
        amount=amount,
        currency="ZAR",
        lines=(),
        wallet_change=0,
        wallet_balance=0,
    )


def reserve(message_id=MESSAGE, account=ACCOUNT):
    return lambda redemption: redemption.reserve(
        context(),
        account_id=account,
        wallet_id=UUID(int=4),
        meter_id=UUID(int=5),
        message_id=message_id,
        secret_id=UUID(int=6),
        amount=5000,
        currency="ZAR",
    )


def send(message_id=MESSAGE):
    return lambda redemption: redemption.send(context(), message_id=message_id)


def doubt(message_id=MESSAGE):
    return lambda redemption: redemption.doubt(context(), message_id=message_id, reason="JuiceSilent")


def take_back(message_id=MESSAGE):
    return lambda redemption: redemption.take_back(context(), message_id=message_id, sent_at=context().at)


def flag(message_id=MESSAGE):
    return lambda redemption: redemption.flag(context(), message_id=message_id)


def settle(message_id=MESSAGE, **of):
    return lambda redemption: redemption.settle(context(), message_id=message_id, receipt=receipt(**of))


def prove_absent(message_id=MESSAGE):
    return lambda redemption: redemption.prove_absent(context(), message_id=message_id, rule="UnknownCard")


def find_made(message_id=MESSAGE):
    return lambda redemption: redemption.find_made(context(), message_id=message_id, receipt=receipt())


class ARedemption:
    def test_begins_with_a_reservation(self):
        Scenario(CardRedemption).when(reserve()).then((RedemptionReserved, {"attempt": 1, "amount": 5000}))

    def test_refuses_a_second_one_while_it_is_under_way(self):
        for earlier in ([reserve()], [reserve(), send()], [reserve(), send(), doubt()]):
            Scenario(CardRedemption).given(*earlier).when(reserve(OTHER_MESSAGE)).then_refused(CardBeingRedeemed)

    def test_refuses_a_card_that_was_redeemed(self):
        Scenario(CardRedemption).given(reserve(), send(), settle()).when(reserve(OTHER_MESSAGE)).then_refused(CardAlreadyRedeemed)

    def test_frees_the_card_when_it_is_proven_absent(self):
        Scenario(CardRedemption).given(reserve(), send(), prove_absent()).when(reserve(OTHER_MESSAGE)).then(
            (RedemptionReserved, {"attempt": 2, "message_id": OTHER_MESSAGE})
        )

    def test_is_sent_once(self):
        Scenario(CardRedemption).given(reserve()).when(send()).then(RedemptionSent)
        Scenario(CardRedemption).given(reserve(), send()).when(send()).then_refused(RedemptionNotUnderWay)

    def test_is_doubted_once(self):
        Scenario(CardRedemption).given(reserve(), send()).when(doubt()).then(RedemptionDoubted).when(doubt()).then_nothing()

    def test_is_where_it_was_where_its_only_copy_never_left_and_nobody_doubts_it_then(self):
        unsent = Scenario(CardRedemption).given(reserve(), send()).when(take_back())
        unsent.then((RedemptionNeverLeft, {"sent_at": context().at, "is_unsent": True}))
        unsent.when(doubt()).then_refused(RedemptionNotUnderWay)
        Scenario(CardRedemption).given(reserve(), send(), take_back()).when(send()).then(RedemptionSent)

    def test_is_not_proven_absent_by_a_refusal_of_one_copy_where_another_was_sent_since(self):
        again = Scenario(CardRedemption).given(
            reserve(), send(), lambda it: it.send_again(context(), message_id=MESSAGE, copies=it.copies)
        )
        refused = {"message_id": MESSAGE, "rule": "VendorCredit", "copies": (context().at,)}
        again.when(lambda it: it.prove_absent(context(), **refused)).then_refused(RedemptionNotUnderWay)

    def test_whose_doubt_lasts_is_shown_to_staff_once(self):
        doubted = Scenario(CardRedemption).given(reserve(), send(), doubt())
        doubted.when(flag()).then((RedemptionFlagged, {"reason": "doubt-lasts"})).when(flag()).then_nothing()
        Scenario(CardRedemption).given(reserve(), send()).when(flag()).then_nothing()

    def test_settles_out_of_doubt(self):
        Scenario(CardRedemption).given(reserve(), send(), doubt()).when(settle()).then(RedemptionSettled)

    def test_told_the_same_end_twice_records_it_once(self):
        Scenario(CardRedemption).given(reserve(), send(), settle()).when(settle()).then_nothing()

    def test_refuses_another_end(self):
        ended = Scenario(CardRedemption).given(reserve(), send(), settle())
        ended.when(prove_absent()).then_refused(RedemptionNotUnderWay)

    def test_is_proven_absent_with_juices_reason(self):
        Scenario(CardRedemption).given(reserve(), send()).when(prove_absent()).then(
            (RedemptionProvenAbsent, {"rule": "UnknownCard"})
        )

    def test_proven_absent_is_corrected_when_juice_shows_that_it_was_made(self):
        Scenario(CardRedemption).given(reserve(), send(), prove_absent()).when(find_made()).then(RedemptionFoundMade).when(
            reserve(OTHER_MESSAGE)
        ).then_refused(CardAlreadyRedeemed)

    def test_is_corrected_only_where_that_message_was_proven_absent(self):
        for earlier in ([reserve(), send()], [reserve(), send(), settle()], [reserve(), prove_absent(), reserve(OTHER_MESSAGE)]):
            Scenario(CardRedemption).given(*earlier).when(find_made()).then_refused(RedemptionNotUnderWay)


ANYTHING = st.lists(
    st.tuples(
        st.sampled_from([reserve, send, take_back, doubt, flag, settle, prove_absent, find_made]),
        st.sampled_from([MESSAGE, OTHER_MESSAGE]),
    )
)


class Whatever:
    @settings(max_examples=300, deadline=None)
    @given(ANYTHING)
    def test_is_asked_a_card_is_settled_at_most_once_and_history_loads(self, steps):
        redemption = CardRedemption(SOME_ID)
        for step, message_id in steps:
            try:
                step(message_id)(redemption)
            except Refusal:
                continue
        events = redemption.collect_events()
        made = RedemptionSettled | RedemptionFoundMade
        assert sum(isinstance(event, made) for event in events) <= 1
        refolded = CardRedemption.fold(SOME_ID, events)
        assert (refolded.stage, refolded.attempt, refolded.version) == (
            redemption.stage,
            redemption.attempt,
            redemption.version,
        )
        if refolded.stage is Stage.REDEEMED:
            assert isinstance(events[-1], made)
