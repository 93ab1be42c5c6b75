"""Contacts that a customer adds, changes and removes; what Juice tells meanwhile; and every way of taking it back."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.account import Account
from domain.account_events import ContactAdded, ContactConfirmed, ContactRemoved, PasswordIssueUndone
from domain.contact import GivenContact
from domain.contact_changes import (
    MOST_CONTACTS,
    ContactAlreadyThere,
    LastRegisteredContact,
    NoSuchContact,
    RegisteredContactStays,
    TooManyContacts,
)
from domain.contact_events import (
    ContactChangeAgreed,
    ContactChangeRequested,
    ContactChangeReverted,
    ContactRegistered,
    ContactRestored,
)
from domain.language import LanguageChosen
from domain.links import LinkNoLongerValid
from tests.domain.scenario import NOON, Scenario, context
from tests.domain.test_account import EMAIL, ISSUE, NEW_EMAIL, NEW_PHONE, PHONE, issue, opened

SECOND = GivenContact(contact_id=UUID(int=51), channel="email", value="second@example.org")
THIRD = GivenContact(contact_id=UUID(int=52), channel="email", value="third@example.org")
CHANGE = UUID(int=61)
LATER = NOON + timedelta(days=8)


def told(value):
    given = GivenContact(contact_id=UUID(int=71), channel="email", value=value)
    return lambda account: account.register_contact(context(by="juice"), given)


def add(given=SECOND, via_issue=None, at=LATER):
    return lambda account: account.add_contact(context(at), given, via_issue=via_issue)


def change(which=EMAIL, to=SECOND, via_issue=None, at=LATER):
    return lambda account: account.change_contact(context(at), which.contact_id, to, via_issue=via_issue, change_id=CHANGE)


def remove(which=EMAIL, via_issue=None, at=LATER):
    return lambda account: account.remove_contact(context(at), which.contact_id, via_issue=via_issue, change_id=CHANGE)


def confirm(which=SECOND, at=LATER):
    return lambda account: account.confirm_contact(context(at, by="visitor"), which.contact_id)


def agree(at=NOON):
    return lambda account: account.agree_to_change(context(at, by="visitor"), CHANGE)


def undo(account):
    account.undo_issue(context(NOON + timedelta(days=9), by="visitor"), ISSUE)


def revert(which=EMAIL, at=LATER):
    return lambda account: account.revert_change(context(at, by="visitor"), which.contact_id)


def values(account):
    return {contact.value for contact in account.contacts.values()}


class AContactThatIsAdded:
    def test_is_secondary_and_unconfirmed(self):
        scenario = Scenario(Account).given(opened).when(add())
        scenario.then((ContactAdded, {"standing": "secondary", "given": "by the customer", "replaces": None}))
        assert not scenario.aggregate.contacts[SECOND.contact_id].confirmed

    def test_is_refused_where_it_is_there_already(self):
        same = GivenContact(contact_id=UUID(int=99), channel="email", value=EMAIL.value)
        Scenario(Account).given(opened).when(add(same)).then_refused(ContactAlreadyThere)

    def test_is_one_of_ten_at_most(self):
        def many(account):
            for number in range(MOST_CONTACTS - 2):
                add(GivenContact(contact_id=UUID(int=200 + number), channel="email", value=f"{number}@example.org"))(account)

        Scenario(Account).given(opened, many).when(add()).then_refused(TooManyContacts)


class AContactThatIsChanged:
    def test_stays_until_the_new_one_is_confirmed(self):
        scenario = Scenario(Account).given(opened).when(change())
        scenario.then((ContactAdded, {"value": SECOND.value, "standing": "registered", "replaces": EMAIL.contact_id}))
        assert [contact.value for contact in scenario.aggregate.registered("email")] == [EMAIL.value]
        scenario.when(confirm()).then(
            (ContactConfirmed, {"contact_id": SECOND.contact_id}),
            (ContactRemoved, {"contact_id": EMAIL.contact_id, "reason": "replaced by the customer"}),
        )
        assert [contact.value for contact in scenario.aggregate.registered("email")] == [SECOND.value]

    def test_leaves_at_once_where_it_never_was_confirmed(self):
        Scenario(Account).given(opened, add()).when(change(SECOND, THIRD)).then(
            (ContactAdded, {"standing": "secondary", "replaces": None}), (ContactRemoved, {"contact_id": SECOND.contact_id})
        )

    def test_waits_for_the_last_that_was_given(self):
        account = Scenario(Account).given(opened, change(), change(to=THIRD)).aggregate
        assert values(account) == {EMAIL.value, PHONE.value, THIRD.value}
        assert account.contacts[THIRD.contact_id].replaces == EMAIL.contact_id

    def test_may_be_changed_to_what_was_a_secondary_one(self):
        same = GivenContact(contact_id=UUID(int=98), channel="email", value=SECOND.value)
        account = Scenario(Account).given(opened, add(), confirm(), change(to=same), confirm(same)).aggregate
        assert [contact.value for contact in account.registered("email")] == [SECOND.value]
        assert len(account.contacts) == 2

    def test_is_refused_where_the_new_one_is_there_already(self):
        same = GivenContact(contact_id=UUID(int=98), channel="email", value=EMAIL.value)
        Scenario(Account).given(opened, add()).when(change(SECOND, same)).then_refused(ContactAlreadyThere)

    def test_is_nothing_where_it_stays_the_same(self):
        same = GivenContact(contact_id=UUID(int=98), channel="email", value=EMAIL.value)
        Scenario(Account).given(opened).when(change(to=same)).then_nothing()

    def test_has_to_be_the_accounts(self):
        Scenario(Account).given(opened).when(change(NEW_EMAIL)).then_refused(NoSuchContact)


class AContactThatIsRemoved:
    def test_is_gone(self):
        Scenario(Account).given(opened).when(remove()).then((ContactRemoved, {"reason": "removed by the customer"}))

    def test_is_never_the_last_registered_one(self):
        Scenario(Account).given(opened, add(), confirm(), remove()).when(remove(PHONE)).then_refused(LastRegisteredContact)

    def test_is_remembered_until_its_person_is_forgotten(self):
        scenario = Scenario(Account).given(opened, remove())
        assert scenario.aggregate.contacts.ever(EMAIL.contact_id).value == EMAIL.value
        scenario.given(lambda account: account.forget(context()))
        assert scenario.aggregate.contacts.ever(EMAIL.contact_id) is None


class WhatJuiceTells:
    """The customer's choice stands until Juice tells something new."""

    @pytest.mark.parametrize("choice", [(change(),), (change(), confirm()), (remove(),), (remove(), add(EMAIL))])
    def test_again_changes_nothing(self, choice):
        Scenario(Account).given(opened, *choice).when(told(EMAIL.value)).then_nothing()

    def test_anew_takes_the_place_of_the_customers_choice(self):
        scenario = Scenario(Account).given(opened, change(), confirm()).when(told("moved@example.org"))
        scenario.then(
            (ContactRemoved, {"contact_id": SECOND.contact_id, "reason": "replaced in Juice"}),
            (ContactAdded, {"standing": "registered", "given": "in Juice"}),
        )

    def test_of_the_customers_choice_agrees_with_it_for_good(self):
        scenario = Scenario(Account).given(opened, change(), confirm()).when(told(SECOND.value))
        scenario.then((ContactRegistered, {"contact_id": SECOND.contact_id}))
        scenario.when(told(EMAIL.value)).then((ContactRemoved, {"contact_id": SECOND.contact_id}), ContactAdded)

    def test_confirms_what_still_waited(self):
        scenario = Scenario(Account).given(opened, change()).when(told(SECOND.value))
        scenario.then((ContactRemoved, {"contact_id": EMAIL.contact_id}), ContactRegistered)
        assert [contact.value for contact in scenario.aggregate.registered("email")] == [SECOND.value]

    def test_of_another_channel_leaves_this_one_alone(self):
        phone = GivenContact(contact_id=UUID(int=97), channel="sms", value="+27825555555")
        account = Scenario(Account).given(opened, change(), confirm()).aggregate
        account.register_contact(context(by="juice"), phone)
        assert [contact.value for contact in account.registered("email")] == [SECOND.value]

    def test_of_the_language_stands_back_behind_the_owners_choice_until_it_is_new(self):
        def describe(language):
            return lambda account: account.describe(context(), name="Thandi M.", address="12 Acacia Road", language=language)

        account = Scenario(Account).given(opened, lambda a: a.choose_language(context(), "fr", via_issue=None)).aggregate
        describe("en")(account)
        assert (account.name, account.language) == ("Thandi M.", "fr")
        describe("pt")(account)
        assert account.language == "pt"


