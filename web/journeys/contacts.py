"""One's own contacts and language, one change at a time (journey 8). What a page saves at once is in `editing`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from domain.commands.editing import Edit, Edited
from domain.contact import Contact, ContactChannel, GivenContact
from domain.contact_changes import NoSuchContact
from web.access.limits import CONTACT_CHANGES
from web.journeys import normal
from web.journeys.authentication import check_fresh, session_of
from web.journeys.refusals import FieldErrors
from web.journeys.visit import Visit
from wording.catalogue import N_, offered

FIELDS: dict[ContactChannel, str] = {"email": "email", "sms": "phone"}
"""What a contact of a channel is called where it is typed."""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A change that a registered contact has to agree to; `value` is None where the contact is to be removed."""

    contact_id: UUID
    value: str | None
    expires_at: datetime


class ContactsShown(msgspec.Struct, frozen=True, kw_only=True):
    """The contacts as they are in the log, and what waits for a registered contact's word."""

    contacts: tuple[Contact, ...]
    waiting: tuple[Waiting, ...]


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a contact that was given: its id, and what the command did."""

    contact_id: UUID
    edited: Edited


async def of(visit: Visit) -> ContactsShown:
    """This will give the contacts of the account that is logged in."""
    account = await visit.services.portal.account(visit.account_id)
    waiting = tuple(
        Waiting(contact_id=asked.contact_id, value=asked.value, expires_at=asked.expires_at)
        for asked in account.contacts.requested.values()
        if not asked.agreed and asked.expires_at > visit.clock() and asked.contact_id in account.contacts
    )
    return ContactsShown(contacts=tuple(account.contacts.values()), waiting=waiting)


async def add(visit: Visit, channel: ContactChannel, text: str) -> Added:
    """This will add a secondary contact, which gets a link of its own.

    Raises PasswordNeededAgain, FieldErrors, ContactAlreadyThere, TooManyContacts, TooManyTries.
    """
    given = await _given(visit, channel, text)
    return Added(contact_id=given.contact_id, edited=await _edit(visit, Edit(add=(given,))))


async def change(visit: Visit, contact_id: UUID, channel: ContactChannel, text: str) -> Added:
    """This will put another contact in the place of one; it gets a link of its own.

    Raises what `add` raises, and NoSuchContact.
    """
    account = await visit.services.portal.account(visit.account_id)
    known = account.contacts.get(contact_id)
    if known is None:
        raise NoSuchContact
    if known.channel != channel:
        raise FieldErrors(
            {FIELDS[channel]: N_("The contact is of the other kind: an e-mail address stays one, and so does a number.")}
        )
    given = await _given(visit, channel, text)
    return Added(contact_id=given.contact_id, edited=await _edit(visit, Edit(change=((contact_id, given),))))


async def remove(visit: Visit, contact_id: UUID) -> Edited:
    """This will remove a contact. Raises PasswordNeededAgain, NoSuchContact, LastRegisteredContact, TooManyTries."""
    return await _edit(visit, Edit(remove=(contact_id,)))


async def language(visit: Visit, chosen: str) -> Edited:
    """This will choose the language of pages and messages. Raises PasswordNeededAgain, FieldErrors."""
    check_fresh(visit)
    if chosen not in await languages(visit):
        raise FieldErrors({"language": N_("Choose one of the languages that are offered.")})
    session = session_of(visit)
    return await visit.services.portal.edit(
        visit.context(), account_id=session.account_id, edit=Edit(language=chosen), via_issue=session.via_issue
    )


async def languages(visit: Visit) -> tuple[str, ...]:
    """This will give the languages that the utility's customers may choose from."""
    return offered((await visit.services.description()).languages)


async def normalised(visit: Visit, channel: ContactChannel, text: str) -> str:
    """This will normalise what was typed; an Unusable says why it cannot be used."""
    return normal.email(text) if channel == "email" else normal.phone(text, await normal.region_of(visit.services))


async def _given(visit: Visit, channel: ContactChannel, text: str) -> GivenContact:
    check_fresh(visit)
    field = FIELDS[channel]
    value = normal.checked(**{field: await normalised(visit, channel, text)})[field]
    return GivenContact(contact_id=visit.services.portal.new_id(visit.context()), channel=channel, value=value)


async def _edit(visit: Visit, edit: Edit) -> Edited:
    check_fresh(visit)
    session = session_of(visit)
    await visit.throttles.take(CONTACT_CHANGES, session.account_id)
    return await visit.services.portal.edit(
        visit.context(), account_id=session.account_id, edit=edit, via_issue=session.via_issue
    )
