"""Redeeming a Juice card, with or without a login (journey 12)."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

import msgspec

from domain.commands.identity import UnknownNumber
from domain.commands.redemptions import AccountHasNoMeter, MeterMustBeNamed
from domain.log import Position
from domain.meter import Meter
from domain.records import Answered, NumberFound
from vending.juice_refusals import CardUsed, JuiceRefused, JuiceSilent, JuiceUnreachable, UnknownCard
from web.access.card_tries import card_redeemed, card_try
from web.access.limits import LOOKUPS, NUMBERS_LOOKED_UP
from web.journeys import devices, normal, once, status_tokens
from web.journeys.refusals import CardAlreadyUsed, CardUnknown, FieldErrors, JuiceDoesNotAnswer
from web.journeys.visit import Visit
from wording.catalogue import N_

NAME_THE_METER = N_("This account has several meters, or none for electricity. Enter the meter's own number.")
NO_METER = N_("This account has no meter that could be topped up. Please call us.")


class CardOffer(msgspec.Struct, frozen=True, kw_only=True):
    """What a card is worth, as Juice says: minor units of an ISO 4217 currency."""

    amount: int
    currency: str


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """The redemption is in the log and will be brought to its end. `status_token` opens its page without a login."""

    redemption_id: UUID
    status_token: str
    position: Position


async def check(visit: Visit, serial: str, code: str) -> CardOffer:
    """This will ask Juice what the card is worth.

    Raises FieldErrors, TooManyTries, CardUnknown, CardAlreadyUsed, JuiceDoesNotAnswer.
    """
    card = normal.checked(serial=normal.serial(serial), code=normal.code(code))
    return await _checked(visit, card["serial"], card["code"], _limits(visit, None, None))


async def meter_of(visit: Visit, number: str) -> Meter:
    """This will say which meter a number stands for, before a card is redeemed for it. Raises FieldErrors, TooManyTries."""
    number = normal.checked(number=normal.number(number))["number"]
    await _count_lookup(visit)
    return (await _credited(visit, await _target(visit, number, None)))[1]


async def redeem(
    visit: Visit,
    serial: str,
    code: str,
    number: str | None,
    idempotency_key: str,
    *,
    meter_id: UUID | None = None,
) -> Started:
    """This will reserve the card for a meter or account, given by its number or as a meter of the logged-in account.

    The same key with the same input gives the same answer, refusals too. Raises what `check` raises, and KeyUsedForAnother,
    StillRunning, and the domain's CardAlreadyRedeemed, CardBeingRedeemed, MeterNotOfAccount, CurrencyDiffers.
    """
    wanted = {"serial": normal.serial(serial), "code": normal.code(code)}
    if meter_id is None:
        wanted["number"] = normal.number(number or "")
    wanted = normal.checked(**wanted)
    who = f"account:{visit.session.account_id}" if visit.session else "visitor"
    request = once.Request(
        scope=f"{who}:redeem", key=idempotency_key, body=msgspec.json.encode([wanted, meter_id], order="sorted")
    )

    async def command(claim: once.Claim) -> Started:
        target = await _target(visit, wanted.get("number"), meter_id)
        limits = _limits(visit, target, wanted.get("number"))
        offer = await _checked(visit, wanted["serial"], wanted["code"], limits)
        try:
            # Said only to whoever holds a right card.
            account_id, meter = await _credited(visit, target)
        except FieldErrors:
            await _count_lookup(visit)
            raise

        def answer(redemption_id: UUID) -> Answered:
            kept = _Kept(redemption_id=redemption_id, account_id=account_id)
            return claim.answered(202, msgspec.json.encode(kept))

        reserved = await visit.services.portal.reserve_redemption(
            visit.context(),
            serial=wanted["serial"],
            code=wanted["code"],
            amount=offer.amount,
            currency=offer.currency,
            account_id=account_id,
            meter_id=meter.meter_id,
            answer=answer,
        )
        await card_redeemed(
            visit.throttles, serial=wanted["serial"], source=visit.source, target=str(account_id), owner=limits["owner"]
        )
        return _started(visit, reserved.redemption_id, account_id, reserved.position)

    def again(body: bytes, position: Position) -> Started:
        kept = msgspec.json.decode(body, type=_Kept)
        return _started(visit, kept.redemption_id, kept.account_id, position)

    return await once.run(visit, request, command, again)


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    redemption_id: UUID
    account_id: UUID


def _started(visit: Visit, redemption_id: UUID, account_id: UUID, position: Position) -> Started:
    token = status_tokens.make(visit, redemption_id, account_id, status_tokens.REDEMPTION)
    return Started(redemption_id=redemption_id, status_token=token, position=position)


async def _target(visit: Visit, number: str | None, meter_id: UUID | None) -> NumberFound | None:
    if number is None:
        return NumberFound(account_id=visit.account_id, meter_id=meter_id)
    try:
        return await visit.services.portal.find(number)
    except UnknownNumber:
        return None


async def _credited(visit: Visit, target: NumberFound | None) -> tuple[UUID, Meter]:
    """The account and the meter that a card would go to. Raises FieldErrors, and MeterNotOfAccount."""
    problem = normal.NO_SUCH_NUMBER
    if target is not None:
        try:
            return target.account_id, await visit.services.portal.creditable_meter(target.account_id, target.meter_id)
        except MeterMustBeNamed:
            problem = NAME_THE_METER
        except AccountHasNoMeter:
            problem = NO_METER
    raise FieldErrors({"number": problem})


async def _count_lookup(visit: Visit) -> None:
    # Whoever holds one right card could ask for number after number: this is no directory of customers.
    await visit.throttles.take(LOOKUPS, visit.source)
    await visit.throttles.take(NUMBERS_LOOKED_UP, "all")


async def _checked(visit: Visit, serial: str, code: str, limits: Limits) -> CardOffer:
    async with card_try(visit.throttles, visit.queues, serial=serial, source=visit.source, **limits) as tried:
        try:
            card = await visit.services.juice.check_card(serial, code)
        except UnknownCard:
            await tried.wrong()
            raise CardUnknown from None
        except CardUsed:
            await tried.not_wrong()
            raise CardAlreadyUsed from None
        except (JuiceSilent, JuiceUnreachable, JuiceRefused):
            await tried.not_wrong()
            raise JuiceDoesNotAnswer from None
        await tried.not_wrong()
        return CardOffer(amount=card.amount, currency=card.currency)


class Limits(TypedDict):
    """Whom a try is counted against, beside its source and serial."""

    target: str | None
    owner: str | None


def _limits(visit: Visit, target: NumberFound | None, number: str | None) -> Limits:
    # A number that leads nowhere is counted like one that does: waiting must not tell which it is.
    account = str(target.account_id) if target else number
    known = target is not None and devices.known(visit, str(target.account_id))
    owner = str(visit.session.account_id) if visit.session else account if known else None
    return Limits(target=account, owner=owner)
