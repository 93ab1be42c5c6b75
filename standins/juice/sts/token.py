"""A token as bits and as digits: a class (2 bits) and an encrypted block of 64, printed as 20 decimal digits.

The block holds 48 bits of data and a CRC of 16 over class and data.
"""

from __future__ import annotations

from standins.juice.sts.encryption import BlockCipher
from standins.juice.sts.refusals import CrcMismatch, NotAToken

CREDIT = 0
MANAGEMENT = 2

_CLASS_AT = 27
"""The lower of the two bits of the encrypted block that give way to the class."""


def seal_token(token_class: int, data: int, cipher: BlockCipher) -> str:
    """This will add the CRC to 48 bits of data, encrypt them, set the class in, and print 20 digits."""
    block = cipher.encrypt(data << 16 | checksum(token_class, data))
    displaced = block >> _CLASS_AT & 0b11
    block ^= (displaced ^ token_class) << _CLASS_AT
    return f"{displaced << 64 | block:020d}"


def open_token(token: str, cipher: BlockCipher) -> tuple[int, int]:
    """This will give a token's class and its 48 bits of data. Raises NotAToken, CrcMismatch."""
    if len(token) != 20 or not (token.isascii() and token.isdigit()) or int(token) >= 2**66:
        raise NotAToken("a token has 20 digits")
    bits = int(token)
    displaced, block = bits >> 64, bits & (2**64 - 1)
    token_class = block >> _CLASS_AT & 0b11
    if token_class not in (CREDIT, MANAGEMENT):
        raise NotAToken("the token's class is not one this meter takes")
    plain = cipher.decrypt(block ^ (displaced ^ token_class) << _CLASS_AT)
    data, crc = plain >> 16, plain & 0xFFFF
    if crc != checksum(token_class, data):
        raise CrcMismatch("the token is mistyped, or meant for another meter")
    return token_class, data


def checksum(token_class: int, data: int) -> int:
    """This will give the CRC: reflected polynomial 0xA001 from 0xFFFF over seven bytes, its two bytes swapped."""
    crc = 0xFFFF
    for byte in (token_class << 48 | data).to_bytes(7, "big"):
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return (crc & 0xFF) << 8 | crc >> 8
