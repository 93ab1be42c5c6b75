"""Links that prove something by being known: made from the utility's secret, kept nowhere."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable
from typing import Literal
from uuid import UUID

from domain.aggregate import Refusal

LinkPurpose = Literal["undo", "confirm", "continue", "change", "revert"]
Mac = Callable[[str, bytes], bytes]
"""Gives a keyed hash under the utility's secret: (purpose, message) -> bytes."""

FORM = re.compile(r"[A-Za-z0-9_-]{64}")


class LinkNoLongerValid(Refusal):
    """The link was used, undone or has expired."""


class Links:
    """Makes and reads the links in messages: an account, a subject (an issue, a contact, an offer, a change), and a proof."""

    PROOF_BYTES = 16

    def __init__(self, mac: Mac) -> None:
        self._mac = mac

    def make(self, purpose: LinkPurpose, account_id: UUID, subject_id: UUID) -> str:
        """This will give the link's last part: 64 characters, safe in a URL."""
        body = account_id.bytes + subject_id.bytes
        return base64.urlsafe_b64encode(body + self._proof(purpose, body)).decode()

    def read(self, purpose: LinkPurpose, text: str) -> tuple[UUID, UUID]:
        """This will give account and subject of a link of ours, written as it was made; any other raises LinkNoLongerValid."""
        if not FORM.fullmatch(text):
            raise LinkNoLongerValid
        raw = base64.urlsafe_b64decode(text)
        body, proof = raw[:32], raw[32:]
        if not hmac.compare_digest(proof, self._proof(purpose, body)):
            raise LinkNoLongerValid
        return UUID(bytes=body[:16]), UUID(bytes=body[16:])

    def _proof(self, purpose: str, body: bytes) -> bytes:
        return self._mac(f"link:{purpose}", body)[: self.PROOF_BYTES]
