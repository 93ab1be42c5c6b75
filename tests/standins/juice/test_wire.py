"""How the stand-in answers what is asked badly, and how it takes orders for faults."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standins.juice.demo.utilities import UTILITIES
from standins.juice.sts import Meter, Replayed, TooOld
from standins.juice.tokens import BASE, Keys, decoder_key
from tests.juice_standin import ROOT, JuiceStandin

POSTS = [
    "/customers/confirm",
    "/cards/check",
    "/cards/status",
    "/vends/trial",
    "/vends",
    "/redemptions",
    "/arrears/limits",
    "/arrears/shares",
    "/reprints",
]
ANYTHING = st.none() | st.booleans() | st.integers() | st.text()
FIELDS = ["message_id", "account", "meter", "amount", "tender", "serial", "code", "count"]


@pytest.fixture
def code(juice_standin: JuiceStandin) -> str:
    return juice_standin.codes[0]


class ARequest:
    @pytest.mark.parametrize("headers", [{"Authorization": "Bearer wrong"}, {"Authorization": "Bearer é".encode("latin-1")}])
    def test_without_the_key_is_turned_away(self, juice_standin: JuiceStandin, code: str, headers: dict[str, Any]) -> None:
        reply = httpx.get(f"{juice_standin.url(code)}/utility", headers={"X-Juice-Media-Type": "juice.v1"} | headers)
        assert (reply.status_code, reply.json()["rule"]) == (401, "Unauthorised")

    def test_with_another_utilitys_key_is_turned_away(self, juice_standin: JuiceStandin, code: str) -> None:
        other = juice_standin.key(juice_standin.codes[1])
        reply = juice_standin.post(code, "/vends", {}, Authorization=f"Bearer {other}")
        assert reply.status_code == 401

    def test_of_another_media_type_is_refused(self, juice_standin: JuiceStandin, code: str) -> None:
        reply = juice_standin.post(code, "/vends", {}, **{"X-Juice-Media-Type": "juice.v2"})
        assert (reply.status_code, reply.json()["rule"]) == (415, "MediaType")

    @pytest.mark.parametrize("path", ["/", "/nothing", "/vends/more", "/feeds/people", "/advices/", "/utility/"])
    def test_for_nothing_there_is_refused_as_a_problem(self, juice_standin: JuiceStandin, code: str, path: str) -> None:
        reply = juice_standin.get(code, path)
        assert (reply.status_code, reply.headers["content-type"]) == (404, "application/problem+json")
        assert set(reply.json()) == {"type", "title", "status", "detail", "rule"}

    @pytest.mark.parametrize(
        ("path", "body", "field"),
        [
            ("/vends", {"message_id": "7", "amount": 1, "tender": "Cash", "account": "4100017"}, "message_id"),
            ("/vends", {"message_id": str(uuid4()), "amount": True, "tender": "Cash", "account": "4100017"}, "amount"),
            ("/vends", {"message_id": str(uuid4()), "amount": 1.5, "tender": "Cash", "account": "4100017"}, "amount"),
            ("/vends", {"message_id": str(uuid4()), "amount": -1, "tender": "Cash", "account": "4100017"}, "amount"),
            ("/vends", {"message_id": str(uuid4()), "amount": 1, "tender": "Barter", "account": "4100017"}, "tender"),
            ("/vends", {"message_id": str(uuid4()), "amount": 1, "tender": "Cash", "tip": 1, "account": "4100017"}, "tip"),
            ("/redemptions", {"message_id": str(uuid4()), "serial": 7, "code": "x", "account": "4100017"}, "serial"),
            ("/redemptions", {"message_id": str(uuid4()), "serial": "7", "code": "\ud800", "account": "4100017"}, "code"),
            ("/customers/confirm", {}, "account"),
            ("/customers/confirm", {"account": "1", "meter": "2"}, "account"),
            ("/customers/confirm", {"meter": "no such number"}, "meter"),
            ("/reprints", {"account": "4100017", "count": 51}, "count"),
        ],
    )
    def test_with_a_bad_field_names_it(self, juice_standin: JuiceStandin, code: str, path: str, body: Any, field: str) -> None:
        reply = juice_standin.post(code, path, body)
        assert (reply.status_code, reply.json()["rule"], reply.json()["field"]) == (422, "BadField", field)

    @pytest.mark.parametrize("query", [{"after": "x"}, {"after": ""}, {"limit": 0}, {"limit": 1001}, {"limit": "٣"}, {"page": 1}])
    def test_for_a_feed_with_a_bad_query_names_the_field(self, juice_standin: JuiceStandin, code: str, query: Any) -> None:
        reply = juice_standin.get(code, "/feeds/usage", **query)
        assert (reply.status_code, reply.json()["field"]) == (422, next(iter(query)))

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff", b"[" * 50000])
    def test_with_no_json_object_is_refused(self, juice_standin: JuiceStandin, code: str, body: bytes) -> None:
        headers = {"Authorization": f"Bearer {juice_standin.key(code)}", "X-Juice-Media-Type": "juice.v1"}
        reply = httpx.post(f"{juice_standin.url(code)}/vends", content=body, headers=headers)
        assert (reply.status_code, reply.json()["rule"]) == (400, "BadBody")

    def test_that_is_too_large_is_refused(self, juice_standin: JuiceStandin, code: str) -> None:
        assert juice_standin.post(code, "/vends", {"tender": "x" * 70000}).status_code == 413

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.sampled_from(POSTS), st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
    def test_made_of_anything_at_all_is_answered(self, juice_standin: JuiceStandin, path: str, body: dict[str, Any]) -> None:
        assert 200 <= juice_standin.post(juice_standin.codes[0], path, body).status_code < 500


class AnOrder:
    @pytest.mark.parametrize(
        ("order", "field"),
        [
            ({"kind": "explode"}, "kind"),
            ({"kind": "delay", "times": 0}, "times"),
            ({"kind": "delay", "seconds": "long"}, "seconds"),
            ({"kind": "refuse", "rule": ""}, "rule"),
            ({"kind": "refuse", "path": "vends"}, "path"),
            ({"kind": "refuse", "sometimes": True}, "sometimes"),
        ],
    )
    def test_that_cannot_be_meant_names_the_field(self, juice_standin: JuiceStandin, order: Any, field: str) -> None:
        reply = httpx.post(f"{juice_standin.base_url}/__faults", json=order)
        assert (reply.status_code, reply.json()["field"]) == (422, field)

    def test_is_carried_out_as_often_as_was_asked_where_it_was_asked(self, juice_standin: JuiceStandin, code: str) -> None:
        juice_standin.faults("unavailable", times=2, path="/customers")
        assert juice_standin.get(code, "/utility").status_code == 200
        asked = {"account": "4100017"}
        assert [juice_standin.post(code, "/customers/confirm", asked).status_code for _ in range(3)] == [503, 503, 200]
        assert juice_standin.outstanding_faults() == []

    def test_without_a_path_meets_what_moves_money(self, juice_standin: JuiceStandin, code: str) -> None:
        juice_standin.faults("refuse", rule="Debt")
        assert juice_standin.get(code, "/feeds/usage").status_code == 200
        vend = {"message_id": str(uuid4()), "amount": 1000, "tender": "Cash", "account": "4100017"}
        reply = juice_standin.post(code, "/vends", vend)
        assert (reply.status_code, reply.json()["rule"]) == (409, "Debt")
        assert juice_standin.post(code, "/vends", vend).status_code == 200

    def test_for_one_utility_leaves_the_other_alone(self, juice_standin: JuiceStandin) -> None:
        first, second = juice_standin.codes
        juice_standin.faults("unavailable", path="/utility", utility=second)
        assert juice_standin.get(first, "/utility").status_code == 200
        assert juice_standin.get(second, "/utility").status_code == 503


class ASale:
    def test_gives_tokens_that_the_meter_takes_once_and_in_order(self, juice_standin: JuiceStandin, code: str) -> None:
        utility = UTILITIES[0]
        number = juice_standin.demo(code)["accounts"][6]["meter"]  # its key is about to change
        meter = Meter(decoder_key(Keys(utility.vending_key, utility.supply_group), number, 1), base=BASE)
        replies = []
        for _ in range(3):  # within one minute
            vend = {"message_id": str(uuid4()), "amount": 20000, "tender": "Cash", "meter": number}
            replies.append(juice_standin.post(code, "/vends", vend).json())
        assert [token["kind"] for token in replies[0]["tokens"]] == ["key-change"] * 4 + ["credit"]
        for token in replies[0]["tokens"]:
            entered = meter.enter(token["digits"])
        assert str(entered.units) == replies[0]["units"]
        (second,), (third,) = replies[1]["tokens"], replies[2]["tokens"]
        meter.enter(third["digits"])
        with pytest.raises(TooOld):
            meter.enter(second["digits"])
        with pytest.raises(Replayed):
            meter.enter(third["digits"])

    def test_for_an_account_with_several_meters_is_a_deposit(self, juice_standin: JuiceStandin, code: str) -> None:
        account = next(each for each in juice_standin.demo(code)["accounts"] if len(each["meters"]) > 1)
        vend = {"message_id": str(uuid4()), "amount": 20000, "tender": "Cash", "account": account["number"]}
        reply = juice_standin.post(code, "/vends", vend).json()
        assert (reply["meter"], reply["tokens"], reply["wallet_change"]) == (None, [], 20000)


class ACommandLine:
    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "standins.juice", *map(str, words)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    def test_names_a_port_that_is_taken(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            ended = self.run("--port", port, "--state", tmp_path)
        assert ended.returncode == 1 and ended.stderr.count("\n") == 1
        assert f"port {port}" in ended.stderr and "--port" in ended.stderr

    def test_names_a_folder_that_cannot_be_used(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        ended = self.run("--state", tmp_path / "file" / "state")
        assert ended.returncode == 1 and ended.stderr.count("\n") == 1
        assert str(tmp_path / "file") in ended.stderr and "--state" in ended.stderr
