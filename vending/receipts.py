"""From Juice's words to the domain's: replies and feed items become receipts and debts."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from domain.meter import Meter
from domain.wallet import Debt, Line, Receipt, Token
from vending.feed_items import DebtItem, TransactionItem
from vending.juice_answers import Reply, ReplyLine, ReplyToken


def milliunits(units: str | None) -> int:
    """This will give thousandths of a unit of a decimal string; what is finer is rounded half to even."""
    return int((Decimal(units or "0") * 1000).to_integral_value())


def has_its_token(reply: Reply, meter: Meter | None) -> bool:
    """Whether a reply that sold units for a meter that takes tokens (STS) has one to enter."""
    if meter is None or meter.kind != "STS" or milliunits(reply.units) <= 0:
        return True
    return any(token.kind == "credit" for token in reply.tokens)


def receipt_of(told: Reply | TransactionItem, meter_id: UUID | None) -> Receipt:
    """This will make a receipt of a reply or of a transaction in the feed."""
    return Receipt(
        juice_number=told.transaction,
        happened_at=told.at,
        amount=told.amount,
        currency=told.currency,
        lines=_lines(told.lines),
        wallet_change=told.wallet_change,
        wallet_balance=told.wallet_balance,
        meter_id=meter_id,
        milliunits=milliunits(told.units),
        unit=told.unit or "kWh",
        tokens=_tokens(told.tokens),
    )


def debt_of(item: DebtItem) -> Debt:
    """This will make a debt of Juice's statement of it."""
    return Debt(
        debt_id=item.id,
        description=item.description,
        balance=item.balance,
        original=item.original,
        share=item.share,
        plan=item.plan,
        opened_on=item.opened_on,
    )


def _lines(lines: Sequence[ReplyLine]) -> tuple[Line, ...]:
    return tuple(
        Line(
            kind=line.kind,
            amount=line.amount,
            debt_id=line.debt,
            description=line.description,
            balance_before=line.balance_before,
            balance_after=line.balance_after,
        )
        for line in lines
    )


def _tokens(tokens: Sequence[ReplyToken]) -> tuple[Token, ...]:
    return tuple(
        Token(kind=token.kind, digits=token.digits, order=token.order) for token in sorted(tokens, key=lambda token: token.order)
    )
