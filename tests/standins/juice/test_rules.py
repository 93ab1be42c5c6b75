"""How a payment is applied: nothing is lost, and the order holds."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from standins.juice.rules import Debt, Tariff, apply

TARIFF = Tariff(price=285, tax=15, fee=250, unit="kWh")
ORDER = ["arrears", "tax", "fee", "energy", "wallet"]


def debt(id: str, balance: int, share: int, opened_on: str = "2026-01-01") -> Debt:
    return Debt(id, "A debt", balance, balance, share, "plan", opened_on)


DEBTS = st.lists(st.builds(debt, id=st.uuids().map(str), balance=st.integers(1, 10**6), share=st.integers(1, 100)), max_size=5)
TARIFFS = st.none() | st.builds(
    Tariff, price=st.integers(1, 10**4), tax=st.integers(0, 40), fee=st.integers(0, 1000), unit=st.just("kWh")
)


class APayment:
    @given(st.integers(1, 10**7), DEBTS, TARIFFS)
    def test_goes_somewhere_to_the_last_minor_unit(self, amount: int, debts: list[Debt], tariff: Tariff | None) -> None:
        applied = apply(amount, debts, tariff)
        assert sum(line["amount"] for line in applied.lines) == amount
        assert all(line["amount"] > 0 for line in applied.lines)
        assert sum(debt.balance for debt in debts) - sum(debt.balance for debt in applied.debts) == applied.sum_of("arrears")
        assert all(debt.balance >= 0 for debt in applied.debts)

    @given(st.integers(1, 10**7), DEBTS, TARIFFS)
    def test_pays_arrears_then_tax_and_fee_then_energy_or_wallet(
        self, amount: int, debts: list[Debt], tariff: Tariff | None
    ) -> None:
        kinds = [line["kind"] for line in apply(amount, debts, tariff).lines]
        assert kinds == sorted(kinds, key=ORDER.index)

    @given(st.integers(1, 10**7), DEBTS)
    def test_never_sells_more_than_it_pays_for(self, amount: int, debts: list[Debt]) -> None:
        applied = apply(amount, debts, TARIFF)
        assert (applied.units or Decimal(0)) * TARIFF.price <= applied.sum_of("energy")

    def test_clears_debts_of_100_percent_first_then_the_oldest(self) -> None:
        young, old = debt("young", 9000, 25, "2026-02-01"), debt("old", 9000, 20, "2025-01-01")
        debts = [young, old, debt("first", 3000, 100, "2026-03-01")]
        lines = apply(10000, debts, None).lines
        assert [(line.get("debt"), line["amount"]) for line in lines] == [
            ("first", 3000),
            ("old", 2000),
            ("young", 2500),
            (None, 2500),
        ]

    def test_takes_a_debts_share_of_the_whole_payment_and_no_more_than_is_left(self) -> None:
        lines = apply(1000, [debt("a", 900, 100), debt("b", 900, 50)], None).lines
        assert [line["amount"] for line in lines] == [900, 100]

    def test_holds_tax_on_top_of_the_price(self) -> None:
        parts = {line["kind"]: line["amount"] for line in apply(11750, [], TARIFF).lines}
        assert parts == {"tax": 1500, "fee": 250, "energy": 10000}

    def test_that_buys_less_than_the_smallest_token_stays_in_the_wallet(self) -> None:
        applied = apply(282, [], TARIFF)
        assert (applied.units, applied.to_wallet) == (None, 282)

    def test_without_a_tariff_is_a_deposit(self) -> None:
        applied = apply(500, [], None)
        assert (applied.units, applied.to_wallet, applied.lines) == (None, 500, ({"kind": "wallet", "amount": 500},))
