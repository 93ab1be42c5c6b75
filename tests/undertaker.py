"""Ends a test's PostgreSQL server when the test run has ended, be it by kill -9: `python -m tests.undertaker FOLDER`.

Its standard input is a pipe from the test run, which the system closes with the run's last breath.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from eventlog.embedded import EmbeddedServer

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    sys.stdin.buffer.read()
    EmbeddedServer(folder).stop()
    shutil.rmtree(folder / "postgres", ignore_errors=True)
