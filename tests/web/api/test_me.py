from __future__ import annotations

from datetime import timedelta

from domain.usage import Reading
from domain.wallet import Debt
from tests.domain.scenario import NOON, context
from tests.projections.lives import receipt
from tests.web.scene import ACCOUNT, METER, Scene

JUICE = context(by="juice")


async def filled(scene: Scene) -> str:
    """This will give the account some life, and a session."""
    portal = scene.utility.portal
    meter_id = (await portal.find(METER)).meter_id
    bought = [("Cash", receipt(f"T{n}", meter_id=meter_id, change=100, minutes=-n)) for n in range(7)]
    await portal.learn_transactions(JUICE, account_number=ACCOUNT, transactions=bought)
    debt = Debt(debt_id="D1", description="Meter", balance=900, original=1000, share=25, plan="share", opened_on="2025-01-01")
    await portal.learn_arrears(JUICE, account_number=ACCOUNT, debts=(debt,), as_of=NOON)
    days = [Reading((NOON - timedelta(days=n)).date(), 4000) for n in range(1, 41)]
    await portal.learn_usage(JUICE, meter_number=METER, readings=days)
    await scene.utility.project()
    return await scene.log_in()


class TheDashboard:
    async def test_shows_contacts_wallet_arrears_usage_and_activity(self, scene: Scene) -> None:
        reply = await scene.get("/me", token=await filled(scene))
        me = reply.json
        assert me["wallet"] == {"amount": 700, "currency": "ZAR"}
        assert me["arrears_total"] == 900 and me["arrears"][0]["share"] == 25
        assert me["usage"][0]["unit"] == "kWh" and me["usage"][0]["days"][-1]["units"] == "4"
        assert len(me["activity"]) == 7
        assert {c["standing"] for c in me["contacts"]} == {"registered"}
        assert me["days_left"] == "44.8"  # seven purchases of 25.6 kWh, at 4 a day
        assert int(reply.headers["Seed-Position"]) == me["position"]

    async def test_needs_a_login(self, scene: Scene) -> None:
        for token in (None, "A" * 43, "seed_" + "A" * 43):
            reply = await scene.get("/me", token=token)
            assert reply.status_code == 401 and reply.headers["WWW-Authenticate"] == 'Bearer realm="seed"'

    async def test_waits_for_the_position_asked_for_and_says_where_it_is_behind(self, scene: Scene) -> None:
        token = await filled(scene)
        position = (await scene.get("/me", token=token)).json["position"]
        reached = await scene.get(f"/me?at_least={position}", token=token)
        assert reached.json["behind"] is False and "Seed-Behind" not in reached.headers
        for options in ({"headers": {"Seed-At-Least": str(position + 99)}}, {"query_string": f"at_least={position + 99}"}):
            behind = await scene.get("/me", token=token, **options)
            assert behind.json["behind"] is True and behind.headers["Seed-Behind"] == "true"

    async def test_is_not_sent_again_to_whoever_has_it(self, scene: Scene) -> None:
        token = await filled(scene)
        first = await scene.get("/me", token=token)
        again = await scene.get("/me", token=token, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert (await scene.get("/me", token=token, headers={"If-None-Match": '"another"'})).json == first.json

        await scene.utility.portal.learn_transactions(
            JUICE, account_number=ACCOUNT, transactions=[("Cash", receipt("T9", change=100, minutes=1))]
        )
        await scene.utility.project()
        changed = await scene.get("/me", token=token, headers={"If-None-Match": first.headers["ETag"]})
        assert changed.status_code == 200 and changed.headers["ETag"] != first.headers["ETag"]
        assert changed.json["wallet"]["amount"] == first.json["wallet"]["amount"] + 100

    async def test_counts_its_days_anew_each_day(self, scene: Scene) -> None:
        before = (await scene.get("/me", token=await filled(scene))).json
        scene.later(days=1)
        after = (await scene.get("/me", token=await scene.log_in())).json
        assert float(after["days_left"]) == float(before["days_left"]) - 1

    async def test_refuses_a_position_that_is_none(self, scene: Scene) -> None:
        token = await scene.log_in()
        for given in ("=x", "=-1", "=1.5", "=1&at_least=2", "=" + "9" * 30, "=%EF%BC%91"):
            assert (await scene.get("/me", token=token, query_string=f"at_least{given}")).status_code == 422, given