class SevenDaysAfterAnIssue:
    @pytest.mark.parametrize("via_issue", [ISSUE, None], ids=["its own session", "any session"])
    def test_a_registered_contact_is_not_changed_but_asked(self, via_issue):
        scenario = Scenario(Account).given(opened, issue()).when(change(via_issue=via_issue, at=NOON))
        scenario.then((ContactChangeRequested, {"value": SECOND.value, "expires_at": NOON + timedelta(hours=24)}))
        assert SECOND.value not in values(scenario.aggregate)

    def test_a_registered_contact_is_not_removed_but_asked(self):
        Scenario(Account).given(opened, issue()).when(remove(at=NOON)).then((ContactChangeRequested, {"value": None}))

    def test_what_is_to_replace_a_registered_one_cannot_be_changed_either(self):
        Scenario(Account).given(opened, change(at=NOON), issue()).when(change(SECOND, THIRD, at=NOON)).then(
            ContactChangeRequested
        )

    def test_a_new_contact_does_not_become_the_registered_one(self):
        same = GivenContact(contact_id=UUID(int=98), channel="email", value=NEW_EMAIL.value)
        Scenario(Account).given(opened, issue(), confirm(NEW_EMAIL)).when(change(to=same, at=NOON)).then(ContactChangeRequested)

    def test_secondary_contacts_come_and_go_freely(self):
        Scenario(Account).given(opened, issue()).when(add(at=NOON)).then(ContactAdded)
        Scenario(Account).given(opened, issue()).when(remove(NEW_EMAIL, at=NOON)).then(ContactRemoved)

    def test_it_is_over(self):
        at = NOON + timedelta(days=7)
        Scenario(Account).given(opened, issue()).when(remove(at=at)).then(ContactRemoved)

    def test_an_issue_told_to_nobody_holds_nothing(self):
        def first(account):
            account.issue_password(context(), issue_id=ISSUE, verifier="v", secret_id=None, reason="account opened")

        Scenario(Account).given(opened, first).when(remove(at=NOON)).then(ContactRemoved)


