"""What wrk is told to send."""

from __future__ import annotations

from benchmarks.seed.http import reads, redemptions
from benchmarks.seed.workers import together
from benchmarks.wrk import SOURCE, UNIQUE, Ask, script

STAGE = {
    "customers": [{"host": "blue.localhost", "token": "t0ken", "account": "1"}],
    "meters": {"blue.localhost": ["0701", "0702"]},
}


class TheScript:
    def test_holds_each_request_once_and_what_makes_it_unique(self) -> None:
        made = script([Ask("/one", {"Host": "blue"}), Ask("/two", {}, "POST", f'{{"serial": "{UNIQUE}"}}')])
        assert '  requests[#requests + 1] = wrk.format("GET", "/one", {["Host"] = "blue"}, nil)' in made
        assert '"POST", "/two", {}, "{\\"serial\\": \\"' + UNIQUE + '\\"}")' in made
        assert f'gsub("{UNIQUE}"' in made and f'gsub("{SOURCE}"' in made and '"%s%08d"' in made

    def test_gives_what_is_unique_as_many_letters_as_stand_there_so_that_a_body_keeps_its_length(self) -> None:
        prefix = script([]).split('0, 0, "')[1].split('"')[0]
        assert len(f"{prefix}{7:08}") == len(UNIQUE)


class TheAsks:
    def test_of_a_program_bear_a_token_and_of_a_browser_a_cookie(self) -> None:
        assert reads(STAGE, "/api/v1/me") == [Ask("/api/v1/me", {"Host": "blue.localhost", "Authorization": "Bearer t0ken"})]
        assert reads(STAGE, "/dashboard") == [Ask("/dashboard", {"Host": "blue.localhost", "Cookie": "seed=t0ken"})]

    def test_redeem_another_card_each_time_under_a_key_of_its_own(self) -> None:
        first, second = redemptions(STAGE)
        assert first.headers["Idempotency-Key"] == UNIQUE and UNIQUE in first.body and "0701" in first.body
        assert second.method == "POST" and "0702" in second.body


class SeveralWorkers:
    def test_together_did_the_sum_in_the_time_of_the_slowest(self) -> None:
        one = {"count": 10, "seconds": 2.0, "p50_ms": 1.0, "p99_ms": 9.0}
        other = {"count": 20, "seconds": 2.5, "p50_ms": 2.0, "p99_ms": 5.0}
        assert together([one, other]) == {"count": 30, "seconds": 2.5, "p50_ms": 2.0, "p99_ms": 9.0}
