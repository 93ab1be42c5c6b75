"""A virtual meter: it takes tokens as a keypad would, with nothing but its key, and keeps what it has seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from standins.juice.sts.amount import decode_amount
from standins.juice.sts.encryption import EA11, EncryptionAlgorithm
from standins.juice.sts.identifier import BASES, base_date, issue_time
from standins.juice.sts.key_change import ROLLOVER_BIT, SECTIONS, join_key
from standins.juice.sts.refusals import NotAToken, Replayed, TooOld, WrongResource
from standins.juice.sts.token import MANAGEMENT, open_token

RESOURCES = ("electricity", "water", "gas")


@dataclass(frozen=True)
class Entered:
    """What a token did: a credit of units (kWh, kl, m³) issued at a minute, or one part of a key change."""

    kind: Literal["credit", "key-change"]
    units: Decimal | None = None
    issued_at: datetime | None = None


class Meter:
    """A meter that measures one resource (0 electricity, 1 water, 2 gas) under one decoder key.

    It is stricter than a real one on old tokens: once a token was entered, every one issued before it is refused.
    """

    def __init__(self, key: bytes, *, base: int, subclass: int = 0, encryption: EncryptionAlgorithm = EA11) -> None:
        base_date("base", base)
        self.key = key
        self.base = base
        self.balance = Decimal(0)
        self._subclass = subclass
        self._encryption = encryption
        self._entered: set[int] = set()
        self._sections: dict[int, int] = {}

    def enter(self, token: str) -> Entered:
        """This will take 20 digits, grouped by spaces or not. Raises a TokenRefused that says why it does not."""
        token_class, data = open_token("".join(token.split()), self._encryption.cipher(self.key))
        if token_class == MANAGEMENT:
            return self._take_section(data)
        return self._take_credit(data)

    def _take_credit(self, data: int) -> Entered:
        identifier = data >> 16 & 0xFFFFFF
        if data >> 44 != self._subclass:
            raise WrongResource(f"this meter measures {RESOURCES[self._subclass]}")
        if identifier in self._entered:
            raise Replayed("the token was entered before")
        if self._entered and identifier < max(self._entered):
            raise TooOld("a token issued later was entered already")
        self._entered.add(identifier)
        units = decode_amount(data & 0xFFFF)
        self.balance += units
        return Entered("credit", units, issue_time(identifier, base=self.base))

    def _take_section(self, data: int) -> Entered:
        subclass = data >> 44
        if subclass not in SECTIONS:
            raise NotAToken("the management token is not one this meter takes")
        if subclass == SECTIONS[0] and data & ROLLOVER_BIT and self.base == BASES[-1]:
            raise NotAToken("there is no base date to roll over to")
        self._sections[subclass] = data
        if len(self._sections) == len(SECTIONS):
            self._change_key()
        return Entered("key-change")

    def _change_key(self) -> None:
        self.key = join_key({subclass: data & 0xFFFFFFFF for subclass, data in self._sections.items()})
        if self._sections[SECTIONS[0]] & ROLLOVER_BIT:
            self.base = BASES[BASES.index(self.base) + 1]
            self._entered.clear()
        self._sections.clear()
