"""Get Password and Confirm Identity: from a number to a password in four places (journeys 3 and 4)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from domain.access import AddressNoLongerSuffices
from domain.account import Account
from domain.addresses import AddressChoices
from domain.commands.identity import UnknownNumber
from domain.log import Position
from web.access.limits import (
    ADDRESS_LISTS,
    ADDRESS_LISTS_IN_ALL,
    ADDRESS_PICKS,
    CONTINUATIONS,
    ISSUES,
    LINKS,
    LOOKUPS,
    NUMBERS_LOOKED_UP,
)
from web.journeys import normal, tickets
from web.journeys.refusals import FieldErrors, TicketExpired, TooManyTries
from web.journeys.visit import Visit
from wording.masks import masked


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
        account = await visit.services.portal.account((await visit.services.portal.find(number)).account_id)
        if account.forgotten:
            raise UnknownNumber
    except UnknownNumber:
        raise FieldErrors({"number": normal.NO_SUCH_NUMBER}) from None
    return await _question(visit, account, may_pick=await _may_pick(visit, account))


async def question(visit: Visit, ticket: str) -> IdentityQuestion:
    """This will ask for the same proof again, such as after a wrong answer. Raises TicketExpired."""
    account, may_pick = await _of_ticket(visit, ticket)
    return await _question(visit, account, may_pick=may_pick)


async def confirm(visit: Visit, ticket: str, email: str, phone: str, choice: str) -> Confirmed:
    """This will issue a password where the registered address was picked.

    Raises FieldErrors, TicketExpired, and the domain's WrongAddress (the pick counts) and AddressNoLongerSuffices.
    """
    account, may_pick = await _of_ticket(visit, ticket)
    if not may_pick or not account.address_suffices(visit.clock()):
        raise AddressNoLongerSuffices
    region = await normal.region_of(visit.services)
    labels = {each.value: each.label for each in (await _question(visit, account, may_pick=True)).choices}
    given = normal.checked(email=normal.email(email), phone=normal.phone(phone, region), choice=normal.one_of(choice, labels))
    await visit.throttles.take(ISSUES, account.id)
    picks = await visit.throttles.take(ADDRESS_PICKS, visit.source)
    position = await visit.services.portal.confirm_identity(
        visit.context(), account_id=account.id, email=given["email"], phone=given["phone"], address=labels[choice]
    )
    await picks.give_back()
    return Confirmed(position=position, sent_to=_places(account, given["email"], given["phone"]))


async def offer_link(visit: Visit, ticket: str) -> LinkOffered:
    """This will have a link sent to the registered contacts, for where the address no longer suffices. Raises TicketExpired."""
    account, _ = await _of_ticket(visit, ticket)
    await visit.throttles.take(LINKS, visit.source)
    await visit.throttles.take(CONTINUATIONS, account.id)
    return LinkOffered(position=await visit.services.portal.offer_continuation(visit.context(), account_id=account.id))


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


async def _may_pick(visit: Visit, account: Account) -> bool:
    if not account.address_suffices(visit.clock()):
        return False
    try:
        await visit.throttles.take(ADDRESS_LISTS, visit.source)
        await visit.throttles.take(ADDRESS_LISTS_IN_ALL, "all")
    except TooManyTries:
        return False
    return True


async def _of_ticket(visit: Visit, text: str) -> tuple[Account, bool]:
    ticket = tickets.read(visit, text)
    account = await visit.services.portal.account(ticket.account_id)
    if account.forgotten:
        raise TicketExpired
    return account, ticket.may_pick


async def _question(visit: Visit, account: Account, *, may_pick: bool) -> IdentityQuestion:
    suffices = may_pick and account.address_suffices(visit.clock())
    choices: tuple[Choice, ...] = ()
    if suffices:
        description = await visit.services.description()
        addresses = AddressChoices(visit.services.secrets.mac, visit.services.views.addresses.taken, visit.offered_addresses)
        listed = await addresses.of(account.id, account.address, description.streets)
        choices = tuple(Choice(value=_value(visit, account.id, address), label=address) for address in listed)
    # Where there is nothing to pick from, the way goes by a link to a registered contact.
    ticket = tickets.make(visit, tickets.Ticket(account.id, may_pick))
    return IdentityQuestion(account_ticket=ticket, choices=choices, address_suffices=bool(choices))


def _value(visit: Visit, account_id: UUID, address: str) -> str:
    return visit.services.secrets.mac("address-value", account_id.bytes + address.encode())[:8].hex()


def _places(account: Account, email: str, phone: str) -> tuple[str, ...]:
    registered = sorted(account.registered(), key=lambda contact: contact.channel)
    given = [("email", email), ("sms", phone)]
    places = [*((contact.channel, contact.value) for contact in registered), *given]
    return tuple(masked(channel, value) for channel, value in dict.fromkeys(places))
