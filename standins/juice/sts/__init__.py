"""STS tokens (IEC 62055-41): made for a meter, printed as 20 digits, and read by a virtual meter.

Open parts only: DKGA04 for keys, EA11 (MISTY1) for encryption. Nothing here is certified by the STS Association,
which takes keys in a security module and the Association's own tests.
"""

from standins.juice.sts.fields import FieldRefused
from standins.juice.sts.identifier import first_free_minute, token_identifier
from standins.juice.sts.issue import issue_token
from standins.juice.sts.key_change import key_change_tokens
from standins.juice.sts.keys import derive_key
from standins.juice.sts.meter import Entered, Meter
from standins.juice.sts.refusals import CrcMismatch, NotAToken, Replayed, TokenRefused, TooOld, WrongResource

__all__ = [
    "CrcMismatch",
    "Entered",
    "FieldRefused",
    "Meter",
    "NotAToken",
    "Replayed",
    "TokenRefused",
    "TooOld",
    "WrongResource",
    "derive_key",
    "first_free_minute",
    "issue_token",
    "key_change_tokens",
    "token_identifier",
]
