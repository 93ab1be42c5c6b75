"""The read models: what they say, and that they can be thrown away."""

import asyncio
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from domain.account_events import AccountOpened
from domain.event import FORGOTTEN
from domain.token_shelf_events import TokenMarkedEntered
from domain.wallet import CardRedeemed
from eventlog.follower import Follower
from projections.account_history import as_it_was
from projections.projection import Place
from projections.projector import Projector
from projections.rebuild import Rebuild
from projections.registry import all_projections
from projections.tables import RETIRED
from tests.domain.scenario import NOON, context, nothing_begun
from tests.projections.lives import buy, buy_in_vain, differ, live

NOBODY = UUID(int=1)
READ_MODELS = [projection.name for projection in all_projections(lambda purpose, message: b"")]


def dump(dsn, schema, table):
    """Every row of a table as PostgreSQL writes it, in the order of its key."""
    query = sql.SQL("SELECT coalesce(array_agg(row::text ORDER BY row::text), '{{}}') FROM {} AS row").format(
        sql.Identifier(schema, table)
    )
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchone()[0]


def tables(utility):
    return [table for projection in all_projections(utility.secrets.mac) for table in projection.tables]


@pytest.fixture
async def lived(utility):
    await asyncio.gather(*(live(utility.portal, str(number)) for number in range(1001, 1006)))
    await buy(utility.portal, "1005")
    await buy_in_vain(utility.portal, "1005")
    await differ(utility.portal, "1003")
    await utility.project()
    return utility


@pytest.fixture
async def account_id(lived):
    return (await lived.portal.find("1003")).account_id


class TheDashboard:
    async def test_shows_contacts_wallet_arrears_and_usage(self, lived, account_id):
        row = await lived.views.dashboard.of(account_id)
        assert (row.number, row.name, row.address) == ("1003", "Holder 1003", "1003 Acacia Road")
        assert [(contact.value, contact.standing, contact.confirmed) for contact in row.contacts] == [
            ("new1003@example.org", "secondary", False),
            ("+27821", "secondary", False),
            ("own1003@example.org", "registered", True),
            ("+27820001003", "registered", True),
        ]
        assert row.wallet_balance == 100 + 200 + 300 + 50
        assert [debt.balance for debt in row.debts] == [800]
        (used,) = row.usage
        assert (len(used.days), used.days[-1].milliunits) == (92, 5_099)

    async def test_shows_contacts_and_language_as_the_account_has_them(self, lived, account_id):
        row, account = await lived.views.dashboard.of(account_id), await lived.portal.account(account_id)
        assert row.contacts == tuple(account.contacts.values())
        assert (row.language, row.language_told) == (account.language, account.languages.told) == ("fr", "en")

    async def test_knows_the_currency_whether_account_or_wallet_comes_first_in_the_log(self, lived):
        ids = [(await lived.portal.find(str(number))).account_id for number in range(1001, 1006)]
        assert [(await lived.views.dashboard.of(each)).currency for each in ids] == ["ZAR"] * 5

    async def test_answers_many_who_ask_at_once(self, lived, account_id):
        other = (await lived.portal.find("1004")).account_id
        rows = await asyncio.gather(*(lived.views.dashboard.of(id) for id in [account_id, other] * 20))
        assert [row.number for row in rows] == ["1003", "1004"] * 20

    async def test_is_nobodys_for_an_unknown_account(self, lived):
        assert await lived.views.dashboard.of(NOBODY) is None


class RecentActivity:
    async def test_is_newest_first_and_pages_on_without_gap_or_repetition(self, lived, account_id):
        whole = await lived.views.activity.recent(account_id, limit=10)
        assert [row.juice_number for row in whole] == ["1003-card", "1003-3", "1003-2", "1003-1"]
        assert [row.kind for row in whole] == ["JC", "Cash", "Cash", "Cash"]
        first = await lived.views.activity.recent(account_id, limit=2)
        last = first[-1]
        rest = await lived.views.activity.recent(account_id, limit=9, before=(last.happened_at, last.position))
        assert first + rest == whole

    async def test_tells_what_a_payment_went_to(self, lived, account_id):
        (row, *_) = await lived.views.activity.recent(account_id, limit=1)
        assert (row.amount, row.tax, row.arrears, row.tokens[0].digits) == (5000, 750, 100, "12345678901234567890")


