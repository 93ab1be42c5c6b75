"""A Juice in memory that does what the real one promises, and loses what it is told to lose."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from tests.domain.scenario import NOON
from vending.juice import CardUsed, JuiceRefused, JuiceSilent, JuiceUnreachable, NoSuchTransaction, Reply


@dataclass
class FakeJuice:
    """`faults` are used up by the next calls: `unreachable`, `lost-request`, `lost-reply`, or a rule that refuses."""

    cards: dict[str, int] = field(default_factory=lambda: {"S1": 5000})
    faults: deque[str] = field(default_factory=deque)
    replies: dict[str, Reply] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    targets: list[tuple[str | None, str | None]] = field(default_factory=list)

    async def redeem(self, message_id: UUID, *, serial, code, account=None, meter=None) -> Reply:
        return self._move("redeem", account, meter, lambda: self._redeem(str(message_id), serial))

    async def vend(self, message_id: UUID, *, amount, tender, account=None, meter=None) -> Reply:
        return self._move("vend", account, meter, lambda: self._sell(str(message_id), amount))

    async def advise(self, message_id: UUID) -> Reply:
        self.asked.append("advise")
        fault = self.faults.popleft() if self.faults else ""
        if fault == "unreachable":
            raise JuiceUnreachable
        if fault in ("lost-request", "lost-reply"):
            raise JuiceSilent
        if str(message_id) not in self.replies:
            raise NoSuchTransaction("NoSuchTransaction")
        return self.replies[str(message_id)]

    def _move(self, what: str, account: str | None, meter: str | None, do: Callable[[], Reply]) -> Reply:
        self.asked.append(what)
        self.targets.append((account, meter))
        fault = self.faults.popleft() if self.faults else ""
        if fault == "unreachable":
            raise JuiceUnreachable
        if fault == "lost-request":
            raise JuiceSilent
        if fault not in ("", "lost-reply"):
            raise JuiceRefused(fault)
        reply = do()
        if fault == "lost-reply":
            raise JuiceSilent
        return reply

    def _redeem(self, message_id: str, serial: str) -> Reply:
        if message_id in self.replies:
            return self.replies[message_id]
        if serial in self.used:
            raise CardUsed("CardUsed")
        self.used[serial] = message_id
        return self._sell(message_id, self.cards[serial])

    def _sell(self, message_id: str, amount: int) -> Reply:
        if message_id not in self.replies:
            self.replies[message_id] = Reply(
                message_id=message_id,
                transaction=f"T{len(self.replies) + 1}",
                at=NOON,
                account="1001",
                meter="0701",
                amount=amount,
                currency="ZAR",
                lines=(),
                units="25.6",
                tokens=(),
                wallet_change=0,
                wallet_balance=0,
            )
        return self.replies[message_id]
