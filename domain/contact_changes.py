"""How an account's contacts change: by Juice, by the customer, by the links that confirm, agree and take back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from domain.account_events import ContactAdded, ContactConfirmed, ContactRemoved
from domain.aggregate import Aggregate, Refusal, evolves
from domain.contact import Contact, ContactChannel, GivenContact
from domain.contact_events import (
    ContactChangeAgreed,
    ContactChangeRequested,
    ContactChangeReverted,
    ContactRegistered,
    ContactRestored,
)
from domain.contacts import Contacts, Former
from domain.credentials import Credentials
from domain.event import Context
from domain.links import LinkNoLongerValid

MOST_CONTACTS = 10
HELD_FOR = timedelta(days=7)
REQUEST_LASTS = timedelta(hours=24)
REVERT_LASTS = timedelta(days=30)


class NoSuchContact(Refusal):
    """The account has no such contact, or no longer."""


class ContactAlreadyThere(Refusal):
    """This is one of the account's contacts already."""


class TooManyContacts(Refusal):
    """An account has at most ten contacts."""


class RegisteredContactStays(Refusal):
    """A registered contact proves whose account it is: Juice or its customer changes it, not the staff."""


class LastRegisteredContact(Refusal):
    """One registered contact has to stay: it can be changed, but not removed."""


