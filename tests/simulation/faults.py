"""What goes wrong, and how often: chosen by the seed, another choice for each history."""

from __future__ import annotations

from collections import Counter
from random import Random

KINDS = (
    "crash",
    "crash-before-commit",
    "crash-after-commit",
    "crash-between-rows-and-position",
    "commit-unknown",
    "log-unavailable",
    "clock-jump",
    "juice-request-lost",
    "juice-request-late",
    "juice-reply-lost",
    "juice-unreachable",
    "juice-refuses",
    "juice-down",
    "provider-request-lost",
    "provider-reply-lost",
    "provider-unreachable",
    "provider-declines-capture",
    "provider-charges-twice",
    "authorisation-short",
    "webhook-doubled",
    "webhook-late",
    "webhook-lost",
    "channel-refuses",
    "channel-unreachable",
    "channel-slow",
    "channel-answer-lost",
    "slow",
    "till-errs",
)

RARE = {"juice-down": 0.05, "clock-jump": 0.1, "crash": 0.05}
"""What is asked at many more places than the others strikes so much more seldom at each."""


class Faults:
    """Says at each place whether something goes wrong there. Half of the kinds never strike in a history, so that every mixture
    is met, calm ones too.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._rates = {kind: self._rate(kind) for kind in KINDS}
        self._odds: dict[tuple[str, ...], tuple[tuple[float, str], ...]] = {}
        self.struck: Counter[str] = Counter()
        self.ended = False

    def strike(self, kind: str) -> bool:
        """This will say whether this fault happens now."""
        rate = self._rates[kind]
        if rate == 0.0 or self.ended or self._random.random() >= rate:
            return False
        self.struck[kind] += 1
        return True

    def one_of(self, kinds: tuple[str, ...]) -> str | None:
        """This will say which one of these faults happens now, None for none, by a single throw of the dice."""
        if self.ended:
            return None
        odds = self._odds.get(kinds)
        if odds is None:
            odds = self._odds[kinds] = tuple((rate, kind) for kind in kinds if (rate := self._rates[kind]) > 0.0)
        if not odds:
            return None
        thrown = self._random.random()
        for rate, kind in odds:
            if thrown < rate:
                self.struck[kind] += 1
                return kind
            thrown -= rate
        return None

    def end(self) -> None:
        """This will let everything go well from now on."""
        self.ended = True

    def _rate(self, kind: str) -> float:
        rate: float = self._random.choice((0.0, 0.0, 0.01, 0.05, 0.15))
        return rate * RARE.get(kind, 1.0)
