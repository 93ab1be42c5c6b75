"""What people were promised, and when each thing came to its end: kept beside the system, to be compared with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PURCHASE_ENDS = ("captured", "released", "abandoned", "uncollected")
REDEMPTION_ENDS = ("redeemed",)


@dataclass
class Promise:
    """A command that was acknowledged. Times are the event loop's, in seconds; `id` is None where nothing goes on from it.

    `card` is the Juice card of a redemption; `amount` (minor units) that of a purchase.
    """

    utility: str
    kind: str
    position: int
    sent_at: float
    acknowledged_at: float
    id: str | None = None
    card: dict[str, Any] | None = None
    amount: int = 0
    stage: str | None = None
    ended_at: float | None = None


@dataclass
class Journal:
    """All of a run. `broken` are promises that were seen to be broken while it ran."""

    promises: list[Promise] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def of(self, utility: str, kind: str | None = None) -> list[Promise]:
        """This will give what was promised at a utility, of one kind or of all."""
        return [each for each in self.promises if each.utility == utility and kind in (None, each.kind)]

    def under_way(self, moment: float) -> list[Promise]:
        """This will give what was acknowledged by then and had not come to its end."""
        return [
            each
            for each in self.promises
            if each.id is not None and each.acknowledged_at <= moment and (each.ended_at is None or each.ended_at > moment)
        ]

    def accepted_after(self, moment: float) -> float | None:
        """When the first command that was sent after a moment was acknowledged; None where none was yet."""
        return min((each.acknowledged_at for each in self.promises if each.sent_at > moment), default=None)

    def passed_after(self, moment: float) -> float | None:
        """When the first redemption or purchase that was sent after a moment came to its end; None where none did yet."""
        ends = (each.ended_at for each in self.promises if each.sent_at > moment and each.ended_at is not None)
        return min(ends, default=None)
