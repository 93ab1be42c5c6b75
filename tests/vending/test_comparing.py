"""Comparing books: where they agree nothing is named, and each thing that is wrong is named exactly as what it is."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.difference_events import KINDS
from domain.ticket_events import About
from tests.domain.scenario import NOON
from vending.comparing import Books, Entry, Made, Paid, compare, sums

SINCE, UNTIL = NOON - timedelta(hours=12), NOON + timedelta(hours=12)
ENDS = ("captured", "redeemed", "released", "abandoned", "in-doubt", "at-the-page", "refused-card", "issued-the-day-after")


def entry(place: int, end: str, amount: int) -> Entry:
    card = end in ("redeemed", "refused-card")
    issued = end in ("captured", "redeemed", "issued-the-day-after")
    outcome = "issued" if issued else {"in-doubt": "unknown", "at-the-page": "open"}.get(end, "absent")
    earlier = {f"m{place}-earlier"} if card else set()
    return Entry(
        about=About(kind="redemption" if card else "purchase", id=UUID(int=place + 1)),
        account_id=UUID(int=1000 + place),
        message_id=f"m{place}",
        message_ids=frozenset({f"m{place}"} | earlier),
        outcome=outcome,  # type: ignore[arg-type]
        amount=amount,
        currency="ZAR",
        juice_number=f"t{place}" if issued else None,
        issued_at=(UNTIL if end == "issued-the-day-after" else NOON) if issued else None,
        payment_id=None if card or end in ("abandoned", "at-the-page") else f"p{place}",
        charged=end in ("captured", "issued-the-day-after"),
    )


def made(entry: Entry) -> Made:
    return Made(
        message_id=entry.message_id,
        number=entry.juice_number or "t-new",
        amount=entry.amount,
        currency=entry.currency,
        account_id=entry.account_id,
        about=entry.about,
    )


def paid(entry: Entry) -> Paid:
    state = "captured" if entry.charged else "authorised" if entry.outcome in ("unknown", "open") else "released"
    return Paid(
        id=entry.payment_id or f"p-page-{entry.message_id}",
        purchase_id=entry.about.id,
        state=state,  # type: ignore[arg-type]
        amount=entry.amount,
        captured=entry.amount if entry.charged else 0,
        currency=entry.currency,
        at=NOON,
    )


@st.composite
def agreeing(draw: st.DrawFn) -> Books:
    """A day's books that say the same, in any order."""
    ends = draw(st.lists(st.sampled_from(ENDS), max_size=12))
    entries = [entry(place, end, draw(st.integers(1, 10**9))) for place, end in enumerate(ends)]
    purchases = [each for each in entries if each.about.kind == "purchase"]
    return Books(
        since=SINCE,
        until=UNTIL,
        currency="ZAR",
        entries=tuple(draw(st.permutations(entries))),
        made=tuple(made(each) for each in draw(st.permutations(entries)) if each.issued_at == NOON),
        paid=tuple(paid(each) for each in draw(st.permutations(purchases))),
    )


@st.composite
def with_refunds(draw: st.DrawFn) -> tuple[Books, dict[str, int]]:
    """Such a day's books after some of what was taken was refunded, and how much of each payment."""
    books = draw(agreeing())
    assert books.paid is not None
    refunds = {each.id: draw(st.integers(0, each.captured)) for each in books.paid if each.captured}
    return replace(books, paid=tuple(replace(each, refunded=refunds.get(each.id, 0)) for each in books.paid)), refunds


OF_DEFECTS = 900
"""The entry that a defect is planted with stands beside whatever else there is."""


def with_one(books: Books, one: Entry, *, juice: tuple[Made, ...] = (), provider: tuple[Paid, ...] = ()) -> Books:
    return replace(books, entries=(*books.entries, one), made=(*books.made, *juice), paid=(*(books.paid or ()), *provider))


def _unknown_to_juice(books: Books) -> Books:
    one = entry(OF_DEFECTS, "captured", 5000)
    return with_one(books, one, provider=(paid(one),))


def _unknown_to_seed(books: Books) -> Books:
    one = entry(OF_DEFECTS, "in-doubt", 5000)
    return with_one(books, one, juice=(made(one),), provider=(paid(one),))


