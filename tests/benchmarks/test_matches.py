"""The benchmarks' arithmetic, order, report and leaving out, with contestants that do as they are told."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from rich.console import Console

from benchmarks.__main__ import chosen, main, names
from benchmarks.contestant import told
from benchmarks.match import Entrant, Match
from benchmarks.matches import MATCHES
from benchmarks.processes import Child
from benchmarks.report import Report, figure
from benchmarks.results import Bar, Benchmark, Result, cpu_per_thousand, each_ms, holds, p99_ms, rate, result, write
from benchmarks.rounds import ContestantFailed, Trial, Trials, interleaved, orders


def trials(*counts: float, seconds: float = 2.0, cpu_s: float = 0.0) -> Sequence[Trial]:
    return [Trial(count=count, seconds=seconds, p50_ms=count / 10, p99_ms=count, cpu_s=cpu_s) for count in counts]


def benchmark(**changes: object) -> Benchmark:
    return Benchmark("append", "something", "commands/s", rate, ("slow", "fast"), Bar("≥", 2))._replace(**changes)


class Says:
    """A contestant that fails in a round of its choice."""

    def __init__(self, name: str, worked: list[str], fails_in: int | None = None) -> None:
        self._name, self._worked, self._fails_in, self._round = name, worked, fails_in, 0

    def run(self) -> Trial:
        self._round += 1
        if self._round == self._fails_in:
            raise ContestantFailed("it broke")
        self._worked.append(self._name)
        return Trial(count=self._round, seconds=1)


def run(contestants: dict[str, Says], rounds: int) -> tuple[Trials, list[tuple[str, str]], list[str]]:
    failed: list[tuple[str, str]] = []
    steps: list[str] = []
    found = interleaved(contestants, rounds, failed=lambda *said: failed.append(said), step=steps.append)
    return found, failed, steps


class TheRounds:
    def test_let_each_work_once_a_round_and_everybody_come_first(self) -> None:
        worked: list[str] = []
        found, failed, steps = run({name: Says(name, worked) for name in "abc"}, 4)
        assert worked == steps == [*"abc", *"bca", *"cab", *"abc"]
        assert not failed
        assert {name: [each.count for each in did] for name, did in found.items()} == {name: [1, 2, 3, 4] for name in "abc"}

    def test_go_on_without_one_that_fails_and_count_none_of_its(self) -> None:
        worked: list[str] = []
        found, failed, _ = run({"a": Says("a", worked), "b": Says("b", worked, fails_in=2)}, 3)
        assert failed == [("b", "it broke")]
        assert list(found) == ["a"] and worked == [*"ab", "a", "a"]

    def test_of_nobody_are_empty(self) -> None:
        assert list(orders([], 2)) == [[], []]


class AResult:
    def test_is_the_median_beside_the_median_of_the_rounds_ratios(self) -> None:
        # The machine was slow in the third round, for both: the ratio of the medians would be 5.
        found = result(benchmark(against=("fast",)), {"seed": trials(100, 120, 20), "fast": trials(20, 40, 5)})
        assert found == Result(value=50, unit="commands/s", against="fast", ratio=4, runs=3, p50_ms=10, p99_ms=100)

    def test_is_against_the_peer_that_does_best(self) -> None:
        known = {"seed": trials(90), "slow": trials(10), "fast": trials(30)}
        assert (found := result(benchmark(), known)) and (found.against, found.ratio) == ("fast", 3)
        assert (found := result(benchmark(by=each_ms), known)) and (found.against, found.ratio) == ("fast", pytest.approx(1 / 3))

    def test_is_against_whoever_is_left(self) -> None:
        found = result(benchmark(), {"seed": trials(90), "slow": trials(10)})
        assert found and (found.against, found.ratio) == ("slow", 9)

    def test_has_no_ratio_without_a_peer_and_is_none_without_us(self) -> None:
        found = result(benchmark(), {"seed": trials(90)})
        assert found and (found.value, found.against, found.ratio) == (45, None, None)
        assert result(benchmark(), {"fast": trials(90)}) is None

    def test_of_all_rounds_as_one_is_of_everything_that_was_done_in_them(self) -> None:
        def rounds(*took_ms: Sequence[float]) -> Sequence[Trial]:
            return [Trial(count=len(each), seconds=2, cpu_s=1, took_s=[ms / 1000 for ms in each]) for each in took_ms]

        one = benchmark(by=p99_ms, against=("fast",), as_one=True, bar=Bar("≤", 3))
        # The slowest one of 150 is beyond 99 of 100 of all, though not of its round's fifty.
        known = {"seed": rounds([3] * 50, [3] * 49 + [90], [3] * 50), "fast": rounds([1] * 50, [1] * 50, [1.5] * 50)}
        found = result(one, known)
        assert found == Result(value=3, unit="commands/s", against="fast", ratio=2, runs=3, p50_ms=3, p99_ms=3)
        assert cpu_per_thousand(one.counted(known["seed"])) == 20

    def test_of_all_rounds_as_one_needs_to_be_told_of_each(self) -> None:
        with pytest.raises(ContestantFailed):
            result(benchmark(by=p99_ms, as_one=True), {"seed": trials(90)})

    def test_costs_processor_time_by_the_thousand(self) -> None:
        assert cpu_per_thousand(trials(500, 500, 1000, cpu_s=1)) == 2


class ABar:
    @pytest.mark.parametrize(
        ("bar", "ratio", "kept"),
        [
            (Bar("≥", 20), 20.0, True),
            (Bar("≥", 20), 19.9, False),
            (Bar("≤", 1.2), 1.2, True),
            (Bar("≤", 1.2), 1.3, False),
            (Bar("≥", 20), None, None),
            (None, 5.0, None),
            (Bar("≤", 50, of="value"), None, True),
            (Bar("≤", 49, of="value"), None, False),
        ],
    )
    def test_holds_or_does_not_or_nobody_knows(self, bar: Bar | None, ratio: float | None, kept: bool | None) -> None:
        of = Result(value=50, unit="ms", against=None, ratio=ratio, runs=5, p50_ms=None, p99_ms=None)
        assert holds(bar, of) is kept


class TheReport:
    def test_says_of_each_whether_its_bar_holds_and_who_was_left_out(self) -> None:
        match = Match({}, (benchmark(), benchmark(name="other", bar=Bar("≥", 4)), benchmark(name="none", ours="absent")))
        report = Report()
        report.leave_out("slow", "no network")
        report.take(match, {"seed": trials(90, cpu_s=0.9), "fast": trials(30, cpu_s=0.6)})
        with (console := Console(width=160)).capture() as printed:
            console.print(report.table())
        first, second, third = (
            line for line in printed.get().splitlines() if line.split()[:1] in (["append"], ["other"], ["none"])
        )
        assert "45 commands/s" in first and "fast" in first and "3.00×" in first and "holds" in first
        assert "10.00 / 20.00" in first and "9/90" in first
        assert "MISSED" in second and "not measured" in third
        assert report.notes() == ["left out: slow: no network", "not measured: none", "bars missed: 1 (other) of 2 measured"]

    @pytest.mark.parametrize(("value", "text"), [(12345.6, "12,346"), (99.94, "99.9"), (0.01234, "0.0123"), (None, "–")])
    def test_writes_three_digits(self, value: float | None, text: str) -> None:
        assert figure(value) == text


class TheFile:
    def test_holds_exactly_these_members_and_keeps_what_was_measured_before(self, tmp_path: Path) -> None:
        path, found = tmp_path / "results.json", result(benchmark(), {"seed": trials(90), "fast": trials(30)})
        assert found is not None
        write(path, {"one": found})
        write(path, {"two": msgspec.structs.replace(found, runs=9)})
        known = json.loads(path.read_text())
        assert list(known) == ["one", "two"] and known["two"]["runs"] == 9
        assert known["one"] == {
            "value": 45.0,
            "unit": "commands/s",
            "against": "fast",
            "ratio": 3.0,
            "runs": 1,
            "p50_ms": 9.0,
            "p99_ms": 90.0,
        }


class AContestantsLine:
    def test_sums_up_what_took_how_long(self) -> None:
        line = told([0.003, 0.001, 0.002], 2.0)
        assert line == {"count": 3, "seconds": 2.0, "p50_ms": 2.0, "p99_ms": 3.0}
        assert told([], 2.0, 500) == {"count": 500, "seconds": 2.0}


PROGRAM = """
import json, sys
told = json.loads(sys.stdin.readline())
print(json.dumps({"servers": []}), flush=True)
for number, _ in enumerate(sys.stdin, 1):
    if number == told["fails_in"]:
        sys.exit("the disk is full")
    print(json.dumps({"count": number, "seconds": 1.0}), flush=True)
