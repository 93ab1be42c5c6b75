"""Key-change tokens: the published sets, and what they bring into a meter."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from standins.juice.sts import CrcMismatch, FieldRefused, Meter, NotAToken, Replayed, key_change_tokens
from tests.standins.sts.vectors import OTHER_PAN, credit, key, minute


def change(**changes: Any) -> tuple[str, ...]:
    fields: dict[str, Any] = {
        "old_key": key(),
        "new_key": key(tariff_index="02"),
        "key_revision": 1,
        "key_type": 2,
        "supply_group": "123457",
        "tariff_index": "02",
    }
    return key_change_tokens(**{**fields, **changes})


class AKeyChange:
    def test_is_the_published_set_for_another_tariff(self) -> None:
        published = ("34812744915211133004", "46903925208523674737", "71464563847088610152", "67904239402617643990")
        assert change() == published

    def test_is_the_published_set_for_another_revision(self) -> None:
        published = ("40937788669556693706", "55900126766830063715", "70168064023104948668", "31051353433275215300")
        assert change(new_key=key(key_revision=2), key_revision=2, tariff_index="01") == published

    def test_is_the_published_set_for_a_key_that_expires(self) -> None:
        published = ("65626097193581652906", "45273086784967754458", "60343449063848563711", "62570694794795906368")
        keys = {"old_key": key(key_revision=2), "new_key": key(key_revision=7)}
        assert change(**keys, key_revision=7, tariff_index="01", key_expiry=170) == published

    def test_is_the_published_set_for_another_supply_group(self) -> None:
        published = ("14459740122691785207", "16084994560056931733", "38603700611597183668", "07926972461094669048")
        assert change(new_key=key(supply_group="123461"), supply_group="123461", tariff_index="01") == published

    def test_is_the_published_pair_for_another_meter(self) -> None:
        keys = {"old_key": key(pan=OTHER_PAN), "new_key": key(pan=OTHER_PAN, tariff_index="02")}
        assert change(**keys)[:2] == ("29594465524699505864", "09506536067814156547")

    def test_is_the_published_pair_for_a_later_base_date(self) -> None:
        tokens = change(new_key=key(tariff_index="02", key_revision=4, base=2014), key_revision=4, rollover=True)
        assert tokens[:2] == ("56493341861242437581", "51757380361191578258")

    @pytest.mark.parametrize(("field", "bad"), [
        ("old_key", bytes(15)),
        ("new_key", bytes(8)),
        ("key_revision", 0),
        ("key_type", 4),
        ("supply_group", "12345"),
        ("tariff_index", "2"),
        ("key_expiry", 256),
    ])  # fmt: skip
    def test_is_refused_with_the_field_that_is_wrong(self, field: str, bad: Any) -> None:
        with pytest.raises(FieldRefused) as refused:
            change(**{field: bad})
        assert refused.value.field == field


class AMeterWhoseKeyChanges:
    @pytest.mark.parametrize("order", list(permutations(range(4))))
    def test_takes_tokens_of_the_new_key_after_all_four_in_any_order(self, order: tuple[int, ...]) -> None:
        meter, tokens, later = Meter(key(), base=1993), change(), credit(tariff_index="02")
        for place in order:
            with pytest.raises(CrcMismatch):
                meter.enter(later)
            assert meter.enter(tokens[place]).kind == "key-change"
        assert meter.key == key(tariff_index="02")
        assert meter.enter(later).kind == "credit"

    def test_keeps_its_key_while_one_token_is_missing_however_often_the_others_come(self) -> None:
        meter, tokens = Meter(key(), base=1993), change()
        for token in (*tokens[:3], *tokens[:3]):
            meter.enter(token)
        assert meter.key == key()
        assert meter.enter(credit()).kind == "credit"

    def test_still_knows_what_was_entered_before(self) -> None:
        meter = Meter(key(), base=1993)
        meter.enter(credit())
        for token in change():
            meter.enter(token)
        with pytest.raises(Replayed):
            meter.enter(credit(tariff_index="02"))

    def test_starts_a_new_count_at_a_rollover(self) -> None:
        meter, later = Meter(key(), base=1993), {"key_revision": 4, "base": 2014}
        meter.enter(credit())
        for token in change(new_key=key(**later), key_revision=4, tariff_index="01", rollover=True):
            meter.enter(token)
        at = minute("2014-01-01T08:00")
        assert meter.enter(credit(**later, issued_at=at)).issued_at == at

    def test_refuses_to_roll_over_past_the_last_base_date(self) -> None:
        meter = Meter(key(), base=2035)
        with pytest.raises(NotAToken):
            meter.enter(change(rollover=True)[0])