class ARegisteredContactsLink:
    def test_has_the_change_made(self):
        Scenario(Account).given(opened, issue(), change(at=NOON)).when(agree()).then(
            (ContactChangeAgreed, {"change_id": CHANGE}), (ContactAdded, {"value": SECOND.value, "replaces": EMAIL.contact_id})
        )

    def test_has_the_contact_removed(self):
        Scenario(Account).given(opened, issue(), remove(at=NOON)).when(agree()).then(ContactChangeAgreed, ContactRemoved)

    def test_works_once_and_for_a_day(self):
        asked = Scenario(Account).given(opened, issue(), change(at=NOON))
        asked.when(agree(NOON + timedelta(hours=24))).then_refused(LinkNoLongerValid)
        Scenario(Account).given(opened, issue(), change(at=NOON), agree()).when(agree()).then_refused(LinkNoLongerValid)

    def test_ends_with_the_issue_from_whose_session_it_was_asked_for(self):
        Scenario(Account).given(opened, issue(), change(via_issue=ISSUE, at=NOON), undo).when(agree()).then_refused(
            LinkNoLongerValid
        )

    def test_does_not_take_the_last_registered_contact_away(self):
        other = UUID(int=62)

        def both(account):
            for contact, change_id in ((EMAIL, CHANGE), (PHONE, other)):
                account.remove_contact(context(), contact.contact_id, via_issue=None, change_id=change_id)

        Scenario(Account).given(opened, issue(), both, agree()).when(
            lambda account: account.agree_to_change(context(), other)
        ).then_refused(LastRegisteredContact)


class UndoingAnIssueAfterChanges:
    def test_brings_back_what_was_changed_from_its_sessions(self):
        scenario = Scenario(Account).given(opened, issue(), change(via_issue=ISSUE), confirm())
        scenario.when(undo).then(
            (ContactRemoved, {"contact_id": NEW_EMAIL.contact_id}),
            (ContactRemoved, {"contact_id": NEW_PHONE.contact_id}),
            (ContactRemoved, {"contact_id": SECOND.contact_id, "reason": "undone"}),
            (ContactRestored, {"value": EMAIL.value, "standing": "registered", "confirmed": True}),
            PasswordIssueUndone,
        )
        assert values(scenario.aggregate) == {EMAIL.value, PHONE.value}

    def test_brings_back_what_was_removed(self):
        account = Scenario(Account).given(opened, issue(), remove(via_issue=ISSUE), undo).aggregate
        assert [contact.value for contact in account.registered("email")] == [EMAIL.value]

    def test_brings_back_a_secondary_contact_as_it_was(self):
        account = Scenario(Account).given(opened, add(), confirm(), issue(), remove(SECOND, via_issue=ISSUE), undo).aggregate
        assert account.contacts[SECOND.contact_id].confirmed
        assert account.contacts[SECOND.contact_id].standing == "secondary"

    def test_takes_away_what_was_added(self):
        account = Scenario(Account).given(opened, issue(), add(via_issue=ISSUE), confirm(), undo).aggregate
        assert values(account) == {EMAIL.value, PHONE.value}

    def test_leaves_alone_what_the_owner_changed_with_their_own_password(self):
        account = Scenario(Account).given(opened, issue(), change(), confirm(), undo).aggregate
        assert [contact.value for contact in account.registered("email")] == [SECOND.value]

    def test_does_not_bring_back_what_juice_has_replaced_since(self):
        changes = (issue(), change(via_issue=ISSUE), confirm(), told("moved@example.org"))
        account = Scenario(Account).given(opened, *changes, undo).aggregate
        assert [contact.value for contact in account.registered("email")] == ["moved@example.org"]

    def test_puts_the_registered_contact_above_a_secondary_one_of_the_same_address(self):
        again = GivenContact(contact_id=UUID(int=96), channel="email", value=EMAIL.value)
        account = Scenario(Account).given(opened, issue(), remove(via_issue=ISSUE), add(again), undo).aggregate
        assert [contact.standing for contact in account.contacts.values() if contact.value == EMAIL.value] == ["registered"]

    def test_leaves_an_issue_alone_that_was_only_told_to_a_registered_contact(self):
        first, second = UUID(int=81), UUID(int=82)
        changes = (issue(first, given=()), change(via_issue=first), confirm(), issue(second, given=(), at=LATER))
        account = Scenario(Account).given(opened, *changes).aggregate
        account.undo_issue(context(LATER), second)
        assert [contact.value for contact in account.registered("email")] == [SECOND.value]

    def test_brings_back_the_language(self):
        chosen = lambda account: account.choose_language(context(), "fr", via_issue=ISSUE)  # noqa: E731
        scenario = Scenario(Account).given(opened, issue(given=()), chosen).when(undo)
        scenario.then((LanguageChosen, {"language": "en", "via_issue": None}), PasswordIssueUndone)


