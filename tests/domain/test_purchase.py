"""A purchase by credit card: charged only for what was issued, let go only where nothing was, and nothing guessed."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.aggregate import Refusal
from domain.purchase import (
    ENDED,
    LAST_HOURS,
    AuthorisationDiffers,
    AuthorisationEnds,
    Purchase,
    PurchaseNotOpen,
    PurchaseNotUnderWay,
    Stage,
)
from domain.purchase_events import (
    PurchaseAbandoned,
    PurchaseAuthorised,
    PurchaseCaptured,
    PurchaseCheckoutOpened,
    PurchaseDeclined,
    PurchaseDoubted,
    PurchaseFlagged,
    PurchaseFoundIssued,
    PurchaseIssued,
    PurchaseNeverLeft,
    PurchaseNoticed,
    PurchaseProvenAbsent,
    PurchaseReleased,
    PurchaseRequested,
    PurchaseSent,
    PurchaseSentAgain,
    PurchaseUncollected,
)
from tests.domain.scenario import NOON, SOME_ID, Scenario, context
from tests.domain.test_redemption import receipt

MESSAGE = UUID(int=1)
ENDS = NOON + timedelta(days=7)


def request(purchase):
    purchase.request(
        context(),
        account_id=UUID(int=3),
        wallet_id=UUID(int=4),
        meter_id=UUID(int=5),
        message_id=MESSAGE,
        checkout_key=UUID(int=6),
        amount=5000,
        currency="ZAR",
        language="en",
        pays_until=NOON + timedelta(hours=1),
    )


def open_checkout(purchase):
    purchase.open_checkout(context(), checkout_id="cs_1")


def decline(purchase):
    purchase.notice(context(), notice_id="evt_declined", kind="declined")


def authorise(purchase, **said):
    told = {"payment_id": "pi_1", "amount": 5000, "currency": "ZAR", "authorised_until": ENDS, "card": "visa 4242", **said}
    purchase.authorise(context(by="system:vendor"), **told)


def send(purchase, at=NOON):
    purchase.send(context(at))


def send_again(purchase, at=NOON):
    purchase.send_again(context(at), copies=purchase.copies)


def take_back(purchase, sent_at=NOON):
    purchase.take_back(context(), sent_at=sent_at)


def doubt(purchase):
    purchase.doubt(context(), reason="JuiceSilent")


def issue(purchase):
    purchase.issue(context(), receipt=receipt())


def prove_absent(purchase):
    purchase.prove_absent(context(), rule="BlockedMeter")


def find_issued(purchase):
    purchase.find_issued(context(), receipt=receipt())


def capture(purchase):
    purchase.capture(context())


def release(purchase):
    purchase.release(context())


def leave_uncollected(purchase):
    purchase.leave_uncollected(context(), rule="PaymentNotCapturable")


def abandon(purchase):
    purchase.abandon(context(), reason="cancelled")


def flag(purchase):
    purchase.flag(context(), reason="doubt-lasts")


OPENED = (request, open_checkout)
AUTHORISED = (*OPENED, authorise)
SENT = (*AUTHORISED, send)


def a_purchase(*earlier):
    return Scenario(Purchase).given(*earlier)


class APurchase:
    def test_begins_with_the_wish_and_all_it_will_be_asked_after_by(self):
        a_purchase().when(request).then((PurchaseRequested, {"message_id": MESSAGE, "checkout_key": UUID(int=6), "amount": 5000}))

    def test_is_requested_once(self):
        a_purchase(request).when(request).then_refused(PurchaseNotUnderWay)

    def test_has_one_payment_page(self):
        opened = a_purchase(request).when(open_checkout).then((PurchaseCheckoutOpened, {"checkout_id": "cs_1"}))
        opened.when(open_checkout).then_nothing()
        opened.when(lambda purchase: purchase.open_checkout(context(), checkout_id="cs_2")).then_refused(PurchaseNotOpen)

    def test_is_authorised_once_however_often_that_is_said(self):
        told = {"payment_id": "pi_1", "amount": 5000, "currency": "ZAR", "card": "visa 4242"}
        a_purchase(*OPENED).when(authorise).then((PurchaseAuthorised, told)).when(authorise).then_nothing()

    def test_is_sent_once(self):
        a_purchase(*AUTHORISED).when(send).then((PurchaseSent, {"message_id": MESSAGE})).when(send).then_refused(
            PurchaseNotUnderWay
        )

    def test_is_not_sent_before_it_is_authorised(self):
        for earlier in ((request,), OPENED, (*OPENED, decline), (*OPENED, abandon)):
            a_purchase(*earlier).when(send).then_refused(PurchaseNotUnderWay)

    @pytest.mark.parametrize("said", [{"amount": 4999}, {"amount": 5001}, {"amount": 50}, {"currency": "UGX"}])
    def test_is_not_sent_where_anything_else_was_authorised(self, said):
        differs = a_purchase(*OPENED, lambda purchase: authorise(purchase, **said))
        differs.when(send).then_refused(AuthorisationDiffers)

    def test_is_not_sent_where_the_authorisation_is_about_to_end(self):
        late = a_purchase(*AUTHORISED).when(lambda purchase: send(purchase, ENDS - LAST_HOURS))
        late.then_refused(AuthorisationEnds)
        a_purchase(*SENT).when(lambda purchase: send_again(purchase, ENDS)).then_refused(AuthorisationEnds)

    def test_is_charged_once_after_juice_issued(self):
        issued = a_purchase(*SENT).when(issue).then(PurchaseIssued).when(issue).then_nothing()
        issued.when(capture).then((PurchaseCaptured, {"payment_id": "pi_1"})).when(capture).then_nothing()

    def test_is_not_charged_before_juice_issued(self):
        for earlier in (AUTHORISED, SENT, (*SENT, doubt), (*SENT, prove_absent), (*SENT, prove_absent, release)):
            a_purchase(*earlier).when(capture).then_refused(PurchaseNotUnderWay)

    def test_is_let_go_once_where_juice_is_proven_not_to_have_issued(self):
        absent = a_purchase(*SENT).when(prove_absent).then((PurchaseProvenAbsent, {"rule": "BlockedMeter"}))
        absent.when(release).then((PurchaseReleased, {"payment_id": "pi_1"})).when(release).then_nothing()

    def test_is_not_let_go_while_that_is_unknown(self):
        for earlier in (AUTHORISED, SENT, (*SENT, doubt), (*SENT, issue), (*SENT, issue, capture)):
            a_purchase(*earlier).when(release).then_refused(PurchaseNotUnderWay)

    def test_is_doubted_once_and_issued_out_of_doubt(self):
        doubted = a_purchase(*SENT).when(doubt).then((PurchaseDoubted, {"reason": "JuiceSilent"})).when(doubt).then_nothing()
        doubted.when(send_again).then(PurchaseSentAgain).when(issue).then(PurchaseIssued)

    def test_is_where_it_was_where_its_only_copy_never_left(self):
        unsent = a_purchase(*SENT).when(take_back).then((PurchaseNeverLeft, {"sent_at": NOON, "is_unsent": True}))
        unsent.when(send).then(PurchaseSent)
        a_purchase(*SENT, take_back).when(take_back).then_refused(PurchaseNotUnderWay)

    def test_stays_with_juice_where_another_copy_may_have_left(self):
        later = NOON + timedelta(minutes=13)
        purchase = a_purchase(*SENT, doubt, lambda purchase: send_again(purchase, later))
        taken_back = purchase.when(lambda purchase: take_back(purchase, later))
        taken_back.then((PurchaseNeverLeft, {"sent_at": later, "is_unsent": False}))
        taken_back.when(send).then_refused(PurchaseNotUnderWay)

    def test_is_not_sent_again_by_who_does_not_know_of_the_last_copy(self):
        purchase = a_purchase(*SENT, doubt, lambda purchase: send_again(purchase, NOON + timedelta(minutes=13)))
        purchase.when(lambda purchase: purchase.send_again(context(), copies=(NOON,))).then_refused(PurchaseNotUnderWay)

    def test_is_not_proven_absent_by_a_refusal_of_one_copy_where_another_was_sent_since(self):
        purchase = a_purchase(*SENT, lambda purchase: send_again(purchase, NOON + timedelta(minutes=4)))
        refused = {"rule": "VendorCredit", "copies": (NOON,)}
        purchase.when(lambda purchase: purchase.prove_absent(context(), **refused)).then_refused(PurchaseNotUnderWay)

    def test_is_not_taken_back_once_its_outcome_is_known(self):
        for known in ((*SENT, issue), (*SENT, prove_absent)):
            a_purchase(*known).when(take_back).then_refused(PurchaseNotUnderWay)

    def test_is_shown_to_staff_once_for_each_reason(self):
        flagged = a_purchase(*SENT, doubt).when(flag).then((PurchaseFlagged, {"reason": "doubt-lasts"})).when(flag).then_nothing()
        flagged.when(lambda purchase: purchase.flag(context(), reason="authorisation-ends")).then(PurchaseFlagged)


class ADeclinedCard:
    def test_leaves_the_payment_page_open_for_another(self):
        declined = a_purchase(*OPENED).when(decline).then((PurchaseDeclined, {"notice_id": "evt_declined"}))
        declined.when(decline).then_nothing().when(authorise).then(PurchaseAuthorised)

    def test_of_which_word_comes_late_changes_nothing(self):
        late = a_purchase(*AUTHORISED).when(decline).then(PurchaseNoticed)
        assert late.aggregate.stage is Stage.AUTHORISED


class AWordOfTheProvider:
    def test_is_recorded_once_at_any_stage(self):
        word = {"notice_id": "evt_1", "kind": "authorised"}
        for earlier in ((request,), SENT, (*SENT, issue, capture), (*OPENED, abandon)):
            noticed = a_purchase(*earlier).when(lambda purchase: purchase.notice(context(), **word))
            noticed.then((PurchaseNoticed, word)).when(lambda purchase: purchase.notice(context(), **word)).then_nothing()

    def test_decides_nothing(self):
        noticed = a_purchase(*OPENED, lambda purchase: purchase.notice(context(), notice_id="evt_1", kind="captured"))
        noticed.when(capture).then_refused(PurchaseNotUnderWay)

    def test_of_a_purchase_that_never_was_is_nobodys(self):
        a_purchase().when(lambda purchase: purchase.notice(context(), notice_id="evt_1", kind="authorised")).then_nothing()


class AnAbandonedPurchase:
    def test_ends_before_anything_is_authorised(self):
        left = a_purchase(*OPENED).when(abandon).then((PurchaseAbandoned, {"reason": "cancelled"})).when(abandon).then_nothing()
        left.when(authorise).then_refused(PurchaseNotOpen)

    def test_is_none_once_money_is_held(self):
        for earlier in (AUTHORISED, SENT, (*SENT, issue)):
            a_purchase(*earlier).when(abandon).then_refused(PurchaseNotOpen)


class WhatWasIssuedAgainstAllProof:
    def test_is_corrected_and_can_be_charged_while_the_money_is_held(self):
        found = a_purchase(*SENT, prove_absent).when(find_issued).then(PurchaseFoundIssued)
        found.when(release).then_refused(PurchaseNotUnderWay)
        found.raised = None
        found.when(capture).then(PurchaseCaptured)

    def test_is_left_to_staff_where_the_money_was_let_go(self):
        found = a_purchase(*SENT, prove_absent, release).when(find_issued)
        found.then(PurchaseFoundIssued, (PurchaseUncollected, {"rule": "ReleasedBefore"}))


class WhatCannotBeChargedAnyMore:
    def test_is_left_to_staff(self):
        a_purchase(*SENT, issue).when(leave_uncollected).then((PurchaseUncollected, {"rule": "PaymentNotCapturable"}))

    def test_was_issued(self):
        for earlier in (SENT, (*SENT, doubt), (*SENT, prove_absent)):
            a_purchase(*earlier).when(leave_uncollected).then_refused(PurchaseNotUnderWay)


ANYTHING = st.lists(
    st.sampled_from(
        [request, open_checkout, decline, authorise, send, send_again, take_back, doubt, issue, prove_absent]
        + [find_issued, capture, release, leave_uncollected, abandon, flag]
    ),
    max_size=30,
)


class Whatever:
    @settings(max_examples=500, deadline=None)
    @given(ANYTHING, st.booleans())
    def test_is_asked_money_moves_once_for_what_was_issued_and_history_loads(self, steps, begun):
        purchase = Purchase(SOME_ID)
        for step in (*(SENT if begun else ()), *steps):
            try:
                step(purchase)
            except Refusal:
                continue
        events = purchase.collect_events()
        kinds = [type(event) for event in events]
        issued, captured, released = (
            sum(kind in of for kind in kinds)
            for of in ((PurchaseIssued, PurchaseFoundIssued), (PurchaseCaptured,), (PurchaseReleased,))
        )
        assert max(issued, captured, released) <= 1 and captured <= issued and captured + released <= 1
        assert sum(kind in (PurchaseCaptured, PurchaseReleased, PurchaseUncollected, PurchaseAbandoned) for kind in kinds) <= 2
        refolded = Purchase.fold(SOME_ID, events)
        assert (refolded.stage, refolded.version, refolded.flags) == (purchase.stage, purchase.version, purchase.flags)
        assert refolded.has_ended is (refolded.stage in ENDED)
