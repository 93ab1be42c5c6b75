"""Run as a program: where one of Seed's contestants spends its time. Writes `profiles/NAME.txt`.

`python -m benchmarks.profiled append.create.64`: Seed's contestant works twice under Python's profiler, alone on its server. What
a profiler costs is in it, so that it tells shares and not rates. What the web's processes do is not seen.
"""

from __future__ import annotations

import io
import pstats
import sys
import tempfile
from pathlib import Path

import click
from psycopg.conninfo import conninfo_to_dict

from benchmarks.match import Match
from benchmarks.matches import MATCHES
from benchmarks.processes import ROOT, Child
from benchmarks.results import rate
from tests.pg import served

PROFILES = Path(__file__).parent / "profiles"
LINES = 25
LEFT_OUT = ("List reduced",)


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Profile what Seed does in the benchmark NAME."""
    match = next((each for each in MATCHES if any(name == benchmark.name for benchmark in each.benchmarks)), None)
    if match is None:
        raise click.UsageError("There is no such benchmark.")
    with tempfile.TemporaryDirectory(prefix="seed-bench-") as folder, served(Path(folder), durable=True) as server:
        stats, done = _profile(name, match, server.dsn, server.pid, Path(folder))
    PROFILES.mkdir(exist_ok=True)
    path = PROFILES / f"{name}.txt"
    path.write_text(f"{name}: {done:.0f} a second under the profiler; seconds of the contestant's main thread\n\n{text(stats)}")
    click.echo(path)


def _profile(name: str, match: Match, dsn: str, database: int | None, folder: Path) -> tuple[pstats.Stats, float]:
    benchmark = next(each for each in match.benchmarks if each.name == name)
    entrant = match.entrants[benchmark.ours]
    told = {**match.told, **entrant.told, "folder": str(folder), "dsn": dsn, "database": conninfo_to_dict(dsn)}
    out = folder / "profile"
    command = [sys.executable, "-m", "cProfile", "-o", str(out), "-m", entrant.program]
    with Child(command, told, folder / "log", database) as child:
        done = max(rate(child.run()) for _ in range(2))
    return pstats.Stats(str(out)), done


def text(stats: pstats.Stats) -> str:
    """This will write the functions that take longest themselves, and those below which most time is spent."""
    written = io.StringIO()
    stats.stream = written  # type: ignore[attr-defined]
    stats.files.clear()  # type: ignore[attr-defined]  # where the profile lay is nobody's business
    for order in ("tottime", "cumulative"):
        stats.sort_stats(order).print_stats(LINES)
    wanted = (line for line in written.getvalue().splitlines() if line.strip() and not line.lstrip().startswith(LEFT_OUT))
    return "\n".join(map(_short, wanted)) + "\n"


def _short(line: str) -> str:
    """Without where this machine keeps things."""
    short = line.replace(f"{ROOT}/", "")
    for folder in (Path(sys.prefix) / "lib", Path(sys.base_prefix) / "lib"):
        short = short.replace(f"{folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder}/", "")
    return short.replace(f"python{sys.version_info.major}.{sys.version_info.minor}/site-packages/", "")


if __name__ == "__main__":
    main()
