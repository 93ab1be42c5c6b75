"""Payments of the scene's customers, as far as a test would have them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from domain.commands.purchases import Requested
from domain.commands.redemptions import Reserved
from tests.domain.scenario import context
from tests.web.scene import ACCOUNT, Scene

CODE_ON_THE_CARD = "ABCDEF123456"


async def reserved(scene: Scene, serial: str = "S9") -> Reserved:
    """A card that is about to be sent to Juice."""
    reservation = await scene.utility.portal.reserve_redemption(
        context(at=scene.now),
        serial=serial,
        code=CODE_ON_THE_CARD,
        amount=5000,
        currency="ZAR",
        account_id=await account_id(scene),
        meter_id=None,
    )
    await scene.utility.project()
    return reservation


async def bought_in_doubt(scene: Scene, number: str = ACCOUNT) -> Requested:
    """A purchase that was paid for, and of which Juice has said nothing."""
    portal, vendor = scene.utility.portal, context(at=scene.now, by="system:vendor")
    requested = await portal.request_purchase(
        context(at=scene.now),
        account_id=await account_id(scene, number),
        meter_id=None,
        amount=7000,
        currency="ZAR",
        language="en",
    )
    purchase = {"purchase_id": requested.purchase_id}
    held = {"payment_id": "pi_1", "amount": 7000, "currency": "ZAR", "authorised_until": scene.now + timedelta(days=7)}
    await portal.authorise_purchase(vendor, **purchase, **held, card="visa 4242")
    await portal.send_purchase(vendor, **purchase)
    await portal.doubt_purchase(vendor, **purchase, reason="JuiceSilent")
    await scene.utility.project()
    return requested


async def account_id(scene: Scene, number: str = ACCOUNT) -> UUID:
    return (await scene.utility.portal.find(number)).account_id
