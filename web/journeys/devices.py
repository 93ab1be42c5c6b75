"""Devices that logged in before are known again: a stranger's failures do not slow the owner down (OWASP device cookies)."""

from __future__ import annotations

import hmac

from web.journeys.visit import Visit


def make(visit: Visit, account_id: str) -> str:
    """This will give what the device keeps: a nonce, and a proof that binds it to the account."""
    nonce = visit.randomness(12).hex()
    return f"{nonce}.{_proof(visit, account_id, nonce)}"


def known(visit: Visit, account_id: str) -> bool:
    """This will say whether the visitor's device has logged in to this account before."""
    nonce, _, proof = (visit.device or "").partition(".")
    return hmac.compare_digest(proof.encode(), _proof(visit, account_id, nonce).encode())


def _proof(visit: Visit, account_id: str, nonce: str) -> str:
    return visit.services.secrets.mac("known-device", f"{account_id} {nonce}".encode())[:16].hex()
