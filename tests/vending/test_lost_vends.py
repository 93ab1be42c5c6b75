"""Finding a lost vend among Juice's transactions: what is found is right, what is absent is proven, and the rest is left open."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.scenario import NOON
from tests.vending.messages import sale
from vending.juice_answers import Reply, Sent
from vending.lost_vends import CLOCKS_DIFFER, PROVEN_AFTER, Absent, Ambiguous, Found, Listed, NotYet, search
from vending.sending import ARRIVES_WITHIN

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SENT = sale()
CARD = sale(tender="JC", serial="S1", amount=None, currency=None)


def made(number: str = "T1", at: datetime = NOON, **differently) -> Reply:
    """A transaction of Juice's that is just what `SENT` asked for."""
    told = {"type": "Cash-CC", "account": "1001", "meter": "0701", "amount": 5000, "currency": "ZAR", "units": None}
    told |= {"message_id": None, "lines": (), "tokens": (), "wallet_change": 0, "wallet_balance": 0}
    return Reply(**(told | {"transaction": number, "at": at} | differently))


def answer(*transactions: Reply, sent: Sent = SENT, after=MINUTE, whole: bool = True, taken=(), rivals=()):
    """What is said of a message so long after it was sent."""
    listed = Listed(transactions=transactions, is_whole=whole, at=sent.last_at + after)
    return search(sent, listed, taken=frozenset(taken), rivals=rivals)


class ALostVend:
    def test_is_found_by_meter_amount_type_and_time(self):
        assert answer(made()) == Found(made())

    @pytest.mark.parametrize(
        "differently",
        [{"meter": "0702"}, {"amount": 5001}, {"currency": "USD"}, {"type": "Cash"}, {"serial": "S1", "type": "JC"}]
        + [{"at": NOON - CLOCKS_DIFFER - SECOND}],
    )
    def test_is_none_that_differs_in_any_of_them(self, differently):
        assert isinstance(answer(made(**differently)), NotYet)
        assert answer(made(**differently), after=PROVEN_AFTER) == Absent()

    def test_is_found_whichever_clock_is_ahead(self):
        for apart in (-CLOCKS_DIFFER, CLOCKS_DIFFER):
            assert answer(made(at=NOON + apart)) == Found(made(at=NOON + apart))

    def test_of_an_account_without_a_meter_is_found_by_the_account(self):
        by_account = sale(meter=None, account="1001")
        assert answer(made(meter=None), sent=by_account) == Found(made(meter=None))
        assert isinstance(answer(made(meter=None, account="1002"), sent=by_account), NotYet)

    def test_is_not_what_another_has_claimed(self):
        assert isinstance(answer(made(), taken=["T1"]), NotYet)
        assert answer(made("T1"), made("T2"), taken=["T1"]) == Found(made("T2"))

    def test_of_a_card_is_found_by_its_serial_whatever_it_was_worth(self):
        redeemed = made(type="JC", serial="S1", amount=2000)
        assert answer(redeemed, made(type="JC", serial="S2"), sent=CARD) == Found(redeemed)
        taken_back = made("T2", NOON + MINUTE, type="Reversal", amount=-2000)
        assert answer(redeemed, taken_back, sent=CARD, whole=False) == Found(redeemed)


class Absence:
    def test_is_proven_only_once_no_copy_can_arrive_any_more(self):
        assert answer(after=PROVEN_AFTER - SECOND) == NotYet(SECOND)
        assert answer(after=PROVEN_AFTER) == Absent()

    def test_is_counted_from_the_last_copy(self):
        twice = sale(first_at=NOON - timedelta(hours=1))
        assert isinstance(answer(sent=twice, after=PROVEN_AFTER - SECOND), NotYet)
        early = made(at=NOON - timedelta(hours=1))
        assert answer(early, sent=twice, after=PROVEN_AFTER) == Found(early)

    def test_is_not_proven_by_a_list_that_does_not_reach_back(self):
        assert answer(whole=False, after=PROVEN_AFTER) == Ambiguous(())

    def test_is_not_proven_where_one_came_later_than_any_could(self):
        late = made(at=NOON + ARRIVES_WITHIN + CLOCKS_DIFFER + SECOND)
        assert answer(late, after=timedelta(hours=1)) == Ambiguous([late])


