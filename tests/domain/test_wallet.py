"""The wallet: Juice's truth, each of its transactions once."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.wallet import (
    ArrearsStated,
    CardRedeemed,
    CurrencyDiffers,
    Debt,
    Line,
    Receipt,
    TransactionRecorded,
    Wallet,
    WalletReconciled,
)
from tests.domain.scenario import NOON, Scenario, context

DEBT = Debt(debt_id="D1", description="Meter", balance=9000, original=10000, share=25, plan="share", opened_on="2025-01-01")


def receipt(juice_number="J1", change=0, currency="ZAR", lines=(), at=NOON):
    return Receipt(
        juice_number=juice_number,
        happened_at=at,
        amount=5000,
        currency=currency,
        lines=lines,
        wallet_change=change,
        wallet_balance=change,
    )


def opened(wallet):
    wallet.open(context(by="juice"), account_id=UUID(int=1), currency="ZAR")


def transaction(*args, **kwargs):
    return lambda wallet: wallet.take_transaction(context(by="juice"), kind="Cash", receipt=receipt(*args, **kwargs))


def redemption(*args, **kwargs):
    return lambda wallet: wallet.redeem_card(context(), redemption_id=UUID(int=2), receipt=receipt(*args, **kwargs))


def compare(balance, through):
    return lambda wallet: wallet.compare(context(by="juice"), juice_balance=balance, through=through, as_of=NOON)


class AWallet:
    def test_recognises_in_the_feed_what_seed_did_itself(self):
        Scenario(Wallet).given(opened, redemption("J1", 300)).when(transaction("J1", 300)).then_nothing()

    def test_credits_once_where_the_feed_was_faster_than_the_reply(self):
        scenario = Scenario(Wallet).given(opened, transaction("J1", 300)).when(redemption("J1", 300))
        scenario.then_nothing()
        assert scenario.aggregate.balance == 300

    def test_records_what_was_bought_elsewhere(self):
        Scenario(Wallet).given(opened).when(transaction("J1")).then((TransactionRecorded, {"kind": "Cash"}))

    def test_records_a_redeemed_card(self):
        Scenario(Wallet).given(opened).when(redemption("J1")).then((CardRedeemed, {"redemption_id": UUID(int=2)}))

    def test_refuses_another_currency(self):
        Scenario(Wallet).given(opened).when(redemption(currency="KES")).then_refused(CurrencyDiffers)

    def test_lowers_the_debt_that_a_payment_went_to(self):
        line = Line(kind="arrears", amount=1250, debt_id="D1", balance_before=9000, balance_after=7750)
        state = lambda w: w.state_arrears(context(by="juice"), debts=(DEBT,), as_of=NOON)  # noqa: E731
        wallet = Scenario(Wallet).given(opened, state, redemption(lines=(line,))).aggregate
        assert [debt.balance for debt in wallet.debts] == [7750]

    def test_is_told_of_the_same_debts_once(self):
        state = lambda w: w.state_arrears(context(by="juice"), debts=(DEBT,), as_of=NOON)  # noqa: E731
        Scenario(Wallet).given(opened).when(state).then(ArrearsStated).when(state).then_nothing()


class Reconciling:
    def test_records_a_difference_and_follows_juice(self):
        scenario = Scenario(Wallet).given(opened, transaction("J1", 300)).when(compare(500, "J1"))
        scenario.then((WalletReconciled, {"recorded_balance": 300, "juice_balance": 500, "difference": 200}))
        assert scenario.aggregate.balance == 500

    def test_is_silent_where_both_agree(self):
        Scenario(Wallet).given(opened, transaction("J1", 300)).when(compare(300, "J1")).then_nothing()

    def test_leaves_an_old_balance_alone(self):
        later = NOON + timedelta(minutes=1)
        Scenario(Wallet).given(opened, transaction("J1", 300), transaction("J2", 50, at=later)).when(
            compare(300, "J1")
        ).then_nothing()


class TheBalance:
    @settings(max_examples=200, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 6), st.integers(-500, 500), st.booleans())))
    def test_is_the_sum_of_each_transaction_once(self, told):
        wallet = Wallet(UUID(int=9))
        opened(wallet)
        first: dict[int, int] = {}
        for number, change, own in told:
            (redemption if own else transaction)(f"J{number}", change)(wallet)
            first.setdefault(number, change)
        assert wallet.balance == sum(first.values())
        assert Wallet.fold(wallet.id, wallet.collect_events()).balance == wallet.balance
