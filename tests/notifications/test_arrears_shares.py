"""What is told of a chosen arrears share: to whom, and in which words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.domain.scenario import context
from tests.notifications.test_requests import Household

PAT, SEED = context(by="customer"), context(by="system:vendor")


@pytest.fixture
async def household() -> Household:
    return await Household.made()


async def chosen(household: Household) -> dict[str, Any]:
    """This will choose 40 % for a debt, and have Juice asked."""
    portal, limits = household.portal, {"present": 20, "least": 20, "most": 60}
    account_id = household.account_id
    await portal.choose_share(PAT, account_id=account_id, debt_id="D1", description="Old meter's account", share=40, **limits)
    share_id = portal.share_id(account_id, "D1")
    message_id: UUID | None = (await portal.arrears_share(share_id)).message_id
    assert message_id is not None
    await portal.send_share(SEED, share_id=share_id, message_id=message_id)
    return {"share_id": share_id, "message_id": message_id}


class AChosenShare:
    async def test_is_told_to_the_registered_contacts_once_juice_takes_it(self, household: Household) -> None:
        named = await chosen(household)
        assert await household.is_told() == []
        await household.portal.confirm_share(SEED, **named)
        mail, sms = await household.is_told()
        assert "40 % of each purchase goes to “Old meter's account”. It was 20 % until then." in " ".join(mail.text.split())
        assert "40 % of each purchase" in sms.text and "/arrears/share" in sms.text

    async def test_that_juice_does_not_take_is_told_to_stay_as_it_was(self, household: Household) -> None:
        named = await chosen(household)
        await household.portal.refuse_share(SEED, **named, rule="ShareOutOfLimits")
        mail, sms = await household.is_told()
        assert "it stays at 20 %" in " ".join(mail.text.split()) and "stays at 20 %" in sms.text
