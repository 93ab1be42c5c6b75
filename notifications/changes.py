"""Who is told, and what, when an account's contacts or its password change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from domain.access import UNDO_LASTS
from domain.account import Account
from domain.account_events import ContactAdded, ContactRemoved, PasswordChosen
from domain.contact import Contact
from domain.contact_changes import REVERT_LASTS
from domain.contact_events import ContactChangeRequested, ContactChangeReverted
from domain.links import LinkPurpose
from notifications.messages import contents
from notifications.messages.contents import Content
from notifications.outbox import Delivery
from wording.masks import masked

Link = Callable[[LinkPurpose, UUID, UUID], str]
"""Makes a link: purpose, account, subject -> URL."""

Change = ContactAdded | ContactRemoved | ContactChangeRequested | ContactChangeReverted | PasswordChosen

KINDS = frozenset(
    content.KIND
    for content in (
        contents.ContactToConfirm,
        contents.ContactsChanged,
        contents.ContactRemoved,
        contents.ContactChangeToAgree,
        contents.ContactChangeReverted,
        contents.PasswordChanged,
    )
)
ALSO_TO_FORMER = frozenset({contents.ContactRemoved.KIND, contents.ContactsChanged.KIND, contents.PasswordChanged.KIND})
"""What is sent also where the contact was removed meanwhile: whoever changed something must not silence it."""


class Told(NamedTuple):
    """One message to one contact."""

    contact: Contact
    kind: str
    parameters: Mapping[str, str]
    expires_at: datetime | None = None


BY_UTILITY = ("replaced in Juice", "removed by the utility")
"""Reasons for which a contact is gone without its customer's doing: no link takes that back."""

TOLD_TO_REGISTERED = {"removed by the customer": "removed", "removed by the utility": "removed by staff"}
"""Reason -> the change that the registered contacts are told of."""


def told_of(event: Change, account: Account) -> Iterable[Told]:
    """This will say who is told of a change. Of Juice's own contacts, and of what a link took back, others tell."""
    match event:
        case ContactAdded(given="by the customer"):
            yield from _added(event, account)
        case ContactRemoved(reason=reason) if reason != "undone":
            yield from _removed(event, account)
        case ContactChangeRequested(change_id=change_id, expires_at=expires_at):
            for contact in account.registered():
                yield Told(contact, contents.ContactChangeToAgree.KIND, {"change_id": str(change_id)}, expires_at)
        case ContactChangeReverted():
            for contact in account.registered():
                yield Told(contact, contents.ContactChangeReverted.KIND, {})
        case PasswordChosen(via_issue=via_issue):
            named = {} if via_issue is None else {"issue_id": str(via_issue)}
            for contact in account.registered():
                yield Told(contact, contents.PasswordChanged.KIND, named)


def _added(event: ContactAdded, account: Account) -> Iterable[Told]:
    new = account.contacts.get(event.contact_id)
    if new is not None:
        yield Told(new, contents.ContactToConfirm.KIND, {})
    named = {"change": "changed" if event.replaces else "added", "contact_id": str(event.contact_id)}
    for contact in account.registered():
        if contact.contact_id != event.contact_id:
            yield Told(contact, contents.ContactsChanged.KIND, named)


def _removed(event: ContactRemoved, account: Account) -> Iterable[Told]:
    former = account.contacts.ever(event.contact_id)
    # One that nobody confirmed may be a stranger's, and one that is there again under another id is not gone.
    if former is None or not former.confirmed or account.contacts.find(former.channel, former.value) is not None:
        return
    yield Told(former, contents.ContactRemoved.KIND, {"reason": event.reason})
    if change := TOLD_TO_REGISTERED.get(event.reason):
        for contact in account.registered():
            yield Told(contact, contents.ContactsChanged.KIND, {"change": change, "contact_id": str(event.contact_id)})


def content_of(delivery: Delivery, account: Account, contact: Contact, link: Link, site: str) -> Content | None:
    """This will write what is told of a change (one of KINDS); None where there is nothing to say any more."""
    named = delivery.parameters
    at = datetime.fromisoformat(named["at"])
    match delivery.kind:
        case contents.ContactToConfirm.KIND:
            confirm_link = link("confirm", account.id, contact.contact_id)
            return contents.ContactToConfirm(added_at=at, confirm_link=confirm_link)
        case contents.ContactsChanged.KIND:
            return _contacts_changed(named, account, at, link)
        case contents.ContactRemoved.KIND:
            revert = contact.proves and named["reason"] not in BY_UTILITY
            return contents.ContactRemoved(
                removed_at=at,
                by_utility=named["reason"] == "replaced in Juice",
                revert_link=link("revert", account.id, contact.contact_id) if revert else None,
                revert_until=at + REVERT_LASTS,
            )
        case contents.ContactChangeToAgree.KIND:
            change_id = UUID(named["change_id"])
            asked = account.contacts.requested.get(change_id)
            old = account.contacts.get(asked.contact_id) if asked else None
            if asked is None or asked.agreed or old is None:
                return None
            return contents.ContactChangeToAgree(
                place=_place(old),
                new=None if asked.value is None else masked(old.channel, asked.value, "*"),
                asked_at=at,
                expires_at=asked.expires_at,
                agree_link=link("change", account.id, change_id),
            )
        case contents.ContactChangeReverted.KIND:
            return contents.ContactChangeReverted(reverted_at=at, password_link=f"{site}/get-password")
        case contents.PasswordChanged.KIND:
            issue = account.credentials.issues.get(UUID(named["issue_id"])) if "issue_id" in named else None
            undoable = issue is not None and not issue.undone and at < issue.issued_at + UNDO_LASTS
            return contents.PasswordChanged(
                changed_at=at,
                password_link=f"{site}/get-password",
                undo_link=link("undo", account.id, issue.issue_id) if issue and undoable else None,
                undo_until=issue.issued_at + UNDO_LASTS if issue and undoable else None,
            )
    return None


def _contacts_changed(named: Mapping[str, Any], account: Account, at: datetime, link: Link) -> Content | None:
    changed = account.contacts.ever(UUID(named["contact_id"]))
    if changed is None:
        return None
    former = account.contacts.ever(changed.replaces) if changed.replaces and named["change"] == "changed" else None
    # The link puts a registered contact back, whatever came in its place; of others it takes the new one away.
    subject = former if former is not None and former.standing == "registered" else changed
    return contents.ContactsChanged(
        change=named["change"],
        channel=changed.channel,
        place=_place(changed),
        former=_place(former) if former else None,
        changed_at=at,
        revert_link=None if named["change"] == "removed by staff" else link("revert", account.id, subject.contact_id),
        revert_until=at + REVERT_LASTS,
    )


def _place(contact: Contact) -> str:
    """Masked, in signs that an SMS has."""
    return masked(contact.channel, contact.value, "*")
