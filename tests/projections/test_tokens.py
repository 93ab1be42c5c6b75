"""The token shelf's read model: every token in the order of issue, and what became of it."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from domain.commands.feeds import MeterTold
from domain.wallet import Token
from tests.domain.scenario import NOON, context, nothing_begun
from tests.projections.lives import JUICE, live, receipt
from tests.projections.test_read_models import NOBODY, dump

KEY_CHANGE = tuple(Token(kind="key-change", digits=f"{n}" * 20, order=n) for n in (1, 2))
CREDIT = Token(kind="credit", digits="3" * 20, order=3)


@pytest.fixture
async def account_id(utility):
    await live(utility.portal, "1001")
    await live(utility.portal, "1002")
    await utility.project()
    return (await utility.portal.find("1001")).account_id


async def told(utility, kind, receipt, number="1001"):
    await utility.portal.learn_transactions(JUICE, account_number=number, transactions=[(kind, receipt)])
    await utility.project()


async def all_of(utility, account_id, **options):
    return await utility.views.tokens.latest(account_id, transactions=options.pop("transactions", 50), **options)


class Tokens:
    async def test_come_from_every_transaction_in_the_order_of_issue(self, utility, account_id):
        rows = await all_of(utility, account_id)
        assert [(row.juice_number, row.transaction_kind) for row in rows] == [
            ("1001-1", "Cash"),
            ("1001-2", "Cash"),
            ("1001-3", "Cash"),
            ("1001-card", "JC"),
        ]
        assert {row.account_id for row in rows} == {account_id} and await all_of(utility, NOBODY) == []

    async def test_come_with_their_key_changes_first_wherever_the_page_ends(self, utility, account_id):
        meter_id = (await utility.portal.find("071001")).meter_id
        changed = msgspec.structs.replace(receipt("K1", meter_id=meter_id, minutes=30), tokens=(CREDIT, *KEY_CHANGE))
        await told(utility, "Cash", changed)
        rows = await all_of(utility, account_id, transactions=1)
        assert [row.kind for row in rows] == ["key-change", "key-change", "credit"]
        older = await all_of(utility, account_id, transactions=2, before=(rows[0].issued_at, rows[0].position))
        assert [row.juice_number for row in older] == ["1001-3", "1001-card"]

    async def test_of_one_meter_are_its_own(self, utility, account_id):
        other = MeterTold(account_number="1001", number="0799", kind="STS", resource="water", unit="kl", removed=False)
        await utility.portal.learn_meter(JUICE, other)
        meter_id = (await utility.portal.find("0799")).meter_id
        await told(utility, "Cash", receipt("W1", meter_id=meter_id, minutes=5))
        assert [row.juice_number for row in await all_of(utility, account_id, meter_id=meter_id)] == ["W1"]
        assert "W1" in [row.juice_number for row in await all_of(utility, account_id)]

    async def test_are_marked_and_unmarked_and_tell_where_a_later_one_was_entered(self, utility, account_id):
        rows = await all_of(utility, account_id)
        assert [(row.entered_at is not None, row.passed) for row in rows] == [(True, False)] + [(False, False)] * 3
        at = NOON + timedelta(hours=1)
        await utility.portal.mark_token_entered(context(at=at), account_id=account_id, token_id=rows[2].token_id)
        await utility.project()
        rows = await all_of(utility, account_id)
        assert [row.passed for row in rows] == [True, True, False, False] and rows[2].entered_at == at
        for row in (rows[0], rows[2]):
            await utility.portal.remove_token_mark(context(), account_id=account_id, token_id=row.token_id)
        await utility.project()
        assert not any(row.entered_at or row.passed for row in await all_of(utility, account_id))

    async def test_are_not_marked_through_another_account(self, utility, account_id):
        other = (await utility.portal.find("1002")).account_id
        token = (await all_of(utility, account_id))[3]
        await utility.portal.mark_token_entered(context(), account_id=other, token_id=token.token_id)
        await utility.project()
        assert (await all_of(utility, account_id))[3].entered_at is None
        assert await utility.views.tokens.transaction_of(other, token.token_id) == []
        assert len(await utility.views.tokens.transaction_of(account_id, token.token_id)) == 1


class AReversal:
    async def test_takes_back_the_last_sale_of_its_amount_for_its_meter(self, utility, account_id):
        meter_id = (await utility.portal.find("071001")).meter_id
        reversal = msgspec.structs.replace(receipt("R1", meter_id=meter_id, amount=-5000, minutes=9), tokens=(), milliunits=0)
        await told(utility, "Reversal", reversal)  # after 1001-3, before 1001-card
        rows = await all_of(utility, account_id)
        assert [row.juice_number for row in rows if row.reversed_at] == ["1001-3"]
        await told(utility, "Reversal", msgspec.structs.replace(reversal, juice_number="R2"))
        assert [row.juice_number for row in await all_of(utility, account_id) if row.reversed_at] == ["1001-2", "1001-3"]

    async def test_of_another_amount_meter_or_of_wallet_money_takes_no_token_back(self, utility, account_id):
        meter_id = (await utility.portal.find("071001")).meter_id
        for number, meter, amount in (("R1", meter_id, -4999), ("R2", UUID(int=5), -5000), ("R3", None, -5000)):
            reversal = msgspec.structs.replace(receipt(number, meter_id=meter, amount=amount, minutes=60), tokens=())
            await told(utility, "Reversal", reversal)
        assert not any(row.reversed_at for row in await all_of(utility, account_id))


class Forgetting:
    async def test_leaves_no_token_of_the_person_and_all_of_others(self, utility, account_id):
        others = len(dump(utility.dsn, utility.schema, "tokens")) - len(await all_of(utility, account_id))
        await utility.portal.forget_person(context(by="staff:ann"), account_id=account_id, begun=nothing_begun)
        await utility.project()
        assert await all_of(utility, account_id) == []
        assert len(dump(utility.dsn, utility.schema, "tokens")) == others > 0
