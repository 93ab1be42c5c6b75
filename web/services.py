"""What the web stands on: one bundle for each utility, and one for the whole process. Composed elsewhere, handed in here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from domain.idempotency import Idempotency
from domain.ids import Randomness
from domain.log import Log, Position
from domain.portal import Portal
from domain.utility import Description
from projections.activity import ActivityView
from projections.addresses import AddressesView
from projections.arrears import ArrearsView
from projections.arrears_ageing import ArrearsAgeingView
from projections.arrears_shares import ArrearsSharesView
from projections.damaged_cards import DamagedCardsView
from projections.dashboard import DashboardView
from projections.days_left import DaysLeftView
from projections.differences import DifferencesView
from projections.glance import GlanceView
from projections.info_pages import InfoPagesView
from projections.projection import Recorded
from projections.purchases import PurchasesView
from projections.reconciliations import ReconciliationsView
from projections.recovery import RecoveryView
from projections.redemption_times import RedemptionTimesView
from projections.redemptions import RedemptionsView
from projections.sales import SalesView
from projections.standing import StandingView
from projections.ticket_thread import TicketThreadView
from projections.ticket_times import TicketTimesView
from projections.tickets import TicketsView
from projections.tokens import TokensView
from projections.usage_months import UsageMonthsView
from vending.card_provider import CardProvider
from vending.juice import Juice

Pool = AsyncConnectionPool[AsyncConnection[Any]]


class Views(Protocol):
    """The read models of one utility."""

    dashboard: DashboardView
    days_left: DaysLeftView
    activity: ActivityView
    glance: GlanceView
    arrears: ArrearsView
    arrears_shares: ArrearsSharesView
    redemptions: RedemptionsView
    tokens: TokensView
    usage_months: UsageMonthsView
    purchases: PurchasesView
    addresses: AddressesView
    standing: StandingView
    tickets: TicketsView
    ticket_thread: TicketThreadView
    damaged_cards: DamagedCardsView
    arrears_ageing: ArrearsAgeingView
    recovery: RecoveryView
    sales: SalesView
    redemption_times: RedemptionTimesView
    ticket_times: TicketTimesView
    info_pages: InfoPagesView
    reconciliations: ReconciliationsView
    differences: DifferencesView

    async def reached(self, position: Position, *, wait_s: float = 1.0) -> bool:
        """This will wait until the read models have reached `position`, and say False where that takes too long."""
        ...


class Secrets(Protocol):
    """Keyed hashes under one utility's secret."""

    def mac(self, purpose: str, message: bytes) -> bytes:
        """This will give 32 bytes that nobody else can make."""
        ...

    def key(self, purpose: str) -> bytes:
        """This will give the 32-byte key of one purpose."""
        ...

    def body_hash(self, body: bytes) -> bytes:
        """This will give the keyed hash by which a repeated request is recognised."""
        ...


class LogWithAnswers(Log, Protocol):
    """The event log, with the answers to repeated commands that are kept beside it."""

    @property
    def idempotency(self) -> Idempotency:
        """Claims and answers."""
        ...


class History(Protocol):
    """Reads the log of one utility, past the read models: what the auditor sees."""

    async def find(self, number: str, as_of: datetime | None = None) -> UUID | None:
        """This will give the account that a number leads to, or led to; None where it never led anywhere."""
        ...

    def of(self, account_id: UUID, as_of: datetime | None = None, until: Position | None = None) -> AsyncIterator[Recorded]:
        """This will give everything that happened to an account and what is its own, up to a moment or position."""
        ...


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Work that waits for a worker: `what` it is, how much, and since when the oldest waits, in seconds."""

    what: str
    count: int
    oldest_s: float


class Undelivered(msgspec.Struct, frozen=True, kw_only=True):
    """A message that reached nobody: which `kind`, by which channel, when it was given up, and why (no address, no words)."""

    delivery_id: UUID
    account_id: UUID
    kind: str
    channel: str
    state: str
    attempts: int
    created_at: datetime
    ended_at: datetime
    error: str | None


class GivenUp(Protocol):
    """Lists the messages that reached nobody."""

    async def __call__(
        self, *, since: datetime, limit: int, before: tuple[datetime, UUID] | None = None
    ) -> Sequence[Undelivered]:
        """This will give those of a moment and later, the newest first, from behind the (moment, id) `before`."""
        ...


async def nothing_was_given_up(
    *, since: datetime, limit: int, before: tuple[datetime, UUID] | None = None
) -> Sequence[Undelivered]:
    """This will say that every message arrived: where none is sent."""
    return ()


async def nothing_waits() -> Sequence[Waiting]:
    """This will say that nothing waits: where there are no workers."""
    return ()


@dataclass(frozen=True, kw_only=True)
class UtilityServices:
    """One utility: its commands, its read models, its Juice and its secrets.

    `site` is its address, without a slash at the end. Without `cards` it takes Juice cards only.
    """

    code: str
    hosts: tuple[str, ...]
    site: str
    portal: Portal
    views: Views
    juice: Juice
    secrets: Secrets
    log: LogWithAnswers
    description: Callable[[], Awaitable[Description]]
    history: History
    cards: CardProvider | None = None
    waiting: Callable[[], Awaitable[Sequence[Waiting]]] = field(default=nothing_waits)
    undelivered: GivenUp = field(default=nothing_was_given_up)


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything a web process stands on. The first utility answers where a host name is none of theirs.

    `pool` reaches the control schema, and so does `counts`, for what is counted only: its commits do not wait for the disk.
    `busy` names what the parts below raise when they have too much to do: it is answered with 503 and Retry-After.
    """

    utilities: Sequence[UtilityServices]
    pool: Pool
    counts: Pool
    randomness: Randomness
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    busy: tuple[type[Exception], ...] = ()
