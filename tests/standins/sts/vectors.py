"""Published compliance vectors: STS 531-1.0-04 (EA11 with DKGA04), CTSA01, CTSA05, CTSA12 and CTSA19.

All are made under one vending key, for key type 2, with random 5; a credit is of 0.1 unit.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from standins.juice.sts import derive_key, issue_token

VENDING_KEY = bytes.fromhex("abababababababab949494949494949401234567")
PAN = "600727000000000009"
OTHER_PAN = "000001000000000082"

CREDITS = [
    # meter, key revision, base, subclass, minute, token
    (PAN, 1, 1993, 0, "2004-03-01T13:00", "59386323472137426967"),
    (PAN, 1, 1993, 1, "2004-03-01T13:05", "47186281207955155808"),
    (PAN, 1, 1993, 2, "2004-03-01T13:10", "52059556253782091701"),
    (OTHER_PAN, 1, 1993, 0, "2004-03-01T13:20", "25453597494250138964"),
    (OTHER_PAN, 1, 1993, 1, "2004-03-01T13:25", "41136669315054818626"),
    (OTHER_PAN, 1, 1993, 2, "2004-03-01T13:30", "22735221987748758248"),
    (PAN, 4, 2014, 0, "2014-01-01T08:00", "13444522537517076834"),
    (PAN, 4, 2014, 1, "2014-01-01T08:05", "03477912490596695895"),
    (PAN, 4, 2014, 2, "2014-01-01T08:10", "06094571069413075467"),
    (PAN, 5, 2035, 0, "2035-01-01T08:00", "11907826947753213480"),
    (PAN, 5, 2035, 1, "2035-01-01T08:05", "19640099949346431996"),
    (PAN, 5, 2035, 2, "2035-01-01T08:10", "11741155092330337876"),
]


def key(**changes: Any) -> bytes:
    """The decoder key of the vectors' first meter, with some fields changed."""
    fields: dict[str, Any] = {
        "vending_key": VENDING_KEY,
        "pan": PAN,
        "key_revision": 1,
        "key_type": 2,
        "supply_group": "123457",
        "tariff_index": "01",
        "base": 1993,
    }
    return derive_key(**{**fields, **changes})


def request(**changes: Any) -> dict[str, Any]:
    """What the first vector's token is issued with, with some fields changed."""
    return {
        "vending_key": VENDING_KEY,
        "pan": PAN,
        "key_revision": 1,
        "key_type": 2,
        "supply_group": "123457",
        "tariff_index": "01",
        "base": 1993,
        "subclass": 0,
        "random": 5,
        "units": Decimal("0.1"),
        "issued_at": datetime(2004, 3, 1, 13, tzinfo=UTC),
        **changes,
    }


def credit(**changes: Any) -> str:
    """The token of such a request."""
    return issue_token(**request(**changes))


def minute(text: str) -> datetime:
    """A minute in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
