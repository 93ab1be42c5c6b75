"""Redeeming a Juice card, with or without a login (journey 12)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from domain.commands.identity import UnknownNumber
from domain.log import Position
from domain.records import Answered, NumberFound
from domain.wallet import Line, Token
from projections.redemptions import RedemptionRow
from vending.juice import CardUsed, JuiceRefused, JuiceSilent, JuiceUnreachable, UnknownCard
from web.access.limits import CARDS, CARDS_BY_SERIAL, CARDS_BY_SOURCE, CARDS_BY_TARGET, LOOKUPS, NUMBERS_LOOKED_UP
from web.journeys import normal, once, status_tokens
from web.journeys.masks import masked_number
from web.journeys.refusals import CardAlreadyUsed, CardUnknown, FieldErrors, JuiceDoesNotAnswer, NotFound
from web.journeys.visit import Visit


class CardOffer(msgspec.Struct, frozen=True, kw_only=True):
    """What a card is worth, as Juice says: minor units of an ISO 4217 currency."""

    amount: int
    currency: str


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """The redemption is in the log and will be brought to its end. `status_token` opens its page without a login."""

    redemption_id: UUID
    status_token: str
    position: Position


class ReceiptShown(msgspec.Struct, frozen=True, kw_only=True):
    """Juice's receipt; balances are left out where whoever looks is not logged in to the account."""

    juice_number: str
    happened_at: datetime
    amount: int
    currency: str
    lines: tuple[Line, ...]
    milliunits: int
    unit: str
    tokens: tuple[Token, ...]
    wallet_change: int
    wallet_balance: int | None


class RedemptionStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far a redemption is. `stage`: reserved, sent, in-doubt, redeemed or proven-absent; `rule` is why Juice refused.

    `is_own`: whoever looks is logged in to the credited account. `meter` shows the last digits of the credited meter's number.
    """

    redemption_id: UUID
    stage: str
    amount: int | None
    currency: str | None
    changed_at: datetime | None
    receipt: ReceiptShown | None
    rule: str | None
    meter: str | None
    is_own: bool

    @property
    def has_ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.stage in ("redeemed", "proven-absent")


async def check(visit: Visit, serial: str, code: str) -> CardOffer:
    """This will ask Juice what the card is worth.

    Raises FieldErrors, TooManyTries, CardUnknown, CardAlreadyUsed, JuiceDoesNotAnswer.
    """
    card = normal.checked(serial=normal.serial(serial), code=normal.code(code))
    return await _checked(visit, card["serial"], card["code"])


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
    StillRunning, and the domain's CardAlreadyRedeemed, CardBeingRedeemed, MeterNotOfAccount, AccountHasNoMeter,
    CurrencyDiffers.
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
        offer = await _checked(visit, wanted["serial"], wanted["code"], target)
        if target is None:
            # Said only to whoever holds a right card, and limited all the same: this page is no directory of customers.
            await visit.throttles.take(LOOKUPS, visit.source)
            await visit.throttles.take(NUMBERS_LOOKED_UP, "all")
            raise FieldErrors({"number": normal.NO_SUCH_NUMBER})
        account_id = target.account_id

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
            meter_id=target.meter_id,
            answer=answer,
        )
        return _started(visit, reserved.redemption_id, account_id, reserved.position)

    def again(body: bytes, position: Position) -> Started:
        kept = msgspec.json.decode(body, type=_Kept)
        return _started(visit, kept.redemption_id, kept.account_id, position)

    return await once.run(visit, request, command, again)


async def status(visit: Visit, reference: str, at_least: Position | None = None) -> RedemptionStatus:
    """This will say how far a redemption is, by its status token, or by its id where the credited account is logged in.

    Raises NotFound, also where the redemption is somebody else's.
    """
    redemption_id, account_id = status_tokens.read(visit, reference) or (_id(reference), None)
    if at_least is not None:
        await visit.services.views.reached(at_least)
    row = await visit.services.views.redemptions.of(redemption_id)
    own_account = visit.session.account_id if visit.session else None
    if account_id is None and (row is None or row.account_id != own_account):
        raise NotFound
    if row is None:
        return _reserved(redemption_id)
    if account_id is not None and row.account_id != account_id:
        raise NotFound
    return await _shown(visit, row, is_own=row.account_id == own_account)


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    redemption_id: UUID
    account_id: UUID


def _started(visit: Visit, redemption_id: UUID, account_id: UUID, position: Position) -> Started:
    token = status_tokens.make(visit, redemption_id, account_id)
    return Started(redemption_id=redemption_id, status_token=token, position=position)


async def _target(visit: Visit, number: str | None, meter_id: UUID | None) -> NumberFound | None:
    if number is None:
        return NumberFound(account_id=visit.account_id, meter_id=meter_id)
    try:
        return await visit.services.portal.find(number)
    except UnknownNumber:
        return None


async def _checked(visit: Visit, serial: str, code: str, target: NumberFound | None = None) -> CardOffer:
    counted = [(CARDS_BY_SERIAL, serial), (CARDS_BY_SOURCE, visit.source)]
    if target is not None:
        counted.append((CARDS_BY_TARGET, str(target.account_id)))
    for delay, subject in counted:
        await visit.throttles.check(delay, subject)
    overall = await visit.throttles.take(CARDS, "all")
    try:
        card = await visit.services.juice.check_card(serial, code)
    except CardUsed:
        raise CardAlreadyUsed from None
    except UnknownCard:
        for delay, subject in counted:
            await visit.throttles.failed(delay, subject)
        raise CardUnknown from None
    except (JuiceSilent, JuiceUnreachable, JuiceRefused):
        raise JuiceDoesNotAnswer from None
    await overall.give_back()
    for delay, subject in counted:
        await visit.throttles.eased(delay, subject)
    return CardOffer(amount=card.amount, currency=card.currency)


async def _shown(visit: Visit, row: RedemptionRow, *, is_own: bool) -> RedemptionStatus:
    account = await visit.services.views.dashboard.of(row.account_id)
    meter = next((m for m in account.meters if m.meter_id == row.meter_id), None) if account else None
    return RedemptionStatus(
        redemption_id=row.redemption_id,
        stage=row.stage,
        amount=row.amount,
        currency=row.currency,
        changed_at=row.changed_at,
        receipt=_receipt(row, is_own=is_own),
        rule=row.rule,
        meter=masked_number(meter.number) if meter else None,
        is_own=is_own,
    )


def _receipt(row: RedemptionRow, *, is_own: bool) -> ReceiptShown | None:
    receipt = row.receipt
    if receipt is None:
        return None
    lines = receipt.lines
    if not is_own:
        lines = tuple(msgspec.structs.replace(line, balance_before=None, balance_after=None, description=None) for line in lines)
    return ReceiptShown(
        juice_number=receipt.juice_number,
        happened_at=receipt.happened_at,
        amount=receipt.amount,
        currency=receipt.currency,
        lines=lines,
        milliunits=receipt.milliunits,
        unit=receipt.unit,
        tokens=receipt.tokens,
        wallet_change=receipt.wallet_change,
        wallet_balance=receipt.wallet_balance if is_own else None,
    )


def _reserved(redemption_id: UUID) -> RedemptionStatus:
    """The token proves that the reservation is in the log; the read model has not got there yet."""
    return RedemptionStatus(
        redemption_id=redemption_id,
        stage="reserved",
        amount=None,
        currency=None,
        changed_at=None,
        receipt=None,
        rule=None,
        meter=None,
        is_own=False,
    )


def _id(reference: str) -> UUID:
    try:
        return UUID(reference)
    except ValueError:
        raise NotFound from None
