"""Accounts: contacts, confirming identity, passwords, and taking it all back."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.access import AddressNoLongerSuffices
from domain.account import Account
from domain.account_events import (
    AddressMispicked,
    ContactAdded,
    ContactConfirmed,
    ContactRemoved,
    IssuedPasswordUsed,
    PasswordChosen,
    PasswordIssued,
    PasswordIssueUndone,
)
from domain.contact import GivenContact
from domain.links import LinkNoLongerValid
from tests.domain.scenario import NOON, Scenario, context

WALLET = UUID(int=7)
EMAIL = GivenContact(contact_id=UUID(int=11), channel="email", value="thandi@example.org")
PHONE = GivenContact(contact_id=UUID(int=12), channel="sms", value="+27821234567")
NEW_EMAIL = GivenContact(contact_id=UUID(int=13), channel="email", value="new@example.org")
NEW_PHONE = GivenContact(contact_id=UUID(int=14), channel="sms", value="+27829999999")
ISSUE, OTHER_ISSUE = UUID(int=21), UUID(int=22)
ADDRESS = "12 Acacia Road"


def opened(account: Account) -> None:
    account.open(context(by="juice"), number="1001", name="Thandi", address=ADDRESS, language="en", wallet_id=WALLET)
    account.register_contact(context(by="juice"), EMAIL)
    account.register_contact(context(by="juice"), PHONE)


def issue(issue_id=ISSUE, at=NOON, given=(NEW_EMAIL, NEW_PHONE), verifier="keyed"):
    return lambda account: account.issue_password(
        context(at),
        issue_id=issue_id,
        verifier=verifier,
        secret_id=UUID(int=31),
        given=given,
        reason="identity confirmed",
    )


def choose(slow_hash, via_issue=None):
    return lambda account: account.choose_password(context(), slow_hash=slow_hash, via_issue=via_issue)


class AnIssuedPassword:
    def test_goes_to_the_registered_and_the_given_contacts(self):
        recipients = (EMAIL.contact_id, PHONE.contact_id, NEW_EMAIL.contact_id, NEW_PHONE.contact_id)
        Scenario(Account).given(opened).when(issue()).then(
            (ContactAdded, {"value": "new@example.org", "standing": "secondary", "issue_id": ISSUE}),
            (ContactAdded, {"value": "+27829999999", "standing": "secondary", "issue_id": ISSUE}),
            (PasswordIssued, {"recipients": recipients, "expires_at": NOON + timedelta(hours=72)}),
        )

    def test_adds_no_contact_that_is_known_already(self):
        same = GivenContact(contact_id=UUID(int=15), channel="email", value=EMAIL.value)
        Scenario(Account).given(opened).when(issue(given=(same,))).then(
            (PasswordIssued, {"recipients": (EMAIL.contact_id, PHONE.contact_id)})
        )

    def test_leaves_the_owners_own_password_alone(self):
        account = Scenario(Account).given(opened, choose("own"), issue()).aggregate
        assert account.credentials.slow_hash == "own"

    def test_expires_unused_after_72_hours(self):
        account = Scenario(Account).given(opened, issue()).aggregate
        assert account.credentials.issues[ISSUE].opens(NOON + timedelta(hours=71, minutes=59))
        assert not account.credentials.issues[ISSUE].opens(NOON + timedelta(hours=72))

    def test_does_not_expire_once_used(self):
        account = Scenario(Account).given(opened, issue(), lambda a: a.use_issued_password(context(), ISSUE)).aggregate
        assert account.credentials.issues[ISSUE].opens(NOON + timedelta(days=400))

    def test_is_recorded_as_used_once(self):
        Scenario(Account).given(opened, issue()).when(lambda a: a.use_issued_password(context(), ISSUE)).then(
            IssuedPasswordUsed
        ).when(lambda a: a.use_issued_password(context(), ISSUE)).then_nothing()

    def test_ends_when_the_owner_chooses_one(self):
        account = Scenario(Account).given(opened, issue(), choose("own")).aggregate
        assert not account.credentials.issues[ISSUE].opens(NOON)


class ChoosingAPassword:
    def test_raises_the_credential_version_so_that_other_sessions_end(self):
        Scenario(Account).given(opened).when(choose("own")).then((PasswordChosen, {"credential_version": 2}))


class UndoingAnIssue:
    def test_removes_its_contacts_and_voids_its_password_and_sessions(self):
        scenario = Scenario(Account).given(opened, issue()).when(lambda a: a.undo_issue(context(), ISSUE))
        scenario.then(
            (ContactRemoved, {"contact_id": NEW_EMAIL.contact_id, "reason": "undone"}),
            (ContactRemoved, {"contact_id": NEW_PHONE.contact_id, "reason": "undone"}),
            (PasswordIssueUndone, {"issue_id": ISSUE, "credential_version": 2}),
        )
        assert not scenario.aggregate.credentials.issues[ISSUE].opens(NOON)

    def test_brings_back_the_password_that_was_changed_from_its_session(self):
        account = (
            Scenario(Account)
            .given(opened, choose("the owner's"), issue(), choose("the stranger's", via_issue=ISSUE))
            .given(lambda a: a.undo_issue(context(), ISSUE))
            .aggregate
        )
        assert account.credentials.slow_hash == "the owner's"

    def test_is_possible_for_30_days(self):
        late = context(NOON + timedelta(days=30))
        Scenario(Account).given(opened, issue()).when(lambda a: a.undo_issue(late, ISSUE)).then_refused(LinkNoLongerValid)

    def test_is_possible_once(self):
        undo = lambda a: a.undo_issue(context(), ISSUE)  # noqa: E731
        Scenario(Account).given(opened, issue(), undo).when(undo).then_refused(LinkNoLongerValid)

    def test_takes_an_earlier_issue_to_the_same_contacts_with_it(self):
        account = (
            Scenario(Account)
            .given(opened, issue(), lambda a: a.confirm_contact(context(), NEW_EMAIL.contact_id), issue(OTHER_ISSUE))
            .given(lambda a: a.undo_issue(context(), OTHER_ISSUE))
            .aggregate
        )
        assert not any(each.opens(NOON) for each in account.credentials.issues.values())
        assert {contact.standing for contact in account.contacts.values()} == {"registered"}

    def test_leaves_another_issue_alone(self):
        account = (
            Scenario(Account)
            .given(opened, issue(), issue(OTHER_ISSUE, given=()))
            .given(lambda a: a.undo_issue(context(), ISSUE))
            .aggregate
        )
        assert account.credentials.issues[OTHER_ISSUE].opens(NOON)


class PickingAnAddress:
    def test_is_right_for_the_registered_one(self):
        scenario = Scenario(Account).given(opened)
        assert scenario.aggregate.pick_address(context(), ADDRESS)
        scenario.then_nothing()

    def test_records_a_wrong_pick(self):
        Scenario(Account).given(opened).when(lambda a: a.pick_address(context(), "elsewhere")).then(AddressMispicked)

    def test_no_longer_suffices_after_two_wrong_picks_even_when_right(self):
        wrong = lambda a: a.pick_address(context(), "elsewhere")  # noqa: E731
        Scenario(Account).given(opened, wrong, wrong).when(lambda a: a.pick_address(context(), ADDRESS)).then_refused(
            AddressNoLongerSuffices
        )

    def test_suffices_again_after_30_days(self):
        wrong = lambda a: a.pick_address(context(), "elsewhere")  # noqa: E731
        later = NOON + timedelta(days=30)
        assert Scenario(Account).given(opened, wrong, wrong).aggregate.address_suffices(later)


class AContinuation:
    OFFER = UUID(int=41)

    def test_is_good_for_24_hours(self):
        account = Scenario(Account).given(opened, lambda a: a.offer_continuation(context(), offer_id=self.OFFER)).aggregate
        account.check_continuation(self.OFFER, NOON + timedelta(hours=23))
        with pytest.raises(LinkNoLongerValid):
            account.check_continuation(self.OFFER, NOON + timedelta(hours=24))

    def test_is_used_up_by_the_issue_it_leads_to(self):
        account = (
            Scenario(Account)
            .given(opened, lambda a: a.offer_continuation(context(), offer_id=self.OFFER))
            .given(
                lambda a: a.issue_password(
                    context(),
                    issue_id=ISSUE,
                    verifier="keyed",
                    secret_id=UUID(int=31),
                    reason="identity confirmed",
                    offer_id=self.OFFER,
                )
            )
            .aggregate
        )
        with pytest.raises(LinkNoLongerValid):
            account.check_continuation(self.OFFER, NOON)


class AContact:
    def test_is_confirmed_once(self):
        confirm = lambda a: a.confirm_contact(context(), NEW_EMAIL.contact_id)  # noqa: E731
        Scenario(Account).given(opened, issue()).when(confirm).then(ContactConfirmed).when(confirm).then_nothing()

    def test_cannot_be_confirmed_after_it_was_removed(self):
        Scenario(Account).given(opened, issue(), lambda a: a.undo_issue(context(), ISSUE)).when(
            lambda a: a.confirm_contact(context(), NEW_EMAIL.contact_id)
        ).then_refused(LinkNoLongerValid)

    def test_takes_the_place_of_the_former_registered_one(self):
        other = GivenContact(contact_id=UUID(int=16), channel="email", value="moved@example.org")
        Scenario(Account).given(opened).when(lambda a: a.register_contact(context(by="juice"), other)).then(
            (ContactRemoved, {"contact_id": EMAIL.contact_id}), (ContactAdded, {"standing": "registered"})
        )
