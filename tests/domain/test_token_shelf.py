"""The token shelf: marks that a customer sets and takes back, and tokens that are sent once more."""

from uuid import UUID

import pytest

from domain.commands.token_shelf import ContactNotConfirmed
from domain.token_shelf import TokenShelf, shelf_id, token_id
from domain.token_shelf_events import TokenMarkedEntered, TokenMarkRemoved, TokensResendRequested
from tests.domain.memory_log import MemoryLog
from tests.domain.portal import make_portal
from tests.domain.scenario import Scenario, context
from tests.domain.test_portal import TOLD

ACCOUNT, TOKEN, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)


def marked(token=TOKEN):
    return lambda shelf: shelf.mark_entered(context(), account_id=ACCOUNT, token_id=token)


def unmarked(token=TOKEN):
    return lambda shelf: shelf.remove_mark(context(), account_id=ACCOUNT, token_id=token)


class AToken:
    def test_is_marked_once(self):
        shelf = Scenario(TokenShelf)
        shelf.when(marked()).then((TokenMarkedEntered, {"token_id": TOKEN, "account_id": ACCOUNT}))
        shelf.when(marked()).then_nothing()

    def test_is_unmarked_once_and_can_be_marked_again(self):
        shelf = Scenario(TokenShelf).given(marked(), marked(OTHER))
        shelf.when(unmarked()).then((TokenMarkRemoved, {"token_id": TOKEN}))
        shelf.when(unmarked()).then_nothing()
        shelf.when(marked(OTHER)).then_nothing()
        shelf.when(marked()).then(TokenMarkedEntered)

    def test_that_was_never_marked_has_no_mark_to_lose(self):
        Scenario(TokenShelf).when(unmarked()).then_nothing()

    def test_has_an_id_that_follows_from_where_it_stands(self):
        ids = {token_id(wallet, version, order) for wallet in (ACCOUNT, OTHER) for version in (1, 11) for order in (1, 2)}
        assert len(ids) == 8 and token_id(ACCOUNT, 1, 11) != token_id(ACCOUNT, 11, 1)
        assert shelf_id(ACCOUNT) not in ids | {ACCOUNT, shelf_id(OTHER)}


class Sending:
    @pytest.fixture
    async def portal(self):
        portal = make_portal(MemoryLog())
        await portal.learn_account(context(by="juice"), TOLD, currency="ZAR")
        return portal

    @pytest.fixture
    async def account(self, portal):
        return await portal.account((await portal.find("1001")).account_id)

    async def test_goes_to_a_confirmed_contact_as_often_as_it_is_asked_for(self, portal, account):
        asked = {"account_id": account.id, "contact_id": account.registered("email")[0].contact_id, "juice_number": "J1"}
        first = await portal.request_tokens_again(context(), **asked)
        second = await portal.request_tokens_again(context(), **asked)
        events = await portal.event_log.load(shelf_id(account.id))
        assert second > first > 0 and [type(event) for event in events] == [TokensResendRequested] * 2
        assert (events[0].contact_id, events[0].juice_number) == (asked["contact_id"], "J1")

    async def test_goes_to_no_contact_that_is_unconfirmed_or_another_accounts(self, portal, account):
        confirm = {"email": "new@example.org", "phone": "+27829999999", "address": TOLD.address}
        await portal.confirm_identity(context(), account_id=account.id, **confirm)
        unconfirmed = [c for c in (await portal.account(account.id)).contacts.values() if not c.confirmed]
        assert unconfirmed
        for contact_id in (OTHER, *(contact.contact_id for contact in unconfirmed)):
            with pytest.raises(ContactNotConfirmed):
                await portal.request_tokens_again(context(), account_id=account.id, contact_id=contact_id, juice_number="J1")
        assert await portal.event_log.load(shelf_id(account.id)) == []


class Marking:
    async def test_answers_with_a_position_where_something_was_written_and_0_where_nothing_was(self):
        portal = make_portal(MemoryLog())
        said = {"account_id": ACCOUNT, "token_id": TOKEN}
        assert await portal.mark_token_entered(context(), **said) > 0
        assert await portal.mark_token_entered(context(), **said) == 0
        assert await portal.remove_token_mark(context(), **said) > 0
        assert await portal.remove_token_mark(context(), **said) == 0
