"""What does a customer see first? Contact info, wallet, arrears and recent usage of one account, in one row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from domain import account_events as account
from domain import contact_events as contacts
from domain import wallet as money
from domain.contact import Contact
from domain.contacts import as_registered, contact_of
from domain.language import LanguageChosen
from domain.meter import Meter
from domain.usage import UsageRecorded
from domain.wallet import Debt
from projections.keyed import KeyedProjection
from projections.projection import Column, Recorded, Table, when
from projections.view import KeyedView

USAGE_DAYS_KEPT = 92


class UsageDay(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One day of one meter, in thousandths of its unit."""

    day: date
    milliunits: int


class MeterUsed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a meter used on recent days, oldest first."""

    meter_id: UUID
    unit: str
    days: tuple[UsageDay, ...]


class Dashboard(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One account at a glance. Money in minor units of `currency`."""

    account_id: UUID
    number: str
    name: str
    address: str
    language: str
    language_told: str = ""
    contacts: tuple[Contact, ...] = ()
    meters: tuple[Meter, ...] = ()
    currency: str = ""
    wallet_balance: int = 0
    debts: tuple[Debt, ...] = ()
    usage: tuple[MeterUsed, ...] = ()
    position: int = 0

    @property
    def arrears_total(self) -> int:
        """What is owed in all, in minor units."""
        return sum(debt.balance for debt in self.debts)


class DashboardProjection(KeyedProjection[Dashboard]):
    """Keeps one row an account."""

    name = "dashboard"
    row = Dashboard
    tables = (
        Table(
            name="dashboard",
            meaning="One account at a glance: what its customer sees first.",
            key=("account_id",),
            columns=(
                Column("account_id", "uuid", "the account"),
                Column("number", "text", "account number", personal=True),
                Column("name", "text", "account holder", personal=True),
                Column("address", "text", "registered address", personal=True),
                Column("language", "text", "language of messages (ISO 639-1)"),
                Column("language_told", "text", "the language that Juice told last"),
                Column("contacts", "jsonb", "registered and secondary contacts", personal=True),
                Column("meters", "jsonb", "the account's meters", personal=True),
                Column("currency", "text", "ISO 4217"),
                Column("wallet_balance", "bigint", "wallet balance in minor units"),
                Column("debts", "jsonb", "arrears: balance, share and plan of each"),
                Column("usage", "jsonb", "recent days of each meter, in thousandths of its unit"),
                Column("position", "bigint", "position of the last event in this row"),
            ),
        ),
    )

    @when(account.AccountOpened)
    def opened(self, row: Dashboard | None, recorded: Recorded) -> Dashboard:
        event: Any = recorded.event
        return Dashboard(
            account_id=event.originator_id,
            number=event.number,
            name=event.name,
            address=event.address,
            language=event.language,
            language_told=event.language,
            position=recorded.position,
        )

    @when(account.AccountDetailsChanged)
    def details_changed(self, row: Dashboard, recorded: Recorded) -> Dashboard | None:
        event: Any = recorded.event
        language = event.language if event.language != row.language_told else row.language
        changed = {"name": event.name, "address": event.address, "language": language, "language_told": event.language}
        return _with(row, recorded, **changed)

    @when(LanguageChosen)
    def language_chosen(self, row: Dashboard, recorded: Recorded) -> Dashboard | None:
        event: Any = recorded.event
        return _with(row, recorded, language=event.language)

    @when(account.MeterInstalled)
    def meter_installed(self, row: Dashboard, recorded: Recorded) -> Dashboard | None:
        event: Any = recorded.event
        meter = Meter(meter_id=event.meter_id, number=event.number, kind=event.kind, resource=event.resource, unit=event.unit)
        others = tuple(known for known in row.meters if known.meter_id != meter.meter_id)
        return _with(row, recorded, meters=tuple(sorted((*others, meter), key=lambda m: m.meter_id)))

    @when(account.MeterRemoved)
    def meter_removed(self, row: Dashboard, recorded: Recorded) -> Dashboard | None:
        event: Any = recorded.event
        return _with(row, recorded, meters=tuple(m for m in row.meters if m.meter_id != event.meter_id))

    @when(account.ContactAdded, contacts.ContactRestored)
    def contact_added(self, row: Dashboard, recorded: Recorded) -> Dashboard | None:
        event: Any = recorded.event
        return _with(row, recorded, contacts=(*row.contacts, contact_of(event)))

    @when(account.ContactConfirmed)
    def contact_confirmed(self, row: Dashboard, recorded: Recorded) -> Dashboard | None:
        return _with_contact(row, recorded, lambda contact: msgspec.structs.replace(contact, confirmed=True))

    @when(contacts.ContactRegistered)
    def contact_registered(self, row: Dashboard, recorded: Recorded) -> Dashboard | None:
        return _with_contact(row, recorded, as_registered)

    @when(account.ContactRemoved)
    def contact_removed(self, row: Dashboard, recorded: Recorded) -> Dashboard | None:
        event: Any = recorded.event
        return _with(row, recorded, contacts=tuple(c for c in row.contacts if c.contact_id != event.contact_id))

    @when(account.PersonForgotten)
    def forgotten(self, row: Dashboard, recorded: Recorded) -> None:
        return None

    @when(money.WalletOpened)
    def wallet_opened(self, row: Dashboard | None, recorded: Recorded) -> Dashboard | None:
        event: Any = recorded.event
        return _with(row, recorded, currency=event.currency)

    @when(money.CardRedeemed, money.PowerPurchased, money.TransactionRecorded)
    def money_moved(self, row: Dashboard | None, recorded: Recorded) -> Dashboard | None:
        if row is None:
            return None
        receipt: money.Receipt = recorded.event.receipt  # type: ignore[attr-defined]
        after = {line.debt_id: line.balance_after for line in receipt.lines if line.kind == "arrears"}
        debts = tuple(
            msgspec.structs.replace(d, balance=after[d.debt_id]) if after.get(d.debt_id) is not None else d for d in row.debts
        )
        return _with(row, recorded, wallet_balance=row.wallet_balance + receipt.wallet_change, debts=debts)

    @when(money.ArrearsStated)
    def arrears_stated(self, row: Dashboard | None, recorded: Recorded) -> Dashboard | None:
        event: Any = recorded.event
        return _with(row, recorded, debts=event.debts)

    @when(money.WalletReconciled)
    def wallet_reconciled(self, row: Dashboard | None, recorded: Recorded) -> Dashboard | None:
        event: Any = recorded.event
        return _with(row, recorded, wallet_balance=event.juice_balance)

    @when(UsageRecorded)
    def usage_recorded(self, row: Dashboard | None, recorded: Recorded) -> Dashboard | None:
        if row is None:
            return None
        event: Any = recorded.event
        news = {reading.day: reading.milliunits for reading in event.readings}
        return _with(row, recorded, usage=_with_days(row.usage, event.meter_id, event.unit, news))


