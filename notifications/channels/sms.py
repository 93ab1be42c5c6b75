"""SMS through a gateway over HTTP: `POST {id, to, text}` with a bearer key; a repeated id is sent once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from notifications.channels.channel import DeliveryDelayed, DeliveryRefused, Message

REFUSALS = {400, 410, 413, 422}
"""The gateway says that this number or text will never do. 401, 403, 404 speak of our settings, not of the contact."""


@dataclass(frozen=True, slots=True)
class SmsGateway:
    """Where SMS are handed over; `timeout` is in seconds."""

    url: str
    key: str = field(repr=False)
    timeout: float = 20.0


class SmsChannel:
    """Hands messages to a gateway through a client that is passed in, and that its owner closes."""

    def __init__(self, gateway: SmsGateway, client: httpx.AsyncClient) -> None:
        self._gateway = gateway
        self._client = client

    async def send(self, message: Message) -> None:
        """This will hand a message to the gateway; after a lost reply it may be given again under the same id."""
        gateway, id = self._gateway, str(message.id)
        try:
            reply = await self._client.post(
                gateway.url,
                json={"id": id, "to": message.to, "text": message.text},
                headers={"Authorization": f"Bearer {gateway.key}", "Idempotency-Key": id},
                timeout=gateway.timeout,
            )
        except httpx.HTTPError as failure:
            raise DeliveryDelayed(f"the SMS gateway could not be spoken to ({type(failure).__name__})") from None
        if reply.status_code in REFUSALS:
            raise DeliveryRefused(f"the SMS gateway refused the message ({reply.status_code})")
        if not reply.is_success:
            wait = reply.headers.get("Retry-After", "")
            retry_after = timedelta(seconds=int(wait)) if wait.isdecimal() and len(wait) < 6 else None
            raise DeliveryDelayed(f"the SMS gateway did not take the message ({reply.status_code})", retry_after=retry_after)
