"""What a larger share would change: where the next purchase of an amount goes. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from vending.juice_answers import ShareLimits


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What of a purchase goes to one debt, in minor units, and the debt's balance after that."""

    debt_id: str
    description: str
    share: int
    amount: int
    balance_after: int


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """Where a purchase goes: to each debt in the order in which Juice pays them, and what is `left` for power, tax and fee."""

    parts: tuple[Part, ...]
    left: int


def split(amount: int, debts: Sequence[ShareLimits]) -> Split:
    """This will split an amount as Juice does: `debts` in the order in which Juice tells them, those that take everything first.

    Each takes its share of the whole amount, rounded down, but no more than is owed or left (docs/juice.md).
    """
    left, parts = amount, []
    for debt in sorted(debts, key=lambda debt: debt.share != 100):
        taken = min(amount * debt.share // 100, debt.balance, left)
        left -= taken
        parts.append(
            Part(
                debt_id=debt.debt,
                description=debt.description,
                share=debt.share,
                amount=taken,
                balance_after=debt.balance - taken,
            )
        )
    return Split(parts=tuple(parts), left=left)


def with_share(debts: Sequence[ShareLimits], debt_id: str, share: int) -> tuple[ShareLimits, ...]:
    """This will give the debts as they would be if one had that share."""
    return tuple(msgspec.structs.replace(debt, share=share) if debt.debt == debt_id else debt for debt in debts)
