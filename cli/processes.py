"""The processes of `seed run`: honcho's manager, told to cope with being stopped early and with killed helpers."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Message, Printer

from cli.tether import TetheredProcess

ROOT = Path(__file__).parent.parent


def procfile(name: str) -> dict[str, str]:
    """This will read the lines of a Procfile: process name -> command."""
    lines: dict[str, str] = parse_procfile((ROOT / name).read_text()).processes
    return lines


class Processes(Manager):  # type: ignore[misc]
    """All the processes of `seed run`; when one ends, the others are stopped."""

    def __init__(self, commands: Mapping[str, str], environment: Mapping[str, str]) -> None:
        multiprocessing.set_start_method("fork", force=True)  # the tether needs us as its parent, not a server of forks
        super().__init__(Printer(_Terminal()))
        self._process_ctor = TetheredProcess
        self._leave = threading.Event()
        self._failed = False
        self._over = threading.Event()
        for name, command in commands.items():
            # exec: the shell turns into the process, so that signals reach it and not a shell around it.
            self.add_process(name, f"exec {command}", env=dict(environment))

    def run(self, came: Callable[[], int | None]) -> int:
        """This will run everything until one process ends or a signal comes, and give the exit code: 0 where asked to stop.

        `came` tells of a signal that came before.
        """
        signal.signal(signal.SIGHUP, lambda *_: self.terminate())
        if came() is not None:
            self.terminate()
        threading.Thread(target=self._look_after, daemon=True).start()
        self.loop()
        self._over.set()
        return 0 if self._leave.is_set() and not self._failed else 1

    def fail(self) -> None:
        """This will stop all processes because something is wrong: the exit code tells."""
        self._failed = True
        self.terminate()

    def terminate(self) -> None:
        """This will stop all processes, those too that are only just starting."""
        if not self._any_stopped():
            self._leave.set()
        if self._all_started():
            super().terminate()

    def _look_after(self) -> None:
        """Honcho knows of an end only by a message of its own copy, so one that was killed would be waited for for ever."""
        while not self._over.wait(0.2):
            if self._leave.is_set():
                self.terminate()
            for name, each in self._processes.items():
                copy = each.get("process")
                if copy is not None and copy.exitcode is not None and each.get("pid") and "returncode" not in each:
                    self._over.wait(0.3)  # its message may be on the way
                    if "returncode" not in each:
                        stop = {"returncode": copy.exitcode}
                        self.events.put(Message(type="stop", data=stop, time=datetime.now(), name=name, colour=None))


def notice_signals() -> Callable[[], int | None]:
    """This will note SIGINT, SIGTERM and SIGHUP, also where the shell had us ignore them, and give what tells which one came.

    It raises nothing: an exception out of a signal's handler can fall between starting a process and knowing of it.
    """
    came: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: came.append(number))
    return lambda: came[0] if came else None


class _Terminal:
    """Standard output as it is at the moment of writing: a progress bar takes its place while it is shown."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()

    def isatty(self) -> bool:
        return sys.stdout.isatty()
