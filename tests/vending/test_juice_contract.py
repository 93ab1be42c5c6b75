"""What Seed relies on in any Juice, asked over HTTP through the adapter.

By default this asks the stand-in. Another Juice is asked with SEED_JUICE_URL, SEED_JUICE_KEY and SEED_JUICE_DATA, a file
that lists its accounts and cards as the stand-in's /__demo does; what needs a fault or a kill is then left out, and says so.
"""

from __future__ import annotations

import asyncio
import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest

from tests.juice_standin import JuiceStandin
from tests.vending.messages import advice
from vending.feed_items import AccountItem, ArrearsItem, BalanceItem, MeterItem, TransactionItem, UsageItem
from vending.juice_answers import FeedName, Listed, ShareLimits
from vending.juice_http import HttpJuice
from vending.juice_refusals import (
    BlockedMeter,
    CardUsed,
    JuiceRefused,
    JuiceSilent,
    JuiceUnreachable,
    NoSuchTransaction,
    ShareOutOfLimits,
    UnknownAccount,
    UnknownCard,
    UnknownDebt,
    UnknownMeter,
)

ITEMS: dict[FeedName, type[Any]] = {
    "accounts": AccountItem,
    "meters": MeterItem,
    "transactions": TransactionItem,
    "usage": UsageItem,
    "arrears": ArrearsItem,
    "balances": BalanceItem,
}


class Party:
    """The Juice that is asked, with what is needed to ask it."""

    def __init__(self, url: str, key: str, data: dict[str, Any], standin: JuiceStandin | None = None) -> None:
        self._url, self._key, self._standin = url, key, standin
        self.juice = self.client()
        self.accounts = data["accounts"]
        self.inactive_cards = [card for card in data["cards"] if card["state"] == "available"]
        self._unused = data["unused"]

    def client(self, *, key: str | None = None, timeout_s: float = 30) -> HttpJuice:
        """Another client of the same Juice."""
        return HttpJuice(self._url, key or self._key, client=httpx.AsyncClient(), timeout_s=timeout_s)

    def card(self) -> dict[str, Any]:
        """A serial and code that nobody has used."""
        card = next(self._unused)
        return {"serial": card["serial"], "code": card["code"]}

    def meter(self, kind: str, *, blocked: bool = False) -> str:
        """A meter of a kind."""
        meters = (meter for account in self.accounts for meter in account["meters"])
        return next(m["number"] for m in meters if m["kind"] == kind and m["blocked"] is blocked)

    @property
    def standin(self) -> JuiceStandin:
        """The stand-in, where it is the one that is asked."""
        if self._standin is None:
            pytest.skip("NOT TRIED: no fault and no kill can be ordered from the Juice at SEED_JUICE_URL")
        return self._standin

    async def everything(self, feed: FeedName, limit: int = 500) -> list[Any]:
        """All items of a feed, page by page."""
        items: list[Any] = []
        cursor, more = None, True
        while more:
            page = await self.juice.feed(feed, after=cursor, limit=limit)
            items += [msgspec.convert(item, ITEMS[feed], strict=False) for item in page.items]
            cursor, more = page.cursor, page.more
        return items

    async def listed(self, since: datetime, until: datetime, limit: int = 100) -> list[Listed]:
        """All transactions of a time, page by page."""
        items: list[Listed] = []
        cursor, more = None, True
        while more:
            page = await self.juice.transactions(since=since, until=until, after=cursor, limit=limit)
            assert len(page.items) <= limit
            items += page.items
            cursor, more = page.cursor, page.more
        return items


@pytest.fixture(scope="module")
def outside() -> dict[str, Any]:
    """What the Juice at SEED_JUICE_URL holds; its cards are gone through once, by all tests together."""
    data: dict[str, Any] = json.loads(Path(os.environ["SEED_JUICE_DATA"]).read_text())
    return data | {"unused": iter(_activated(data["cards"]))}


