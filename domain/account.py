"""An account: whose it is, its meters, where it can be reached, and how its owner proves to be its owner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from domain.account_events import (
    AccountDetailsChanged,
    AccountOpened,
    AddressMispicked,
    ContinuationOffered,
    IssuedPasswordUsed,
    MeterInstalled,
    MeterRemoved,
    PasswordChosen,
    PasswordIssued,
    PasswordIssueUndone,
    PasswordRehashed,
    PersonForgotten,
)
from domain.aggregate import Refusal, evolves
from domain.clock import Clock
from domain.clock_events import ClockSet, LowBalanceNoticed
from domain.clocks import Clocks
from domain.contact import GivenContact
from domain.contact_changes import ContactChanges
from domain.contacts import goes_with
from domain.event import Context
from domain.language import LanguageChosen, Languages
from domain.links import LinkNoLongerValid
from domain.low_balance import Forecast, Told, due
from domain.meter import Meter

MISPICKS_ALLOWED = 2
MISPICKS_COUNT_FOR = timedelta(days=30)
UNDO_LASTS = timedelta(days=30)
ISSUED_PASSWORD_LASTS = timedelta(hours=72)
CONTINUATION_LASTS = timedelta(hours=24)


class WrongAddress(Refusal):
    """The address picked is not the registered one."""


class AddressNoLongerSuffices(Refusal):
    """Too many wrong picks: a link to a registered contact, or staff, must continue."""


class ContactUnknown(Refusal):
    """One of the contacts is not the account's."""


class QuietHoursEmpty(Refusal):
    """Quiet hours end when they begin: none, or all of the day?"""


