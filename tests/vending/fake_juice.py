"""A Juice in memory that does what the real one promises, and loses what it is told to lose."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from tests.domain.scenario import NOON
from vending.juice_answers import CardStatus, CardUse, Listed, ListPage, Reply, ReplyToken, Sent, ShareTaken
from vending.juice_refusals import CardUsed, JuiceRefused, JuiceSilent, JuiceUnreachable, NeverLeft, NoSuchTransaction

T = TypeVar("T")


@dataclass
class FakeJuice:
    """`faults` are used up by the next calls: `unreachable`, `never-left`, `lost-request`, `lost-reply`, or a rule that refuses.

    Without `knows_messages` it stores no replies, and sells again where a message comes twice. `sold` is all that it did.
    """

    cards: dict[str, int] = field(default_factory=lambda: {"S1": 5000})
    faults: deque[str] = field(default_factory=deque)
    knows_messages: bool = True
    account: str = "1001"
    now: datetime = NOON
    sold: list[Reply] = field(default_factory=list)
    replies: dict[str, Reply] = field(default_factory=dict)
    shares: dict[str, ShareTaken] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    targets: list[tuple[str | None, str | None]] = field(default_factory=list)

    async def redeem(self, message_id: UUID, *, serial, code, account=None, meter=None) -> Reply:
        return self._move("redeem", account, meter, lambda: self._redeem(str(message_id), serial, meter))

    async def vend(self, message_id: UUID, *, amount, tender, account=None, meter=None) -> Reply:
        return self._move("vend", account, meter, lambda: self._sell(str(message_id), amount, tender, meter))

    async def advise(self, sent: Sent, *, at: datetime) -> Reply:
        self._look("advise")
        if str(sent.message_id) not in self.replies:
            raise NoSuchTransaction("NoSuchTransaction")
        return self.replies[str(sent.message_id)]

    async def reprint(self, *, count, account=None, meter=None) -> tuple[Reply, ...]:
        self._look("reprint")
        return tuple(each for each in reversed(self.sold) if meter in (None, each.meter))[:count]

    async def card_status(self, serial: str) -> CardStatus:
        used = CardUse(at=self.now, account="1001", meter="0701") if serial in self.used else None
        return CardStatus(state="used" if used else "activated", amount=self.cards[serial], currency="ZAR", used=used)

    def sell_elsewhere(self, amount: int, type: str = "Cash", meter: str = "0701") -> Reply:
        """A till sells, or another portal."""
        return self._enter(None, amount, type, None, meter)

    def _look(self, what: str) -> None:
        self.asked.append(what)
        fault = self.faults.popleft() if self.faults else ""
        if fault == "unreachable":
            raise JuiceUnreachable
        if fault == "never-left":
            raise NeverLeft
        if fault in ("lost-request", "lost-reply"):
            raise JuiceSilent
        if fault:
            raise JuiceRefused(fault)

    async def transactions(self, *, since: datetime, until: datetime, after: str | None, limit: int) -> ListPage:
        """Two a page, so that whoever reads one page only is found out."""
        listed = [
            Listed(
                transaction=reply.transaction,
                message_id=reply.message_id,
                type=reply.type,
                at=reply.at,
                account=reply.account,
                meter=reply.meter,
                amount=reply.amount,
                currency=reply.currency,
                serial=reply.serial,
            )
            for reply in self.sold
            if since <= reply.at < until
        ]
        begins = int(after or 0)
        return ListPage(items=tuple(listed[begins : begins + 2]), cursor=str(begins + 2), more=len(listed) > begins + 2)

    async def take_share(self, message_id: UUID, *, account: str, debt: str, share: int) -> ShareTaken:
        def take() -> ShareTaken:
            taken = ShareTaken(message_id=str(message_id), account=account, debt=debt, share=share, at=NOON)
            return self.shares.setdefault(str(message_id), taken)

        return self._move("take-share", account, None, take)

    async def advise_share(self, message_id: UUID) -> ShareTaken:
        self._look("advise")
        if str(message_id) not in self.shares:
            raise NoSuchTransaction("NoSuchTransaction")
        return self.shares[str(message_id)]

    def _move(self, what: str, account: str | None, meter: str | None, do: Callable[[], T]) -> T:
        self.asked.append(what)
        self.targets.append((account, meter))
        fault = self.faults.popleft() if self.faults else ""
        if fault == "unreachable":
            raise JuiceUnreachable
        if fault == "never-left":
            raise NeverLeft
        if fault == "lost-request":
            raise JuiceSilent
        if fault not in ("", "lost-reply"):
            raise JuiceRefused(fault)
        reply = do()
        if fault == "lost-reply":
            raise JuiceSilent
        return reply

    def _redeem(self, message_id: str, serial: str, meter: str | None) -> Reply:
        if message_id in self.replies:
            return self.replies[message_id]
        if serial in self.used:
            raise CardUsed("CardUsed")
        self.used[serial] = message_id
        return self._sell(message_id, self.cards[serial], "JC", meter, serial)

    def _sell(self, message_id: str, amount: int, type: str, meter: str | None, serial: str | None = None) -> Reply:
        if message_id in self.replies:
            return self.replies[message_id]
        made = self._enter(message_id if self.knows_messages else None, amount, type, serial, meter)
        if self.knows_messages:
            self.replies[message_id] = made
        return made

    def _enter(self, message_id: str | None, amount: int, type: str, serial: str | None, meter: str | None) -> Reply:
        made = Reply(
            message_id=message_id,
            transaction=f"T{len(self.sold) + 1}",
            type=type,
            serial=serial,
            at=self.now,
            account=self.account,
            meter=meter,
            amount=amount,
            currency="ZAR",
            lines=(),
            units="25.6",
            tokens=(ReplyToken(kind="credit", digits="57416438437764631367", order=1),),
            wallet_change=0,
            wallet_balance=0,
        )
        self.sold.append(made)
        return made
