"""A meter: what it measures, and whether a token must be typed into it (STS) or money reaches it by itself (AMI)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

MeterKind = Literal["STS", "AMI"]
Resource = Literal["electricity", "water", "gas"]


class Meter(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One meter of an account."""

    meter_id: UUID
    number: str
    kind: MeterKind
    resource: Resource
    unit: str