@pytest.fixture
def party(request: pytest.FixtureRequest) -> Party:
    """The Juice under test."""
    if url := os.environ.get("SEED_JUICE_URL"):
        return Party(url, os.environ["SEED_JUICE_KEY"], request.getfixturevalue("outside"))
    standin: JuiceStandin = request.getfixturevalue("juice_standin")
    code = standin.codes[0]
    demo = standin.demo(code)
    return Party(standin.url(code), standin.key(code), demo | {"unused": iter(_activated(demo["cards"]))}, standin)


def _activated(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [card for card in cards if card["state"] == "activated"]


@pytest.fixture
def impatient(party: Party) -> HttpJuice:
    """A client that gives up after a fraction of a second."""
    return party.client(timeout_s=0.6)


class AUtility:
    async def test_says_its_money_zone_colours_streets_and_rules(self, party: Party) -> None:
        told = await party.juice.utility()
        assert len(told.currency) == 3 and ZoneInfo(told.zone)
        assert set(told.colours) >= {"primary", "accent"} and set(told.support) >= {"phone", "email"}
        assert len(set(told.streets)) >= 10 and 0 < told.arrears_rules["default_share"] <= 100


class ACustomer:
    async def test_is_the_same_by_account_and_by_meter(self, party: Party) -> None:
        account = party.accounts[0]
        by_account = await party.juice.confirm_customer(account=account["number"])
        assert by_account == await party.juice.confirm_customer(meter=account["meter"])
        assert account["meter"] in by_account.meters and by_account.can_buy

    async def test_that_is_unknown_is_refused(self, party: Party) -> None:
        with pytest.raises(UnknownAccount):
            await party.juice.confirm_customer(account="0")
        with pytest.raises(UnknownMeter):
            await party.juice.confirm_customer(meter="0")


class ACard:
    async def test_says_its_amount_to_whoever_knows_its_code(self, party: Party) -> None:
        offer = await party.juice.check_card(**party.card())
        assert offer.amount > 0 and offer.currency == (await party.juice.utility()).currency

    async def test_answers_wrong_serials_wrong_codes_and_inactive_cards_alike(self, party: Party) -> None:
        card, inactive = party.card(), party.inactive_cards[0]
        refusals = set()
        for serial, code in (("0", card["code"]), (card["serial"], "WRONGWRONG12"), (inactive["serial"], inactive["code"])):
            with pytest.raises(UnknownCard) as refusal:
                await party.juice.check_card(serial, code)
            refusals.add((refusal.value.rule, refusal.value.detail))
        assert len(refusals) == 1

    async def test_gives_a_token_for_an_sts_meter(self, party: Party) -> None:
        reply = await party.juice.redeem(uuid4(), **party.card(), meter=party.meter("STS"))
        assert [token.order for token in reply.tokens] == list(range(1, len(reply.tokens) + 1))
        assert reply.tokens[-1].kind == "credit" and reply.units

    async def test_pays_into_the_wallet_for_an_ami_meter(self, party: Party) -> None:
        reply = await party.juice.redeem(uuid4(), **party.card(), meter=party.meter("AMI"))
        assert reply.tokens == () and reply.wallet_change == sum(line.amount for line in reply.lines if line.kind == "wallet")

    async def test_is_applied_in_parts_that_make_up_the_whole(self, party: Party) -> None:
        card = party.card()
        worth = (await party.juice.check_card(**card)).amount
        reply = await party.juice.redeem(uuid4(), **card, account=party.accounts[1]["number"])
        order = ["arrears", "tax", "fee", "energy", "wallet"]
        assert reply.amount == worth == sum(line.amount for line in reply.lines)
        assert [line.kind for line in reply.lines] == sorted((line.kind for line in reply.lines), key=order.index)
        for line in reply.lines:
            if line.kind == "arrears":
                assert (line.balance_before or 0) - line.amount == line.balance_after

    async def test_is_used_afterwards(self, party: Party) -> None:
        card = party.card()
        await party.juice.redeem(uuid4(), **card, meter=party.meter("STS"))
        with pytest.raises(CardUsed):
            await party.juice.check_card(**card)
        with pytest.raises(CardUsed):
            await party.juice.redeem(uuid4(), **card, meter=party.meter("STS"))

    async def test_is_not_used_by_a_refusal(self, party: Party) -> None:
        card = party.card()
        with pytest.raises(UnknownMeter):
            await party.juice.redeem(uuid4(), **card, meter="0")
        with pytest.raises(BlockedMeter):
            await party.juice.redeem(uuid4(), **card, meter=party.meter("STS", blocked=True))
        assert await party.juice.check_card(**card)

    async def test_credits_one_of_32_racers(self, party: Party) -> None:
        card, meter = party.card(), party.meter("STS")
        race = (party.juice.redeem(uuid4(), **card, meter=meter) for _ in range(32))
        outcomes = await asyncio.gather(*race, return_exceptions=True)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["CardUsed"] * 31 + ["Reply"]


class ACardsStatus:
    """What the utility is told of a card by its serial alone."""

    async def test_of_one_that_is_ready_to_use_is_its_amount(self, party: Party) -> None:
        card = party.card()
        status = await party.juice.card_status(card["serial"])
        offer = await party.juice.check_card(**card)
        assert (status.state, status.amount, status.currency, status.used) == ("activated", offer.amount, offer.currency, None)

    async def test_of_one_that_was_not_sold_says_so(self, party: Party) -> None:
        assert (await party.juice.card_status(party.inactive_cards[0]["serial"])).state == "available"

    async def test_of_one_that_was_used_says_when_and_for_which_meter(self, party: Party) -> None:
        card, meter = party.card(), party.meter("STS")
        receipt = await party.juice.redeem(uuid4(), **card, meter=meter)
        status = await party.juice.card_status(card["serial"])
        assert status.state == "used" and status.used and status.amount == receipt.amount
        assert (status.used.at, status.used.account, status.used.meter) == (receipt.at, receipt.account, meter)

    async def test_of_a_serial_that_no_card_has_is_refused(self, party: Party) -> None:
        with pytest.raises(UnknownCard):
            await party.juice.card_status("0")

    async def test_changes_nothing(self, party: Party) -> None:
        card = party.card()
        assert await party.juice.card_status(card["serial"]) == await party.juice.card_status(card["serial"])
        assert await party.juice.redeem(uuid4(), **card, meter=party.meter("STS"))


class AShareOfEachPurchase:
    """What a customer may let go to a debt, within the utility's limits."""

    @staticmethod
    async def choosable(party: Party) -> tuple[str, ShareLimits]:
        """An account with a debt whose share may be raised."""
        for account in party.accounts:
            for limits in await party.juice.share_limits(account=account["number"]):
                if limits.share < limits.most:
                    return account["number"], limits
        pytest.skip("NOT TRIED: no debt of this Juice may be paid faster")

    async def test_is_told_with_its_limits(self, party: Party) -> None:
        account, limits = await self.choosable(party)
        assert 0 < limits.least <= limits.share < limits.most <= 100 and limits.balance > 0
        stated = [item for item in await party.everything("arrears") if item.account == account][-1]
        assert {debt.id: debt.share for debt in stated.debts}[limits.debt] == limits.share

    async def test_is_taken_from_the_next_payment_on_and_told_in_the_feed(self, party: Party) -> None:
        account, limits = await self.choosable(party)
        taken = await party.juice.take_share(uuid4(), account=account, debt=limits.debt, share=limits.share + 1)
        assert (taken.account, taken.debt, taken.share) == (account, limits.debt, limits.share + 1)
        stated = [item for item in await party.everything("arrears") if item.account == account][-1]
        assert {debt.id: debt.share for debt in stated.debts}[limits.debt] == limits.share + 1
        after = {each.debt: each for each in await party.juice.share_limits(account=account)}[limits.debt]
        assert (after.share, after.least, after.most) == (limits.share + 1, limits.least, limits.most)

    async def test_goes_back_to_the_utilitys_and_never_below(self, party: Party) -> None:
        account, limits = await self.choosable(party)
        await party.juice.take_share(uuid4(), account=account, debt=limits.debt, share=limits.most)
        await party.juice.take_share(uuid4(), account=account, debt=limits.debt, share=limits.least)
        for share in {limits.least - 1, limits.most + 1} - {0, 101}:
            with pytest.raises(ShareOutOfLimits):
                await party.juice.take_share(uuid4(), account=account, debt=limits.debt, share=share)
        after = {each.debt: each for each in await party.juice.share_limits(account=account)}[limits.debt]
        assert after.share == limits.least

    async def test_sent_again_under_the_same_message_id_changes_nothing_more(self, party: Party) -> None:
        account, limits = await self.choosable(party)
        message_id, asked = uuid4(), {"account": account, "debt": limits.debt}
        first = await party.juice.take_share(message_id, **asked, share=limits.share + 1)
        await party.juice.take_share(uuid4(), **asked, share=limits.least)
        assert await party.juice.take_share(message_id, **asked, share=limits.share + 1) == first
        assert await party.juice.advise_share(message_id) == first
        after = {each.debt: each for each in await party.juice.share_limits(account=account)}[limits.debt]
        assert after.share == limits.least

    async def test_of_what_is_not_owed_is_refused_and_leaves_nothing(self, party: Party) -> None:
        message_id = uuid4()
        with pytest.raises(UnknownDebt):
            await party.juice.take_share(message_id, account=party.accounts[0]["number"], debt="none", share=50)
        with pytest.raises(NoSuchTransaction):
            await party.juice.advise_share(message_id)
        with pytest.raises(UnknownAccount):
            await party.juice.share_limits(account="0")


class AMessage:
    async def test_sent_again_gets_the_same_reply_and_does_nothing_more(self, party: Party) -> None:
        message_id, card, meter = uuid4(), party.card(), party.meter("STS")
        race = (party.juice.redeem(message_id, **card, meter=meter) for _ in range(8))
        first, *others = await asyncio.gather(*race)
        assert all(other == first for other in others)
        assert await advice(party.juice, message_id) == first

    async def test_with_another_body_under_its_id_says_nothing_of_the_first(self, party: Party) -> None:
        message_id, card, other = uuid4(), party.card(), party.card()
        await party.juice.redeem(message_id, **card, meter=party.meter("STS"))
        with pytest.raises(JuiceSilent):
            await party.juice.redeem(message_id, **other, meter=party.meter("STS"))
        assert await party.juice.check_card(**other)

    async def test_that_was_refused_or_never_sent_is_no_transaction(self, party: Party) -> None:
        message_id = uuid4()
        with pytest.raises(NoSuchTransaction):
            await advice(party.juice, message_id)
        with pytest.raises(UnknownCard):
            await party.juice.redeem(message_id, serial="0", code="WRONGWRONG12", meter=party.meter("STS"))
        with pytest.raises(NoSuchTransaction):
            await advice(party.juice, message_id)

    async def test_whose_reply_is_lost_is_found_by_advice(self, party: Party) -> None:
        party.standin.faults("lose-reply", path="/redemptions")
        message_id, card = uuid4(), party.card()
        with pytest.raises(JuiceSilent):
            await party.juice.redeem(message_id, **card, meter=party.meter("STS"))
        reply = await advice(party.juice, message_id)
        assert reply == await party.juice.redeem(message_id, **card, meter=party.meter("STS"))

    async def test_that_was_dropped_on_the_way_is_no_transaction(self, party: Party) -> None:
        party.standin.faults("drop-before", path="/redemptions")
        message_id, card = uuid4(), party.card()
        with pytest.raises(JuiceSilent):
            await party.juice.redeem(message_id, **card, meter=party.meter("STS"))
        with pytest.raises(NoSuchTransaction):
            await advice(party.juice, message_id)

    async def test_that_arrives_late_after_it_was_sent_again_credits_once(self, party: Party, impatient: HttpJuice) -> None:
        party.standin.faults("delay", path="/redemptions", seconds=1.5)
        message_id, card, meter = uuid4(), party.card(), party.meter("AMI")
        with pytest.raises(JuiceSilent):
            await impatient.redeem(message_id, **card, meter=meter)
        with pytest.raises(NoSuchTransaction):
            await advice(party.juice, message_id)
        reply = await party.juice.redeem(message_id, **card, meter=meter)
        await asyncio.sleep(1.5)  # the late one has arrived by now
        customer = await party.juice.confirm_customer(meter=meter)
        assert customer.balance == reply.wallet_balance and await advice(party.juice, message_id) == reply

    async def test_is_remembered_over_a_kill(self, party: Party) -> None:
        message_id, card = uuid4(), party.card()
        reply = await party.juice.redeem(message_id, **card, meter=party.meter("STS"))
        party.standin.kill()
        with pytest.raises(JuiceUnreachable):
            await advice(party.client(), message_id)
        party.standin.restart()
        assert await advice(party.client(), message_id) == reply
        with pytest.raises(CardUsed):
            await party.client().check_card(**card)

    async def test_killed_in_the_middle_is_done_whole_or_not_at_all(self, party: Party) -> None:
        standin, meter = party.standin, party.meter("AMI")
        for pause in (0.0, 0.01, 0.03):
            cards = {uuid4(): party.card() for _ in range(12)}
            before = (await party.client().confirm_customer(meter=meter)).balance
            juice = party.client()
            race = asyncio.gather(
                *(juice.redeem(message_id, **card, meter=meter) for message_id, card in cards.items()), return_exceptions=True
            )
            await asyncio.sleep(pause)
            standin.kill()
            told = {reply.message_id: reply for reply in await race if not isinstance(reply, BaseException)}
            standin.restart()
            juice, credited = party.client(), 0
            for message_id, card in cards.items():
                try:
                    reply = await advice(juice, message_id)
                except NoSuchTransaction:
                    assert str(message_id) not in told and await juice.check_card(**card)
                    continue
                credited += reply.wallet_change
                assert told.get(str(message_id), reply) == reply
                with pytest.raises(CardUsed):
                    await juice.check_card(**card)
            assert (await juice.confirm_customer(meter=meter)).balance == before + credited


class ATrial:
    async def test_says_what_the_vend_then_does_and_does_nothing(self, party: Party) -> None:
        meter = party.meter("STS")
        before = await party.everything("transactions")
        trial = await party.juice.trial_vend(amount=20000, meter=meter)
        assert len(await party.everything("transactions")) == len(before) and trial.tokens == ()
        vend = await party.juice.vend(uuid4(), amount=20000, tender="Cash", meter=meter)
        assert (vend.lines, vend.units, vend.wallet_balance) == (trial.lines, trial.units, trial.wallet_balance) and vend.tokens


class ARefusal:
    async def test_of_a_field_is_juices_own_and_names_it(self, party: Party) -> None:
        with pytest.raises(JuiceRefused) as refusal:
            await party.juice.vend(uuid4(), amount=0, tender="Cash", meter=party.meter("STS"))
        assert "amount" in refusal.value.detail

    async def test_by_a_wrong_key_did_nothing(self, party: Party) -> None:
        card = party.card()
        with pytest.raises(JuiceUnreachable):
            await party.client(key="wrong").redeem(uuid4(), **card, meter=party.meter("STS"))
        assert await party.juice.check_card(**card)


class AReprint:
    async def test_gives_the_last_receipts_first(self, party: Party) -> None:
        meter = party.meter("STS")
        replies = [await party.juice.vend(uuid4(), amount=20000, tender="Cash", meter=meter) for _ in range(2)]
        assert list(await party.juice.reprint(count=2, meter=meter)) == replies[::-1]


class AListOfTransactions:
    async def test_has_each_of_its_time_once_page_by_page_as_the_receipts_say(self, party: Party) -> None:
        meter = party.meter("STS")
        sold = [await party.juice.vend(uuid4(), amount=20000, tender="Cash-CC", meter=meter) for _ in range(5)]
        card = party.card()
        redeemed = await party.juice.redeem(uuid4(), **card, meter=meter)
        found = await party.listed(sold[0].at, redeemed.at + timedelta(milliseconds=1), limit=2)
        numbers = [each.transaction for each in found]
        assert len(set(numbers)) == len(numbers)
        own = {each.transaction: each for each in found}
        for reply in (*sold, redeemed):
            listed = own[reply.transaction]
            said = (listed.message_id, listed.at, listed.account, listed.amount, listed.currency)
            assert said == (reply.message_id, reply.at, reply.account, reply.amount, reply.currency)
        assert own[redeemed.transaction].serial == card["serial"] and own[sold[0].transaction].serial is None

    async def test_has_nothing_from_outside_its_time(self, party: Party) -> None:
        reply = await party.juice.vend(uuid4(), amount=20000, tender="Cash-CC", meter=party.meter("STS"))
        before = await party.listed(reply.at - timedelta(days=1), reply.at)
        assert reply.transaction not in {each.transaction for each in before}
        assert all(reply.at - timedelta(days=1) <= each.at < reply.at for each in before)
        later = reply.at + timedelta(days=1)
        page = await party.juice.transactions(since=later, until=later + timedelta(days=1), after=None, limit=10)
        assert (page.items, page.more) == ((), False)

    async def test_says_of_what_was_made_elsewhere_that_no_message_made_it(self, party: Party) -> None:
        told = {item.transaction: item for item in await party.everything("transactions")}
        first = min(item.at for item in told.values())
        listed = await party.listed(first, max(item.at for item in told.values()) + timedelta(milliseconds=1), limit=1000)
        assert {each.transaction: each.message_id for each in listed} == {n: item.message_id for n, item in told.items()}


class AFeed:
    @pytest.mark.parametrize("name", ["accounts", "transactions", "usage", "arrears", "balances"])
    async def test_gives_the_same_in_small_pages_and_in_large(self, party: Party, name: FeedName) -> None:
        large, small = await party.everything(name, limit=1000), await party.everything(name, limit=97)
        assert large and large == small

    async def test_of_meters_has_each_account_in_the_feed_before_it(self, party: Party) -> None:
        accounts = {item.number for item in await party.everything("accounts")}
        meters = await party.everything("meters")
        assert {item.account for item in meters} <= accounts
        assert {item.meter for item in await party.everything("usage")} <= {item.number for item in meters}

    async def test_tells_of_a_redemption_past_the_cursor(self, party: Party) -> None:
        cursors: dict[FeedName, str] = {}
        for name in ("transactions", "balances"):
            page = await party.juice.feed(name, after=None, limit=1000)
            while page.more:
                page = await party.juice.feed(name, after=page.cursor, limit=1000)
            cursors[name] = page.cursor
        message_id, card = uuid4(), party.card()
        reply = await party.juice.redeem(message_id, **card, meter=party.meter("AMI"))
        told = (await party.juice.feed("transactions", after=cursors["transactions"], limit=10)).items
        assert [(item["message_id"], item["serial"], item["type"]) for item in told] == [(str(message_id), card["serial"], "JC")]
        (balance,) = (await party.juice.feed("balances", after=cursors["balances"], limit=10)).items
        assert (balance["wallet_balance"], balance["through_transaction"]) == (reply.wallet_balance, reply.transaction)

    async def test_of_balances_agrees_with_the_transactions(self, party: Party) -> None:
        sums: dict[str, int] = {}
        latest: dict[str, TransactionItem] = {}
        for item in await party.everything("transactions"):
            sums[item.account] = sums.get(item.account, 0) + item.wallet_change
            assert item.account not in latest or latest[item.account].at <= item.at
            latest[item.account] = item
        for item in await party.everything("balances"):
            assert item.wallet_balance == sums[item.account]
            assert item.through_transaction == latest[item.account].transaction

    async def test_keeps_its_cursor_where_nothing_is_new(self, party: Party) -> None:
        page = await party.juice.feed("accounts", after=None, limit=1000)
        again = await party.juice.feed("accounts", after=page.cursor, limit=1000)
        assert (again.items, again.cursor, again.more) == ((), page.cursor, False)
