"""Who is told when contacts or the password change."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from domain.account import Account
from domain.account_events import PasswordChosen
from domain.event import Event
from notifications.changes import content_of, told_of
from notifications.messages import contents
from notifications.messages.contents import Content
from notifications.outbox import Delivery
from tests.domain.scenario import Scenario, context
from tests.domain.test_account import EMAIL, ISSUE, NEW_EMAIL, PHONE, choose, issue, opened
from tests.domain.test_contact_changes import LATER, SECOND, add, agree, change, confirm, remove, revert, told

EMAIL_, PHONE_, SECOND_ = EMAIL.contact_id, PHONE.contact_id, SECOND.contact_id


def after(*commands: object) -> tuple[Account, list[Event]]:
    """The account as it is in the end, and all that happened last."""
    *before, last = commands
    scenario = Scenario(Account).given(opened, *before)  # type: ignore[arg-type]
    known = len(scenario.history)
    scenario.given(last)  # type: ignore[arg-type]
    return scenario.aggregate, scenario.history[known:]


def messages(account: Account, events: list[Event]) -> list[tuple[UUID, str]]:
    return [(to.contact.contact_id, to.kind) for event in events for to in told_of(event, account)]  # type: ignore[arg-type]


def written(account: Account, events: list[Event], to: UUID) -> Content:
    """What one contact is told."""
    (told,) = [told for event in events for told in told_of(event, account) if told.contact.contact_id == to]  # type: ignore[arg-type]
    delivery = Delivery(
        delivery_id=UUID(int=8),
        position=1,
        account_id=account.id,
        contact_id=to,
        channel=told.contact.channel,
        kind=told.kind,
        parameters={**told.parameters, "at": LATER.isoformat()},
        created_at=LATER,
        attempts=1,
    )
    content = content_of(delivery, account, told.contact, lambda purpose, _, subject: f"{purpose}:{subject.int}", "https://site")
    assert content is not None
    return content


class AnAddedContact:
    def test_gets_its_link_and_the_registered_ones_are_told(self) -> None:
        account, events = after(add())
        assert messages(account, events) == [
            (SECOND_, "contact-to-confirm"),
            (EMAIL_, "contacts-changed"),
            (PHONE_, "contacts-changed"),
        ]
        assert written(account, events, SECOND_) == contents.ContactToConfirm(
            added_at=LATER, confirm_link=f"confirm:{SECOND_.int}"
        )
        told = written(account, events, PHONE_)
        assert isinstance(told, contents.ContactsChanged)
        assert (told.place, told.former, told.revert_link) == ("s***@e***.org", None, f"revert:{SECOND_.int}")


class AChangedContact:
    def test_tells_old_and_new(self) -> None:
        account, events = after(change())
        assert messages(account, events)[:2] == [(SECOND_, "contact-to-confirm"), (EMAIL_, "contacts-changed")]
        told = written(account, events, EMAIL_)
        assert isinstance(told, contents.ContactsChanged)
        assert (told.place, told.former, told.revert_link) == ("s***@e***.org", "t***@e***.org", f"revert:{EMAIL_.int}")

    def test_tells_the_old_one_once_more_when_it_is_replaced(self) -> None:
        account, events = after(change(), confirm())
        assert messages(account, events[1:]) == [(EMAIL_, "contact-removed")]
        told = written(account, events[1:], EMAIL_)
        assert isinstance(told, contents.ContactRemoved) and told.revert_link == f"revert:{EMAIL_.int}"

    def test_tells_an_old_one_that_was_never_confirmed_nothing(self) -> None:
        account, events = after(add(), change(SECOND, NEW_EMAIL))
        assert SECOND_ not in dict(messages(account, events))

    def test_tells_all_registered_ones_even_those_that_are_replaced_meanwhile(self) -> None:
        account, events = after(change())
        confirm()(account)
        told = written(account, events, PHONE_)
        assert isinstance(told, contents.ContactsChanged) and told.revert_link == f"revert:{EMAIL_.int}"


class ARemovedContact:
    def test_is_told_though_it_is_no_longer_the_accounts(self) -> None:
        account, events = after(remove())
        assert messages(account, events) == [(EMAIL_, "contact-removed"), (PHONE_, "contacts-changed")]

    def test_that_was_secondary_gets_no_link_to_come_back(self) -> None:
        account, events = after(add(), confirm(), remove(SECOND))
        told = written(account, events, SECOND_)
        assert isinstance(told, contents.ContactRemoved) and told.revert_link is None

    def test_is_told_that_the_utility_did_it_where_it_did(self) -> None:
        account, events = after(told("moved@example.org"))
        content = written(account, events, EMAIL_)
        assert isinstance(content, contents.ContactRemoved) and content.by_utility and content.revert_link is None

    def test_that_staff_removed_is_told_so_and_the_registered_ones_too_with_no_link_that_takes_it_back(self) -> None:
        def removed(account: Account) -> None:
            account.remove_wrong_contact(context(LATER, by="staff:ann"), SECOND_)

        account, events = after(add(), confirm(), removed)
        assert messages(account, events) == [
            (SECOND_, "contact-removed"),
            (EMAIL_, "contacts-changed"),
            (PHONE_, "contacts-changed"),
        ]
        gone, told = written(account, events, SECOND_), written(account, events, PHONE_)
        assert isinstance(gone, contents.ContactRemoved) and not gone.by_utility and gone.revert_link is None
        assert isinstance(told, contents.ContactsChanged)
        assert (told.change, told.place, told.revert_link) == ("removed by staff", "s***@e***.org", None)


class AChangeToAgreeTo:
    def test_is_told_to_every_registered_contact_and_to_no_other(self) -> None:
        account, events = after(issue(), change(at=LATER - timedelta(days=8)))
        assert messages(account, events) == [(EMAIL_, "contact-change-to-agree"), (PHONE_, "contact-change-to-agree")]
        told = written(account, events, PHONE_)
        assert isinstance(told, contents.ContactChangeToAgree) and told.agree_link == "change:61"

    def test_is_told_no_more_once_it_is_made(self) -> None:
        account, events = after(issue(), change(at=LATER - timedelta(days=8)))
        agree()(account)
        with pytest.raises(AssertionError):
            written(account, events, PHONE_)


class AChangeTakenBack:
    def test_is_told_to_the_contacts_that_are_back(self) -> None:
        account, events = after(change(), confirm(), revert())
        assert messages(account, events) == [(PHONE_, "contact-change-reverted"), (EMAIL_, "contact-change-reverted")]


class AChosenPassword:
    def test_is_told_to_the_registered_contacts_with_the_way_to_a_new_one(self) -> None:
        account, events = after(choose("own"))
        assert messages(account, events) == [(EMAIL_, "password-changed"), (PHONE_, "password-changed")]
        told = written(account, events, EMAIL_)
        assert isinstance(told, contents.PasswordChanged)
        assert (told.password_link, told.undo_link) == ("https://site/get-password", None)

    def test_through_an_issue_comes_with_the_link_that_undoes_it(self) -> None:
        account, events = after(issue(), choose("own", via_issue=ISSUE))
        told = written(account, events, EMAIL_)
        assert isinstance(told, contents.PasswordChanged) and told.undo_link == f"undo:{ISSUE.int}"

    def test_long_after_the_issue_comes_with_the_way_to_a_new_one(self) -> None:
        account, events = after(issue(at=LATER - timedelta(days=30)), choose("own", via_issue=ISSUE))
        told = written(account, events, EMAIL_)
        assert isinstance(events[-1], PasswordChosen)
        assert isinstance(told, contents.PasswordChanged) and told.undo_link is None
