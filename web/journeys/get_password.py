"""Get Password and Confirm Identity: from a number to a password in four places (journeys 3 and 4)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from domain.account import Account
from domain.addresses import AddressChoices
from domain.commands.identity import UnknownNumber
from domain.log import Position
from web.access.limits import ADDRESS_PICKS, CONTINUATIONS, ISSUES, LINKS, LOOKUPS, NUMBERS_LOOKED_UP
from web.journeys import normal, tickets
from web.journeys.masks import masked
from web.journeys.refusals import FieldErrors
from web.journeys.visit import Visit


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One address of the list; `value` says nothing about which is the registered one."""

    value: str
    label: str


class IdentityQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What must be answered to prove who one is. `choices` are empty where the address no longer suffices."""

    account_ticket: str
    choices: tuple[Choice, ...]
    address_suffices: bool


class Confirmed(msgspec.Struct, frozen=True, kw_only=True):
    """A password is on its way to these places, named so that only their owner recognises them."""

    position: Position
    sent_to: tuple[str, ...]


class LinkOffered(msgspec.Struct, frozen=True, kw_only=True):
    """A link is on its way to the registered contacts."""

    position: Position


async def ask(visit: Visit, number: str) -> IdentityQuestion:
    """This will look up an account or meter number and ask for proof. Raises FieldErrors where the number is unknown."""
    number = normal.checked(number=normal.number(number))["number"]
    await visit.throttles.take(LOOKUPS, visit.source)
    await visit.throttles.take(NUMBERS_LOOKED_UP, "all")
    try:
        account_id = (await visit.services.portal.find(number)).account_id
        account = await visit.services.portal.account(account_id)
    except UnknownNumber:
        raise FieldErrors({"number": "No account and no meter has this number. Please check it."}) from None
    if account.forgotten:
        raise FieldErrors({"number": "No account and no meter has this number. Please check it."})
    return await _question(visit, account)


async def confirm(visit: Visit, ticket: str, email: str, phone: str, choice: str) -> Confirmed:
    """This will issue a password where the registered address was picked.

    Raises FieldErrors, TicketExpired, and the domain's WrongAddress (the pick counts) and AddressNoLongerSuffices.
    """
    account_id = tickets.read(visit, ticket)
    region = await normal.region_of(visit.services)
    given = normal.checked(email=normal.email(email), phone=normal.phone(phone, region))
    account = await visit.services.portal.account(account_id)
    labels = {c.value: c.label for c in (await _question(visit, account)).choices}
    if account.address_suffices(visit.clock()) and choice not in labels:
        raise FieldErrors({"choice": "Choose the address that is registered to the account."})
    await visit.throttles.take(ISSUES, account_id)
    picks = await visit.throttles.take(ADDRESS_PICKS, visit.source)
    position = await visit.services.portal.confirm_identity(
        visit.context(), account_id=account_id, email=given["email"], phone=given["phone"], address=labels.get(choice)
    )
    await picks.give_back()
    return Confirmed(position=position, sent_to=_places(account, given["email"], given["phone"]))


async def offer_link(visit: Visit, ticket: str) -> LinkOffered:
    """This will have a link sent to the registered contacts, for where the address no longer suffices. Raises TicketExpired."""
    account_id = tickets.read(visit, ticket)
    await visit.throttles.take(LINKS, visit.source)
    await visit.throttles.take(CONTINUATIONS, account_id)
    return LinkOffered(position=await visit.services.portal.offer_continuation(visit.context(), account_id=account_id))


async def check_link(visit: Visit, token: str) -> None:
    """This will refuse a continuation link that leads nowhere, before anything is asked. Raises LinkNoLongerValid."""
    account_id, offer_id = visit.services.portal.links.read("continue", token)
    (await visit.services.portal.account(account_id)).check_continuation(offer_id, visit.clock())


async def continue_with_link(visit: Visit, token: str, email: str, phone: str) -> Confirmed:
    """This will issue a password to whoever has the link that was sent to a registered contact.

    Raises FieldErrors and the domain's LinkNoLongerValid.
    """
    await visit.throttles.take(LINKS, visit.source)
    account_id, offer_id = visit.services.portal.links.read("continue", token)
    region = await normal.region_of(visit.services)
    given = normal.checked(email=normal.email(email), phone=normal.phone(phone, region))
    account = await visit.services.portal.account(account_id)
    position = await visit.services.portal.confirm_identity(
        visit.context(), account_id=account_id, email=given["email"], phone=given["phone"], offer_id=offer_id
    )
    return Confirmed(position=position, sent_to=_places(account, given["email"], given["phone"]))


async def _question(visit: Visit, account: Account) -> IdentityQuestion:
    suffices = account.address_suffices(visit.clock())
    choices: tuple[Choice, ...] = ()
    if suffices:
        description = await visit.services.description()
        addresses = AddressChoices(visit.services.secrets.mac, visit.services.views.addresses.taken)
        listed = await addresses.of(account.id, account.address, description.streets)
        choices = tuple(Choice(value=_value(visit, account.id, address), label=address) for address in listed)
    return IdentityQuestion(
        account_ticket=tickets.make(visit, account.id), choices=choices, address_suffices=suffices
    )


def _value(visit: Visit, account_id: UUID, address: str) -> str:
    return visit.services.secrets.mac("address-value", account_id.bytes + address.encode())[:8].hex()


def _places(account: Account, email: str, phone: str) -> tuple[str, ...]:
    registered = sorted(account.registered(), key=lambda contact: contact.channel)
    given = [("email", email), ("sms", phone)]
    places = [*((contact.channel, contact.value) for contact in registered), *given]
    return tuple(masked(channel, value) for channel, value in dict.fromkeys(places))
