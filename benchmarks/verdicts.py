"""What was measured, line by line, and whether it is as promised."""

from __future__ import annotations

import math
from collections.abc import Sequence


class Verdicts:
    """The lines of a report."""

    def __init__(self) -> None:
        self.violations = 0
        self._lines: list[str] = []

    def say(self, text: str) -> None:
        """This will add a line that promises nothing."""
        self._lines.append(f"          {text}")

    def hold(self, is_kept: bool, text: str) -> None:
        """This will add a line about a promise."""
        self.violations += not is_kept
        self._lines.append(f"{'kept    ' if is_kept else 'VIOLATED'}  {text}")

    def report(self) -> str:
        """This will give all lines; the last one counts the violations."""
        return "\n".join([*self._lines, f"violations: {self.violations}"])


def percentile(values: Sequence[float], percent: float) -> float:
    """This will give the nearest-rank percentile; 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else 0.0
