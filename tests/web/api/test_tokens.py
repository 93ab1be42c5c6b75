from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from domain.commands.feeds import MeterTold
from domain.token_shelf import shelf_id
from domain.token_shelf_events import TokensResendRequested
from domain.wallet import Token
from tests.domain.scenario import context
from tests.projections.lives import receipt
from tests.web.scene import ACCOUNT, METER, OTHER_ACCOUNT, OTHER_METER, Scene

JUICE = context(by="juice")
KEY_CHANGE = (
    Token(kind="credit", digits="3" * 20, order=3),
    Token(kind="key-change", digits="1" * 20, order=1),
    Token(kind="key-change", digits="2" * 20, order=2),
)


async def bought(scene: Scene, *numbers: str, account: str = ACCOUNT, meter: str = METER, **options: Any) -> None:
    """This will let Juice tell of sales, one a minute."""
    meter_id = (await scene.utility.portal.find(meter)).meter_id
    told = [("Cash", receipt(number, meter_id=meter_id, minutes=minute)) for minute, number in enumerate(numbers)]
    if "tokens" in options:
        told = [(kind, msgspec.structs.replace(each, tokens=options["tokens"])) for kind, each in told]
    await scene.utility.portal.learn_transactions(JUICE, account_number=account, transactions=told)
    await scene.utility.project()


async def items(scene: Scene, token: str, query: str = "") -> list[dict[str, Any]]:
    await scene.utility.project()
    return list((await scene.get(f"/me/tokens{query}", token=token)).json["items"])


def states(found: list[dict[str, Any]]) -> list[str]:
    return [token["state"] for each in found for token in each["tokens"]]


class TheShelf:
    async def test_gives_the_last_tokens_in_the_order_of_issue_and_leads_to_older_ones(self, scene: Scene) -> None:
        await bought(scene, *(f"T{n}" for n in range(5)))
        token = await scene.log_in()
        page = (await scene.get("/me/tokens?limit=2", token=token)).json
        assert [each["juice_number"] for each in page["items"]] == ["T3", "T4"]
        older = (await scene.get("/me/tokens", token=token, params={"limit": 2, "before": page["next"]})).json
        assert [each["juice_number"] for each in older["items"]] == ["T1", "T2"]
        last = (await scene.get("/me/tokens", token=token, params={"limit": 2, "before": older["next"]})).json
        assert [each["juice_number"] for each in last["items"]] == ["T0"] and last["next"] is None

    async def test_puts_key_changes_first(self, scene: Scene) -> None:
        await bought(scene, "T0", tokens=KEY_CHANGE)
        (found,) = await items(scene, await scene.log_in())
        assert [(t["order"], t["kind"]) for t in found["tokens"]] == [(1, "key-change"), (2, "key-change"), (3, "credit")]
        assert (found["amount"], found["units"], found["unit"]) == (5000, "25.6", "kWh")

    async def test_is_empty_without_tokens(self, scene: Scene) -> None:
        assert await items(scene, await scene.log_in()) == []

    async def test_holds_nothing_of_another_customer_or_utility(self, scene: Scene) -> None:
        await bought(scene, "T0")
        await bought(scene, "O0", account=OTHER_ACCOUNT, meter=OTHER_METER)
        token = await scene.log_in()
        (own,) = await items(scene, token)
        (others,) = await items(scene, await scene.log_in(OTHER_ACCOUNT))
        assert (own["juice_number"], others["juice_number"]) == ("T0", "O0")
        assert (await scene.get("/me/tokens", token=token, host="other.example")).status_code == 401

    async def test_tells_of_a_meter_that_is_gone_and_of_a_sale_that_was_taken_back(self, scene: Scene) -> None:
        await bought(scene, "T0", "T1")
        meter_id = (await scene.utility.portal.find(METER)).meter_id
        reversal = msgspec.structs.replace(receipt("R1", meter_id=meter_id, amount=-5000, minutes=1), tokens=())
        await scene.utility.portal.learn_transactions(JUICE, account_number=ACCOUNT, transactions=[("Reversal", reversal)])
        token = await scene.log_in()
        assert states(await items(scene, token)) == ["open", "reversed"]
        gone = MeterTold(account_number=ACCOUNT, number=METER, kind="STS", resource="electricity", unit="kWh", removed=True)
        await scene.utility.portal.learn_meter(JUICE, gone)
        assert states(await items(scene, token)) == ["meter-gone", "reversed"]