def _nobodys_message(books: Books) -> Books:
    return replace(books, made=(*books.made, made(entry(OF_DEFECTS, "captured", 5000))))


def _earlier_attempt(books: Books) -> Books:
    one = entry(OF_DEFECTS, "redeemed", 5000)
    return with_one(books, one, juice=(made(one), replace(made(one), message_id=f"{one.message_id}-earlier", number="t-other")))


def _twice(books: Books) -> Books:
    one = entry(OF_DEFECTS, "redeemed", 5000)
    return with_one(books, one, juice=(replace(made(one), number="a-second"), made(one)))


def _twice_over_midnight(books: Books) -> Books:
    one = replace(entry(OF_DEFECTS, "redeemed", 5000), issued_at=SINCE - timedelta(seconds=1))
    return with_one(books, one, juice=(replace(made(one), number="a-second"),))


def _other_amount(books: Books) -> Books:
    one = entry(OF_DEFECTS, "redeemed", 5000)
    return with_one(books, one, juice=(replace(made(one), amount=4000),))


def _other_currency(books: Books) -> Books:
    one = entry(OF_DEFECTS, "redeemed", 5000)
    return with_one(books, one, juice=(replace(made(one), currency="USD"),))


def _other_number(books: Books) -> Books:
    one = entry(OF_DEFECTS, "redeemed", 5000)
    return with_one(books, one, juice=(replace(made(one), number="t-other"),))


def _charged_in_vain(books: Books) -> Books:
    one = entry(OF_DEFECTS, "released", 5000)
    return with_one(books, one, provider=(replace(paid(one), state="captured", captured=5000),))


def _charged_for_nobody(books: Books) -> Books:
    return replace(books, paid=(*(books.paid or ()), paid(entry(OF_DEFECTS, "captured", 5000))))


def _charged_by_two_payments(books: Books) -> Books:
    one = entry(OF_DEFECTS, "captured", 5000)
    return with_one(books, one, juice=(made(one),), provider=(paid(one), replace(paid(one), id="p-second")))


def _uncharged(books: Books) -> Books:
    one = entry(OF_DEFECTS, "captured", 5000)
    return with_one(books, one, juice=(made(one),), provider=(replace(paid(one), state="released", captured=0),))


def _unknown_payment(books: Books) -> Books:
    one = entry(OF_DEFECTS, "captured", 5000)
    return with_one(books, one, juice=(made(one),))


def _charged_less(books: Books) -> Books:
    one = entry(OF_DEFECTS, "captured", 5000)
    return with_one(books, one, juice=(made(one),), provider=(replace(paid(one), captured=4000),))


def _held(books: Books) -> Books:
    one = entry(OF_DEFECTS, "released", 5000)
    return with_one(books, one, provider=(replace(paid(one), state="authorised"),))


def _held_for_a_page_that_was_left(books: Books) -> Books:
    one = entry(OF_DEFECTS, "abandoned", 5000)
    return with_one(books, one, provider=(replace(paid(one), state="authorised"),))


def _held_for_nobody(books: Books) -> Books:
    return replace(books, paid=(*(books.paid or ()), replace(paid(entry(OF_DEFECTS, "in-doubt", 5000)), purchase_id=None)))


def _refunded(books: Books) -> Books:
    one = entry(OF_DEFECTS, "captured", 5000)
    return with_one(books, one, juice=(made(one),), provider=(replace(paid(one), refunded=5000),))


def _refunded_in_part(books: Books) -> Books:
    one = entry(OF_DEFECTS, "captured", 5000)
    return with_one(books, one, juice=(made(one),), provider=(replace(paid(one), refunded=1200),))


def _refunded_more_than_was_too_much(books: Books) -> Books:
    one = entry(OF_DEFECTS, "captured", 5000)
    return with_one(books, one, juice=(made(one),), provider=(replace(paid(one), captured=6000, refunded=1500),))


def _refunded_less_than_was_too_much(books: Books) -> Books:
    one = entry(OF_DEFECTS, "captured", 5000)
    return with_one(books, one, juice=(made(one),), provider=(replace(paid(one), captured=6000, refunded=400),))


