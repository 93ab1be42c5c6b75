from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from domain.wallet import Debt, Line
from tests.domain.scenario import NOON, context
from tests.projections.lives import receipt
from tests.web.scene import ACCOUNT, OTHER_ACCOUNT, Scene

JUICE = context(by="juice")


def debt(debt_id: str, balance: int, share: int = 25, opened_on: str = "2025-01-01") -> Debt:
    return Debt(
        debt_id=debt_id,
        description=f"Debt {debt_id}",
        balance=balance,
        original=1000,
        share=share,
        plan="share",
        opened_on=opened_on,
    )


async def owed(scene: Scene, *debts: Debt, account: str = ACCOUNT) -> None:
    await scene.utility.portal.learn_arrears(JUICE, account_number=account, debts=debts, as_of=NOON)
    await scene.utility.project()


async def paid(
    scene: Scene, number: str, days_ago: int, debt_id: str, before: int, amount: int, *, share: int = 25, kind: str = "Cash"
) -> None:
    """A purchase of which that share went to a debt, or a payment of another kind."""
    line = Line(
        kind="arrears",
        amount=amount,
        debt_id=debt_id,
        description=f"Debt {debt_id}",
        balance_before=before,
        balance_after=before - amount,
    )
    told = msgspec.structs.replace(receipt(number, minutes=-days_ago * 24 * 60), lines=(line,), amount=amount * 100 // share)
    await scene.utility.portal.learn_transactions(JUICE, account_number=ACCOUNT, transactions=[(kind, told)])
    await scene.utility.project()


async def arrears(scene: Scene, number: str = ACCOUNT) -> dict[str, Any]:
    return dict((await scene.get("/me/arrears", token=await scene.log_in(number))).json)


class Arrears:
    async def test_are_given_with_their_share_in_the_order_in_which_they_are_paid(self, scene: Scene) -> None:
        await owed(scene, debt("D1", 900), debt("D2", 300, 100, "2026-01-01"), debt("D3", 200, 10, "2024-05-05"))
        found = await arrears(scene)
        assert [(each["debt_id"], each["share"], each["waits"]) for each in found["items"]] == [
            ("D2", 100, False),
            ("D3", 10, True),
            ("D1", 25, True),
        ]
        assert (found["total"], found["currency"], found["items"][0]["opened_on"]) == (1400, "ZAR", "2026-01-01")

    async def test_tell_what_was_paid_lately_and_when_they_are_paid_off(self, scene: Scene) -> None:
        await owed(scene, debt("D1", 1000))
        await paid(scene, "T1", 60, "D1", 1000, 50)
        await paid(scene, "T2", 30, "D1", 950, 40)
        (found,) = (await arrears(scene))["items"]
        assert [(p["juice_number"], p["amount"], p["balance_before"], p["balance_after"]) for p in found["payments"]] == [
            ("T2", 40, 950, 910),
            ("T1", 50, 1000, 950),
        ]
        # 90 in 90 days are one a day, and 910 are left on 2 March 2026.
        assert (found["balance"], found["paid_off_on"]) == (910, "2028-08-28")

    async def test_are_paid_off_at_the_pace_of_what_was_bought_and_at_the_share_of_now(self, scene: Scene) -> None:
        await owed(scene, debt("D1", 1000))
        await paid(scene, "T1", 60, "D1", 1000, 45)
        await paid(scene, "T2", 30, "D1", 955, 45)
        await owed(scene, debt("D1", 900, 50))
        (found,) = (await arrears(scene))["items"]
        # 360 were bought in 90 days: two a day at half of it.
        assert found["paid_off_on"] == (NOON.date() + timedelta(days=450)).isoformat()
        # What was paid towards arrears alone is no share of anything.
        await paid(scene, "T3", 5, "D1", 900, 90, share=100, kind="Arrears")
        (found,) = (await arrears(scene))["items"]
        assert found["paid_off_on"] == (NOON.date() + timedelta(days=270)).isoformat()

    async def test_that_were_paid_off_are_named_and_no_longer_owed(self, scene: Scene) -> None:
        await owed(scene, debt("D1", 1000), debt("D2", 60))
        await paid(scene, "T1", 3, "D2", 60, 60)
        found = await arrears(scene)
        assert [each["debt_id"] for each in found["items"]] == ["D1"]
        assert [(each["description"], each["juice_number"]) for each in found["paid_off"]] == [("Debt D2", "T1")]

    async def test_of_others_are_not_ones_own(self, scene: Scene) -> None:
        await owed(scene, debt("D1", 1000))
        found = await arrears(scene, OTHER_ACCOUNT)
        assert (found["items"], found["paid_off"], found["total"]) == ([], [], 0)
