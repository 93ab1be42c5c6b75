"""Credit tokens: so many units of one resource, for one meter, at one minute."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from standins.juice.sts.amount import encode_amount
from standins.juice.sts.encryption import EA11, EncryptionAlgorithm
from standins.juice.sts.fields import whole
from standins.juice.sts.identifier import token_identifier
from standins.juice.sts.keys import derive_key
from standins.juice.sts.token import CREDIT, seal_token


def issue_token(
    *,
    vending_key: bytes,
    pan: str,
    key_revision: int,
    key_type: int,
    supply_group: str,
    tariff_index: str,
    base: int,
    subclass: int,
    random: int,
    units: Decimal,
    issued_at: datetime,
    encryption: EncryptionAlgorithm = EA11,
) -> str:
    """This will make the 20 digits of a credit token (class 0; IEC 62055-41, 6.2.2).

    `subclass` 0, 1, 2 is electricity, water, gas; `units` kWh, kl or m³, rounded up to a tenth or more; `random` a
    number of 4 bits; `issued_at` a time with its zone, of which the minute counts. Raises FieldRefused.
    """
    key = derive_key(
        vending_key=vending_key,
        pan=pan,
        key_revision=key_revision,
        key_type=key_type,
        supply_group=supply_group,
        tariff_index=tariff_index,
        base=base,
        encryption=encryption,
    )
    data = whole("subclass", subclass, 0, 2) << 44
    data |= whole("random", random, 0, 15) << 40
    data |= token_identifier(issued_at, base=base) << 16
    data |= encode_amount(units)
    return seal_token(CREDIT, data, encryption.cipher(key))
