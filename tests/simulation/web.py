"""A web process of the simulated system: the real journeys, on ports in memory."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from domain.commands.tickets import TicketWritten
from domain.damaged_cards import CardTold
from domain.kept import Kept
from domain.log import Position
from domain.portal import Portal
from domain.utility import Description
from projections.dashboard import Dashboard
from tests.domain.portal import mac, make_portal
from tests.simulation.followers import Tables
from tests.simulation.log import LogOfLife
from tests.simulation.provider import ProviderBooks, ProviderOfLife
from tests.simulation.world import Life
from vending.juice import Juice
from web.access.api_keys import ApiKey
from web.access.queues import Queues
from web.access.roles import Role
from web.access.sessions import Session
from web.access.throttles import Held
from web.journeys import arrears_share, buy, damaged_cards, redeem, request_desk
from web.journeys.visit import Visit
from web.services import UtilityServices

ANN = ApiKey(key_hash=b"", utility="blue", role=Role.STAFF, name="ann", revoked_at=None)


@cache
def _template() -> Portal:
    return make_portal()


def portal_of(life: Life, log: LogOfLife) -> Portal:
    """This will make the commands of one process."""
    portal = copy(_template())  # making one anew reads the environment, a hundred times slower
    portal.event_log, portal.kept, portal.randomness = log, Kept(), life.world.random.randbytes
    return portal


class Nothing:
    """Something taken, or tried: what becomes of it is nobody's concern."""

    failures = 0

    async def give_back(self) -> None:
        pass

    async def succeeded(self) -> None:
        pass


class NoThrottles:
    """Throttles that hold nobody up: how often somebody may try is tried elsewhere."""

    async def take(self, *_: Any) -> Nothing:
        return Nothing()

    async def attempt(self, *_: Any) -> Nothing:
        return Nothing()

    async def held(self, *asked: tuple[Any, str]) -> dict[Any, Held]:
        return {delay: Held(failures=0, free_at=datetime.min) for delay, _ in asked}

    def check(self, *_: Any) -> None:
        pass

    async def begin(self, *_: Any) -> tuple[()]:
        return ()

    async def failed(self, *_: Any) -> None:
        pass

    async def eased(self, *_: Any) -> None:
        pass

    async def give_back(self, *_: Any) -> None:
        pass


class Secrets:
    """Keyed hashes of one utility."""

    def mac(self, purpose: str, message: bytes) -> bytes:
        return mac(purpose, message)

    def key(self, purpose: str) -> bytes:
        return mac(purpose, b"key")

    def body_hash(self, body: bytes) -> bytes:
        return mac("body", body)


class Rows:
    """The read models that journeys look at."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.dashboard = self

    async def of(self, account_id: UUID) -> Dashboard | None:
        found: Dashboard | None = self.tables.of("dashboard").get(account_id)
        return found


class Web:
    """Serves customers until it dies."""

    def __init__(self, life: Life, log: LogOfLife, portal: Portal, tables: Tables, juice: Juice, cards: ProviderBooks) -> None:
        self.life = life
        self.log = log
        self.portal = portal
        self.queues = Queues()
        self.services = UtilityServices(
            code="blue",
            hosts=(),
            site="https://blue.example",
            portal=self.portal,
            views=Rows(tables),  # type: ignore[arg-type]
            juice=juice,
            secrets=Secrets(),
            log=self.log,
            description=self._description,
            history=None,  # type: ignore[arg-type]
            cards=ProviderOfLife(cards, life),
        )

    async def redeem(self, serial: str, code: str, number: str, key: str, intent: UUID) -> redeem.Started:
        """This will redeem a card without a login."""
        return await redeem.redeem(self.visit(intent), serial, code, number, key)

    async def buy(self, account_id: UUID, amount: int, key: str, intent: UUID) -> buy.Started:
        """This will begin a purchase for an account's only meter."""
        visit = self.visit(intent, account_id)
        (meter,) = (await self.services.views.dashboard.of(account_id)).meters  # type: ignore[union-attr]
        return await buy.buy(visit, meter.meter_id, amount, key, language="en")

    async def pay_on(self, account_id: UUID, purchase_id: UUID) -> buy.Started:
        """This will lead back to the payment page."""
        return await buy.pay_on(self.visit(self.life.world.new_uuid(), account_id), purchase_id)

    async def cancel(self, account_id: UUID, purchase_id: UUID) -> int:
        """This will cancel a purchase."""
        return await buy.cancel(self.visit(self.life.world.new_uuid(), account_id), purchase_id)

    async def returned(self, account_id: UUID, purchase_id: UUID) -> int:
        """The customer is back from the payment page."""
        return await buy.returned(self.visit(self.life.world.new_uuid(), account_id), purchase_id)

    async def choose_share(self, account_id: UUID, share: int, key: str, intent: UUID) -> Position:
        """This will have a share of each purchase go to an account's only debt."""
        return await arrears_share.choose(self.visit(intent, account_id), "D1", share, key)

    async def report_card(self, account_id: UUID, serial: str, damage: str, key: str, intent: UUID) -> TicketWritten:
        """This will open a request about a card that cannot be used."""
        return await damaged_cards.report(self.visit(intent, account_id), serial, damage, "What can I do?", key)

    async def look_up_card(self, reference: str) -> CardTold:
        """This will ask Juice how the card of a request stands, for staff."""
        told, _ = await damaged_cards.look_up(self.staff_visit(), reference)
        return told

    async def close_request(self, reference: str, outcome: str) -> Position:
        """This will close the request about a damaged card, with what was done about that."""
        return await request_desk.close(self.staff_visit(), reference, "We have looked at it.", outcome)

    def staff_visit(self) -> Visit:
        """This will make a visit by somebody of the utility."""
        return replace(self.visit(self.life.world.new_uuid()), api_key=ANN)

    async def webhook(self, body: bytes) -> None:
        """This will take in what the provider posts, as `web.api.webhooks` does."""
        visit = self.visit(self.life.world.new_uuid())
        event = buy.provider(visit).read_webhook(body, "", visit.clock())
        if event.purchase_id is not None:
            context = msgspec.structs.replace(visit.context(), by="system:card-provider")
            await self.portal.notice_purchase(context, purchase_id=event.purchase_id, notice_id=event.id, kind=event.kind)

    def visit(self, intent: UUID, account_id: UUID | None = None) -> Visit:
        """This will make a visit by somebody, about one intent of theirs."""
        clock: Callable[[], Any] = self.life.clock
        return Visit(
            services=self.services,
            sessions=None,  # type: ignore[arg-type]
            people=None,  # type: ignore[arg-type]
            throttles=NoThrottles(),  # type: ignore[arg-type]
            queues=self.queues,
            rendered=None,  # type: ignore[arg-type]
            offered_addresses=None,  # type: ignore[arg-type]
            clock=clock,
            randomness=self.life.world.random.randbytes,
            correlation_id=intent,
            source="10.0.0.1",
            session=self._session(account_id) if account_id is not None else None,
        )

    def _session(self, account_id: UUID) -> Session:
        now = self.life.clock()
        return Session(
            token_hash=b"",
            utility="blue",
            account_id=account_id,
            credential_version=1,
            via_issue=None,
            created_at=now,
            authenticated_at=now,
            seen_at=now,
            expires_at=now,
        )

    async def _description(self) -> Description:
        described = await self.portal.utility()
        assert described is not None
        return described
