"""Decoder keys: what a meter and its vendor share, derived from the supply group's vending key (DKGA04)."""

from __future__ import annotations

import hashlib
import hmac

from standins.juice.sts.encryption import EA11, EncryptionAlgorithm
from standins.juice.sts.fields import digits, meter_pan, secret, whole
from standins.juice.sts.identifier import base_date

VENDING_KEY_BYTES = 20


def derive_key(
    *,
    vending_key: bytes,
    pan: str,
    key_revision: int,
    key_type: int,
    supply_group: str,
    tariff_index: str,
    base: int,
    encryption: EncryptionAlgorithm = EA11,
) -> bytes:
    """This will derive the decoder key of one meter with decoder key generation algorithm 04 (IEC 62055-41, 6.5.3.6).

    It is HMAC-SHA256 under the vending key, cut to the cipher's key length, over: the label (a count of its four
    fields, then each with its length), a zero byte, the context (likewise), and the key length in bits.
    Raises FieldRefused.
    """
    label = _counted("04", f"{base_date('base', base).year % 100:02}", encryption.code, digits("tariff_index", tariff_index, 2))
    context = _counted(
        digits("supply_group", supply_group, 6),
        str(whole("key_type", key_type, 0, 3)),
        str(whole("key_revision", key_revision, 1, 9)),
        meter_pan("pan", pan),
    )
    message = label + b"\0" + context + encryption.key_bits.to_bytes(4, "big")
    mac = hmac.digest(secret("vending_key", vending_key, VENDING_KEY_BYTES), message, hashlib.sha256)
    return mac[: encryption.key_bits // 8]


def _counted(*fields: str) -> bytes:
    return bytes([len(fields)]) + b"".join(bytes([len(field)]) + field.encode("ascii") for field in fields)