class Arrears:
    async def test_show_what_is_left_after_payments(self, lived, account_id):
        (row,) = await lived.views.arrears.of(account_id)
        assert (row.balance, row.original, row.share) == (800, 1000, 40)

    async def test_show_which_shares_were_chosen_and_what_juice_says(self, lived, account_id):
        rows = await lived.views.arrears_shares.of_account(account_id)
        assert {(row.debt_id, row.share, row.former_share, row.stage, row.rule, row.flag) for row in rows} == {
            ("D1", 40, 25, "confirmed", None, None),
            ("D2", 30, 25, "refused", "ShareOutOfLimits", None),
            ("D3", 60, 25, "in-doubt", None, "doubt-lasts"),
        }
        assert len(await lived.views.arrears_shares.under_way(since=NOON - timedelta(days=1), limit=9)) == 5


class ARedemption:
    async def test_shows_its_stage_and_its_tokens(self, lived):
        row = await lived.views.redemptions.of(lived.portal.redemption_id("1003"))
        assert (row.stage, row.receipt.tokens[0].digits) == ("redeemed", "12345678901234567890")


class ARequest:
    async def test_stands_as_it_was_left_with_the_utilitys_last_comment(self, lived, account_id):
        by_seed, by_customer = await lived.views.tickets.listed(account_id=account_id, limit=9)
        assert (by_customer.topic, by_customer.subject, by_customer.closed_at) == ("meter", "Where is 1003 Acacia Road?", None)
        assert (by_customer.utility_said, by_customer.utility_said_at) == ("We were at 1003 Acacia Road.", NOON)
        assert (by_customer.waiting, by_customer.last_by, by_customer.comments, by_customer.reopenings) == (
            True,
            "customer",
            1,
            1,
        )
        assert (by_seed.cause, by_seed.closed_at, by_seed.utility_said) == ("purchase-in-doubt", NOON, "It went through.")
        assert (by_seed.waiting, by_seed.about_kind, by_seed.about_id) == (False, "purchase", account_id)
        assert await lived.views.tickets.of(by_seed.ticket_id) == by_seed

    async def test_about_a_damaged_card_shows_what_juice_says_of_it_and_what_was_done(self, lived, account_id):
        (row,) = await lived.views.tickets.listed(account_id=account_id, closed=False, limit=9)
        card = await lived.views.damaged_cards.of(row.ticket_id)
        assert (card.serial, card.damage) == ("Serial of 1003 Acacia Road", "code-gone")
        assert (card.standing, card.amount, card.used_at, card.looked_up_by) == ("used", 5000, NOON, "staff:ann")
        assert (card.used_meter, card.outcome, card.settled_at) == ("Meter of 1003 Acacia Road", "already-used", NOON)

    async def test_holds_what_was_said_in_order(self, lived, account_id):
        (row,) = await lived.views.tickets.listed(account_id=account_id, closed=False, limit=9)
        said = await lived.views.ticket_thread.of(row.ticket_id)
        assert [(each.kind, each.by, each.text) for each in said] == [
            ("opened", "customer", "1003 Acacia Road"),
            ("commented", "staff:ann", "We come to 1003 Acacia Road."),
            ("closed", "staff:ann", "We were at 1003 Acacia Road."),
            ("reopened", "customer", "Not at 1003 Acacia Road!"),
        ]

    async def test_is_found_in_the_queue_by_standing_topic_and_turn_page_by_page(self, lived):
        tickets = lived.views.tickets
        assert {topic: (n.open, n.waiting) for topic, n in (await tickets.counts()).items()} == {"meter": (5, 5)}
        for oldest_first in (True, False):
            whole = await tickets.listed(closed=False, oldest_first=oldest_first, limit=9)
            first = await tickets.listed(closed=False, oldest_first=oldest_first, limit=2)
            past = (first[-1].opened_at, first[-1].opened_position)
            rest = await tickets.listed(closed=False, oldest_first=oldest_first, limit=9, past=past)
            assert len(whole) == 5 and first + rest == whole
        assert len(await tickets.listed(limit=99)) == 10
        assert len(await tickets.listed(closed=True, topic="payment", limit=9)) == 5
        assert await tickets.listed(closed=True, topic="meter", limit=9) == []
        assert len(await tickets.listed(waiting=True, limit=9)) == 5


