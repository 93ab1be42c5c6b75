"""How Juice applies a payment: required arrears, then tax and fee, then what is left becomes units or wallet money.

Amounts are integer minor units. Pure: nothing is read or written here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

SMALLEST_UNITS = Decimal("0.1")
"""A token's resolution (IEC 62055-41): a tenth of a kWh or m³."""


@dataclass(frozen=True)
class Debt:
    """One arrears of an account; `share` is its percentage of each payment."""

    id: str
    description: str
    balance: int
    original: int
    share: int
    plan: str
    opened_on: str


@dataclass(frozen=True)
class Tariff:
    """What a resource costs: minor units a unit, tax in percent (on top of the price), and a fee for each sale."""

    price: int
    tax: int
    fee: int
    unit: str


@dataclass(frozen=True)
class Applied:
    """Where a payment went. `debts` are as they stand afterwards; `units` is None where nothing is sold."""

    lines: tuple[dict[str, Any], ...]
    debts: tuple[Debt, ...]
    units: Decimal | None
    to_wallet: int

    def sum_of(self, kind: str) -> int:
        """This will give how much went to one kind of line."""
        return sum(line["amount"] for line in self.lines if line["kind"] == kind)


def apply(amount: int, debts: Sequence[Debt], tariff: Tariff | None) -> Applied:
    """This will apply a payment; without a tariff, what arrears leave over goes to the wallet (AMI, or no meter)."""
    lines, after = _arrears(amount, debts)
    left = amount - sum(line["amount"] for line in lines)
    units = None
    if tariff is not None:
        units = _units(left - _charges(left, tariff), tariff)
        if units:
            fee, tax = min(tariff.fee, left), _charges(left, tariff) - min(tariff.fee, left)
            lines += [{"kind": kind, "amount": part} for kind, part in (("tax", tax), ("fee", fee)) if part]
            energy = left - tax - fee
            lines.append({"kind": "energy", "amount": energy, "units": str(units), "unit": tariff.unit})
            left = 0
    if left:
        lines.append({"kind": "wallet", "amount": left})
    return Applied(lines=tuple(lines), debts=after, units=units or None, to_wallet=left)


def _arrears(amount: int, debts: Sequence[Debt]) -> tuple[list[dict[str, Any]], tuple[Debt, ...]]:
    lines, paid, left = [], {}, amount
    # Those that take everything come first, then by age, plan and count.
    for debt in sorted(debts, key=lambda debt: (debt.share != 100, debt.opened_on, debt.plan, debt.id)):
        part = min(amount * debt.share // 100, debt.balance, left)
        if part:
            left -= part
            paid[debt.id] = part
            lines.append(
                {
                    "kind": "arrears",
                    "debt": debt.id,
                    "description": debt.description,
                    "amount": part,
                    "balance_before": debt.balance,
                    "balance_after": debt.balance - part,
                }
            )
    return lines, tuple(_less(debt, paid.get(debt.id, 0)) for debt in debts)


def _less(debt: Debt, part: int) -> Debt:
    return Debt(**{**vars(debt), "balance": debt.balance - part})


def _charges(left: int, tariff: Tariff) -> int:
    """Tax and fee within a sum that includes both; half a minor unit of tax rounds up."""
    fee = min(tariff.fee, left)
    taxed = left - fee
    return fee + (taxed * tariff.tax * 2 + 100 + tariff.tax) // (2 * (100 + tariff.tax))


def _units(net: int, tariff: Tariff) -> Decimal:
    return (Decimal(net) / tariff.price).quantize(SMALLEST_UNITS, ROUND_DOWN)
