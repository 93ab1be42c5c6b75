"""`python -m standins.juice.sts`: JSON lines in, tokens out."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from standins.juice.sts import FieldRefused, issue_token
from standins.juice.sts.lines import read_request
from tests.standins.sts.vectors import CREDITS, PAN, VENDING_KEY


def line(**changes: Any) -> dict[str, Any]:
    return {
        "vending_key": VENDING_KEY.hex(),
        "pan": PAN,
        "key_revision": 1,
        "key_type": 2,
        "supply_group": "123457",
        "tariff_index": "01",
        "base": 1993,
        "subclass": 0,
        "random": 5,
        "units": "0.1",
        "issued_at": "2004-03-01T13:00:00",
        **changes,
    }


def run(*lines: dict[str, Any] | str) -> subprocess.CompletedProcess[str]:
    text = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines)
    command = [sys.executable, "-m", "standins.juice.sts"]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)


def serve(request: dict[str, Any]) -> str:
    return issue_token(**read_request(json.dumps(request).encode()))


def refusal(text: bytes) -> FieldRefused:
    with pytest.raises(FieldRefused) as refused:
        issue_token(**read_request(text))
    return refused.value


class TheCommand:
    def test_prints_the_published_tokens_in_order(self) -> None:
        done = run(*(
            line(pan=pan, key_revision=revision, base=base, subclass=subclass, issued_at=f"{at}:00")
            for pan, revision, base, subclass, at, _ in CREDITS
        ))  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines() == [token for *_, token in CREDITS]

    def test_stops_at_a_bad_line_with_its_number_and_field_after_the_tokens_before_it(self) -> None:
        done = run(line(), "", line(pan="600727000000000008"), line())
        assert done.returncode == 2
        assert done.stdout.splitlines() == ["59386323472137426967"]
        assert done.stderr.splitlines() == ["line 3: pan must end in its Luhn check digit"]

    def test_says_nothing_to_nothing(self) -> None:
        done = run("")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


class ALine:
    @pytest.mark.parametrize("same", [
        "2004-03-01T13:00:00Z",
        "2004-03-01t13:00:59.999999999z",
        "2004-03-01 13:00:00",
        "2004-03-01T15:00:00+02:00",
        "2004-03-01T13:00:00-00:00",
        "2004-02-29T23:30:00-13:30",
    ])  # fmt: skip
    def test_takes_the_times_of_rfc_3339_and_no_zone_as_utc(self, same: str) -> None:
        assert serve(line(issued_at=same)) == serve(line())

    def test_takes_hexadecimal_in_either_case(self) -> None:
        assert serve(line(vending_key=VENDING_KEY.hex().upper())) == serve(line())

    @pytest.mark.parametrize("field", line())
    def test_is_refused_without_one_of_its_fields(self, field: str) -> None:
        request = line()
        del request[field]
        assert refusal(json.dumps(request).encode()).field == field

    @pytest.mark.parametrize("field", line())
    @pytest.mark.parametrize("bad", [None, True, False, [], {}, "", " ", "x", -1, 99, 1.0, "1 ", "99999999999999999999"])
    def test_is_refused_with_a_field_that_cannot_be(self, field: str, bad: Any) -> None:
        assert refusal(json.dumps(line(**{field: bad})).encode()).field == field

    @pytest.mark.parametrize(("field", "bad"), [
        ("vending_key", VENDING_KEY.hex()[:-1]),
        ("vending_key", VENDING_KEY.hex()[:-2]),
        ("vending_key", VENDING_KEY.hex() + "00"),
        ("vending_key", " " + VENDING_KEY.hex()[:-2] + " "),
        ("units", "NaN"),
        ("units", "Infinity"),
        ("units", "1e3"),
        ("units", "+1"),
        ("units", "-1"),
        ("units", ".5"),
        ("units", "5."),
        ("units", "1_000"),
        ("units", "1,5"),
        ("units", "١"),
        ("units", "0"),
        ("units", "0.0"),
        ("units", "1820162.5"),
        ("issued_at", "2004-03-01"),
        ("issued_at", "2004-03-01T13:00"),
        ("issued_at", "2004-02-30T13:00:00"),
        ("issued_at", "2004-03-01T24:00:00"),
        ("issued_at", "2004-03-01T13:00:00+24:00"),
        ("issued_at", "2004-03-01T13:00:00+0200"),
        ("issued_at", "2004-W10-1T13:00:00"),
        ("issued_at", "1992-12-31T23:59:59"),
        ("issued_at", "1993-01-01T00:00:00+00:01"),
        ("issued_at", "2024-11-24T20:16:00"),
        ("issued_at", "0001-01-01T00:00:00+14:00"),
        ("issued_at", 1078146000),
    ])  # fmt: skip
    def test_is_refused_with_a_value_that_only_looks_right(self, field: str, bad: Any) -> None:
        assert refusal(json.dumps(line(**{field: bad})).encode()).field == field

    def test_is_refused_with_a_field_of_another_name(self) -> None:
        assert "'unit'" in str(refusal(json.dumps(line(unit="0.1")).encode()))

    def test_is_refused_with_a_field_given_twice(self) -> None:
        text = json.dumps(line())[:-1] + ', "random": 6}'
        assert "'random' is given twice" in str(refusal(text.encode()))

    @pytest.mark.parametrize("text", [
        b"{", b"[]", b'"x"', b"1", b"null", b"{}{}", b"\xff{}", b"\xef\xbb\xbf{}", b"[" * 100_000, b"1" * 5_000,
    ], ids=range(10))  # fmt: skip
    def test_is_refused_where_it_is_not_one_json_object(self, text: bytes) -> None:
        assert refusal(text).field == "the line"

    def test_is_refused_where_a_number_is_none(self) -> None:
        text = json.dumps(line(random=float("nan")))
        assert refusal(text.encode()).field == "random"
