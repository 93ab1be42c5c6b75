"""How an answer of Juice's can fail to come. Three outcomes stay apart.

Juice did it: a reply (`vending.juice_answers`). Juice is known not to have done it: JuiceRefused, or JuiceUnreachable where the
question never left. Nobody knows: JuiceSilent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta


class JuiceRefused(Exception):
    """Juice answered that it will not, by one of its rules; nothing was done. The text holds no serial, code or number."""

    def __init__(self, rule: str, detail: str = "") -> None:
        super().__init__(rule)
        self.rule = rule
        self.detail = detail


class UnknownCard(JuiceRefused):
    """No such card, or the code is not its code, or it was never activated: Juice does not say which."""


class CardUsed(JuiceRefused):
    """The card was redeemed before."""


class UnknownAccount(JuiceRefused):
    """Juice has no such account."""


class UnknownMeter(JuiceRefused):
    """Juice has no such meter."""


class BlockedMeter(JuiceRefused):
    """Juice sells nothing for this meter at present."""


class UnknownDebt(JuiceRefused):
    """The account owes nothing under this id."""


class ShareOutOfLimits(JuiceRefused):
    """The utility lets that share not go to the debt."""


class NoSuchTransaction(JuiceRefused):
    """Juice has done nothing under this message id."""


class JuiceUnreachable(Exception):
    """The question never left, or was turned away at the door: nothing was done, and it may be asked again."""


class NeverLeft(JuiceUnreachable):
    """No connection to a Juice without advice came about: not a byte of the question was sent."""


class JuiceSilent(Exception):
    """No answer, or none that can be read: whether anything was done is unknown."""


class StillArriving(JuiceSilent):
    """A Juice without advice shows nothing of the message, and a copy of it may still arrive for this while."""

    def __init__(self, after: timedelta) -> None:
        super().__init__("a copy may still arrive")
        self.after = after


class Undecided(JuiceSilent):
    """A Juice without advice does not say which of its transactions, these or none, is the message's: somebody has to look."""

    def __init__(self, candidates: Sequence[str]) -> None:
        super().__init__("which transaction it is cannot be told")
        self.candidates = tuple(candidates)


REFUSALS: dict[str, type[JuiceRefused]] = {
    "UnknownCard": UnknownCard,
    "CardUsed": CardUsed,
    "UnknownAccount": UnknownAccount,
    "UnknownMeter": UnknownMeter,
    "BlockedMeter": BlockedMeter,
    "UnknownDebt": UnknownDebt,
    "ShareOutOfLimits": ShareOutOfLimits,
    "NoSuchTransaction": NoSuchTransaction,
}
"""Juice's rules by the names it gives them; any other is a plain JuiceRefused."""
