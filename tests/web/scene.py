"""The whole web on a real PostgreSQL, with a Juice in memory and a clock that a test moves."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg
from falcon.testing import ASGIConductor, Result

from domain.commands.feeds import AccountTold, MeterTold
from domain.passwords import normal_form
from domain.records import CredentialVersionSet
from domain.utility import Description
from tests.domain.scenario import NOON, context
from tests.utility import OpenUtility
from tests.vending.fake_provider import FakeProvider
from vending.juice_answers import CardOffer, CardStatus, CardUse, Page, Reply, ReplyLine, ShareLimits
from vending.juice_refusals import BlockedMeter, CardUsed, JuiceSilent, UnknownCard
from web.access.api_keys import create_api_key
from web.access.roles import Role
from web.app import create_app
from web.middleware.policy import Policy
from web.services import GivenUp, Services, UtilityServices, nothing_was_given_up

ACCOUNT, METER, ADDRESS = "41000017", "07141000017", "17 Acacia Road"
OTHER_ACCOUNT, OTHER_METER = "41000029", "07141000029"
SERIAL, CODE = "S1000001", "ABCD2345EFGH"
SOURCE = "192.0.2.7"
OWN_PASSWORD = "correct horse battery"

TREES = ("Acacia", "Baobab", "Cedar", "Date", "Ebony", "Fig", "Gum", "Holly", "Ivy", "Jade")

DESCRIPTION = Description(
    code="test",
    name="Test Power",
    currency="ZAR",
    zone="Africa/Johannesburg",
    primary_colour="#0b3d5c",
    accent_colour="#d9480f",
    support_phone="+27115550100",
    support_email="help@test.example",
    streets=tuple(f"{tree} Road" for tree in TREES),
    default_arrears_share=25,
)


@dataclass
class CardJuice:
    """A Juice that knows cards, and what an amount would buy; `silent` makes it say nothing, `blocked` sell nothing;
    of the feeds that are `unread` there is more."""

    cards: dict[tuple[str, str], int] = field(default_factory=lambda: {(SERIAL, CODE): 5000})
    used: set[str] = field(default_factory=set)
    shares: tuple[ShareLimits, ...] = ()
    silent: bool = False
    blocked: bool = False
    unread: frozenset[str] = frozenset()
    asked: int = 0

    async def check_card(self, serial: str, code: str) -> CardOffer:
        self.asked += 1
        await asyncio.sleep(0)
        if self.silent:
            raise JuiceSilent
        if (serial, code) not in self.cards:
            raise UnknownCard("UnknownCard")
        if serial in self.used:
            raise CardUsed("CardUsed")
        return CardOffer(amount=self.cards[serial, code], currency="ZAR")

    async def card_status(self, serial: str) -> CardStatus:
        if self.silent:
            raise JuiceSilent
        amount = next((amount for (known, _), amount in self.cards.items() if known == serial), None)
        if amount is None:
            raise UnknownCard("UnknownCard")
        used = CardUse(at=NOON, account=OTHER_ACCOUNT, meter=OTHER_METER) if serial in self.used else None
        return CardStatus(state="used" if used else "activated", amount=amount, currency="ZAR", used=used)

    async def share_limits(self, *, account: str) -> tuple[ShareLimits, ...]:
        if self.silent:
            raise JuiceSilent
        return self.shares if account == ACCOUNT else ()

    async def feed(self, name: str, *, after: str | None, limit: int) -> Page:
        if self.silent:
            raise JuiceSilent
        return Page(items=({"number": "1"},) if name in self.unread else (), cursor="1", more=False)

    async def trial_vend(self, *, amount: int, account: str | None = None, meter: str | None = None) -> Reply:
        if self.silent:
            raise JuiceSilent
        if self.blocked:
            raise BlockedMeter("BlockedMeter")
        paid, tax, fee = amount // 4, amount // 10, 250
        lines = (
            ReplyLine(
                kind="arrears", amount=paid, debt="D1", description="Meter", balance_before=90_000, balance_after=90_000 - paid
            ),
            ReplyLine(kind="tax", amount=tax),
            ReplyLine(kind="fee", amount=fee),
            ReplyLine(kind="energy", amount=amount - paid - tax - fee),
        )
        return Reply(
            message_id=None,
            transaction="",
            at=NOON,
            account=ACCOUNT,
            meter=meter,
            amount=amount,
            currency="ZAR",
            lines=lines,
            units="10.6",
            unit="kWh",
            tokens=(),
            wallet_change=0,
            wallet_balance=100,
        )


@dataclass
class Scene:
    """What a test plays on."""

    client: ASGIConductor
    utility: OpenUtility
    juice: CardJuice
    cards: FakeProvider
    now: datetime = NOON
    described: Description = DESCRIPTION
    undelivered: GivenUp = nothing_was_given_up

    def clock(self) -> datetime:
        return self.now

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    async def get(self, path: str, *, token: str | None = None, host: str = "test.example", **options: Any) -> Result:
        return await self._ask("GET", path, token, host, options)

    async def post(
        self, path: str, content: Any = None, *, token: str | None = None, host: str = "test.example", **options: Any
    ) -> Result:
        if content is not None:
            options["json"] = content
        return await self._ask("POST", path, token, host, options)

    async def put(
        self, path: str, content: Any = None, *, token: str | None = None, host: str = "test.example", **options: Any
    ) -> Result:
        if content is not None:
            options["json"] = content
        return await self._ask("PUT", path, token, host, options)

    async def delete(self, path: str, *, token: str | None = None, host: str = "test.example", **options: Any) -> Result:
        return await self._ask("DELETE", path, token, host, options)

    async def _ask(self, method: str, path: str, token: str | None, host: str, options: dict[str, Any]) -> Result:
        headers = options.pop("headers", {})
        if token is not None:
            headers = {**headers, "Authorization": f"Bearer {token}"}
        options.setdefault("remote_addr", SOURCE)
        return await self.client.simulate_request(method, f"/api/v1{path}", headers=headers, host=host, **options)

    async def log_in(self, number: str = ACCOUNT) -> str:
        """This will give the token of a new session."""
        reply = await self.post("/session", {"number": number, "password": OWN_PASSWORD})
        assert reply.status_code == 201, reply.text
        return str(reply.json["token"])

    def api_key(self, role: Role, utility: str = "test") -> str:
        """This will make an API key."""
        with psycopg.connect(self.utility.dsn, autocommit=True) as connection:
            return create_api_key(connection, os.urandom, utility=utility, role=role, name=f"some {role}", now=self.now)

    async def issued_password(self, number: str = ACCOUNT) -> str:
        """This will have a password issued, and read it where its copies would."""
        portal = self.utility.portal
        found = await portal.find(number)
        account = await portal.account(found.account_id)
        before = set(account.credentials.issues)
        await portal.confirm_identity(
            context(at=self.now), account_id=account.id, email="new@example.org", phone="+27821234567", address=account.address
        )
        events = await self.utility.log.load(account.id)
        issued = [e for e in events if type(e).__name__ == "PasswordIssued" and e.issue_id not in before]
        secret = await self.utility.log.secret(issued[-1].secret_id)
        assert secret is not None and normal_form(secret)
        return secret


@asynccontextmanager
async def played(utility: OpenUtility, other: OpenUtility | None = None) -> AsyncIterator[Scene]:
    """This will open the web on two utilities: `test` at test.example, and `other` at other.example.

    Where no `other` is given, both names lead to the same log and read models: enough for whatever is kept beside them.
    """
    juice, cards = CardJuice(), FakeProvider()
    await _fill(utility)
    if other is not None:
        await _fill(other)
    scene: Scene

    async def description() -> Description:
        return scene.described

    def services(code: str) -> UtilityServices:
        of = other if other is not None and code == "other" else utility
        return UtilityServices(
            code=code,
            hosts=(f"{code}.example",),
            site=f"https://{code}.example",
            portal=of.portal,
            views=of.views,
            juice=juice,
            cards=cards,
            secrets=of.secrets,
            log=of.log,
            description=description,
            history=of.history,
            undelivered=lambda **asked: scene.undelivered(**asked),
        )

    @asynccontextmanager
    async def opened() -> AsyncIterator[Services]:
        yield Services(
            utilities=(services("test"), services("other")),
            pool=utility.pool,
            counts=utility.pool,
            randomness=os.urandom,
            clock=lambda: scene.clock(),
            busy=(Overloaded,),
        )

    async with ASGIConductor(create_app(opened, Policy(secure=True))) as client:
        scene = Scene(client, utility, juice, cards)
        yield scene


class Overloaded(Exception):
    """Stands for whatever the parts below raise when they have too much to do."""


async def _fill(utility: OpenUtility) -> None:
    juice = context(by="juice")
    for account, meter in ((ACCOUNT, METER), (OTHER_ACCOUNT, OTHER_METER)):
        told = AccountTold(
            number=account,
            name=f"Holder {account}",
            address=ADDRESS if account == ACCOUNT else "29 Baobab Road",
            language="en",
            email=f"holder{account}@example.org",
            phone=f"+2782{account[:7]}",
        )
        await utility.portal.learn_account(juice, told, currency="ZAR")
        installed = MeterTold(account_number=account, number=meter, kind="STS", resource="electricity", unit="kWh", removed=False)
        await utility.portal.learn_meter(juice, installed)
        found = await utility.portal.find(account)
        await _own_password(utility, found.account_id)
    await utility.project()


async def _own_password(utility: OpenUtility, account_id: Any) -> None:
    """The first password is told to nobody, so that a test chooses one past the check of the present one."""
    portal = utility.portal
    account = await portal.account(account_id)
    account.choose_password(context(), slow_hash=await portal.passwords.slow_hash(OWN_PASSWORD), via_issue=None)
    version = CredentialVersionSet(account_id=account_id, version=account.credentials.version)
    await portal.save(account, records=[version])
