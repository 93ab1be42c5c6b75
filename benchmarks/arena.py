"""Where a match is held: one PostgreSQL with its default, durable settings, and a database for each entrant."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from benchmarks.match import Entrant, Match
from benchmarks.peers.installed import NotInstalled, installed
from benchmarks.processes import ROOT, Child
from benchmarks.rounds import ContestantFailed, Trials, interleaved
from benchmarks.stage import Stage, portal
from eventlog.embedded import EmbeddedServer

LeftOut = Callable[[str, str], None]
"""Told who is left out, and why."""


class Arena:
    """Holds matches in `folder`, on a server that runs."""

    def __init__(self, folder: Path, server: EmbeddedServer) -> None:
        self._folder = folder
        self._server = server

    def hold(self, match: Match, rounds: int, *, left_out: LeftOut, step: Callable[[str], None]) -> Trials:
        """This will have everybody prepare and work so often. Whoever cannot is left out, with the reason."""
        with ExitStack() as stack:
            ready = {}
            stage = Stage({}, self._server.pid)
            if match.portal:
                step("the portal starts")
                folder = Path(tempfile.mkdtemp(prefix="portal-", dir=self._folder))
                try:
                    stage = stack.enter_context(portal(folder, instant_juice=match.instant_juice))
                except Exception as reason:
                    left_out(", ".join(match.entrants), f"the portal did not start: {type(reason).__name__}: {reason}")
                    return {}
            for name, entrant in match.entrants.items():
                step(f"{name} prepares")
                try:
                    ready[name] = stack.enter_context(
                        self._entered(name, entrant, {**match.told, **stage.told}, stage.database_pid)
                    )
                except (NotInstalled, ContestantFailed) as reason:
                    left_out(name, str(reason))
            return interleaved(ready, rounds, failed=left_out, step=step)

    @contextmanager
    def _entered(self, name: str, entrant: Entrant, told: Mapping[str, Any], database: int | None) -> Iterator[Child]:
        places = {need: installed(need) for need in entrant.needs}
        with ExitStack() as stack:
            known: dict[str, Any] = {**told, **entrant.told, "folder": str(self._folder)}
            known |= {need: str(place) for need, place in places.items()}
            dsn = self._dsn(entrant.shares) if entrant.shares else stack.enter_context(self._database(name))
            known |= {"dsn": dsn, "database": conninfo_to_dict(dsn)}
            if entrant.program.endswith(".mjs"):
                place = places["node"]
                command, cwd = ["node", str(place / entrant.program)], place
            else:
                interpreter = places["python"] / "bin" / "python" if "python" in places else sys.executable
                command, cwd = [str(interpreter), "-m", entrant.program], ROOT
            log = self._folder / f"{name}.log"
            yield stack.enter_context(Child(command, known, log, database, cwd))

    @contextmanager
    def _database(self, name: str) -> Iterator[str]:
        with psycopg.connect(self._server.dsn, autocommit=True) as connection:
            database = sql.Identifier(f"of {name}")
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
        yield self._dsn(name)
        with psycopg.connect(self._server.dsn, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))

    def _dsn(self, name: str) -> str:
        return make_conninfo(self._server.dsn, dbname=f"of {name}")