"""


class AChild:
    def child(self, tmp_path: Path, program: str, fails_in: int = 0) -> Child:
        return Child([sys.executable, "-c", program], {"fails_in": fails_in}, tmp_path / "log", None)

    def test_works_once_a_line_until_it_fails_and_says_why(self, tmp_path: Path) -> None:
        with self.child(tmp_path, PROGRAM, fails_in=3) as child:
            assert [child.run().count, child.run().count] == [1, 2]
            with pytest.raises(ContestantFailed, match="the disk is full"):
                child.run()

    def test_that_cannot_prepare_is_told_of_at_once(self, tmp_path: Path) -> None:
        with (
            pytest.raises(ContestantFailed, match="no such thing"),
            self.child(tmp_path, "import sys; sys.exit('no such thing')"),
        ):
            pass


class WhatIsChosen:
    def test_is_everything_of_its_length_unless_something_is_named(self) -> None:
        assert [each.is_long for each in chosen((), frozenset(), is_long=False)] == [False] * len(
            [each for each in MATCHES if not each.is_long]
        )

    def test_is_what_is_named_with_those_it_needs_and_nobody_else(self) -> None:
        (match,) = chosen(("append.load20.64.crud",), frozenset(), is_long=False)
        assert [each.name for each in match.benchmarks] == ["append.load20.64.crud"]
        assert list(match.entrants) == ["seed", "crud"]

    def test_is_without_whoever_is_left_out(self) -> None:
        (match,) = chosen(("append.load20.64",), frozenset({"crud"}), is_long=False)
        assert list(match.entrants) == ["seed", "eventsourcing"]
        assert [each.name for each in match.benchmarks] == ["append.load20.64", "append.load20.64.crud"]

    def test_of_an_unknown_name_is_refused_with_the_names_there_are(self) -> None:
        refused = CliRunner().invoke(main, ["--only", "nothing"])
        assert refused.exit_code == 2 and "append.create.64" in refused.output


class EveryMatch:
    @pytest.mark.parametrize("match", MATCHES, ids=[each.benchmarks[0].name for each in MATCHES])
    def test_lets_whoever_is_compared_take_part(self, match: Match) -> None:
        assert {name for each in match.benchmarks for name in (each.ours, *each.against)} == set(match.entrants)
        assert match.rounds >= 5 or match.is_long

    def test_has_a_name_of_its_own_for_each_benchmark(self) -> None:
        known = [*names(is_long=False), *names(is_long=True)]
        assert len(known) == len(set(known))

    def test_has_programs_that_exist(self) -> None:
        for entrant in (each for match in MATCHES for each in match.entrants.values()):
            assert path_of(entrant).exists(), entrant.program


def path_of(entrant: Entrant) -> Path:
    root = Path(__file__).parent.parent.parent
    if entrant.program.endswith(".mjs"):
        return root / "benchmarks" / "peers" / entrant.program
    return root / f"{entrant.program.replace('.', '/')}.py"
