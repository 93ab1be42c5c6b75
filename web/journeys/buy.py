"""Buying power with a credit card: written down first, then paid for on the provider's own page (journey 11)."""

from __future__ import annotations

from uuid import UUID

import msgspec
import structlog

from domain.log import Position
from domain.purchase import Purchase, PurchaseNotOpen, Stage
from domain.records import Answered
from vending.card_provider import (
    AmountNotChargeable,
    AmountTooLarge,
    AmountTooSmall,
    CardProvider,
    Checkout,
    CheckoutNotOpen,
    Order,
    ProviderRefused,
    ProviderSilent,
    ProviderUnreachable,
)
from web.access.limits import PURCHASES
from web.journeys import amounts, once, preview, status_tokens
from web.journeys.refusals import CardsNotTaken, FieldErrors, ProviderDoesNotAnswer
from web.journeys.visit import Visit
from wording.catalogue import N_, catalogue

AWAY = (ProviderSilent, ProviderUnreachable)

RETURNED = "customer-returned"
"""The notice that a customer is back from the payment page: there is reason to ask the provider."""

BOUGHT = {"electricity": N_("Electricity"), "water": N_("Water"), "gas": N_("Gas")}

logger = structlog.get_logger("seed.web")


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """The purchase is in the log. `pay_at` is the provider's page, None once nothing is left to pay there."""

    purchase_id: UUID
    status_token: str
    position: Position
    pay_at: str | None


def provider(visit: Visit) -> CardProvider:
    """This will give the utility's provider of card payments. Raises CardsNotTaken where it has none."""
    if visit.services.cards is None:
        raise CardsNotTaken
    return visit.services.cards


async def buy(visit: Visit, meter_id: UUID, amount: int, idempotency_key: str, *, language: str) -> Started:
    """This will begin a purchase for a meter of the account that is logged in, and open the page to pay on.

    The same key with the same input gives the same purchase, refusals too. Raises what a preview raises, CardsNotTaken,
    ProviderDoesNotAnswer, KeyUsedForAnother, StillRunning, and the domain's PurchaseNotOpen where it was abandoned since.
    """
    provider(visit)
    account_id = visit.account_id
    request = once.Request(
        scope=f"account:{account_id}:buy", key=idempotency_key, body=msgspec.json.encode([meter_id, amount], order="sorted")
    )

    async def command(claim: once.Claim) -> _Kept:
        await visit.throttles.take(PURCHASES, str(account_id))
        # Nobody is asked to pay for what Juice would not sell.
        seen = await preview.by_credit_card(visit, meter_id, amount)

        def answer(purchase_id: UUID) -> Answered:
            return claim.answered(202, msgspec.json.encode(purchase_id))

        requested = await visit.services.portal.request_purchase(
            visit.context(),
            account_id=account_id,
            meter_id=meter_id,
            amount=amount,
            currency=seen.currency,
            language=language,
            answer=answer,
        )
        return _Kept(requested.purchase_id, requested.position)

    def again(body: bytes, position: Position) -> _Kept:
        return _Kept(msgspec.json.decode(body, type=UUID), position)

    kept = await once.run(visit, request, command, again)
    return await _payable(visit, kept.purchase_id, kept.position)


async def pay_on(visit: Visit, purchase_id: UUID) -> Started:
    """This will lead back to the page to pay on. Raises CardsNotTaken, ProviderDoesNotAnswer, PurchaseNotOpen."""
    return await _payable(visit, purchase_id, 0)


async def cancel(visit: Visit, purchase_id: UUID) -> Position:
    """This will close the payment page for good, unless the purchase was paid meanwhile: then it takes its course.

    Raises CardsNotTaken, ProviderDoesNotAnswer.
    """
    cards, portal = provider(visit), visit.services.portal
    purchase = await portal.purchase(purchase_id)
    if not purchase.is_open:
        return 0
    if purchase.checkout_id is not None:
        try:
            page = await cards.expire(purchase.checkout_id)
        except CheckoutNotOpen:
            return await returned(visit, purchase_id)
        except AWAY:
            raise ProviderDoesNotAnswer from None
        except ProviderRefused as refusal:
            logger.error("the card provider closes no payment page", rule=refusal.rule, purchase=str(purchase_id))
            raise ProviderDoesNotAnswer from None
        if page.payment is not None and page.payment.state != "released":
            # The bank is not done with it: the vendor looks how it ends.
            return await returned(visit, purchase_id)
    try:
        return await portal.abandon_purchase(visit.context(), purchase_id=purchase_id, reason="cancelled")
    except PurchaseNotOpen:
        return 0


async def returned(visit: Visit, purchase_id: UUID) -> Position:
    """This will have the provider asked soon: the customer is back from the payment page. Said again, it changes nothing."""
    return await visit.services.portal.notice_purchase(
        visit.context(), purchase_id=purchase_id, notice_id=RETURNED, kind="returned"
    )


class _Kept(msgspec.Struct, frozen=True):
    purchase_id: UUID
    position: Position


async def _payable(visit: Visit, purchase_id: UUID, position: Position) -> Started:
    """The page is asked for under the key that is in the log: asked again, it is the same page."""
    purchase = await visit.services.portal.purchase(purchase_id)
    if purchase.account_id is None or purchase.stage is Stage.ABANDONED:
        raise PurchaseNotOpen
    token = status_tokens.make(visit, purchase_id, purchase.account_id, status_tokens.PURCHASE)
    pay_at = None
    if purchase.is_open:
        page = await _page(visit, purchase, token)
        await visit.services.portal.open_checkout(visit.context(), purchase_id=purchase_id, checkout_id=page.id)
        pay_at = page.url
    return Started(purchase_id=purchase_id, status_token=token, position=position, pay_at=pay_at)


async def _page(visit: Visit, purchase: Purchase, token: str) -> Checkout:
    cards = provider(visit)
    try:
        if purchase.checkout_id is not None:
            return await cards.checkout(purchase.checkout_id)
        return await cards.open_checkout(await _order(visit, purchase, token))
    except AWAY:
        raise ProviderDoesNotAnswer from None
    except (AmountTooSmall, AmountTooLarge, AmountNotChargeable) as refusal:
        await visit.services.portal.abandon_purchase(visit.context(), purchase_id=purchase.id, reason="unopened")
        said = {AmountTooSmall: amounts.TOO_SMALL, AmountTooLarge: amounts.TOO_LARGE}
        raise FieldErrors({"amount": said.get(type(refusal), amounts.TOO_FINE)}) from None
    except ProviderRefused as refusal:
        logger.error("the card provider opens no payment page", rule=refusal.rule, purchase=str(purchase.id))
        raise ProviderDoesNotAnswer from None


async def _order(visit: Visit, purchase: Purchase, token: str) -> Order:
    if purchase.checkout_key is None or purchase.pays_until is None:
        raise PurchaseNotOpen
    meter = await visit.services.portal.meter_of_purchase(purchase)
    what = catalogue(purchase.language).gettext(BOUGHT[meter.resource] if meter else BOUGHT["electricity"])
    here = f"{visit.services.site}/purchases/{token}"
    return Order(
        key=purchase.checkout_key,
        purchase_id=purchase.id,
        amount=purchase.amount,
        currency=purchase.currency,
        description=f"{what}, {(await visit.services.description()).name}",
        success_url=f"{here}?returned=yes",
        cancel_url=f"{here}?left=yes",
        language=purchase.language,
        expires_at=purchase.pays_until,
    )