class WhatIsAmbiguous:
    def test_is_more_transactions_than_messages(self):
        assert answer(made("T1"), made("T2")) == Ambiguous([made("T1"), made("T2")])

    def test_is_one_that_was_taken_back_since(self):
        reversal = made("T2", NOON + MINUTE, type="Reversal", amount=-5000)
        assert answer(made(), reversal) == Ambiguous([made()])

    def test_is_one_in_a_list_that_may_hide_another(self):
        assert answer(made(), whole=False) == Ambiguous([made()])


class TwoThatAreAlike:
    TWIN = sale(message_id=UUID(int=2), first_at=NOON + SECOND, last_at=NOON + SECOND)

    def test_have_one_transaction_each_in_either_order(self):
        both = made("T1"), made("T2", NOON + SECOND)
        assert answer(*both, rivals=[self.TWIN]) == Found(both[0])
        assert answer(*both, sent=self.TWIN, rivals=[SENT]) == Found(both[1])
        assert answer(*both, sent=self.TWIN, taken=["T1"]) == Found(both[1])

    def test_share_no_single_one(self):
        assert answer(made(), rivals=[self.TWIN]) == Found(made())
        assert isinstance(answer(made(), sent=self.TWIN, rivals=[SENT]), NotYet)
        assert answer(made(), sent=self.TWIN, taken=["T1"], after=PROVEN_AFTER) == Absent()

    def test_have_staff_look_where_a_third_transaction_is_like_theirs(self):
        three = made("T1"), made("T2"), made("T3")
        assert isinstance(answer(*three, rivals=[self.TWIN]), Ambiguous)


MOMENTS = st.integers(0, 1200)
TOOK = st.one_of(st.none(), st.integers(0, 300))
"""How many seconds a copy was on its way; None where it never arrived."""


class WhateverHappened:
    """Messages that are alike are sent over twenty minutes; some arrive, late or never; clocks are apart."""

    @given(st.lists(st.tuples(MOMENTS, TOOK, st.integers(-240, 240)), min_size=1, max_size=4), st.permutations(range(4)))
    def test_each_transaction_is_claimed_by_one_and_none_is_missed(self, messages, order):
        sent, transactions = history(messages)
        taken: dict[str, UUID] = {}
        open_ones = [sent[place] for place in order if place < len(sent)]
        for _ in range(len(sent) + 1):
            for one in list(open_ones):
                rivals = [each for each in open_ones if each != one]
                told = answer(*transactions, sent=one, after=timedelta(days=1), taken=taken, rivals=rivals)
                assert not isinstance(told, Ambiguous), "nobody else has sold anything"
                if isinstance(told, Found):
                    assert told.transaction.transaction not in taken
                    taken[told.transaction.transaction] = one.message_id
                if isinstance(told, Found | Absent):
                    open_ones.remove(one)
        assert (set(taken), open_ones) == ({each.transaction for each in transactions}, [])

    @given(MOMENTS, TOOK, st.integers(-240, 240), st.integers(-240, 240), st.integers(0, 3600))
    def test_absence_is_never_said_of_what_may_still_come(self, at, took, clock, asking_clock, later):
        (sent,), transactions = history([(at, took, clock)])
        now = NOON + timedelta(seconds=at + later)
        shown = [each for each in transactions if each.at <= now]
        listed = Listed(transactions=shown, is_whole=True, at=now + timedelta(seconds=asking_clock))
        told = search(sent, listed, taken=frozenset())
        assert told != Absent() or not transactions

    @given(st.lists(st.tuples(MOMENTS, TOOK, st.just(0)), min_size=1, max_size=3), st.lists(MOMENTS, min_size=1, max_size=2))
    def test_a_sale_that_others_made_is_never_taken_beside_ones_own(self, messages, elsewhere):
        sent, transactions = history(messages)
        strange = [made(f"X{n}", NOON + timedelta(seconds=at)) for n, at in enumerate(elsewhere)]
        for mine in permutations(sent):
            told = answer(*transactions, *strange, sent=mine[0], after=timedelta(days=1), rivals=mine[1:])
            if len(transactions) == len(sent):
                assert not isinstance(told, Absent)
                assert not isinstance(told, Found) or told.transaction in transactions


def history(messages) -> tuple[list[Sent], list[Reply]]:
    """What Seed wrote down by clocks that are so many seconds ahead, and what Juice did."""
    sent, transactions = [], []
    for n, (at, took, clock) in enumerate(messages):
        told = NOON + timedelta(seconds=at + clock)
        sent.append(sale(message_id=UUID(int=n + 1), first_at=told, last_at=told))
        if took is not None:
            transactions.append(made(f"T{n}", NOON + timedelta(seconds=at + took)))
    return sent, transactions
