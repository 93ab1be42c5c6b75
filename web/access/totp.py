"""Codes from a person's phone (TOTP, RFC 6238): six digits that change every 30 seconds."""

from __future__ import annotations

import base64
import hmac
import re
from datetime import datetime
from uuid import UUID

import pyotp

from domain.ids import Randomness
from eventlog.sealing import Sealer
from web.services import Secrets

STEP = 30
"""Seconds a code lasts."""

DRIFT = 1
"""Steps that a phone's clock may be ahead or behind."""

CODE = re.compile(r"[0-9]{6}")

LENGTH = 20
"""Bytes of a secret (RFC 4226, section 4)."""


def make_secret(randomness: Randomness) -> str:
    """This will make a secret, in base 32 as phones take it."""
    return base64.b32encode(randomness(LENGTH)).decode()


def seal(secrets: Secrets, person_id: UUID, secret: str, randomness: Randomness) -> bytes:
    """This will seal a secret for its row."""
    return Sealer(secrets.key("totp")).seal(secret.encode(), person_id.bytes, randomness)


def unseal(secrets: Secrets, person_id: UUID, sealed: bytes) -> str:
    """This will give back the secret of a row. Raises SealBroken."""
    return Sealer(secrets.key("totp")).unseal(sealed, person_id.bytes).decode()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """This will give the step that a code is of: this one, the one before or the one after; None for a wrong code."""
    generator = pyotp.TOTP(secret)
    present = generator.timecode(now)
    matching = [
        step
        for step in range(present - DRIFT, present + DRIFT + 1)
        if hmac.compare_digest(generator.generate_otp(step).encode(), code.encode())
    ]
    return max(matching, default=None)


def uri(secret: str, *, name: str, issuer: str) -> str:
    """This will give the address that a phone reads from the picture (otpauth://totp/…)."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer))
