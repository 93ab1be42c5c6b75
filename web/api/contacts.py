"""The contacts and the language of the account that is logged in. To change them, the password must have been given of late."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from falcon.asgi import Request, Response
from marshmallow import ValidationError, validates_schema

from domain.contact import ContactChannel
from web.api import answers, schemas
from web.api.answers import Answer
from web.api.describe import describe
from web.api.typed import Text
from web.api.wire import answer, body_of, visit_of
from web.journeys import contacts, ids


class OwnContact(answers.Contact, frozen=True):
    """A contact; `replaces` is the one whose place it takes once it is confirmed."""

    contact_id: UUID
    replaces: UUID | None


class WaitingChange(Answer, frozen=True):
    """What a registered contact has to agree to, by the link it was sent; without a `value` it is a removal."""

    contact_id: UUID
    value: str | None
    expires_at: datetime


class OwnContacts(Answer, frozen=True):
    contacts: tuple[OwnContact, ...]
    waiting: tuple[WaitingChange, ...]


class ContactGiven(Answer, frozen=True):
    """`contact_id` is the new contact's. Where it is `asked`, nothing is changed until a registered contact agrees."""

    position: int
    contact_id: UUID
    asked: bool


class ContactLeft(Answer, frozen=True):
    """The contact is removed; where it is `asked`, not until a registered contact agrees."""

    position: int
    asked: bool


class Language(Answer, frozen=True):
    """ISO 639-1."""

    language: str
    offered: tuple[str, ...]


class GiveContact(schemas.Strict):
    EITHER = ("email", "phone")

    email = schemas.email(required=False)
    phone = schemas.phone(required=False)

    @validates_schema
    def one_place(self, data: dict[str, Any], **kwargs: Any) -> None:
        if sum(name in data for name in self.EITHER) != 1:
            raise ValidationError(f"Give either {' or '.join(self.EITHER)}.", self.EITHER[0])


class ChooseLanguage(schemas.Strict):
    language = Text("^[a-z]{2}$", says="Two small letters (ISO 639-1).", most=2, examples=["en"])


def given(data: dict[str, Any]) -> tuple[ContactChannel, str]:
    """This will give the channel of what was given, and the text."""
    return ("email", data["email"]) if "email" in data else ("sms", data["phone"])


class Contacts:
    """GET and POST /me/contacts"""

    @describe("The contacts, and what waits for a registered contact's word.", answer=OwnContacts, problems=(401,))
    async def on_get(self, req: Request, resp: Response) -> None:
        shown = await contacts.of(visit_of(req))
        content = OwnContacts(
            contacts=tuple(
                OwnContact(
                    contact_id=contact.contact_id,
                    channel=contact.channel,
                    value=contact.value,
                    standing=contact.standing,
                    confirmed=contact.confirmed,
                    replaces=contact.replaces,
                )
                for contact in shown.contacts
            ),
            waiting=tuple(
                WaitingChange(contact_id=each.contact_id, value=each.value, expires_at=each.expires_at) for each in shown.waiting
            ),
        )
        answer(req, resp, content)

    @describe(
        "Add a contact. It is sent a link of its own, and gets no balances or alerts until that is used.",
        body=GiveContact,
        status=201,
        answer=ContactGiven,
        problems=(401, 403, 409, 422, 429),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        channel, text = given(await body_of(req, GiveContact))
        added = await contacts.add(visit_of(req), channel, text)
        answer(req, resp, ContactGiven(position=added.edited.position, contact_id=added.contact_id, asked=False), status=201)


class OneContact:
    """PUT and DELETE /me/contacts/{contact_id}"""

    @describe(
        "Put another contact in the place of one, once it is confirmed. Old and new are told.",
        body=GiveContact,
        answer=ContactGiven,
        problems=(401, 403, 404, 409, 422, 429),
    )
    async def on_put(self, req: Request, resp: Response, contact_id: str) -> None:
        id, (channel, text) = ids.read(contact_id), given(await body_of(req, GiveContact))
        changed = await contacts.change(visit_of(req), id, channel, text)
        edited = changed.edited
        answer(req, resp, ContactGiven(position=edited.position, contact_id=changed.contact_id, asked=bool(edited.asked)))

    @describe("Remove a contact. It is told.", answer=ContactLeft, problems=(401, 403, 404, 409, 429))
    async def on_delete(self, req: Request, resp: Response, contact_id: str) -> None:
        edited = await contacts.remove(visit_of(req), ids.read(contact_id))
        answer(req, resp, ContactLeft(position=edited.position, asked=bool(edited.asked)))


class OwnLanguage:
    """GET and PUT /me/language"""

    @describe("The language of pages and messages, and those that are offered.", answer=Language, problems=(401,))
    async def on_get(self, req: Request, resp: Response) -> None:
        visit = visit_of(req)
        account = await visit.services.portal.account(visit.account_id)
        answer(req, resp, Language(language=account.language, offered=await contacts.languages(visit)))

    @describe("Choose the language of pages and messages.", body=ChooseLanguage, answer=answers.Written, problems=(401, 403, 422))
    async def on_put(self, req: Request, resp: Response) -> None:
        visit, chosen = visit_of(req), (await body_of(req, ChooseLanguage))["language"]
        answer(req, resp, answers.Written(position=(await contacts.language(visit, chosen)).position))
