"""What `seed history` says of an event: words for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec import inspect

from cli import telling
from domain.redemption import RedemptionReserved
from domain.wallet import ArrearsStated, Debt, WalletReconciled
from eventlog.follower import Recorded
from tests.domain.scenario import NOON
from tests.eventlog.pin import events, sample

NOT_MONEY = {
    *(
        "at_position",
        "attempt",
        "credential_version",
        "days_left",
        "default_arrears_share",
        "differences",
        "edition",
        "milliunits",
        "order",
    ),
    *("former_share", "payments", "share", "under", "until"),
}
ID = UUID(int=1)
HEADER: dict[str, Any] = {
    **dict.fromkeys(("originator_id", "account_id", "correlation_id"), ID),
    **{"originator_version": 1, "at": NOON, "by": "juice"},
}


def numbers(kind: inspect.Type, name: str = "") -> Iterator[str]:
    """The names of all whole numbers in a type, however deep they stand."""
    match kind:
        case inspect.IntType():
            yield name
        case inspect.StructType():
            for field in kind.fields:
                yield from numbers(field.type, field.name)
        case inspect.UnionType():
            for member in kind.types:
                yield from numbers(member, name)
        case inspect.VarTupleType() | inspect.ListType():
            yield from numbers(kind.item_type, name)


class Money:
    @pytest.mark.parametrize(
        ("amount", "currency", "written"),
        [
            (12345, "KES", "KES 123.45 (12345)"),
            (-5, "ZAR", "ZAR -0.05 (-5)"),
            (1234567, "UGX", "UGX 1,234,567 (1234567)"),
            (1500, "KWD", "KWD 1.500 (1500)"),
            (0, "ZAR", "ZAR 0.00 (0)"),
        ],
    )
    def test_is_written_with_the_decimals_of_its_currency_and_its_minor_units_beside(self, amount, currency, written):
        assert telling.money(amount, currency) == written

    def test_is_told_from_other_numbers_in_every_event(self):
        known = telling.MONEY | NOT_MONEY | telling.HEADER
        found = {name for event in events().values() for name in numbers(inspect.type_info(event))}
        assert not found - known, "are these minor units? Then name them in cli/telling.py, else here"
        assert not (telling.MONEY | NOT_MONEY) - found, "no event says this any more"


class ALineForPeople:
    def test_names_position_time_role_and_event_and_writes_money_in_the_currency_that_stands_beside(self):
        said = {
            "wallet_id": ID,
            "meter_id": None,
            "message_id": ID,
            "secret_id": ID,
            "amount": 5000,
            "currency": "UGX",
            "attempt": 1,
        }
        told = telling.line(Recorded(7, RedemptionReserved(**HEADER, **said)), "ZAR")
        assert told.startswith("       7  2026-03-02 12:00:00Z  juice            RedemptionReserved ")
        assert 'amount="UGX 5,000 (5000)"' in told
        assert "attempt=1" in told

    def test_writes_money_that_names_no_currency_in_the_wallets(self):
        debt = Debt(
            debt_id="1", description="a meter", balance=800, original=1000, share=25, plan="weekly", opened_on="2026-01-01"
        )
        told = telling.line(Recorded(7, ArrearsStated(**HEADER, debts=(debt,), as_of=NOON)), "ZAR")
        assert '"balance":"ZAR 8.00 (800)","original":"ZAR 10.00 (1000)","share":25' in told

    @pytest.mark.parametrize("topic", events())
    def test_proves_no_password(self, topic):
        told = telling.line(Recorded(7, sample(events()[topic])), "ZAR")
        assert "verifier" not in told and "slow_hash" not in told


class ALineForPrograms:
    def test_has_minor_units(self):
        said = {"juice_balance": 5, "recorded_balance": 7, "difference": -2, "as_of": NOON}
        told = json.loads(telling.json_line(Recorded(7, WalletReconciled(**HEADER, **said))))
        assert told["says"] == msgspec.to_builtins(said)
        assert (told["position"], told["event"]) == (7, "wallet-reconciled")
