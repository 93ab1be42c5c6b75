"""What nobody has claimed at a Juice without message ids: whose message may have made it, and what is nobody's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain import purchase_events as purchase
from domain import redemption_events as redemption
from domain.ticket_events import About
from tests.domain.scenario import NOON
from vending.entries import attempts_of
from vending.lost_vends import CLOCKS_DIFFER
from vending.sending import ARRIVES_WITHIN
from vending.unclaimed import Attempt, Unclaimed, makers, may_be

ACCOUNT, METER, OTHER, ID = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=7)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
SALE = Attempt(
    about=About(kind="purchase", id=ID),
    message_id="m1",
    account_id=ACCOUNT,
    meter_id=METER,
    amount=5000,
    currency="ZAR",
    first_at=NOON,
    last_at=NOON,
    outcome="absent",
)
CARD = replace(SALE, about=About(kind="redemption", id=ID), meter_id=None)
MADE = Unclaimed(number="T1", at=NOON, account_id=ACCOUNT, meter_id=METER, amount=5000, currency="ZAR", card_id=None)


class AMessage:
    @pytest.mark.parametrize("outcome", ["absent", "unknown"])
    def test_that_brought_the_customer_nothing_may_have_made_it_however_much_later(self, outcome: Any) -> None:
        for after in (-CLOCKS_DIFFER, timedelta(0), 20 * HOUR):
            assert may_be(replace(SALE, outcome=outcome), replace(MADE, at=NOON + after))

    def test_that_was_issued_may_have_come_twice_for_as_long_as_a_copy_may_arrive(self) -> None:
        issued, last = replace(SALE, outcome="issued", last_at=NOON + HOUR), NOON + HOUR + ARRIVES_WITHIN + CLOCKS_DIFFER
        assert may_be(issued, replace(MADE, at=last)) and not may_be(issued, replace(MADE, at=last + SECOND))

    @pytest.mark.parametrize(
        "change",
        [
            {"account_id": OTHER},
            {"account_id": None},
            {"meter_id": OTHER},
            {"meter_id": None},
            {"amount": 5001},
            {"currency": "USD"},
            {"card_id": ID},
            {"at": NOON - CLOCKS_DIFFER - SECOND},
        ],
    )
    def test_made_nothing_that_is_another_in_anything(self, change: dict[str, Any]) -> None:
        assert not may_be(SALE, replace(MADE, **change))

    def test_of_a_card_is_known_by_the_card_for_whatever_amount_and_never_twice(self) -> None:
        redeemed = replace(MADE, card_id=ID, amount=7000)
        assert may_be(CARD, redeemed) and not may_be(replace(CARD, outcome="issued"), redeemed)
        assert not may_be(CARD, replace(redeemed, card_id=OTHER)) and not may_be(CARD, replace(redeemed, account_id=OTHER))

    def test_that_was_issued_comes_behind_one_that_brought_nothing(self) -> None:
        issued = replace(SALE, message_id="m0", outcome="issued")
        assert makers([MADE], [issued, SALE]) == {"T1": SALE}
        assert makers([MADE, replace(MADE, number="T2")], [issued, SALE]) == {"T1": SALE, "T2": issued}


attempts = st.builds(
    replace,
    st.sampled_from([SALE, CARD]),
    message_id=st.sampled_from("abcdefgh"),
    amount=st.sampled_from([5000, 7000]),
    last_at=st.integers(0, 40).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    outcome=st.sampled_from(["absent", "unknown", "issued"]),
)
transactions = st.builds(
    replace,
    st.just(MADE),
    number=st.sampled_from("123456"),
    at=st.integers(-10, 90).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    amount=st.sampled_from([5000, 7000]),
    card_id=st.sampled_from([None, None, ID]),
)
of_a_day = st.tuples(
    st.lists(transactions, unique_by=lambda each: each.number, max_size=6),
    st.lists(attempts, unique_by=lambda each: each.message_id, max_size=8),
)


class AnyDay:
    @given(of_a_day)
    def test_loses_nothing_that_fits_and_names_nothing_that_does_not(self, day: tuple[list[Unclaimed], list[Attempt]]) -> None:
        made, asked = day
        found = makers(made, asked)
        assert set(found) == {each.number for each in made if any(may_be(one, each) for one in asked)}
        assert all(may_be(found[each.number], each) for each in made if each.number in found)

    @given(of_a_day, st.randoms())
    def test_comes_to_the_same_in_any_order(self, day: tuple[list[Unclaimed], list[Attempt]], chance: Any) -> None:
        made, asked = day
        turned = chance.sample(made, len(made)), chance.sample(asked, len(asked))
        assert makers(*turned) == makers(made, asked)


def event(kind: type[Any], **facts: Any) -> Any:
    plain = {"originator_id": ID, "originator_version": 1, "at": NOON, "by": "system:vendor", "correlation_id": None}
    plain |= {"causation_id": None, "account_id": ACCOUNT, "message_id": UUID(int=9)}
    return kind(**{name: value for name, value in (plain | facts).items() if name in kind.__struct_fields__})


BEGUN = event(
    purchase.PurchaseRequested,
    wallet_id=ID,
    meter_id=METER,
    checkout_key=ID,
    amount=5000,
    currency="ZAR",
    language="en",
    pays_until=NOON,
)
SENT, AGAIN = event(purchase.PurchaseSent), event(purchase.PurchaseSentAgain, at=NOON + HOUR)
LOST = event(purchase.PurchaseDoubted, reason="JuiceSilent")


def absent(rule: str) -> Any:
    return event(purchase.PurchaseProvenAbsent, rule=rule)


class APurchasesMessage:
    @pytest.mark.parametrize(
        "events",
        [
            (BEGUN,),
            (BEGUN, SENT, event(purchase.PurchaseNeverLeft, sent_at=NOON, is_unsent=True)),
            (BEGUN, SENT, absent("BlockedMeter")),
        ],
    )
    def test_that_never_left_or_was_refused_at_once_made_nothing(self, events: tuple[Any, ...]) -> None:
        assert attempts_of("purchase", ID, events) == []

    @pytest.mark.parametrize(
        ("events", "outcome", "last_at"),
        [
            ((BEGUN, SENT), "unknown", NOON),
            ((BEGUN, SENT, LOST, absent("BlockedMeter")), "absent", NOON),
            ((BEGUN, SENT, AGAIN, absent("BlockedMeter")), "absent", NOON + HOUR),
            ((BEGUN, SENT, absent("AuthorisationEnds")), "absent", NOON),
            ((BEGUN, SENT, LOST, absent("PurchaseDecided")), "absent", NOON),
        ],
    )
    def test_that_may_have_been_lost_may_have_made_something(self, events: tuple[Any, ...], outcome: str, last_at: Any) -> None:
        (attempt,) = attempts_of("purchase", ID, events)
        assert (attempt.outcome, attempt.first_at, attempt.last_at) == (outcome, NOON, last_at)
        assert (attempt.account_id, attempt.meter_id, attempt.amount, attempt.currency) == (ACCOUNT, METER, 5000, "ZAR")

    def test_of_each_attempt_with_a_card_is_its_own(self) -> None:
        facts = {"wallet_id": ID, "meter_id": None, "secret_id": ID, "amount": 5000, "currency": "ZAR"}
        events = []
        for attempt, message in enumerate((UUID(int=9), UUID(int=10)), 1):
            events.append(event(redemption.RedemptionReserved, message_id=message, attempt=attempt, **facts))
            events.append(event(redemption.RedemptionSent, message_id=message))
            events.append(event(redemption.RedemptionDoubted, message_id=message, reason="JuiceSilent"))
            events.append(event(redemption.RedemptionProvenAbsent, message_id=message, rule="CardUsed"))
        assert [each.message_id for each in attempts_of("redemption", ID, events)] == [str(UUID(int=9)), str(UUID(int=10))]
