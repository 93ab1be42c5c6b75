"""The Edit page (journey 8): contacts, language and clock, saved at once, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

import msgspec

from domain.account import Account
from domain.clock import Clock
from domain.commands.editing import Edit, Edited
from domain.contact import ContactChannel, GivenContact
from web.access.limits import CONTACT_CHANGES
from web.journeys import contacts
from web.journeys.authentication import check_fresh, session_of
from web.journeys.normal import Unusable
from web.journeys.refusals import ChangedMeanwhile, FieldErrors
from web.journeys.visit import Visit
from wording.catalogue import N_

THERE_ALREADY = N_("This is one of your contacts already, perhaps still to be confirmed.")


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What a page was sent: the text of each contact, those to be removed, what to add, the language, and what it had `seen`."""

    contacts: Mapping[UUID, str]
    removed: frozenset[UUID]
    added: Mapping[ContactChannel, str]
    language: str
    seen: str


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """What was changed, and what the command made of it."""

    edit: Edit
    edited: Edited


def field(contact_id: UUID) -> str:
    """This will name the field of a contact."""
    return f"contact_{contact_id}"


def remove(contact_id: UUID) -> str:
    """This will name the box that removes a contact."""
    return f"remove_{contact_id}"


def state(visit: Visit, account: Account) -> str:
    """This will give what tells whether anything of the page was changed meanwhile: a keyed hash of all that it shows."""
    shown = (sorted(account.contacts), account.language, account.clock)
    return visit.services.secrets.mac("edit-page", msgspec.json.encode(shown))[:16].hex()


async def save(visit: Visit, typed: Typed, clock: Callable[[Account], Clock]) -> Saved:
    """This will save all of it; `clock` reads its part, and may raise FieldErrors.

    Raises FieldErrors for all fields at once, PasswordNeededAgain, ChangedMeanwhile, LastRegisteredContact, TooManyContacts,
    TooManyTries.
    """
    session = session_of(visit)
    account = await visit.services.portal.account(session.account_id)
    _check_unchanged(visit, typed, account)
    edit = await _edit(visit, typed, account, clock)
    check_fresh(visit)
    for _ in (*edit.add, *edit.change, *edit.remove):
        await visit.throttles.take(CONTACT_CHANGES, session.account_id)
    edited = await visit.services.portal.edit(
        visit.context(),
        account_id=session.account_id,
        edit=edit,
        via_issue=session.via_issue,
        check=lambda now: _check_unchanged(visit, typed, now),
    )
    return Saved(edit=edit, edited=edited)


def _check_unchanged(visit: Visit, typed: Typed, account: Account) -> None:
    if typed.seen != state(visit, account):
        raise ChangedMeanwhile


async def _edit(visit: Visit, typed: Typed, account: Account, clock: Callable[[Account], Clock]) -> Edit:
    errors: dict[str, str] = {}
    values: dict[str, str] = {}

    async def read(name: str, channel: ContactChannel, text: str) -> GivenContact | None:
        value = await contacts.normalised(visit, channel, text)
        if isinstance(value, Unusable):
            errors[name] = str(value)
            return None
        if value in values.values():
            errors[name] = N_("This stands here twice.")
        values[name] = value
        return GivenContact(contact_id=visit.services.portal.new_id(visit.context()), channel=channel, value=value)

    change = []
    for contact in account.contacts.values():
        text = typed.contacts.get(contact.contact_id, contact.value)
        if contact.contact_id in typed.removed or text.strip() == contact.value:
            continue
        if not text.strip():
            errors[field(contact.contact_id)] = N_("To remove this contact, tick “Remove”.")
            continue
        given = await read(field(contact.contact_id), contact.channel, text)
        if given is None or given.value == contact.value:
            continue
        there = account.contacts.find(contact.channel, given.value)
        if there is not None and not (contact.standing == "registered" and there.standing == "secondary"):
            errors[field(contact.contact_id)] = THERE_ALREADY
        change.append((contact.contact_id, given))
    add = []
    for channel, text in typed.added.items():
        if not text.strip():
            continue
        given = await read(contacts.FIELDS[channel], channel, text)
        if given is not None and account.contacts.find(channel, given.value) is not None:
            errors[contacts.FIELDS[channel]] = THERE_ALREADY
        if given is not None:
            add.append(given)
    if typed.language and typed.language not in await contacts.languages(visit):
        errors["language"] = N_("Choose one of the languages that are offered.")
    try:
        wanted = clock(account)
    except FieldErrors as error:
        raise FieldErrors(errors | error.errors) from None
    if errors:
        raise FieldErrors(errors)
    return Edit(
        add=tuple(add),
        change=tuple(change),
        remove=tuple(contact_id for contact_id in account.contacts if contact_id in typed.removed),
        language=typed.language or None,
        clock=wanted,
    )