class APurchase:
    async def test_shows_how_it_ended_and_its_tokens(self, lived):
        bought = (await lived.portal.find("1005")).account_id
        rows = [row for row in await purchases(lived) if row.account_id == bought]
        ends = {row.stage: row for row in rows}
        assert sorted(ends) == ["abandoned", "captured", "released", "uncollected"]
        assert ends["captured"].receipt.tokens[0].digits == "12345678901234567890"
        assert (ends["released"].rule, ends["abandoned"].rule) == ("BlockedMeter", "cancelled")

    async def test_is_counted_in_wallet_arrears_and_activity(self, lived):
        account_id = (await lived.portal.find("1005")).account_id
        assert (await lived.views.dashboard.of(account_id)).wallet_balance == 650 + 70
        assert (await lived.views.arrears.of(account_id))[0].balance == 690
        (last, bought, *_) = await lived.views.activity.recent(account_id, limit=5)
        assert [(row.juice_number, row.kind) for row in (last, bought)] == [("1005-found", "Cash-CC"), ("1005-bought", "Cash-CC")]

    async def test_whose_money_staff_has_to_settle_by_hand_is_listed(self, lived):
        (row,) = await lived.views.purchases.by_hand(limit=9)
        assert (row.stage, row.flag, row.rule) == ("uncollected", "uncollected", "PaymentNotCapturable")


async def purchases(utility):
    """Every row, found through the log as a reader is by its id."""
    with psycopg.connect(utility.dsn) as connection:
        ids = connection.execute(f"SELECT purchase_id FROM {utility.schema}.purchases").fetchall()
    return [await utility.views.purchases.of(id) for (id,) in ids]


class ADifference:
    async def test_is_open_until_somebody_settles_it(self, lived, account_id):
        (row,) = await lived.views.differences.open()
        assert (row.kind, row.account_id, row.recorded, row.told, row.difference) == (
            "issued-without-charge",
            account_id,
            5000,
            0,
            -5000,
        )
        assert await lived.views.differences.counts() == [("issued-without-charge", 1)]
        (settled,) = await lived.views.differences.settled(since=NOON, limit=9)
        assert (settled.how, settled.reference, settled.settled_by) == ("released", "Case 1003", "staff:ann")


class TheProcessesOfATime:
    async def test_are_those_begun_or_issued_in_it(self, lived):
        found = await lived.views.processes.touched(NOON, NOON + timedelta(minutes=1))
        kinds = [kind for kind, _ in found]
        assert len(set(found)) == len(found) and kinds.count("purchase") == 4 and kinds.count("redemption") >= 5
        issued = await lived.views.processes.touched(NOON + timedelta(minutes=20), NOON + timedelta(minutes=21))
        assert len([kind for kind, _ in issued if kind == "purchase"]) == 1
        assert await lived.views.processes.touched(NOON - timedelta(days=1), NOON) == []


class TakenAddresses:
    async def test_are_known_whatever_their_case_and_spacing(self, lived):
        asked = ["1003 ACACIA  road", "9 Nowhere"]
        assert await lived.views.addresses.taken(asked) == {"1003 ACACIA  road"}


class AccountHistory:
    async def test_holds_everything_that_happened_to_the_account_and_nothing_of_others(self, lived, account_id):
        events = [recorded.event async for recorded in lived.history.of(account_id)]
        assert isinstance(events[0], AccountOpened)
        assert sum(isinstance(event, CardRedeemed) for event in events) == 1
        assert sum(isinstance(event, TokenMarkedEntered) for event in events) == 2
        assert {event.account_id for event in events} == {account_id}

    async def test_folds_into_the_account_as_it_was(self, lived, account_id):
        account, wallet = await as_it_was(lived.history.of(account_id, NOON), account_id)
        assert (account.name, wallet.balance) == ("Holder 1003", 650)


class ARebuiltReadModel:
    @pytest.mark.parametrize("name", READ_MODELS)
    async def test_equals_the_live_one_byte_for_byte(self, lived, name):
        projection = next(each for each in all_projections(lived.secrets.mac) if each.name == name)
        before = {table.name: dump(lived.dsn, lived.schema, table.name) for table in projection.tables}
        assert all(before.values()), f"tests/projections/lives.py lets nothing happen that {name} shows"
        await Rebuild(lived.dsn, lived.log, projection, lambda position, count: None).run()
        assert {table.name: dump(lived.dsn, lived.schema, table.name) for table in projection.tables} == before

    async def test_goes_on_being_followed_and_can_be_rebuilt_again(self, lived):
        projection = next(each for each in all_projections(lived.secrets.mac) if each.name == "dashboard")
        for number in ("1006", "1007"):
            await Rebuild(lived.dsn, lived.log, projection, lambda position, count: None).run()
            await live(lived.portal, number)
            await lived.project()
            row = await lived.views.dashboard.of((await lived.portal.find(number)).account_id)
            assert row.wallet_balance == 650

    async def test_leaves_nothing_behind(self, lived):
        for projection in all_projections(lived.secrets.mac):
            await Rebuild(lived.dsn, lived.log, projection, lambda position, count: None).run()
        with psycopg.connect(lived.dsn) as connection:
            found = connection.execute(
                "SELECT relname FROM pg_class WHERE relname LIKE '%%\\_\\_next%%' OR relname LIKE %s", [f"%{RETIRED}%"]
            ).fetchall()
        assert found == []


