"""Every match there is. A new one is a line in a file beside this, and its contestants in `seed/` and `peers/`."""

from __future__ import annotations

from benchmarks.match import Match
from benchmarks.matches.append import APPEND
from benchmarks.matches.command import COMMAND
from benchmarks.matches.long import LONG
from benchmarks.matches.projection import PROJECTION
from benchmarks.matches.read import READ
from benchmarks.matches.replay import REPLAY
from benchmarks.matches.start import START

MATCHES: tuple[Match, ...] = (*APPEND, *PROJECTION, *REPLAY, *READ, *COMMAND, *START, *LONG)
