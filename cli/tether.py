"""Processes that end when the one that started them ends, be it by kill -9."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from functools import partial
from multiprocessing import Queue
from typing import Any

from honcho.process import Popen, Process

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal the kernel sends to this process when its parent dies. It survives exec."""


def die_with_parent(parent: int, number: int) -> None:
    """This will have the kernel send `number` to this process when `parent` has died; Linux only, elsewhere nothing."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os.kill(os.getpid(), number)


class TetheredProcess(Process):  # type: ignore[misc]
    """One line of a Procfile: honcho's copy of `seed run` watches it, and neither outlives `seed run`."""

    def run(self, events: Queue[Any] | None = None, ignore_signals: bool = False) -> None:
        die_with_parent(os.getppid(), signal.SIGKILL)
        # A terminal that closes sends SIGHUP to this copy too; it stays until its process has ended.
        signal.signal(signal.SIGHUP, lambda *_: None)
        self._child_ctor = partial(Popen, preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGTERM))
        super().run(events, ignore_signals)
