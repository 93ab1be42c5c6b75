"""A difference between two books: found once, settled by itself or by somebody, and never hidden by an earlier settling."""

from datetime import date, timedelta
from uuid import UUID

import msgspec

from domain.difference import (
    Difference,
    DifferenceNotOpen,
    Finding,
    NoSuchDifference,
    NoSuchSettlement,
    ReconciledDay,
    Sums,
)
from domain.difference_events import DayReconciled, DifferenceFound, DifferenceSettled
from domain.ticket_events import About
from tests.domain.memory_log import MemoryLog
from tests.domain.portal import make_portal
from tests.domain.scenario import NOON, Scenario, context

DAY, NEXT = date(2026, 3, 1), date(2026, 3, 2)
FINDING = Finding(
    kind="issued-without-charge",
    subject="M1",
    account_id=UUID(int=1),
    about=About(kind="purchase", id=UUID(int=2)),
    message_id="M1",
    recorded=5000,
    currency="ZAR",
    told=0,
    told_currency="ZAR",
)
LESS = msgspec.structs.replace(FINDING, told=4000)
SUMS = Sums(currency="ZAR", issued=5000, juice_issued=5000, charged=0, provider_charged=0, payments=1, differences=1)


def found(finding=FINDING, day=DAY):
    return lambda difference: difference.find(context(), day=day, finding=finding)


def settled(how="written-off", case=None):
    return lambda difference: difference.settle(context(by="staff:ann"), how=how, case=case)


def vanished(difference):
    difference.vanish(context(by="system:vendor"))


class ADifference:
    def test_says_by_how_much_and_whose_payment(self):
        said = {"account_id": UUID(int=1), "day": DAY, "recorded": 5000, "told": 0, "difference": -5000}
        Scenario(Difference).when(found()).then((DifferenceFound, said))

    def test_in_two_currencies_is_no_sum(self):
        other = msgspec.structs.replace(FINDING, told=100, told_currency="USD")
        Scenario(Difference).when(found(other)).then((DifferenceFound, {"difference": None}))

    def test_is_found_once_however_often_and_on_whichever_day_it_is_met(self):
        Scenario(Difference).given(found()).when(found()).then_nothing()
        Scenario(Difference).given(found()).when(found(day=NEXT)).then_nothing()

    def test_that_staff_settled_stays_settled_as_long_as_it_is_the_same(self):
        Scenario(Difference).given(found(), settled()).when(found(day=NEXT)).then_nothing()
        Scenario(Difference).given(found(), settled()).when(found(LESS)).then((DifferenceFound, {"difference": -1000}))

    def test_that_vanished_and_comes_back_is_found_again(self):
        Scenario(Difference).given(found(), vanished).when(found()).then(DifferenceFound)

    def test_of_another_sum_ends_the_former_one(self):
        Scenario(Difference).given(found()).when(found(LESS)).then(
            (DifferenceSettled, {"how": "changed"}), (DifferenceFound, {"told": 4000})
        )

    def test_is_settled_once_with_who_did_it_how_and_for_which_case(self):
        said = {"how": "refunded", "case": "C-7", "by": "staff:ann"}
        Scenario(Difference).given(found()).when(settled("refunded", "C-7")).then((DifferenceSettled, said))
        Scenario(Difference).given(found(), settled()).when(settled()).then_refused(DifferenceNotOpen)
        Scenario(Difference).given(found(), vanished).when(settled()).then_refused(DifferenceNotOpen)

    def test_is_settled_by_itself_once_and_says_so(self):
        Scenario(Difference).given(found()).when(vanished).then((DifferenceSettled, {"how": "vanished", "case": None}))
        Scenario(Difference).given(found(), vanished).when(vanished).then_nothing()
        Scenario(Difference).given(found(), settled()).when(vanished).then_nothing()

    def test_is_not_settled_in_a_way_that_is_none_nor_where_there_is_none(self):
        Scenario(Difference).given(found()).when(settled("vanished")).then_refused(NoSuchSettlement)
        Scenario(Difference).when(settled()).then_refused(NoSuchDifference)

    def test_is_told_apart_by_what_differs_and_not_by_its_day(self):
        portal = make_portal(MemoryLog())
        others = [msgspec.structs.replace(FINDING, **change) for change in ({"subject": "M2"}, {"kind": "issued-twice"})]
        assert len({portal.difference_id(each) for each in (FINDING, LESS, *others)}) == 3


class ADay:
    def test_is_written_down_once_and_again_where_it_comes_to_something_else(self):
        def reconciled(sums=SUMS, at=NOON):
            return lambda day: day.reconcile(context(at), day=DAY, sums=sums, settled_at=NOON)

        Scenario(ReconciledDay).when(reconciled()).then((DayReconciled, {"day": DAY, "issued": 5000, "differences": 1}))
        Scenario(ReconciledDay).given(reconciled()).when(reconciled()).then_nothing()
        early = NOON - timedelta(hours=1)
        Scenario(ReconciledDay).given(reconciled(at=early)).when(reconciled(at=early)).then_nothing()
        Scenario(ReconciledDay).given(reconciled(at=early)).when(reconciled()).then(DayReconciled)
        none = msgspec.structs.replace(SUMS, differences=0)
        Scenario(ReconciledDay).given(reconciled()).when(reconciled(none)).then((DayReconciled, {"differences": 0}))