class Account(ContactChanges):
    """One customer's account with its utility."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.number = ""
        self.name = ""
        self.address = ""
        self.languages = Languages()
        self.wallet_id = UUID(int=0)  # until it is opened, together with its wallet
        self.meters: dict[UUID, Meter] = {}
        self.former_meters: dict[UUID, Meter] = {}
        self.mispicks: list[datetime] = []
        self.offers: dict[UUID, datetime] = {}
        self.clocks = Clocks()
        self.told: dict[UUID, Told] = {}
        self.forgotten = False

    @property
    def belongs_to(self) -> UUID:
        return self.id

    @property
    def language(self) -> str:
        """The language that the owner is written to in."""
        return self.languages.present

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

    def choose_language(self, context: Context, language: str, *, via_issue: UUID | None) -> None:
        """This will write to the owner in this language from now on."""
        if language != self.language:
            self.record(LanguageChosen, context, language=language, via_issue=via_issue)

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

    # Confirming who somebody is

    def address_suffices(self, at: datetime) -> bool:
        """Whether picking the address may still prove who somebody is."""
        return sum(at - mispick < MISPICKS_COUNT_FOR for mispick in self.mispicks) < MISPICKS_ALLOWED

    def pick_address(self, context: Context, address: str) -> bool:
        """This will compare a picked address; a wrong one is recorded and counts against all who try for 30 days."""
        if not self.address_suffices(context.at):
            raise AddressNoLongerSuffices
        if address == self.address:
            return True
        self.record(AddressMispicked, context)
        return False

    def offer_continuation(self, context: Context, *, offer_id: UUID) -> None:
        """This will have a link sent to the registered contacts, which proves who somebody is in place of the address."""
        self.record(ContinuationOffered, context, offer_id=offer_id, expires_at=context.at + CONTINUATION_LASTS)

    def check_continuation(self, offer_id: UUID, at: datetime) -> None:
        """This will refuse a continuation that was never offered, was used, or has expired."""
        if self.offers.get(offer_id, at) <= at:
            raise LinkNoLongerValid

    # Passwords

    def issue_password(
        self,
        context: Context,
        *,
        issue_id: UUID,
        verifier: str,
        secret_id: UUID | None,
        given: Sequence[GivenContact] = (),
        reason: str,
        offer_id: UUID | None = None,
    ) -> None:
        """This will issue a system password beside the owner's own, and add the given contacts as secondary ones.

        `verifier` is its keyed hash; `secret_id` the password in transit until its copies are sent, None where nobody is told.
        """
        recipients = [contact.contact_id for contact in self.registered()]
        for new in given:
            known = self.contacts.find(new.channel, new.value)
            if known is None:
                self._add(context, new, standing="secondary", issue_id=issue_id, given="for a password")
            contact_id = known.contact_id if known else new.contact_id
            if contact_id not in recipients:
                recipients.append(contact_id)
        self.record(
            PasswordIssued,
            context,
            issue_id=issue_id,
            verifier=verifier,
            secret_id=secret_id,
            recipients=tuple(recipients) if secret_id else (),
            expires_at=context.at + ISSUED_PASSWORD_LASTS,
            reason=reason,
            offer_id=offer_id,
        )

    def use_issued_password(self, context: Context, issue_id: UUID) -> None:
        """This will record the first use of an issued password, which from then on no longer expires unused."""
        if not self.credentials.issues[issue_id].used:
            self.record(IssuedPasswordUsed, context, issue_id=issue_id)

    def choose_password(self, context: Context, *, slow_hash: str, via_issue: UUID | None) -> None:
        """This will make this the owner's own password and end every issued one and every other session."""
        self.record(
            PasswordChosen,
            context,
            slow_hash=slow_hash,
            via_issue=via_issue,
            credential_version=self.credentials.version + 1,
        )

    def rehash_password(self, context: Context, *, former: str, slow_hash: str) -> None:
        """This will keep the owner's password under a better hash, unless `former` is no longer the present one."""
        if self.credentials.slow_hash == former:
            self.record(PasswordRehashed, context, slow_hash=slow_hash)

    def undo_issue(self, context: Context, issue_id: UUID) -> None:
        """This will take back a password issue: its contacts, its password, its sessions and what was changed from them.

        An issue that wrote to one of the same new contacts goes with it: who asks twice is undone once. Contacts that were
        changed or removed are back as they were, and so is the language.
        """
        issue = self.credentials.issues.get(issue_id)
        if issue is None or issue.undone or context.at - issue.issued_at >= UNDO_LASTS:
            raise LinkNoLongerValid
        issue_ids, contact_ids = goes_with(issue_id, self.credentials.issues.values(), self.contacts.values())
        for contact_id in contact_ids:
            self._remove(context, contact_id, "undone")
        for former in list(self.contacts.former.values()):
            if former.via_issue in issue_ids and former.contact.issue_id not in issue_ids:
                self._restore(context, former)
        if (language := self.languages.before(issue_ids)) is not None:
            self.choose_language(context, language, via_issue=None)
        for each in issue_ids:
            self.record(PasswordIssueUndone, context, issue_id=each, credential_version=self.credentials.version + 1)

    # How much its owner wants to be contacted

    @property
    def clock(self) -> Clock:
        """The clock that counts now: the owner's, or the usual one."""
        return self.clocks.present

    def set_clock(self, context: Context, clock: Clock, *, via_issue: UUID | None) -> None:
        """This will record how much the owner wants to be contacted, where that is new.

        Raises ContactUnknown where one that is no contact of the account is muted, and QuietHoursEmpty.
        """
        if clock.quiet is not None and clock.quiet.begins == clock.quiet.ends:
            raise QuietHoursEmpty
        clock = msgspec.structs.replace(clock, muted=tuple(sorted(set(clock.muted))))
        if not self.contacts.keys() >= set(clock.muted):
            raise ContactUnknown
        if clock != self.clock:
            self.record(ClockSet, context, clock=clock, via_issue=via_issue)

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

    @evolves(LanguageChosen)
    def _evolve_language_chosen(self, event: LanguageChosen) -> None:
        self.languages.chosen(event)

    @evolves(MeterInstalled)
    def _evolve_meter_installed(self, event: MeterInstalled) -> None:
        self.meters[event.meter_id] = Meter(
            meter_id=event.meter_id, number=event.number, kind=event.kind, resource=event.resource, unit=event.unit
        )

    @evolves(MeterRemoved)
    def _evolve_meter_removed(self, event: MeterRemoved) -> None:
        if meter := self.meters.pop(event.meter_id, None):
            self.former_meters[event.meter_id] = meter

    @evolves(AddressMispicked)
    def _evolve_mispicked(self, event: AddressMispicked) -> None:
        self.mispicks.append(event.at)

    @evolves(ContinuationOffered)
    def _evolve_offered(self, event: ContinuationOffered) -> None:
        self.offers[event.offer_id] = event.expires_at

    @evolves(PasswordIssued)
    def _evolve_issued(self, event: PasswordIssued) -> None:
        self.credentials.issued(event)
        if event.offer_id is not None:
            self.offers.pop(event.offer_id, None)

    @evolves(IssuedPasswordUsed)
    def _evolve_issue_used(self, event: IssuedPasswordUsed) -> None:
        self.credentials.used(event)

    @evolves(PasswordChosen)
    def _evolve_chosen(self, event: PasswordChosen) -> None:
        self.credentials.chosen(event)

    @evolves(PasswordRehashed)
    def _evolve_rehashed(self, event: PasswordRehashed) -> None:
        self.credentials.rehashed(event)

    @evolves(PasswordIssueUndone)
    def _evolve_undone(self, event: PasswordIssueUndone) -> None:
        self.credentials.undone(event)
        self.contacts.issue_undone(event.issue_id)
        self.clocks = self.clocks.after_undo(event.issue_id)

    @evolves(ClockSet)
    def _evolve_clock_set(self, event: ClockSet) -> None:
        self.clocks = self.clocks.after_set(event)

    @evolves(LowBalanceNoticed)
    def _evolve_low_balance(self, event: LowBalanceNoticed) -> None:
        self.told[event.meter_id] = Told.by(event)

    @evolves(PersonForgotten)
    def _evolve_forgotten(self, event: PersonForgotten) -> None:
        self.forgotten = True
        self.credentials.forgotten(event)
        self.contacts.forget()
