"""Who gets in to an account: by the address, by a link, by passwords; and taking back what came of a password issue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.account_events import (
    AddressMispicked,
    ContinuationOffered,
    IssuedPasswordUsed,
    PasswordChosen,
    PasswordIssued,
    PasswordIssueUndone,
    PasswordRehashed,
)
from domain.aggregate import Refusal, evolves
from domain.contact import GivenContact
from domain.contacts import goes_with
from domain.event import Context
from domain.links import LinkNoLongerValid
from domain.wishes import Wishes

MISPICKS_ALLOWED = 2
MISPICKS_COUNT_FOR = timedelta(days=30)
UNDO_LASTS = timedelta(days=30)
ISSUED_PASSWORD_LASTS = timedelta(hours=72)
CONTINUATION_LASTS = timedelta(hours=24)


class WrongAddress(Refusal):
    """The address picked is not the registered one."""


class AddressNoLongerSuffices(Refusal):
    """Too many wrong picks: a link to a registered contact, or staff, must continue."""


class Access(Wishes):
    """The part of an account that is about who gets in."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.address = ""
        self.mispicks: list[datetime] = []
        self.offers: dict[UUID, datetime] = {}

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

    # What the events make of it

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
