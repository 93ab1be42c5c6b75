"""How Stripe's own client reaches Stripe: by our connections, in bounded time, saying exactly what became of a question."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

import httpx
import msgspec
import stripe

from vending.card_provider import ProviderSilent, ProviderUnreachable
from vending.stripe_objects import IntentTold

NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
TURNED_AWAY: Final = (401, 403, 429)
"""Stripe did not let us in, or is too busy with us: nothing was begun, and it may be asked again."""

TOLD: Final = ("Authorization", "Content-Type", "Idempotency-Key", "Stripe-Version")
"""Of what Stripe's client would tell in headers, this is needed; the rest is about the machine it runs on."""

RULE: Final = re.compile(r"[a-z0-9_]{1,64}")

# Its lines hold bodies, and addresses with ids in them. STRIPE_LOG would have it write them past logging.
stripe.enable_telemetry = False
stripe._util.STRIPE_LOG = None
logging.getLogger("stripe").disabled = True


class Refusal(Exception):
    """Stripe will not, by the rule of that name; `payment` is how the payment stands that the question was about."""

    def __init__(self, status: int, rule: str, payment: IntentTold | None) -> None:
        super().__init__(rule)
        self.status = status
        self.rule = rule
        self.payment = payment


class ErrorTold(msgspec.Struct, frozen=True):
    """`error`, as Stripe writes it."""

    type: str
    code: str | None = None
    payment_intent: msgspec.Raw = msgspec.Raw()


class FaultTold(msgspec.Struct, frozen=True):
    """The body of a reply that is none."""

    error: ErrorTold


class ObjectTold(msgspec.Struct, frozen=True):
    """The least that every object of Stripe has."""

    object: str


class Exchange(stripe.HTTPClient):
    """One question, one reply. Raises ProviderUnreachable, ProviderSilent, Refusal: Stripe's client lets them pass."""

    name = "httpx"

    def __init__(self, client: httpx.AsyncClient, timeout_s: float) -> None:
        super().__init__()
        self._client = client
        self._timeout_s = timeout_s
        # Reaching Stripe must fail clearly before the whole does, or "never sent" could not be told from "no answer".
        self._timeout = httpx.Timeout(timeout_s, connect=timeout_s / 2, pool=timeout_s / 4)

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """This will ask once."""
        try:
            async with asyncio.timeout(self._timeout_s):
                response = await self._client.request(
                    method,
                    url,
                    content=post_data,
                    headers={name: headers[name] for name in TOLD if name in headers},
                    timeout=self._timeout,
                    follow_redirects=False,
                )
        # Only the errors' names are passed on: their texts may hold an address with an id in it.
        except NEVER_SENT as error:
            raise ProviderUnreachable(type(error).__name__) from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise ProviderSilent(type(error).__name__) from None
        if response.status_code == httpx.codes.OK and _is(response.content, ObjectTold):
            return response.content, response.status_code, {}
        _explain(response)


def _explain(response: httpx.Response) -> NoReturn:
    if response.status_code in TURNED_AWAY:
        raise ProviderUnreachable(f"Stripe did not let us in ({response.status_code})")
    # 409: the same question is under way, and what comes of it is not known yet.
    if response.status_code in (400, 402, 404) and _is(response.content, FaultTold):
        error = msgspec.json.decode(response.content, type=FaultTold).error
        rule = error.code or error.type
        if error.type == "idempotency_error":
            raise ProviderSilent("Stripe has another request under this key")
        if RULE.fullmatch(rule):
            standing = bytes(error.payment_intent)
            payment = msgspec.json.decode(standing, type=IntentTold) if _is(standing, IntentTold) else None
            raise Refusal(response.status_code, rule, payment)
    raise ProviderSilent(f"Stripe answered {response.status_code}")


def _is(content: bytes, kind: type[Any]) -> bool:
    try:
        msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    return True