def _refunded_days_later(books: Books) -> Books:
    """Issued and charged on a day long ago; the refund names the payment."""
    one = replace(entry(OF_DEFECTS, "captured", 5000), issued_at=SINCE - timedelta(days=40))
    return with_one(books, one, provider=(replace(paid(one), refunded=5000, at=SINCE - timedelta(days=40)),))


def _charged_in_vain_and_refunded_in_part(books: Books) -> Books:
    one = entry(OF_DEFECTS, "released", 5000)
    return with_one(books, one, provider=(replace(paid(one), state="captured", captured=5000, refunded=2000),))


def _disputed(books: Books) -> Books:
    one = entry(OF_DEFECTS, "captured", 5000)
    return with_one(books, one, juice=(made(one),), provider=(replace(paid(one), disputed=5000),))


def _disputed_in_part(books: Books) -> Books:
    one = entry(OF_DEFECTS, "captured", 5000)
    return with_one(books, one, juice=(made(one),), provider=(replace(paid(one), disputed=1500),))


DEFECTS: dict[Callable[[Books], Books], tuple[str, int, int]] = {
    _unknown_to_juice: ("issued-unknown-to-juice", 5000, 0),
    _unknown_to_seed: ("juice-unknown-to-seed", 0, 5000),
    _nobodys_message: ("juice-unknown-to-seed", 0, 5000),
    _earlier_attempt: ("juice-unknown-to-seed", 0, 5000),
    _twice: ("issued-twice", 0, 5000),
    _twice_over_midnight: ("issued-twice", 0, 5000),
    _other_amount: ("amount-differs", 5000, 4000),
    _other_currency: ("amount-differs", 5000, 5000),
    _other_number: ("number-differs", 5000, 5000),
    _charged_in_vain: ("charged-without-issue", 0, 5000),
    _charged_for_nobody: ("charged-without-issue", 0, 5000),
    _charged_by_two_payments: ("charged-without-issue", 0, 5000),
    _uncharged: ("issued-without-charge", 5000, 0),
    _unknown_payment: ("issued-without-charge", 5000, 0),
    _charged_less: ("charged-amount-differs", 5000, 4000),
    _refunded: ("refunded-after-issue", 5000, 0),
    _refunded_in_part: ("refunded-after-issue", 5000, 3800),
    _refunded_more_than_was_too_much: ("refunded-after-issue", 5000, 4500),
    _refunded_less_than_was_too_much: ("charged-amount-differs", 5000, 5600),
    _refunded_days_later: ("refunded-after-issue", 5000, 0),
    _charged_in_vain_and_refunded_in_part: ("charged-without-issue", 0, 3000),
    _disputed: ("charge-disputed", 5000, 0),
    _disputed_in_part: ("charge-disputed", 5000, 3500),
    _held: ("hold-left-open", 0, 5000),
    _held_for_a_page_that_was_left: ("hold-left-open", 0, 5000),
    _held_for_nobody: ("hold-left-open", 0, 5000),
}
"""What is planted → the kind that it is found as, what Seed's log says of it and what the other book says."""


class EqualBooks:
    @given(agreeing())
    def test_differ_in_nothing(self, books: Books) -> None:
        assert compare(books) == []

    @given(agreeing())
    def test_come_to_the_same_sums(self, books: Books) -> None:
        added = sums(books, 0)
        assert (added.issued, added.charged) == (added.juice_issued, added.provider_charged)

    @given(agreeing())
    def test_of_a_utility_without_credit_cards_say_nothing_of_charges(self, books: Books) -> None:
        without = replace(books, paid=None)
        assert compare(without) == [] and sums(without, 0).provider_charged is None


