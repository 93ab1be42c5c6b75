"""A match: contestants that do the same work, and the benchmarks that come of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from benchmarks.results import Benchmark

Needs = str
"""What must be installed first: `python`, `node` or `wrk`."""


class Entrant(NamedTuple):
    """Who takes part: a module of benchmarks/ or a node script in benchmarks/peers, and what it is told beside the task.

    It gets a database of its own, or that of another entrant where it `shares` one. `needs` names what is installed on demand.
    """

    program: str
    told: Mapping[str, Any] = {}
    needs: tuple[Needs, ...] = ()
    shares: str = ""


class Match(NamedTuple):
    """Entrants by name, what all of them are told, and what is read off their trials. With `portal` one runs for all,
    beside a Juice that answers at once where asked for.
    """

    entrants: Mapping[str, Entrant]
    benchmarks: tuple[Benchmark, ...]
    told: Mapping[str, Any] = {}
    rounds: int = 5
    is_long: bool = False
    portal: bool = False
    instant_juice: bool = False

    def of(self, names: frozenset[str]) -> Match:
        """This will give what is left of it where only benchmarks of these names are wanted."""
        benchmarks = tuple(each for each in self.benchmarks if not names or each.name in names)
        wanted = {name for each in benchmarks for name in (each.ours, *each.against)}
        return self._replace(
            benchmarks=benchmarks, entrants={name: each for name, each in self.entrants.items() if name in wanted}
        )

    def without(self, names: frozenset[str]) -> Match:
        """This will give it without some of the peers."""
        return self._replace(entrants={name: each for name, each in self.entrants.items() if name not in names})
