"""What each event changed, seen by folding a history again."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from domain.wallet import Wallet
from projections.replay import Change, Replay
from tests.domain.scenario import SOME_ID, context
from tests.projections.lives import buy, buy_in_vain, live, receipt
from tests.utility import OpenUtility


def history(changes: list[int]) -> Wallet:
    wallet = Wallet(SOME_ID)
    wallet.open(context(), account_id=SOME_ID, currency="ZAR")
    for number, change in enumerate(changes):
        wallet.take_transaction(context(), kind="Cash", receipt=receipt(str(number), change=change))
    return wallet


class AReplay:
    def test_says_of_each_event_what_stood_before_and_what_stands_after(self) -> None:
        replay = Replay()
        opened, bought = history([50]).collect_events()
        assert replay.take(opened) == ("Wallet", [Change("account_id", None, str(SOME_ID)), Change("currency", "", "ZAR")])
        aggregate, changes = replay.take(bought)
        told = {change.field: (change.before, change.after) for change in changes}
        assert (aggregate, told["balance"], told["juice_numbers"]) == ("Wallet", (0, 50), ([], ["0"]))

    @given(st.lists(st.integers(-10_000, 10_000), max_size=8), st.integers(0, 8))
    def test_comes_to_the_same_whether_events_are_taken_or_passed_over(self, changes: list[int], taken: int) -> None:
        events = history(changes).collect_events()
        one, other = Replay(), Replay()
        for place, event in enumerate(events):
            one.pass_over(event)
            other.take(event) if place < taken else other.pass_over(event)
        assert one.states() == other.states()
        assert one.states()[0].fields["balance"] == sum(changes)


class AWholeLife:
    async def test_is_told_with_every_aggregate_that_is_the_accounts_own(self, utility: OpenUtility) -> None:
        await live(utility.portal, "1005")
        await buy(utility.portal, "1005")
        await buy_in_vain(utility.portal, "1005")
        account_id = (await utility.portal.find("1005")).account_id
        await utility.portal.record_reading(context(by="auditor:ann"), account_id=account_id, what="history")
        await utility.project()
        replay, told = Replay(), []
        async for recorded in utility.history.of(account_id):
            told.append(replay.take(recorded.event))
        assert msgspec.json.encode(told) and msgspec.json.encode(replay.states())
        own = {"Account", "Wallet", "CardRedemption", "Purchase", "Ticket", "TokenShelf", "AuditTrail"}
        assert {state.aggregate for state in replay.states()} == own
        for aggregate, ends in (("CardRedemption", {"redeemed", "proven-absent"}), ("Purchase", {"captured", "released"})):
            assert {state.fields["stage"] for state in replay.states() if state.aggregate == aggregate} >= ends