class TakingAChangeBack:
    def test_puts_the_registered_contact_back_and_ends_every_session(self):
        scenario = Scenario(Account).given(opened, change(), confirm()).when(revert())
        scenario.then(
            (ContactRemoved, {"contact_id": SECOND.contact_id, "reason": "undone"}),
            (ContactRestored, {"contact_id": EMAIL.contact_id}),
            (ContactChangeReverted, {"contact_id": EMAIL.contact_id, "credential_version": 2}),
        )

    def test_stops_a_change_that_is_not_confirmed_yet(self):
        Scenario(Account).given(opened, change()).when(revert()).then(ContactRemoved, ContactChangeReverted)

    def test_follows_a_chain_of_changes(self):
        account = Scenario(Account).given(opened, change(), confirm(), change(SECOND, THIRD), confirm(THIRD), revert()).aggregate
        assert values(account) == {EMAIL.value, PHONE.value}

    def test_puts_a_removed_one_back(self):
        Scenario(Account).given(opened, remove()).when(revert()).then(ContactRestored, ContactChangeReverted)

    def test_removes_one_that_was_added(self):
        Scenario(Account).given(opened, add(), confirm()).when(revert(SECOND)).then(ContactRemoved, ContactChangeReverted)

    def test_brings_back_a_secondary_contact_that_was_removed(self):
        history = (opened, add(), confirm(), remove(SECOND))
        Scenario(Account).given(*history).when(revert(SECOND)).then(ContactRestored, ContactChangeReverted)
        Scenario(Account).given(*history, revert(SECOND)).when(revert(SECOND)).then_refused(LinkNoLongerValid)

    def test_holds_registered_contacts_for_seven_days(self):
        Scenario(Account).given(opened, change(), confirm(), revert()).when(change(to=THIRD)).then(ContactChangeRequested)

    def test_is_possible_once_and_for_30_days(self):
        Scenario(Account).given(opened, remove(), revert()).when(revert()).then_refused(LinkNoLongerValid)
        Scenario(Account).given(opened, remove()).when(revert(at=LATER + timedelta(days=30))).then_refused(LinkNoLongerValid)

    def test_is_nothing_where_nothing_was_changed(self):
        Scenario(Account).given(opened).when(revert()).then_refused(LinkNoLongerValid)
        Scenario(Account).given(opened).when(revert(NEW_EMAIL)).then_refused(LinkNoLongerValid)


class AWrongContact:
    """What staff removes, since its customer says that it is not theirs."""

    def test_is_removed_by_the_utility_where_it_is_a_secondary_one(self):
        def removed(account):
            account.remove_wrong_contact(context(LATER, by="staff:ann"), SECOND.contact_id)

        Scenario(Account).given(opened, add()).when(removed).then(
            (ContactRemoved, {"contact_id": SECOND.contact_id, "reason": "removed by the utility", "by": "staff:ann"})
        )
        Scenario(Account).given(opened, add(), removed).when(removed).then_refused(NoSuchContact)

    def test_stays_where_it_is_registered(self):
        def removed(account):
            account.remove_wrong_contact(context(LATER, by="staff:ann"), EMAIL.contact_id)

        Scenario(Account).given(opened).when(removed).then_refused(RegisteredContactStays)