def _days(meters: tuple[MeterUsed, ...], meter_id: UUID) -> dict[date, int]:
    return {day.day: day.milliunits for used in meters if used.meter_id == meter_id for day in used.days}


def _with_days(meters: tuple[MeterUsed, ...], meter_id: UUID, unit: str, news: dict[date, int]) -> tuple[MeterUsed, ...]:
    days = _days(meters, meter_id) | news
    recent = tuple(UsageDay(day, days[day]) for day in sorted(days)[-USAGE_DAYS_KEPT:])
    others = tuple(other for other in meters if other.meter_id != meter_id)
    changed = MeterUsed(meter_id=meter_id, unit=unit, days=recent)
    return tuple(sorted((*others, changed), key=lambda used: used.meter_id))


def _with_contact(row: Dashboard, recorded: Recorded, change: Callable[[Contact], Contact]) -> Dashboard | None:
    event: Any = recorded.event
    return _with(row, recorded, contacts=tuple(change(c) if c.contact_id == event.contact_id else c for c in row.contacts))


def _with(row: Dashboard | None, recorded: Recorded, **changes: Any) -> Dashboard | None:
    # A forgotten account has no row any more; its money goes on being recorded all the same.
    return None if row is None else msgspec.structs.replace(row, position=recorded.position, **changes)


class DashboardView(KeyedView[Dashboard]):
    """Reads one account's dashboard."""

    projection = DashboardProjection

    async def of(self, account_id: UUID) -> Dashboard | None:
        """This will give the account's dashboard; None for an account that is unknown or forgotten."""
        return await self.one(account_id)
