"""A utility: its name, money, zone, colours, streets and rules, as Juice describes them."""

from __future__ import annotations

from uuid import UUID

import msgspec

from domain.aggregate import Aggregate, evolves
from domain.event import Context, Event


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What a utility is: `currency` is ISO 4217, `zone` an IANA name, colours are CSS hex."""

    code: str
    name: str
    currency: str
    zone: str
    primary_colour: str
    accent_colour: str
    support_phone: str
    support_email: str
    streets: tuple[str, ...]
    default_arrears_share: int
    languages: tuple[str, ...] = ("en",)


class UtilityDescribed(Event, frozen=True, kw_only=True):
    """Juice's description of the utility, first seen or changed."""

    TOPIC = "utility-described"

    description: Description


class Utility(Aggregate):
    """One utility of the deployment."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.description: Description | None = None

    def describe(self, context: Context, description: Description) -> None:
        """This will record the description where it differs from the known one."""
        if description != self.description:
            self.record(UtilityDescribed, context, description=description)

    @evolves(UtilityDescribed)
    def _evolve_described(self, event: UtilityDescribed) -> None:
        self.description = event.description
