"""What Seed relies on in any provider of credit-card payments, asked over HTTP through the adapter.

By default this asks the stand-in. Stripe itself is asked in test mode with SEED_STRIPE_KEY, a secret test key (sk_test_…): all
that needs no card on a hosted page, no fault and no kill; the rest is left out, and says so.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.cards_standin import CHALLENGES, DECLINED, CardsStandin, order
from vending.card_provider import (
    AmountNotChargeable,
    AmountTooSmall,
    CaptureDeclined,
    CardProvider,
    CheckoutNotOpen,
    NoSuchCheckout,
    NoSuchPayment,
    Payment,
    PaymentNotCapturable,
    PaymentNotReleasable,
    ProviderRefused,
    ProviderSilent,
    ProviderUnreachable,
    ReturnPage,
)
from vending.card_provider_stripe import StripeCards


class Party:
    """The provider that is asked, and whoever pays there."""

    def __init__(self, standin: CardsStandin | None) -> None:
        self._standin = standin
        self._clients: list[StripeCards] = []
        self.cards: CardProvider = self.client()

    def client(self, *, key: str | None = None, timeout_s: float = 30) -> StripeCards:
        """Another client of the same account."""
        if self._standin is None:
            made = StripeCards("blue", key or os.environ["SEED_STRIPE_KEY"], "whsec_none", timeout_s=timeout_s)
        else:
            made = self._standin.client(timeout_s=timeout_s, **({"key": key} if key else {}))
        self._clients.append(made)
        return made

    @property
    def standin(self) -> CardsStandin:
        """The stand-in, where it is the one that is asked."""
        if self._standin is None:
            pytest.skip("NOT TRIED: no card is typed, no fault and no kill can be ordered at Stripe itself")
        return self._standin

    async def authorised(self) -> Payment:
        """A payment whose amount is held on a card."""
        opened = await self.cards.open_checkout(order())
        self.standin.pay(str(opened.url))
        payment = (await self.cards.checkout(opened.id)).payment
        assert payment is not None and payment.state == "authorised"
        return payment

    async def captured(self) -> Payment:
        """A payment whose amount was taken."""
        return await self.cards.capture((await self.authorised()).id)

    def charged(self, payment: Payment) -> tuple[int, int]:
        """How often a payment was captured and released, as the stand-in knows."""
        (found,) = [each for each in self.standin.payments() if each["id"] == payment.id]
        return found["captured"], found["released"]

    async def close(self) -> None:
        """This will close all clients."""
        for client in self._clients:
            await client.aclose()


@pytest.fixture
async def party(request: pytest.FixtureRequest) -> AsyncIterator[Party]:
    """The provider under test."""
    standin = None if os.environ.get("SEED_STRIPE_KEY") else request.getfixturevalue("cards_standin")
    made = Party(standin)
    yield made
    await made.close()


class ACheckout:
    async def test_is_open_with_a_page_to_pay_on(self, party: Party) -> None:
        wanted = order()
        opened = await party.cards.open_checkout(wanted)
        assert (opened.state, opened.amount, opened.currency) == ("open", wanted.amount, "ZAR")
        assert (opened.utility, opened.purchase_id, opened.payment) == ("blue", wanted.purchase_id, None)
        assert opened.expires_at == wanted.expires_at.replace(microsecond=0)
        assert str(opened.url).startswith(party.cards.pages_origin + "/")
        assert await party.cards.checkout(opened.id) == opened

    async def test_asked_for_again_under_its_key_is_the_same_one(self, party: Party) -> None:
        wanted = order()
        first = await party.cards.open_checkout(wanted)
        assert [await party.cards.open_checkout(wanted) for _ in range(3)] == [first] * 3

    async def test_of_another_amount_under_a_used_key_says_nothing_of_the_first(self, party: Party) -> None:
        wanted = order()
        await party.cards.open_checkout(wanted)
        with pytest.raises(ProviderSilent):
            await party.cards.open_checkout(order(key=wanted.key))

    @pytest.mark.parametrize(
        ("currency", "amount"), [("UGX", 5000), ("JPY", 5000), ("ZAR", 5000), ("ISK", 5000), ("MGA", 500000)]
    )
    async def test_has_the_amount_it_was_opened_for_whatever_the_decimals(self, party: Party, currency: str, amount: int) -> None:
        opened = await party.cards.open_checkout(order(amount=amount, currency=currency))
        assert (opened.amount, opened.currency) == (amount, currency)

    @pytest.mark.parametrize(("currency", "amount"), [("KWD", 12345), ("MGA", 12345), ("ZAR", 0)])
    async def test_of_an_amount_that_cannot_be_said_is_refused_unasked(self, party: Party, currency: str, amount: int) -> None:
        with pytest.raises(AmountNotChargeable):
            await party.cards.open_checkout(order(amount=amount, currency=currency))

    async def test_of_too_small_an_amount_is_refused(self, party: Party) -> None:
        with pytest.raises(AmountTooSmall):
            await party.cards.open_checkout(order(amount=1))

    async def test_that_was_never_opened_is_refused(self, party: Party) -> None:
        with pytest.raises(NoSuchCheckout):
            await party.cards.checkout("cs_test_none")
        with pytest.raises(NoSuchCheckout):
            await party.cards.expire("cs_test_none")

    async def test_is_expired_once_and_has_no_page_then(self, party: Party) -> None:
        opened = await party.cards.open_checkout(order())
        expired = await party.cards.expire(opened.id)
        assert (expired.state, expired.url) == ("expired", None)
        with pytest.raises(CheckoutNotOpen):
            await party.cards.expire(opened.id)
        assert await party.cards.checkout(opened.id) == expired

    async def test_that_has_expired_takes_no_card(self, party: Party) -> None:
        opened = await party.cards.open_checkout(order())
        await party.cards.expire(opened.id)
        assert party.standin.pay(str(opened.url)).status_code == 410
        assert party.standin.payments(opened.purchase_id) == []

    async def test_that_is_completed_is_not_expired(self, party: Party) -> None:
        opened = await party.cards.open_checkout(order())
        party.standin.pay(str(opened.url))
        with pytest.raises(CheckoutNotOpen):
            await party.cards.expire(opened.id)
        assert (await party.cards.checkout(opened.id)).state == "completed"

    async def test_of_a_declined_card_stays_open_for_another(self, party: Party) -> None:
        opened = await party.cards.open_checkout(order())
        party.standin.pay(str(opened.url), DECLINED)
        declined = await party.cards.checkout(opened.id)
        assert declined.state == "open" and declined.payment is not None and declined.payment.state == "pending"
        party.standin.pay(str(opened.url))
        paid = await party.cards.checkout(opened.id)
        assert paid.payment is not None and (paid.payment.id, paid.payment.state) == (declined.payment.id, "authorised")

    @pytest.mark.parametrize(("answer", "state"), [("complete", "authorised"), ("fail", "pending")])
    async def test_of_a_card_whose_bank_asks_waits_for_the_answer(self, party: Party, answer: str, state: str) -> None:
        opened = await party.cards.open_checkout(order())
        party.standin.pay(str(opened.url), CHALLENGES)
        asked = await party.cards.checkout(opened.id)
        assert asked.payment is not None and asked.payment.state == "pending"
        party.standin.meet_challenge(str(opened.url), answer)
        answered = await party.cards.checkout(opened.id)
        assert answered.payment is not None and answered.payment.state == state


class APayment:
    async def test_is_held_and_not_taken_until_it_is_captured(self, party: Party) -> None:
        payment = await party.authorised()
        assert (payment.amount, payment.captured, payment.currency) == (25000, 0, "ZAR")
        assert payment.capture_before is not None and payment.capture_before > datetime.now(UTC) + timedelta(days=1)
        assert payment.card is not None and (payment.card.brand, payment.card.last4) == ("visa", "4242")
        assert payment.purchase_id is not None and await party.cards.payment(payment.id) == payment

    async def test_is_captured_once_however_often_it_is_asked(self, party: Party) -> None:
        payment = await party.authorised()
        taken = [await party.cards.capture(payment.id) for _ in range(3)]
        assert [(each.state, each.captured, each.capture_before) for each in taken] == [("captured", 25000, None)] * 3
        assert party.charged(payment) == (1, 0)

    async def test_is_captured_once_by_16_racers(self, party: Party) -> None:
        payment = await party.authorised()
        taken = await asyncio.gather(*(party.cards.capture(payment.id) for _ in range(16)))
        assert {each.state for each in taken} == {"captured"} and party.charged(payment) == (1, 0)

    async def test_is_released_once_however_often_it_is_asked(self, party: Party) -> None:
        payment = await party.authorised()
        let_go = [await party.cards.release(payment.id) for _ in range(3)]
        assert [(each.state, each.captured) for each in let_go] == [("released", 0)] * 3
        assert party.charged(payment) == (0, 1)

    async def test_is_either_captured_or_released_whoever_races(self, party: Party) -> None:
        payment = await party.authorised()
        race = (party.cards.capture(payment.id), party.cards.release(payment.id))
        outcomes = await asyncio.gather(*race, return_exceptions=True)
        assert sorted(type(outcome).__name__ for outcome in outcomes)[0] == "Payment"
        assert sum(party.charged(payment)) == 1

    async def test_that_was_released_is_not_captured(self, party: Party) -> None:
        payment = await party.authorised()
        await party.cards.release(payment.id)
        with pytest.raises(PaymentNotCapturable):
            await party.cards.capture(payment.id)

    async def test_that_was_captured_is_not_released(self, party: Party) -> None:
        payment = await party.authorised()
        await party.cards.capture(payment.id)
        with pytest.raises(PaymentNotReleasable):
            await party.cards.release(payment.id)

    async def test_whose_authorisation_has_run_out_is_released_by_itself(self, party: Party) -> None:
        party.standin.faults("expiring-authorisation", seconds=0)
        opened = await party.cards.open_checkout(order())
        party.standin.pay(str(opened.url))
        payment = (await party.cards.checkout(opened.id)).payment
        assert payment is not None and payment.state == "released"
        with pytest.raises(PaymentNotCapturable):
            await party.cards.capture(payment.id)

    async def test_whose_capture_is_declined_is_not_captured(self, party: Party) -> None:
        payment = await party.authorised()
        party.standin.faults("decline-capture")
        with pytest.raises(CaptureDeclined):
            await party.cards.capture(payment.id)
        assert (await party.cards.payment(payment.id)).state == "authorised" and party.charged(payment) == (0, 0)

    async def test_that_never_was_is_refused(self, party: Party) -> None:
        for ask in (party.cards.payment, party.cards.capture, party.cards.release):
            with pytest.raises(NoSuchPayment):
                await ask("pi_none")

    async def test_of_another_account_is_not_known(self, party: Party) -> None:
        payment = await party.authorised()
        other = party.standin.client("green")
        with pytest.raises(NoSuchPayment):
            await other.capture(payment.id)
        await other.aclose()


class WhatGoesBack:
    async def test_is_nothing_for_a_payment_that_is_held_or_taken(self, party: Party) -> None:
        payment = await party.authorised()
        await party.cards.capture(payment.id)
        found = await party.cards.payment(payment.id)
        assert (found.captured, found.refunded, found.disputed) == (25000, 0, 0)

    async def test_is_nothing_for_a_payment_that_was_let_go(self, party: Party) -> None:
        payment = await party.authorised()
        await party.cards.release(payment.id)
        found = await party.cards.payment(payment.id)
        assert (found.state, found.refunded, found.disputed) == ("released", 0, 0)

    async def test_by_refunds_is_added_up_and_listed_with_the_time_of_each(self, party: Party) -> None:
        payment = await party.captured()
        began = datetime.now(UTC).replace(microsecond=0)
        for amount in (4000, 1000):
            party.standin.refund(payment.id, amount)
        found = await party.cards.payment(payment.id)
        assert (found.state, found.captured, found.refunded) == ("captured", 25000, 5000)
        assert (await listed(party.cards.refunds, began)).count(payment.id) == 2
        assert payment.id not in await listed(party.cards.refunds, began - timedelta(hours=2), began - timedelta(hours=1))
        party.standin.refund(payment.id)
        assert (await party.cards.payment(payment.id)).refunded == 25000

    async def test_by_a_refund_that_failed_is_nothing(self, party: Party) -> None:
        payment = await party.captured()
        party.standin.refund(payment.id, 4000, fails=True)
        assert (await party.cards.payment(payment.id)).refunded == 0

    async def test_by_a_dispute_is_told_and_listed_until_it_is_won(self, party: Party) -> None:
        payment = await party.captured()
        began = datetime.now(UTC).replace(microsecond=0)
        party.standin.dispute(payment.id, 20000)
        assert (await party.cards.payment(payment.id)).disputed == 20000
        assert payment.id in await listed(party.cards.disputes, began)
        for status, disputed in (("under_review", 20000), ("lost", 20000), ("won", 0)):
            party.standin.dispute(payment.id, status=status)
            assert (await party.cards.payment(payment.id)).disputed == disputed

    async def test_is_told_where_payments_are_listed(self, party: Party) -> None:
        began = datetime.now(UTC).replace(microsecond=0)
        payment = await party.captured()
        party.standin.refund(payment.id, 5000)
        party.standin.dispute(payment.id, 20000)
        page = await party.cards.payments(since=began, until=datetime.now(UTC) + timedelta(seconds=2))
        (found,) = [each for each in page.payments if each.id == payment.id]
        assert found == await party.cards.payment(payment.id) and (found.refunded, found.disputed) == (5000, 20000)

    async def test_leaves_the_payment_captured_however_often_it_is_asked_for(self, party: Party) -> None:
        payment = await party.captured()
        party.standin.refund(payment.id)
        assert (await party.cards.capture(payment.id)).state == "captured"
        with pytest.raises(PaymentNotReleasable):
            await party.cards.release(payment.id)

    async def test_in_another_time_is_not_listed(self, party: Party) -> None:
        now = datetime.now(UTC)
        for returns in (party.cards.refunds, party.cards.disputes):
            assert await listed(returns, now + timedelta(hours=1), now + timedelta(hours=2)) == []


async def listed(returns: Callable[..., Awaitable[ReturnPage]], since: datetime, until: datetime | None = None) -> list[str]:
    """All that a list names, one a page."""
    found: list[str] = []
    older: str | None = None
    while True:
        page = await returns(since=since, until=until or datetime.now(UTC) + timedelta(seconds=2), older=older, limit=1)
        found += page.payment_ids
        older = page.older
        if older is None:
            return found


class AQuestion:
    @pytest.mark.parametrize("kind", ["lose-reply", "drop-before", "unavailable"])
    async def test_without_a_reply_leaves_it_unknown_whether_a_checkout_is_open(self, party: Party, kind: str) -> None:
        wanted = order()
        party.standin.faults(kind, on="open")
        with pytest.raises(ProviderSilent):
            await party.cards.open_checkout(wanted)
        opened = await party.cards.open_checkout(wanted)
        assert opened == await party.cards.checkout(opened.id)

    @pytest.mark.parametrize(("kind", "captured"), [("lose-reply", 1), ("drop-before", 0), ("unavailable", 0)])
    async def test_without_a_reply_leaves_it_unknown_whether_a_payment_is_captured(
        self, party: Party, kind: str, captured: int
    ) -> None:
        payment = await party.authorised()
        party.standin.faults(kind, on="capture")
        with pytest.raises(ProviderSilent):
            await party.cards.capture(payment.id)
        assert party.charged(payment) == (captured, 0)
        assert (await party.cards.payment(payment.id)).state == ("captured" if captured else "authorised")
        assert (await party.cards.capture(payment.id)).state == "captured" and party.charged(payment) == (1, 0)

    async def test_that_takes_too_long_is_given_up_in_bounded_time(self, party: Party) -> None:
        payment = await party.authorised()
        party.standin.faults("delay", on="capture", seconds=1.5)
        with pytest.raises(ProviderSilent):
            await party.client(timeout_s=0.4).capture(payment.id)
        await party.cards.release(payment.id)
        await asyncio.sleep(1.5)  # the late one has arrived by now
        assert party.charged(payment) == (0, 1)

    async def test_with_a_wrong_key_did_nothing_and_does_not_repeat_the_key(self, party: Party) -> None:
        with pytest.raises(ProviderUnreachable) as failure:
            await party.client(key="sk_test_wrong").open_checkout(order())
        assert "wrong" not in str(failure.value)

    async def test_to_nobody_was_never_sent(self) -> None:
        nobody = StripeCards("blue", "sk_test_none", "whsec_none", url="http://127.0.0.1:9")
        with pytest.raises(ProviderUnreachable):
            await nobody.open_checkout(order())
        await nobody.aclose()

    async def test_that_makes_no_sense_is_refused(self, party: Party) -> None:
        with pytest.raises(ProviderRefused):
            await party.cards.open_checkout(order(currency="XXX", success_url="nowhere"))


class AKill:
    async def test_loses_nothing_that_was_answered(self, party: Party) -> None:
        wanted, payment = order(), await party.authorised()
        opened, captured = await party.cards.open_checkout(wanted), await party.cards.capture(payment.id)
        party.standin.kill()
        with pytest.raises(ProviderUnreachable):
            await party.client().payment(payment.id)
        party.standin.restart()
        again = party.client()
        assert await again.payment(payment.id) == captured
        assert await again.open_checkout(wanted) == opened

    async def test_in_the_middle_leaves_each_capture_done_or_not_done(self, party: Party) -> None:
        for pause in (0.0, 0.01, 0.03):
            payments = [await party.authorised() for _ in range(6)]
            client = party.client()
            race = asyncio.gather(*(client.capture(each.id) for each in payments), return_exceptions=True)
            await asyncio.sleep(pause)
            party.standin.kill()
            told = {done.id for done in await race if isinstance(done, Payment)}
            party.standin.restart()
            party.cards = party.client()
            for payment in payments:
                found = await party.cards.payment(payment.id)
                assert found.state == "captured" if payment.id in told else found.state in ("captured", "authorised")
                assert party.charged(payment) == (int(found.state == "captured"), 0)


class AList:
    async def test_of_payments_has_each_once_page_by_page(self, party: Party) -> None:
        began = datetime.now(UTC)
        made = [await party.authorised() for _ in range(5)]
        found: list[Payment] = []
        older, until = None, datetime.now(UTC) + timedelta(seconds=2)
        while True:
            page = await party.cards.payments(since=began, until=until, older=older, limit=2)
            assert len(page.payments) <= 2
            found += page.payments
            older = page.older
            if older is None:
                break
        own = [each for each in found if each.id in {payment.id for payment in made}]
        assert own == made[::-1] and len({each.id for each in found}) == len(found)

    async def test_of_payments_has_nothing_from_outside_its_time(self, party: Party) -> None:
        now = datetime.now(UTC)
        page = await party.cards.payments(since=now + timedelta(hours=1), until=now + timedelta(hours=2))
        assert (page.payments, page.older) == ((), None)

    async def test_of_events_tells_what_happened_to_a_payment(self, party: Party) -> None:
        began, payment = datetime.now(UTC), await party.authorised()
        await party.cards.capture(payment.id)
        page = await party.cards.events(since=began, until=datetime.now(UTC) + timedelta(seconds=2))
        own = [event for event in page.events if event.payment_id == payment.id]
        assert [event.kind for event in own] == ["captured", "checkout-completed", "authorised"]
        assert {event.purchase_id for event in own} == {payment.purchase_id} and {event.utility for event in own} == {"blue"}
