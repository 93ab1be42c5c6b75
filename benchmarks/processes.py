"""A contestant as a child process, and the processor time that it and the database use."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any, Self, cast

import msgspec
import psutil

from benchmarks.rounds import ContestantFailed, Trial
from cli.tether import die_with_parent

ROOT = Path(__file__).parent.parent

PREPARED_WITHIN = 1800.0
"""Seconds: ten million events are written first, for some."""

WORKED_WITHIN = 7200.0
"""Seconds: some load for an hour."""


class Ready(msgspec.Struct):
    """The first line of a contestant: whose processor time counts, where it is not its own."""

    servers: list[int]


class Child:
    """A contestant's process; its lines are read, its errors are kept in `log`."""

    def __init__(self, command: list[str], told: Mapping[str, Any], log: Path, database: int | None, cwd: Path = ROOT) -> None:
        self._log = log
        self._database = database
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=cwd,
                bufsize=0,
                preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGTERM),
            )
        self._measured = [self._process.pid]
        self._task = told
        self._asked, self._told = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)

    def __enter__(self) -> Self:
        """This will wait until it is prepared. Raises ContestantFailed."""
        try:
            self._say(json.dumps(self._task))
            ready = msgspec.json.decode(self._line(PREPARED_WITHIN), type=Ready)
        except ContestantFailed:
            self._end()
            raise
        self._measured = ready.servers or self._measured
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def run(self) -> Trial:
        """This will have it work once. Raises ContestantFailed."""
        before = self._cpu()
        self._say("once more")
        line = self._line(WORKED_WITHIN)
        return msgspec.structs.replace(msgspec.json.decode(line, type=Trial), cpu_s=self._cpu() - before)

    def _say(self, line: str) -> None:
        try:
            self._asked.write(f"{line}\n".encode())
        except BrokenPipeError:
            raise ContestantFailed(self._why()) from None

    def _line(self, patience_s: float) -> bytes:
        if not select.select([self._told], [], [], patience_s)[0]:
            raise ContestantFailed(f"it said nothing for {patience_s:.0f} s")
        line = self._told.readline()
        if not line:
            self._process.wait(10)
            raise ContestantFailed(self._why())
        return line

    def _why(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"it ended with status {self._process.poll()}"

    def _cpu(self) -> float:
        return sum(map(_tree, [*self._measured, *([self._database] if self._database is not None else [])]))

    def _end(self) -> None:
        try:
            self._asked.close()
            self._process.wait(20)
        except (subprocess.TimeoutExpired, OSError):
            self._process.kill()
            self._process.wait()


def _tree(pid: int) -> float:
    """Of a process, of those that it started, and of those that have ended and were waited for."""
    total = 0.0
    try:
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            try:
                times = each.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system + times.children_user + times.children_system
    except psutil.NoSuchProcess:
        pass
    return total
