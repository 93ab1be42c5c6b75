"""Credit tokens: the published rows, the CRC, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from standins.juice.sts import FieldRefused
from standins.juice.sts.token import checksum
from tests.standins.sts.vectors import CREDITS, VENDING_KEY, credit, minute


class ACreditToken:
    @pytest.mark.parametrize(("pan", "revision", "base", "subclass", "at", "token"), CREDITS)
    def test_is_the_published_one(self, pan: str, revision: int, base: int, subclass: int, at: str, token: str) -> None:
        fields = {"pan": pan, "key_revision": revision, "base": base, "subclass": subclass, "issued_at": minute(at)}
        assert credit(**fields) == token

    def test_has_the_published_checksum(self) -> None:
        assert checksum(0, 12_205_947_027_712) == 49_671

    @pytest.mark.parametrize(("field", "other"), [
        ("vending_key", VENDING_KEY[:-1] + b"h"),
        ("pan", "600727000000000017"),
        ("key_revision", 2),
        ("key_type", 1),
        ("supply_group", "123456"),
        ("tariff_index", "02"),
        ("subclass", 1),
        ("random", 6),
        ("units", Decimal("0.2")),
        ("issued_at", minute("2004-03-01T13:01")),
    ])  # fmt: skip
    def test_differs_with_each_of_its_fields(self, field: str, other: Any) -> None:
        assert credit(**{field: other}) != credit()

    @pytest.mark.parametrize(("field", "bad"), [
        ("vending_key", VENDING_KEY[:-1]),
        ("vending_key", VENDING_KEY.hex()),
        ("pan", "600727000000000008"),
        ("pan", "60072700000000009"),
        ("pan", "60072700000000000²"),
        ("pan", 600727000000000009),
        ("key_revision", 0),
        ("key_revision", 10),
        ("key_revision", True),
        ("key_type", -1),
        ("key_type", 4),
        ("key_type", False),
        ("key_type", 2.0),
        ("supply_group", "12345"),
        ("supply_group", "12345٣"),
        ("supply_group", 123457),
        ("tariff_index", "1"),
        ("tariff_index", "001"),
        ("base", 1970),
        ("base", "1993"),
        ("base", 1993.0),
        ("subclass", 3),
        ("subclass", False),
        ("random", 16),
        ("random", -1),
        ("random", None),
        ("units", "0.1"),
        ("units", 0.1),
        ("units", True),
        ("issued_at", "2004-03-01T13:00:00Z"),
    ])  # fmt: skip
    def test_is_refused_with_the_field_that_is_wrong(self, field: str, bad: Any) -> None:
        with pytest.raises(FieldRefused) as refused:
            credit(**{field: bad})
        assert refused.value.field == field

    def test_is_refused_without_telling_the_vending_key(self) -> None:
        with pytest.raises(FieldRefused) as refused:
            credit(vending_key=VENDING_KEY[:-1])
        assert VENDING_KEY[:-1].hex() not in str(refused.value)
        assert repr(VENDING_KEY[:-1]) not in str(refused.value)
