"""What a process keeps of the aggregates that it saved."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from domain.account import Account
from domain.aggregate import HandedOver
from domain.event import Context
from domain.kept import Kept
from domain.wallet import Debt, Wallet

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
CONTEXT = Context(at=AT, by="juice", correlation_id=UUID(int=1))
DEBT = Debt(debt_id="1", description="A loan", balance=5, original=9, share=20, plan="monthly", opened_on="2026-01-01")


def wallet(number: int, events: int = 1) -> Wallet:
    made = Wallet(UUID(int=number))
    made.open(CONTEXT, account_id=UUID(int=number), currency="KES")
    while made.version < events:
        made.state_arrears(CONTEXT, debts=(DEBT,) * (made.version % 2), as_of=AT)
    made.collect_events()
    return made


class WhatIsKept:
    def test_is_handed_over_as_it_was_saved(self) -> None:
        kept, saved = Kept(), wallet(1, events=4)
        kept.put(saved)
        again = kept.take(Wallet, saved.id)
        assert (again.version, again.currency, again.debts) == (4, "KES", saved.debts)
        assert again.pending_events == [] and not again.is_handed_over

    def test_is_in_one_hand_at_a_time(self) -> None:
        kept = Kept()
        kept.put(wallet(1))
        assert [kept.take(Wallet, UUID(int=1)).version for _ in range(2)] == [1, 0]

    def test_is_decided_with_by_nobody_who_handed_it_over(self) -> None:
        saved = wallet(1)
        Kept().put(saved)
        with pytest.raises(HandedOver):
            saved.state_arrears(CONTEXT, debts=(DEBT,), as_of=AT)
        assert saved.debts == () and saved.version == 1

    def test_is_the_newer_of_two(self) -> None:
        for versions in ((3, 5), (5, 3)):
            kept = Kept()
            for version in versions:
                kept.put(wallet(1, events=version))
            assert kept.take(Wallet, UUID(int=1)).version == 5

    def test_is_nothing_personal(self) -> None:
        kept, account = Kept(), Account(UUID(int=1))
        account.version = 7
        kept.put(account)
        assert kept.take(Account, account.id).version == 0

    def test_is_never_more_than_it_may_be_and_the_least_used_goes(self) -> None:
        kept = Kept(most_events=10)
        kept.put(wallet(1, events=4))
        kept.put(wallet(2, events=4))
        kept.put(kept.take(Wallet, UUID(int=1)))
        kept.put(wallet(3, events=4))
        kept.put(wallet(4, events=11))
        assert [kept.take(Wallet, UUID(int=number)).version for number in (1, 2, 3, 4)] == [4, 0, 4, 0]

    def test_is_nothing_of_what_never_was(self) -> None:
        kept = Kept()
        kept.put(Wallet(UUID(int=1)))
        assert kept.take(Wallet, UUID(int=1)).version == 0