class AForgottenPerson:
    async def test_is_in_no_read_model_live_or_rebuilt_and_the_wallets_sums_stay(self, lived, account_id):
        await lived.portal.forget_person(context(by="staff:ann"), account_id=account_id, begun=nothing_begun)
        await lived.project()
        live_rows = {table.name: dump(lived.dsn, lived.schema, table.name) for table in tables(lived)}
        assert await lived.views.dashboard.of(account_id) is None
        assert not any("1003 Acacia" in row or "holder1003" in row for rows in live_rows.values() for row in rows)
        for projection in all_projections(lived.secrets.mac):
            await Rebuild(lived.dsn, lived.log, projection, lambda position, count: None).run()
        assert {table.name: dump(lived.dsn, lived.schema, table.name) for table in tables(lived)} == live_rows
        account, wallet = await as_it_was(lived.history.of(account_id), account_id)
        assert (account.name, wallet.balance) == (FORGOTTEN, 650)
        assert await lived.views.tickets.listed(account_id=account_id, limit=9) == []
        assert sum(count.open for count in (await lived.views.tickets.counts()).values()) == 4
        activity = await lived.views.activity.recent(account_id, limit=9)
        assert sum(row.wallet_change for row in activity) == 650


class APoisonEvent:
    async def test_parks_its_aggregate_in_that_projection_and_harms_nothing_else(self, lived, monkeypatch):
        poisoned = lived.portal.redemption_id("1003")
        projector = Projector(all_projections(lived.secrets.mac), Place(lived.schema))
        redemptions = next(each for each in projector.projections if each.name == "redemptions")
        original = redemptions.key

        def key(event):
            if event.originator_id == poisoned:
                raise ValueError("poison")
            return original(event)

        monkeypatch.setattr(redemptions, "key", key)
        with psycopg.connect(lived.dsn, autocommit=True) as connection:
            connection.execute(f"DELETE FROM {lived.schema}.tracking")
            for table in tables(lived):
                connection.execute(f"TRUNCATE {lived.schema}.{table.name}")
        await Follower(lived.dsn, lived.log, "projector", projector.apply).catch_up()
        with psycopg.connect(lived.dsn) as connection:
            parked = connection.execute(f"SELECT follower, originator_id, reason FROM {lived.schema}.parked").fetchall()
        assert [(follower, originator) for follower, originator, _ in parked] == [("redemptions", poisoned)]
        assert parked[0][2] == "ValueError at RedemptionReserved"
        assert await lived.views.redemptions.of(poisoned) is None
        assert (await lived.views.redemptions.of(lived.portal.redemption_id("1004"))).stage == "redeemed"
        assert (await lived.views.dashboard.of((await lived.portal.find("1003")).account_id)).wallet_balance == 650


class Reaching:
    async def test_a_position_is_waited_for_and_given_up_in_time(self, lived):
        assert await lived.views.reached(await lived.views.position())
        assert not await lived.views.reached(10**9, wait_s=0.05)


class EveryReadModel:
    def test_has_a_table_of_its_own_name_and_a_meaning_for_each_column(self, utility):
        for projection in all_projections(utility.secrets.mac):
            assert projection.tables[0].name == projection.name
            assert all(column.meaning for table in projection.tables for column in table.columns)


class TheLog:
    async def test_keeps_the_order_of_a_commands_events(self, lived, account_id):
        kinds = [type(recorded.event).__name__ async for recorded in lived.history.of(account_id)]
        assert kinds[:5] == ["AccountOpened", "ContactAdded", "ContactAdded", "PasswordIssued", "WalletOpened"]
        assert kinds.index("CardRedeemed") == kinds.index("RedemptionSettled") + 1
