"""An account: whose it is, and its meters. How its owner is reached and written to, and who gets in, are parts of their own."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.access import Access
from domain.account_events import AccountDetailsChanged, AccountOpened, MeterInstalled, MeterRemoved, PersonForgotten
from domain.aggregate import evolves
from domain.clock_events import LowBalanceNoticed
from domain.event import Context
from domain.low_balance import Forecast, Told, due
from domain.meter import Meter


class Account(Access):
    """One customer's account with its utility."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.number = ""
        self.name = ""
        self.wallet_id = UUID(int=0)  # until it is opened, together with its wallet
        self.meters: dict[UUID, Meter] = {}
        self.former_meters: dict[UUID, Meter] = {}
        self.told: dict[UUID, Told] = {}
        self.forgotten = False

    @property
    def belongs_to(self) -> UUID:
        return self.id

    def known_words(self) -> list[str]:
        """This will give names and numbers that others know of its owner: a password must not be made of them."""
        meters = [meter.number for meter in (*self.meters.values(), *self.former_meters.values())]
        contacts = [contact.value for contact in self.contacts.values()]
        # A phone number as it is dialled at home, too.
        phones = [contact.value[-9:] for contact in self.contacts.values() if contact.channel == "sms"]
        return [self.number, self.name, *meters, *contacts, *phones]

    # Its owner and its meters, as Juice tells of them

    def open(self, context: Context, *, number: str, name: str, address: str, language: str, wallet_id: UUID) -> None:
        """This will open the account."""
        self.record(AccountOpened, context, number=number, name=name, address=address, language=language, wallet_id=wallet_id)

    def describe(self, context: Context, *, name: str, address: str, language: str) -> None:
        """This will record what Juice says of the owner where it differs; a language that they chose stays until Juice tells
        another one than before.
        """
        if (name, address, language) != (self.name, self.address, self.languages.told):
            self.record(AccountDetailsChanged, context, name=name, address=address, language=language)

    def install_meter(self, context: Context, meter: Meter) -> None:
        """This will record a meter that is new or described differently."""
        if self.meters.get(meter.meter_id) != meter:
            self.record(
                MeterInstalled,
                context,
                meter_id=meter.meter_id,
                number=meter.number,
                kind=meter.kind,
                resource=meter.resource,
                unit=meter.unit,
            )

    def remove_meter(self, context: Context, meter_id: UUID) -> None:
        """This will record that the meter is no longer the account's."""
        if meter_id in self.meters:
            self.record(MeterRemoved, context, meter_id=meter_id)

    def primary_meter(self) -> Meter | None:
        """The meter that is meant where only the account is named: its one electricity meter; None where that is not one."""
        electricity = [meter for meter in self.meters.values() if meter.resource == "electricity"]
        return electricity[0] if len(electricity) == 1 else None

    # What it tells its owner of, and its end

    def notice_low_balance(self, context: Context, *, meter_id: UUID, forecast: Forecast, today: date) -> None:
        """This will record that what is there for a meter is low, where its owner wants to be told of it now and was not yet."""
        if self.forgotten or meter_id not in self.meters:
            return
        under = due(self.clock, forecast, self.told.get(meter_id), today)
        if under is not None:
            self.record(
                LowBalanceNoticed,
                context,
                meter_id=meter_id,
                under=under,
                days_left=forecast.days_left(today),
                day=today,
                topped_up_at=forecast.topped_up_at,
            )

    def forget(self, context: Context) -> None:
        """This will record that the person is forgotten; the key is destroyed in the same transaction."""
        if not self.forgotten:
            self.record(PersonForgotten, context, credential_version=self.credentials.version + 1)

    # What the events make of it

    @evolves(AccountOpened)
    def _evolve_opened(self, event: AccountOpened) -> None:
        self.number, self.name, self.address, self.wallet_id = event.number, event.name, event.address, event.wallet_id
        self.languages.tell(event.language)

    @evolves(AccountDetailsChanged)
    def _evolve_details(self, event: AccountDetailsChanged) -> None:
        self.name, self.address = event.name, event.address
        self.languages.tell(event.language)

    @evolves(MeterInstalled)
    def _evolve_meter_installed(self, event: MeterInstalled) -> None:
        self.meters[event.meter_id] = Meter(
            meter_id=event.meter_id, number=event.number, kind=event.kind, resource=event.resource, unit=event.unit
        )

    @evolves(MeterRemoved)
    def _evolve_meter_removed(self, event: MeterRemoved) -> None:
        if meter := self.meters.pop(event.meter_id, None):
            self.former_meters[event.meter_id] = meter

    @evolves(LowBalanceNoticed)
    def _evolve_low_balance(self, event: LowBalanceNoticed) -> None:
        self.told[event.meter_id] = Told.by(event)

    @evolves(PersonForgotten)
    def _evolve_forgotten(self, event: PersonForgotten) -> None:
        self.forgotten = True
        self.credentials.forgotten(event)
        self.contacts.forget()
