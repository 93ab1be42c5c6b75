"""Juice over HTTP: the port's one client. What became of a question is said exactly; docs/juice.md has the wire."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import httpx
import msgspec

from vending.juice_answers import (
    CardOffer,
    CardStatus,
    Customer,
    FeedName,
    ListPage,
    Page,
    Reply,
    Sent,
    ShareLimits,
    ShareTaken,
    UtilityTold,
)
from vending.juice_refusals import REFUSALS, JuiceRefused, JuiceSilent, JuiceUnreachable, NeverLeft

T = TypeVar("T")
S = TypeVar("S", Reply, ShareTaken)

MEDIA_TYPE: Final = "juice.v1"
TIMEOUT: Final = 10.0
"""Seconds for a whole exchange; after that nobody knows what Juice did."""

NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
TURNED_AWAY: Final = (401, 403, 429)
"""Juice did not let us in: the question was not looked at, and may be asked again."""

RULE: Final = re.compile(r"[A-Za-z]{1,64}")
TOKEN: Final = re.compile(r"[0-9]{20}")
MESSAGE_ID_REUSED: Final = "MessageIdReused"


class Problem(msgspec.Struct, frozen=True):
    """A refusal as Juice writes it (RFC 9457)."""

    rule: str
    detail: str = ""


class Receipts(msgspec.Struct, frozen=True):
    """The reply to a reprint."""

    receipts: tuple[Reply, ...]


class Limits(msgspec.Struct, frozen=True):
    """The reply to a question for shares."""

    debts: tuple[ShareLimits, ...]


class HttpJuice:
    """One utility's Juice. `client` may be shared between utilities; without one, HttpJuice makes and closes its own.

    Without `knows_messages` Juice keeps no message ids: its replies may carry none.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        client: httpx.AsyncClient | None = None,
        timeout_s: float = TIMEOUT,
        knows_messages: bool = True,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}", "X-Juice-Media-Type": MEDIA_TYPE, "Accept": "application/json"}
        self._own = httpx.AsyncClient() if client is None else None
        self._client = client or self._own or httpx.AsyncClient()
        self._timeout_s = timeout_s
        self._knows_messages = knows_messages
        # Reaching Juice must fail clearly before the whole does, or "never sent" could not be told from "no answer".
        self._timeout = httpx.Timeout(timeout_s, connect=timeout_s / 2, pool=timeout_s / 4)

    async def aclose(self) -> None:
        """This will close the connections that are our own."""
        if self._own is not None:
            await self._own.aclose()

    async def utility(self) -> UtilityTold:
        """This will give the utility's description."""
        return await self._ask("GET", "/utility", UtilityTold)

    async def confirm_customer(self, *, account: str | None = None, meter: str | None = None) -> Customer:
        """This will give Juice's word on an account or meter. Raises UnknownAccount, UnknownMeter."""
        return await self._ask("POST", "/customers/confirm", Customer, _target(account, meter))

    async def check_card(self, serial: str, code: str) -> CardOffer:
        """This will say what the card is worth. Raises UnknownCard, CardUsed."""
        return await self._ask("POST", "/cards/check", CardOffer, {"serial": serial, "code": code})

    async def card_status(self, serial: str) -> CardStatus:
        """This will say how the card of a serial stands. Raises UnknownCard where no card has the serial."""
        return await self._ask("POST", "/cards/status", CardStatus, {"serial": serial})

    async def trial_vend(self, *, amount: int, account: str | None = None, meter: str | None = None) -> Reply:
        """This will say what a vend of that amount would do, without doing it."""
        return await self._ask("POST", "/vends/trial", Reply, {"amount": amount} | _target(account, meter))

    async def vend(
        self, message_id: UUID, *, amount: int, tender: str, account: str | None = None, meter: str | None = None
    ) -> Reply:
        """This will sell units; repeated under the same message id it gives the same reply."""
        body = {"message_id": str(message_id), "amount": amount, "tender": tender} | _target(account, meter)
        return await self._move("POST", "/vends", message_id, body)

    async def redeem(
        self, message_id: UUID, *, serial: str, code: str, account: str | None = None, meter: str | None = None
    ) -> Reply:
        """This will redeem a card; repeated under the same message id it gives the same reply."""
        body = {"message_id": str(message_id), "serial": serial, "code": code} | _target(account, meter)
        return await self._move("POST", "/redemptions", message_id, body)

    async def advise(self, sent: Sent, *, at: datetime) -> Reply:
        """This will give the reply that is stored under the message's id. Raises NoSuchTransaction."""
        return await self._move("GET", f"/advices/{sent.message_id}", sent.message_id)

    async def share_limits(self, *, account: str) -> tuple[ShareLimits, ...]:
        """This will give the shares of the account's debts. Raises UnknownAccount."""
        return (await self._ask("POST", "/arrears/limits", Limits, {"account": account})).debts

    async def take_share(self, message_id: UUID, *, account: str, debt: str, share: int) -> ShareTaken:
        """This will have that share of each payment go to the debt, once for each message id."""
        body = {"message_id": str(message_id), "account": account, "debt": debt, "share": share}
        return await self._once("POST", "/arrears/shares", message_id, ShareTaken, body)

    async def advise_share(self, message_id: UUID) -> ShareTaken:
        """This will give the stored reply of a chosen share's message id. Raises NoSuchTransaction."""
        return await self._once("GET", f"/advices/{message_id}", message_id, ShareTaken)

    async def reprint(self, *, count: int, account: str | None = None, meter: str | None = None) -> tuple[Reply, ...]:
        """This will give the last replies."""
        told = await self._ask("POST", "/reprints", Receipts, {"count": count} | _target(account, meter))
        return told.receipts

    async def feed(self, name: FeedName, *, after: str | None, limit: int) -> Page:
        """This will give what changed past a cursor, in order."""
        query = {"limit": str(limit)} | ({"after": after} if after is not None else {})
        return await self._ask("GET", f"/feeds/{name}", Page, query=query)

    async def transactions(self, *, since: datetime, until: datetime, after: str | None, limit: int) -> ListPage:
        """This will list the transactions of a time."""
        query = {"since": since.astimezone(UTC).isoformat(), "until": until.astimezone(UTC).isoformat(), "limit": str(limit)}
        return await self._ask("GET", "/transactions", ListPage, query=query | ({"after": after} if after is not None else {}))

    async def _move(self, method: str, path: str, message_id: UUID, body: dict[str, Any] | None = None) -> Reply:
        """Where money moves, a reply must be whole, too; anything else tells nothing."""
        reply = await self._once(method, path, message_id, Reply, body)
        if not reply.transaction or not all(TOKEN.fullmatch(token.digits) for token in reply.tokens):
            raise JuiceSilent("Juice's reply cannot be read: transaction or tokens")
        return reply

    async def _once(self, method: str, path: str, message_id: UUID, kind: type[S], body: dict[str, Any] | None = None) -> S:
        """What is done once for each message id must be answered for this very message; anything else tells nothing."""
        try:
            reply = await self._ask(method, path, kind, body)
        except JuiceRefused as refusal:
            if refusal.rule == MESSAGE_ID_REUSED:
                # Something was done under this id: what, only advice can tell.
                raise JuiceSilent("Juice has another request under this message id") from None
            raise
        if reply.message_id != str(message_id) and (self._knows_messages or reply.message_id is not None):
            raise JuiceSilent("Juice answered another message")
        return reply

    async def _ask(
        self, method: str, path: str, kind: type[T], body: dict[str, Any] | None = None, *, query: dict[str, str] | None = None
    ) -> T:
        response = await self._exchange(method, path, body, query)
        if response.status_code == httpx.codes.OK:
            return _read(response.content, kind)
        if response.status_code in TURNED_AWAY:
            raise JuiceUnreachable(f"Juice did not let us in ({response.status_code})")
        if 400 <= response.status_code < 500:
            problem = _read(response.content, Problem)
            if RULE.fullmatch(problem.rule):
                raise REFUSALS.get(problem.rule, JuiceRefused)(problem.rule, problem.detail)
        raise JuiceSilent(f"Juice answered {response.status_code}")

    async def _exchange(
        self, method: str, path: str, body: dict[str, Any] | None, query: dict[str, str] | None
    ) -> httpx.Response:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._client.request(
                    method,
                    self._base + path,
                    json=body,
                    params=query,
                    headers=self._headers,
                    timeout=self._timeout,
                    follow_redirects=False,
                )
        # Only the errors' names are passed on: their texts may hold an address with a number in it.
        except NEVER_SENT as error:
            unsent = JuiceUnreachable if self._knows_messages else NeverLeft
            raise unsent(type(error).__name__) from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise JuiceSilent(type(error).__name__) from None


def _target(account: str | None, meter: str | None) -> dict[str, str]:
    if (account is None) == (meter is None):
        raise ValueError("either account or meter is needed, and not both")
    return {"account": account} if account is not None else {"meter": str(meter)}


def _read(content: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        # ValidationError names the field and what was expected; a decoding error might quote what it met.
        told = str(error) if isinstance(error, msgspec.ValidationError) else "not JSON"
        raise JuiceSilent(f"Juice's reply cannot be read: {told}") from None