class AMark:
    async def test_is_set_and_taken_back_any_number_of_times(self, scene: Scene) -> None:
        await bought(scene, "T0", "T1")
        token = await scene.log_in()
        second = (await items(scene, token))[1]["tokens"][0]["token_id"]
        for _ in range(2):
            reply = await scene.put(f"/me/tokens/{second}/entered", token=token)
            assert reply.status_code == 200
            assert states(await items(scene, token)) == ["passed", "entered"]
        for _ in range(2):
            assert (await scene.delete(f"/me/tokens/{second}/entered", token=token)).status_code == 200
            assert states(await items(scene, token)) == ["open", "open"]

    async def test_is_seen_at_the_position_it_was_answered_with(self, scene: Scene) -> None:
        await bought(scene, "T0")
        token = await scene.log_in()
        (found,) = await items(scene, token)
        position = (await scene.put(f"/me/tokens/{found['tokens'][0]['token_id']}/entered", token=token)).json["position"]
        await scene.utility.project()
        reply = await scene.get(f"/me/tokens?at_least={position}", token=token)
        assert position > 0 and "Seed-Behind" not in reply.headers and states(reply.json["items"]) == ["entered"]

    async def test_is_on_own_tokens_only(self, scene: Scene) -> None:
        await bought(scene, "T0")
        (found,) = await items(scene, await scene.log_in())
        other = await scene.log_in(OTHER_ACCOUNT)
        for id in (found["tokens"][0]["token_id"], str(UUID(int=7)), "nothing", found["tokens"][0]["token_id"].upper()):
            for ask in (scene.put, scene.delete):
                assert (await ask(f"/me/tokens/{id}/entered", token=other)).status_code == 404
            sent = await scene.post(f"/me/tokens/{id}/messages", {"contact_id": str(UUID(int=1))}, token=other)
            assert sent.status_code == 404
        assert states(await items(scene, await scene.log_in())) == ["open"]


class AMessage:
    async def test_goes_to_the_contact_that_was_chosen(self, scene: Scene) -> None:
        await bought(scene, "T0", "T1")
        token = await scene.log_in()
        page = (await scene.get("/me/tokens", token=token)).json
        by_sms = next(each["contact_id"] for each in page["contacts"] if each["channel"] == "sms")
        path = f"/me/tokens/{page['items'][1]['tokens'][0]['token_id']}/messages"
        assert (await scene.post(path, {"contact_id": by_sms}, token=token)).status_code == 202
        account_id = (await scene.utility.portal.find(ACCOUNT)).account_id
        (asked,) = await scene.utility.log.load(shelf_id(account_id))
        assert isinstance(asked, TokensResendRequested) and asked.juice_number == "T1" and str(asked.contact_id) == by_sms

    async def test_goes_to_no_unconfirmed_or_foreign_contact(self, scene: Scene) -> None:
        await bought(scene, "T0")
        await scene.issued_password()  # brings unconfirmed contacts
        await scene.utility.project()
        token = await scene.log_in()
        page = (await scene.get("/me/tokens", token=token)).json
        account = await scene.utility.portal.account((await scene.utility.portal.find(ACCOUNT)).account_id)
        unconfirmed = [c.contact_id for c in account.contacts.values() if not c.confirmed]
        other = await scene.utility.portal.account((await scene.utility.portal.find(OTHER_ACCOUNT)).account_id)
        assert unconfirmed and not {str(id) for id in unconfirmed} & {each["contact_id"] for each in page["contacts"]}
        path = f"/me/tokens/{page['items'][0]['tokens'][0]['token_id']}/messages"
        for contact_id in (*unconfirmed, *(c.contact_id for c in other.contacts.values())):
            reply = await scene.post(path, {"contact_id": str(contact_id)}, token=token)
            assert (reply.status_code, reply.json["rule"]) == (409, "ContactNotConfirmed")
        assert (await scene.post(path, {"contact_id": "me"}, token=token)).json["errors"].keys() == {"contact_id"}

    async def test_is_not_written_of_a_sale_that_was_taken_back(self, scene: Scene) -> None:
        await bought(scene, "T0")
        meter_id = (await scene.utility.portal.find(METER)).meter_id
        reversal = msgspec.structs.replace(receipt("R1", meter_id=meter_id, amount=-5000, minutes=1), tokens=())
        await scene.utility.portal.learn_transactions(JUICE, account_number=ACCOUNT, transactions=[("Reversal", reversal)])
        token = await scene.log_in()
        await scene.utility.project()
        page = (await scene.get("/me/tokens", token=token)).json
        path = f"/me/tokens/{page['items'][0]['tokens'][0]['token_id']}/messages"
        reply = await scene.post(path, {"contact_id": page["contacts"][0]["contact_id"]}, token=token)
        assert (reply.status_code, reply.json["rule"]) == (409, "TokensTakenBack")

    async def test_is_written_ten_times_a_day_at_most(self, scene: Scene) -> None:
        await bought(scene, "T0")
        token = await scene.log_in()
        page = (await scene.get("/me/tokens", token=token)).json
        path = f"/me/tokens/{page['items'][0]['tokens'][0]['token_id']}/messages"
        said = {"contact_id": page["contacts"][0]["contact_id"]}
        replies = [(await scene.post(path, said, token=token)).status_code for _ in range(11)]
        assert replies == [202] * 10 + [429]