class ContactChanges(Aggregate):
    """The part of an account that is about its contacts."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.contacts = Contacts()
        self.credentials = Credentials()

    def registered(self, channel: ContactChannel | None = None) -> list[Contact]:
        """The contacts that prove whose account it is, of one channel or of all."""
        return self.contacts.registered(channel)

    def holds_registered(self, at: datetime) -> bool:
        """Whether registered contacts change only with a registered contact's word: for 7 days after a password was issued
        to somebody, or a change was taken back.
        """
        issued = [issue.issued_at for issue in self.credentials.issues.values() if issue.recipients and not issue.undone]
        return any(at - since < HELD_FOR for since in (*issued, *self.contacts.reverted.values()))

    # By Juice

    def register_contact(self, context: Context, given: GivenContact) -> None:
        """This will make the contact the registered one of its channel, in place of the former, where Juice tells something
        new. What Juice told before, and the customer has changed since, stays as the customer would have it.
        """
        if self.contacts.told.get(given.channel) == given.value:
            return
        known = self.contacts.find(given.channel, given.value)
        for contact in list(self.contacts.values()):
            if contact.standing == "registered" and contact.channel == given.channel and contact != known:
                self._remove(context, contact.contact_id, "replaced in Juice")
        if known is not None:
            self.record(ContactRegistered, context, contact_id=known.contact_id)
        else:
            self._add(context, given, standing="registered", given="in Juice")

    # By the customer

    def add_contact(self, context: Context, given: GivenContact, *, via_issue: UUID | None) -> None:
        """This will add a secondary contact, which is to be confirmed by its own link."""
        if self.contacts.find(given.channel, given.value) is not None:
            raise ContactAlreadyThere
        if len(self.contacts) >= MOST_CONTACTS:
            raise TooManyContacts
        self._add(context, given, standing="secondary", issue_id=via_issue, given="by the customer")

    def change_contact(
        self, context: Context, contact_id: UUID, given: GivenContact, *, via_issue: UUID | None, change_id: UUID
    ) -> bool:
        """This will put another contact in the place of one: once it is confirmed, or at once where the old one never was.

        False where a registered contact has to agree first.
        """
        contact = self._contact(contact_id)
        if given.value == contact.value:
            return True
        self._check_place(contact, given.value)
        if contact.standing == "registered" and self.holds_registered(context.at):
            self._request(context, contact_id, given.contact_id, given.value, via_issue=via_issue, change_id=change_id)
            return False
        self._change(context, contact, given, via_issue)
        return True

    def remove_contact(self, context: Context, contact_id: UUID, *, via_issue: UUID | None, change_id: UUID) -> bool:
        """This will remove a contact; False where a registered contact has to agree first."""
        contact = self._contact(contact_id)
        self._check_not_last(contact)
        if contact.proves and self.holds_registered(context.at):
            self._request(context, contact_id, change_id, None, via_issue=via_issue, change_id=change_id)
            return False
        self._remove(context, contact_id, "removed by the customer", via_issue)
        return True

    # By the utility

    def remove_wrong_contact(self, context: Context, contact_id: UUID) -> None:
        """This will remove a secondary contact that is not the customer's, as they told the staff."""
        contact = self._contact(contact_id)
        if contact.standing == "registered":
            raise RegisteredContactStays
        self._remove(context, contact_id, "removed by the utility")

    # By links

    def confirm_contact(self, context: Context, contact_id: UUID) -> None:
        """This will record that the contact's own link was used, and remove the contact whose place it takes."""
        contact = self.contacts.get(contact_id)
        if contact is None:
            raise LinkNoLongerValid
        if not contact.confirmed:
            self.record(ContactConfirmed, context, contact_id=contact_id)
            if contact.replaces is not None and contact.replaces in self.contacts:
                self._remove(context, contact.replaces, "replaced by the customer", contact.issue_id)

    def agree_to_change(self, context: Context, change_id: UUID) -> None:
        """This will do what was asked of the registered contacts, since one of them agrees."""
        asked = self.contacts.requested.get(change_id)
        if asked is None or asked.agreed or asked.expires_at <= context.at or asked.contact_id not in self.contacts:
            raise LinkNoLongerValid
        contact = self._contact(asked.contact_id)
        if asked.value is None:
            self._check_not_last(contact)
        else:
            self._check_place(contact, asked.value)
        self.record(ContactChangeAgreed, context, change_id=change_id)
        if asked.value is None:
            self._remove(context, contact.contact_id, "removed by the customer", asked.via_issue)
        else:
            given = GivenContact(contact_id=asked.new_contact_id, channel=contact.channel, value=asked.value)
            self._change(context, contact, given, asked.via_issue)

    def revert_change(self, context: Context, contact_id: UUID) -> None:
        """This will take back what the customer, or somebody who knew the password, changed: a registered contact is put back
        in place of whatever came after it; a secondary one goes, and what it had replaced comes back, but one that was
        only removed comes back itself. Every session ends.
        """
        if not self.can_revert(contact_id, context.at):
            raise LinkNoLongerValid
        gone, back = self.reversal(contact_id)
        for each in gone:
            self._remove(context, each, "undone")
        for former in back:
            self._restore(context, former)
        self.record(ContactChangeReverted, context, contact_id=contact_id, credential_version=self.credentials.version + 1)

    def can_revert(self, contact_id: UUID, at: datetime) -> bool:
        """Whether there is a change of the contact that can still be taken back."""
        gone, back = self.reversal(contact_id)
        moments = [*(self.contacts.given_at[each] for each in gone), *(former.at for former in back)]
        return bool(moments) and at - max(moments) < REVERT_LASTS

    def reversal(self, contact_id: UUID) -> tuple[list[UUID], list[Former]]:
        """This will give what would go and what would come back if the change of a contact were taken back."""
        contact = self.contacts.ever(contact_id)
        came_back = contact_id in self.contacts and contact_id in self.contacts.reverted
        if contact is None or (contact.standing == "secondary" and came_back):
            return [], []
        going = self.contacts.successors(contact_id)
        back_id: UUID | None = contact_id
        removed = self.contacts.former.get(contact_id)
        was_plainly_removed = removed is not None and removed.reason == "removed by the customer" and not going
        if contact.standing == "secondary" and not was_plainly_removed:
            going, back_id = going | {contact_id}, contact.replaces
        gone = [each for each in self.contacts if each in going and each in self.contacts.given_at]
        former = self.contacts.former.get(back_id) if back_id else None
        return gone, [former] if former and former.reason.endswith("by the customer") else []

    # How each is done

    def _contact(self, contact_id: UUID) -> Contact:
        if contact_id not in self.contacts:
            raise NoSuchContact
        return self.contacts[contact_id]

    def _check_place(self, contact: Contact, value: str) -> None:
        """A registered contact may be changed to what is a secondary one so far."""
        there = self.contacts.find(contact.channel, value)
        if there is not None and not (contact.standing == "registered" and there.standing == "secondary"):
            raise ContactAlreadyThere

    def _check_not_last(self, contact: Contact) -> None:
        if self.registered() == [contact]:
            raise LastRegisteredContact

    def _request(
        self,
        context: Context,
        contact_id: UUID,
        new_contact_id: UUID,
        value: str | None,
        *,
        via_issue: UUID | None,
        change_id: UUID,
    ) -> None:
        self.record(
            ContactChangeRequested,
            context,
            change_id=change_id,
            contact_id=contact_id,
            new_contact_id=new_contact_id,
            value=value,
            expires_at=context.at + REQUEST_LASTS,
            via_issue=via_issue,
        )

    def _change(self, context: Context, contact: Contact, given: GivenContact, via_issue: UUID | None) -> None:
        there = self.contacts.find(given.channel, given.value)
        waiting = [each for each in self.contacts.values() if each.replaces == contact.contact_id]
        for each in [*waiting, *([there] if there else [])]:
            self._remove(context, each.contact_id, "replaced by the customer", via_issue)
        self._add(
            context,
            given,
            standing=contact.standing,
            issue_id=via_issue,
            replaces=contact.contact_id if contact.confirmed else contact.replaces,
            given="by the customer",
        )
        if not contact.confirmed:
            self._remove(context, contact.contact_id, "replaced by the customer", via_issue)

    def _add(
        self,
        context: Context,
        contact: GivenContact,
        *,
        standing: str,
        given: str,
        issue_id: UUID | None = None,
        replaces: UUID | None = None,
    ) -> None:
        self.record(
            ContactAdded,
            context,
            contact_id=contact.contact_id,
            channel=contact.channel,
            value=contact.value,
            standing=standing,
            issue_id=issue_id,
            replaces=replaces,
            given=given,
        )

    def _remove(self, context: Context, contact_id: UUID, reason: str, via_issue: UUID | None = None) -> None:
        self.record(ContactRemoved, context, contact_id=contact_id, reason=reason, via_issue=via_issue)

    def _restore(self, context: Context, former: Former) -> None:
        contact = former.contact
        if contact.standing == "registered" and self.contacts.told.get(contact.channel) != former.told:
            return  # Juice has told something new since
        there = self.contacts.find(contact.channel, contact.value)
        if there is not None:
            if (contact.standing, there.standing) != ("registered", "secondary"):
                return
            self._remove(context, there.contact_id, "undone")
        self.record(
            ContactRestored,
            context,
            contact_id=contact.contact_id,
            channel=contact.channel,
            value=contact.value,
            standing=contact.standing,
            confirmed=contact.confirmed,
            issue_id=contact.issue_id,
            replaces=contact.replaces,
        )

    # What the events make of it

    @evolves(ContactAdded)
    def _evolve_contact_added(self, event: ContactAdded) -> None:
        self.contacts.added(event)

    @evolves(ContactRegistered)
    def _evolve_contact_registered(self, event: ContactRegistered) -> None:
        self.contacts.registered_in_juice(event)

    @evolves(ContactConfirmed)
    def _evolve_contact_confirmed(self, event: ContactConfirmed) -> None:
        self.contacts.confirmed(event)

    @evolves(ContactRemoved)
    def _evolve_contact_removed(self, event: ContactRemoved) -> None:
        self.contacts.removed(event)

    @evolves(ContactRestored)
    def _evolve_contact_restored(self, event: ContactRestored) -> None:
        self.contacts.restored(event)

    @evolves(ContactChangeRequested)
    def _evolve_change_requested(self, event: ContactChangeRequested) -> None:
        self.contacts.change_requested(event)

    @evolves(ContactChangeAgreed)
    def _evolve_change_agreed(self, event: ContactChangeAgreed) -> None:
        self.contacts.change_agreed(event)

    @evolves(ContactChangeReverted)
    def _evolve_change_reverted(self, event: ContactChangeReverted) -> None:
        self.contacts.change_reverted(event)
        self.credentials.version = event.credential_version