class ARefund:
    @given(with_refunds())
    def test_of_what_was_issued_is_named_by_its_amount_for_each_payment(self, refunded: tuple[Books, dict[str, int]]) -> None:
        books, refunds = refunded
        named = {finding.payment_id: finding for finding in compare(books)}
        assert {id: found.difference for id, found in named.items()} == {id: -amount for id, amount in refunds.items() if amount}
        assert {found.kind for found in named.values()} <= {"refunded-after-issue"}

    @given(with_refunds())
    def test_is_left_out_of_what_the_provider_has_charged(self, refunded: tuple[Books, dict[str, int]]) -> None:
        books, refunds = refunded
        assert books.paid is not None
        before = sums(replace(books, paid=tuple(replace(each, refunded=0) for each in books.paid)), 0)
        issued = {each.payment_id for each in books.issued()}
        added = sums(books, 0)
        assert added.charged == before.charged
        assert before.provider_charged == added.provider_charged + sum(refunds[id] for id in refunds if id in issued)

    @given(agreeing())
    def test_of_all_that_was_charged_in_vain_leaves_no_difference(self, books: Books) -> None:
        one = entry(OF_DEFECTS, "released", 5000)
        whole = replace(paid(one), state="captured", captured=5000, refunded=5000)
        assert compare(with_one(books, one, provider=(whole,))) == []
        assert compare(replace(books, paid=(*(books.paid or ()), replace(whole, purchase_id=None)))) == []

    @given(agreeing())
    def test_of_what_was_charged_too_much_leaves_no_difference(self, books: Books) -> None:
        one = entry(OF_DEFECTS, "captured", 5000)
        put_right = replace(paid(one), captured=6000, refunded=1000)
        assert compare(with_one(books, one, juice=(made(one),), provider=(put_right,))) == []

    @given(agreeing())
    def test_of_another_day_changes_no_sum_of_this_one(self, books: Books) -> None:
        for plant in (_refunded_days_later, _charged_in_vain_long_ago):
            assert sums(plant(books), 0) == sums(books, 0)

    def test_and_a_dispute_of_one_payment_are_two_differences(self) -> None:
        one = entry(OF_DEFECTS, "captured", 5000)
        books = Books(since=SINCE, until=UNTIL, currency="ZAR", entries=(one,), made=(made(one),), paid=())
        both = replace(books, paid=(replace(paid(one), refunded=1000, disputed=5000),))
        assert [(found.kind, found.told) for found in compare(both)] == [("refunded-after-issue", 4000), ("charge-disputed", 0)]


def _charged_in_vain_long_ago(books: Books) -> Books:
    long_ago = replace(paid(entry(OF_DEFECTS, "captured", 5000)), at=SINCE - timedelta(days=40), refunded=1000)
    return replace(books, paid=(*(books.paid or ()), long_ago))


class ADefect:
    @pytest.mark.parametrize("plant", DEFECTS, ids=lambda plant: plant.__name__.strip("_"))
    @given(agreeing())
    @settings(max_examples=40)
    def test_is_found_as_what_it_is_and_as_nothing_else(self, plant: Callable[[Books], Books], books: Books) -> None:
        (found,) = compare(plant(books))
        assert (found.kind, found.recorded, found.told) == DEFECTS[plant]

    @pytest.mark.parametrize("plant", DEFECTS, ids=lambda plant: plant.__name__.strip("_"))
    @given(agreeing(), st.randoms())
    @settings(max_examples=20)
    def test_is_the_same_in_any_order_of_the_books(self, plant: Callable[[Books], Books], books: Books, chance) -> None:
        planted = plant(books)
        (found,) = compare(planted)
        turned = {name: tuple(chance.sample(getattr(planted, name), len(getattr(planted, name)))) for name in ("made", "paid")}
        assert compare(replace(planted, **turned)) == [found]

    @pytest.mark.parametrize("plant", DEFECTS, ids=lambda plant: plant.__name__.strip("_"))
    @given(agreeing())
    @settings(max_examples=20)
    def test_names_whose_payment_it_is_where_anybody_can_know(self, plant: Callable[[Books], Books], books: Books) -> None:
        (found,) = compare(plant(books))
        nobodys = plant in (_charged_for_nobody, _held_for_nobody)
        assert found.account_id == (None if nobodys else UUID(int=1000 + OF_DEFECTS))

    def test_of_every_kind_is_tried(self) -> None:
        assert {kind for kind, _, _ in DEFECTS.values()} == set(KINDS)
