"""The two utilities of the demo, which exist nowhere: different in name, money, zone, colours, prices and rules."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from standins.juice.rules import Tariff

HIGHEST_SHARE = 60
"""Percent of each payment that a customer may let go to one debt, where the utility takes less: something buys power."""


@dataclass(frozen=True)
class DemoUtility:
    """What the demo makes a utility of. Amounts are in minor units of its currency."""

    code: str
    name: str
    currency: str
    zone: str
    colours: dict[str, str]
    support: dict[str, str]
    town: str
    mail_domain: str
    phone_prefix: str
    streets: tuple[str, ...]
    default_share: int
    tariffs: dict[str, Tariff]
    payments: tuple[int, ...]
    cards: tuple[int, ...]
    coin: int
    supply_group: str
    first_account: int
    first_card: int
    first_transaction: int
    coldest_day: int
    seasons: float
    names: tuple[str, ...]
    surnames: tuple[str, ...]

    @property
    def vending_key(self) -> bytes:
        """Twenty bytes that are no secret: no meter of the world is keyed with them."""
        return hashlib.sha256(f"the demo's vending key of {self.code}".encode()).digest()[:20]

    def description(self) -> dict[str, Any]:
        """What Juice tells of the utility."""
        return {
            "code": self.code,
            "name": self.name,
            "currency": self.currency,
            "zone": self.zone,
            "colours": self.colours,
            "support": self.support,
            "streets": list(self.streets),
            "arrears_rules": {"default_share": self.default_share, "highest_share": HIGHEST_SHARE},
            "languages": ["en", "fr"],
        }


HARBOUR = DemoUtility(
    code="harbour",
    name="Harbour Light & Power",
    currency="ZAR",
    zone="Africa/Johannesburg",
    colours={"primary": "#0b4f6c", "accent": "#c2410c"},
    support={"phone": "+27215550100", "email": "help@harbour.example"},
    town="Saldane, 7395",
    mail_domain="post.example",
    phone_prefix="+2782555",
    streets=(
        "Anchor Street",
        "Breakwater Road",
        "Capstan Close",
        "Dolphin Avenue",
        "Estuary Lane",
        "Fishmarket Street",
        "Gannet Way",
        "Harbour Road",
        "Jetty Street",
        "Kelp Crescent",
        "Lighthouse Road",
        "Mast Lane",
        "North Quay",
        "Oyster Street",
        "Pilot Avenue",
        "Signal Hill Road",
    ),
    default_share=100,
    tariffs={
        "electricity": Tariff(price=285, tax=15, fee=250, unit="kWh"),
        "water": Tariff(price=3400, tax=15, fee=250, unit="kl"),
        "gas": Tariff(price=2650, tax=15, fee=250, unit="m³"),
    },
    payments=(20000, 30000, 50000, 80000),
    cards=(5000, 10000, 20000, 50000),
    coin=100,
    supply_group="123457",
    first_account=4100017,
    first_card=7100000101,
    first_transaction=520000000,
    coldest_day=190,
    seasons=0.35,
    names=("Thandi", "Johan", "Naledi", "Pieter", "Lerato", "Ayesha", "Sipho", "Marike", "Bongani", "Zanele", "Riaan", "Fatima"),
    surnames=("Adams", "Botha", "Dlamini", "Fortuin", "Jacobs", "Khumalo", "Mokoena", "Naidoo", "Petersen", "Sithole", "van Wyk"),
)

LAKESIDE = DemoUtility(
    code="lakeside",
    name="Lakeside Energy",
    currency="UGX",
    zone="Africa/Kampala",
    colours={"primary": "#14532d", "accent": "#a16207"},
    support={"phone": "+256415550100", "email": "care@lakeside.example"},
    town="Nyanja",
    mail_domain="barua.example",
    phone_prefix="+25677255",
    streets=(
        "Acacia Road",
        "Baobab Lane",
        "Crane Avenue",
        "Ferry Road",
        "Fig Tree Close",
        "Heron Street",
        "Hillside Drive",
        "Ibis Way",
        "Landing Site Road",
        "Mango Street",
        "Market Lane",
        "Papyrus Road",
        "Reed Crescent",
        "Tilapia Street",
        "Weaver Lane",
    ),
    default_share=25,
    tariffs={
        "electricity": Tariff(price=680, tax=18, fee=0, unit="kWh"),
        "water": Tariff(price=4300, tax=18, fee=0, unit="kl"),
        "gas": Tariff(price=3900, tax=18, fee=0, unit="m³"),
    },
    payments=(30000, 50000, 80000, 100000),
    cards=(5000, 10000, 20000, 50000),
    coin=500,
    supply_group="654321",
    first_account=8200041,
    first_card=9300000201,
    first_transaction=730000000,
    coldest_day=200,
    seasons=0.05,
    names=("Achieng", "Brian", "Nakato", "David", "Esther", "Musa", "Grace", "Okello", "Ruth", "Wasswa", "Sarah", "Joseph"),
    surnames=("Akello", "Byaruhanga", "Kato", "Lubega", "Mugisha", "Nabirye", "Ochieng", "Opio", "Ssemakula", "Tumusiime"),
)

UTILITIES = (HARBOUR, LAKESIDE)
