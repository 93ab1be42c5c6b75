"""How a long run says how far it is."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from cli.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class APace:
    def test_says_rate_and_time_left_of_this_run_alone(self) -> None:
        clock = Clock()
        pace = Pace("riverton dashboard", 10_000, console=Console(file=io.StringIO()), monotonic=clock)
        pace(5_000, 1_000)  # taken up where an earlier run was
        assert pace.said(5_000) == ""
        clock.now += 2
        pace(6_000, 800)
        assert pace.said(6_000) == "400 events/s, 0:00:08 left"

    def test_writes_a_line_now_and_then_where_nobody_watches(self, capsys: pytest.CaptureFixture[str]) -> None:
        clock = Clock()
        pace = Pace("riverton dashboard", 10_000, console=Console(file=io.StringIO()), monotonic=clock)
        for position in range(1_000, 9_000, 1_000):
            pace(position, 1_000)
            clock.now += 4
        assert capsys.readouterr().out.splitlines() == [
            "riverton dashboard: 4,000 of 10,000, 250 events/s, 0:00:24 left",
            "riverton dashboard: 7,000 of 10,000, 250 events/s, 0:00:12 left",
        ]

    def test_goes_on_beyond_the_end_where_the_log_grows(self) -> None:
        clock = Clock()
        pace = Pace("riverton dashboard", 10, console=Console(file=io.StringIO()), monotonic=clock)
        pace(10, 10)
        clock.now += 1
        pace(20, 10)
        assert pace.said(20) == "10 events/s, 0:00:00 left"

    def test_is_a_bar_on_a_terminal(self) -> None:
        screen, clock = io.StringIO(), Clock()
        with Pace(
            "riverton dashboard", 100, console=Console(file=screen, force_terminal=True, width=120), monotonic=clock
        ) as pace:
            pace(10, 10)
            clock.now += 1
            pace(100, 90)
        assert "90 events/s" in screen.getvalue() and "100/100" in screen.getvalue()
