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


DEFECTS: dict[Callable[[Books], Books], tuple[str, int, int]] = {
    _unknown_to_juice: ("issued-unknown-to-juice", 5000, 0),
    _unknown_to_seed: ("juice-unknown-to-seed", 0, 5000),
    _nobodys_message: ("juice-unknown-to-seed", 0, 5000),
    _earlier_attempt: ("juice-unknown-to-seed", 0, 5000),
    _twice: ("issued-twice", 0, 5000),
    _other_amount: ("amount-differs", 5000, 4000),
    _other_currency: ("amount-differs", 5000, 5000),
    _other_number: ("number-differs", 5000, 5000),
    _charged_in_vain: ("charged-without-issue", 0, 5000),
    _charged_for_nobody: ("charged-without-issue", 0, 5000),
    _charged_by_two_payments: ("charged-without-issue", 0, 5000),
    _uncharged: ("issued-without-charge", 5000, 0),
    _unknown_payment: ("issued-without-charge", 5000, 0),
    _charged_less: ("charged-amount-differs", 5000, 4000),
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
