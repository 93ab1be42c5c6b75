"""What the Edit page says: of each contact, of what was saved, and of what is saved now where something was changed elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from domain.account import Account
from domain.clock import Quiet
from domain.contact import Contact
from web.journeys.editing import Saved, field, remove
from web.site import clock
from web.site.writing import Writing
from wording import formats
from wording.masks import masked


class ContactLine(msgspec.Struct, frozen=True, kw_only=True):
    """A contact's field and its box; the last registered one has no box, since it cannot be removed."""

    field: str
    remove: str
    channel: str
    label: str
    hint: str | None
    may_go: bool


def contact_lines(account: Account, values: Mapping[str, str], write: Writing, now: datetime) -> list[ContactLine]:
    """This will give a line for each contact, the registered ones first."""
    contacts = sorted(account.contacts.values(), key=lambda contact: (not contact.proves, contact.standing, contact.channel))
    return [
        ContactLine(
            field=field(contact.contact_id),
            remove=remove(contact.contact_id),
            channel=contact.channel,
            label=_label(contact, write),
            hint=_hint(account, contact, write, now),
            may_go=account.registered() != [contact],
        )
        for contact in contacts
    ]


def sentences(saved: Saved, before: Account, write: Writing) -> list[str]:
    """This will say what was saved, and what is still to be done."""
    said = []
    for given in saved.edit.add:
        said.append(write.gettext("A link went to %(place)s. Open it to confirm this contact.") % {"place": place(given.value)})
    for contact_id, given in saved.edit.change:
        facts = {"old": place(before.contacts[contact_id].value), "new": place(given.value)}
        if contact_id in saved.edited.asked:
            text = write.gettext("%(old)s becomes %(new)s once you agree by the link that went to your registered contacts.")
        elif before.contacts[contact_id].confirmed:
            text = write.gettext("%(new)s takes the place of %(old)s once you open the link that went there.")
        else:
            text = write.gettext("%(old)s is now %(new)s. Open the link that went there to confirm it.")
        said.append(text % facts)
    for contact_id in saved.edit.remove:
        asked = contact_id in saved.edited.asked
        text = (
            write.gettext("%(old)s is removed once you agree by the link that went to your registered contacts.")
            if asked
            else write.gettext("%(old)s is removed.")
        )
        said.append(text % {"old": place(before.contacts[contact_id].value)})
    if saved.edit.language and saved.edit.language != before.language:
        said.append(write.gettext("The language is changed."))
    if saved.edit.clock is not None and saved.edit.clock != before.clock:
        said.append(write.gettext("How we contact you is changed."))
    return said or [write.gettext("There was nothing to change.")]


def saved_now(account: Account, values: Mapping[str, str], languages: Sequence[tuple[str, str]], write: Writing) -> list[str]:
    """This will say what is saved at present, wherever something else stands in a field."""
    present = clock.values(account.clock, account.contacts.values())
    said = [
        place(contact.value)
        for contact in account.contacts.values()
        if values.get(field(contact.contact_id), contact.value) != contact.value
    ]
    if values.get("language") and values["language"] != account.language:
        said.append(
            write.gettext("Language: %(language)s") % {"language": dict(languages).get(account.language, account.language)}
        )
    if values.get("pace") != present["pace"]:
        said += [name for pace, name, _ in clock.paces(write) if pace == present["pace"]]
    if any(values.get(name) != present[name] for name in clock.TIMES):
        said.append(_quiet(account.clock.quiet, write))
    return said


def place(value: str) -> str:
    """This will write a contact as people do."""
    return value if "@" in value else formats.phone(value)


def _quiet(quiet: Quiet | None, write: Writing) -> str:
    if quiet is None:
        return write.gettext("No quiet hours")
    hours = {"begins": quiet.begins.isoformat("minutes"), "ends": quiet.ends.isoformat("minutes")}
    return write.gettext("Quiet hours from %(begins)s until %(ends)s") % hours


def _label(contact: Contact, write: Writing) -> str:
    if contact.channel == "email":
        return write.gettext("Registered e-mail address") if contact.proves else write.gettext("E-mail address")
    return write.gettext("Registered phone number") if contact.proves else write.gettext("Phone number")


def _hint(account: Account, contact: Contact, write: Writing, now: datetime) -> str | None:
    replaced = account.contacts.get(contact.replaces) if contact.replaces else None
    if replaced is not None:
        text = write.gettext("Not confirmed yet: it takes the place of %(old)s once you open the link that went there.")
        return text % {"old": place(replaced.value)}
    if not contact.confirmed:
        return write.gettext("Not confirmed yet: open the link that went there, and we can write to it.")
    for asked in account.contacts.requested.values():
        if asked.contact_id == contact.contact_id and not asked.agreed and asked.expires_at > now:
            if asked.value is None:
                return write.gettext("To be removed, once you agree by the link that went to your registered contacts.")
            text = write.gettext("To become %(new)s, once you agree by the link that went to your registered contacts.")
            return text % {"new": masked(contact.channel, asked.value)}
    return None
