"""What the demo promises to whoever builds on it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from standins.juice import feeds
from standins.juice.demo import fill
from standins.juice.demo.listing import listing
from standins.juice.demo.utilities import UTILITIES
from standins.juice.fields import NUMBER
from standins.juice.store import Store
from standins.juice.sts import Meter
from standins.juice.tokens import BASE, SUBCLASSES, Keys, decoder_key, luhn, pan_of

NOW = datetime(2026, 7, 15, 9, 30, tzinfo=UTC)
CODES = [utility.code for utility in UTILITIES]
TYPES = {
    "Adjustment",
    "Arrears",
    "Cash",
    "Cash-CC",
    "Cash-Check",
    "Cash-DC",
    "Credit",
    "Free",
    "JC",
    "Mgmt",
    "Reversal",
    "Wallet",
}


class Told:
    """Everything the demo tells of one utility."""

    def __init__(self, store: Store, code: str) -> None:
        with store.reading() as connection:
            self.listing = listing(connection, code)
            self.feeds = {name: feeds.page(connection, code, name, 0, 10**6)["items"] for name in feeds.FEEDS}


def filled(path: Path) -> dict[str, Told]:
    store = Store(path)
    fill(store, NOW)
    told = {code: Told(store, code) for code in CODES}
    store.close()
    return told


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Told]:
    return filled(tmp_path_factory.mktemp("demo") / "juice.sqlite3")


@pytest.fixture(params=CODES)
def told(request: pytest.FixtureRequest, demo: dict[str, Told]) -> Told:
    return demo[request.param]


class TheDemo:
    def test_is_the_same_every_time(self, demo: dict[str, Told], tmp_path: Path) -> None:
        again = filled(tmp_path / "juice.sqlite3")
        assert all(vars(again[code]) == vars(demo[code]) for code in CODES)

    def test_is_made_once(self, tmp_path: Path) -> None:
        store = Store(tmp_path / "juice.sqlite3")
        fill(store, NOW)
        with store.writing() as connection:
            connection.execute("UPDATE cards SET state = 'used'")
        fill(store, NOW)
        with store.reading() as connection:
            assert {row["state"] for row in connection.execute("SELECT DISTINCT state FROM cards")} == {"used"}
        store.close()

    def test_has_two_utilities_that_differ(self) -> None:
        described = [utility.description() for utility in UTILITIES]
        for field in ("code", "name", "currency", "zone", "colours", "streets", "arrears_rules"):
            assert described[0][field] != described[1][field]
        assert all(len(each["streets"]) >= 12 for each in described)

    def test_shares_no_number_between_utilities(self, demo: dict[str, Told]) -> None:
        numbers = [{item["number"] for item in each.feeds["accounts"] + each.feeds["meters"]} for each in demo.values()]
        assert not numbers[0] & numbers[1]


class AnAccount:
    def test_has_an_address_of_its_own_in_one_of_the_streets(self, told: Told) -> None:
        addresses = [account["address"] for account in told.feeds["accounts"]]
        streets = next(u.streets for u in UTILITIES if u.code == told.listing["code"])
        assert len(set(addresses)) == len(addresses) == 150
        assert all(any(f" {street}," in address for street in streets) for address in addresses)

    def test_may_have_several_meters_or_several_debts(self, told: Told) -> None:
        assert max(Counter(meter["account"] for meter in told.feeds["meters"]).values()) >= 3
        assert max(len(item["debts"]) for item in told.feeds["arrears"]) >= 2

    def test_that_buys_little_is_always_about_to_run_out(self, told: Told) -> None:
        (little,) = [account for account in told.listing["accounts"] if account["buys_little"]]
        used = [Decimal(item["units"]) for item in told.feeds["usage"] if item["meter"] == little["meter"]]
        receipts = [item for item in told.feeds["transactions"] if item["meter"] == little["meter"] and item["units"]]
        left = sum(Decimal(item["units"]) for item in receipts) - sum(used[1:])  # the first day began with nothing
        assert len(receipts) > 40 and little["email"] and little["phone"]
        assert 0 < left < 3 * sum(used[-14:]) / 14

    def test_listed_first_has_an_sts_meter_for_electricity_that_is_not_blocked(self, told: Told) -> None:
        (meter,) = told.listing["accounts"][0]["meters"]
        assert (meter["kind"], meter["resource"], meter["blocked"]) == ("STS", "electricity", False)


class AMeter:
    def test_has_a_number_with_its_check_digit_that_is_no_accounts(self, told: Told) -> None:
        numbers = [meter["number"] for meter in told.feeds["meters"]]
        assert len(set(numbers)) == len(numbers)
        assert not set(numbers) & {account["number"] for account in told.feeds["accounts"]}
        assert all(NUMBER.fullmatch(n) and luhn(n[:-1]) == n[-1] and len(pan_of(n)) == 18 for n in numbers)

    def test_comes_in_both_kinds_and_for_three_resources(self, told: Told) -> None:
        assert {meter["kind"] for meter in told.feeds["meters"]} == {"STS", "AMI"}
        assert {meter["resource"] for meter in told.feeds["meters"]} == {"electricity", "water", "gas"}

    def test_was_read_on_each_of_the_last_90_days(self, told: Told) -> None:
        days = Counter(item["meter"] for item in told.feeds["usage"])
        assert set(days.values()) == {90} and set(days) == {meter["number"] for meter in told.feeds["meters"]}
        assert max(item["day"] for item in told.feeds["usage"]) == "2026-07-14"
        assert all(float(item["units"]) > 0 for item in told.feeds["usage"])

    def test_takes_every_token_that_was_issued_for_it_in_order(self, told: Told) -> None:
        utility = next(u for u in UTILITIES if u.code == told.listing["code"])
        keys = Keys(utility.vending_key, utility.supply_group)
        resources = {meter["number"]: meter["resource"] for meter in told.feeds["meters"]}
        meters: dict[str, Meter] = {}
        entered = 0
        for item in told.feeds["transactions"]:
            for token in item["tokens"]:
                number = item["meter"]
                subclass = SUBCLASSES[resources[number]]
                meter = meters.setdefault(number, Meter(decoder_key(keys, number, 1), base=BASE, subclass=subclass))
                assert meter.enter(token["digits"]).units is not None
                entered += 1
        assert entered > 500


class ATransaction:
    def test_comes_in_every_type(self, told: Told) -> None:
        assert {item["type"] for item in told.feeds["transactions"]} == TYPES

    def test_makes_up_the_wallet_which_is_never_overdrawn(self, told: Told) -> None:
        balances: Counter[str] = Counter()
        for item in told.feeds["transactions"]:
            balances[item["account"]] += item["wallet_change"]
            assert 0 <= balances[item["account"]] == item["wallet_balance"]
        assert {item["account"]: item["wallet_balance"] for item in told.feeds["balances"]} == dict(balances)

    def test_is_numbered_in_the_order_of_time_and_past(self, told: Told) -> None:
        items: list[dict[str, Any]] = told.feeds["transactions"]
        assert items == sorted(items, key=lambda item: (item["at"], int(item["transaction"])))
        assert items[-1]["at"] < NOW.isoformat()

    def test_has_parts_that_make_up_its_amount(self, told: Told) -> None:
        assert all(sum(line["amount"] for line in item["lines"]) == item["amount"] for item in told.feeds["transactions"])


class ACard:
    def test_comes_in_every_state_with_a_serial_that_counts_up(self, told: Told) -> None:
        cards = told.listing["cards"]
        assert Counter(card["state"] for card in cards) == {"activated": 240, "available": 80, "used": 80}
        assert [int(card["serial"]) for card in cards] == list(range(int(cards[0]["serial"]), int(cards[0]["serial"]) + 400))

    def test_has_a_code_that_is_no_token(self, told: Told) -> None:
        codes = [card["code"] for card in told.listing["cards"]]
        assert len(set(codes)) == 400
        assert all(re.fullmatch(r"[A-Z0-9]{12,24}", code) and not re.fullmatch(r"\d{20}", code) for code in codes)

    def test_that_is_used_was_used_in_one_transaction(self, told: Told) -> None:
        used = [card["serial"] for card in told.listing["cards"] if card["state"] == "used"]
        assert sorted(item["serial"] for item in told.feeds["transactions"] if item["serial"]) == used
