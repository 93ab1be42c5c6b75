"""Rebuilding beside the live tables: compared row by row, resumed, accepted in words, switched under live appends."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from cli.release import create_utility
from eventlog.follower import Follower
from projections import building
from projections.comparing import Shape
from projections.rebuild import FULL_SPEED, GENTLE, Differs, Rebuild, RebuildUnderWay, Speed
from projections.registry import all_projections
from projections.tables import changed_shape
from tests.eventlog.scenes import until
from tests.projections.lives import live
from tests.projections.test_read_models import dump, lived

__all__ = ["lived"]

FOUND = "1 row of dashboard differs in name, wallet_balance"
ROOT = Path(__file__).parent.parent.parent


def projection(utility, name):
    return next(each for each in all_projections(utility.secrets.mac) if each.name == name)


def rebuild(utility, name, **changes):
    return Rebuild(utility.dsn, utility.log, projection(utility, name), changes.pop("progress", lambda *_: None), **changes)


def execute(utility, statement, parameters=()):
    with psycopg.connect(utility.dsn, autocommit=True) as connection:
        cursor = connection.execute(sql.SQL(statement).format(schema=sql.Identifier(utility.schema)), parameters)
        return cursor.fetchall() if cursor.description else None


async def refused(utility, name, **changes):
    with pytest.raises(Differs) as raised:
        await rebuild(utility, name, **changes).run()
    return raised.value


@asynccontextmanager
async def in_use(utility):
    """As long as the block, accounts live and the projector follows."""
    stop = asyncio.Event()

    async def appending():
        number = 2000
        while not stop.is_set():
            number += 1
            await live(utility.portal, str(number))

    async def following():
        while not stop.is_set():
            await utility.project()
            await asyncio.sleep(0)

    busy = [asyncio.create_task(appending()), asyncio.create_task(following())]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*busy)


@pytest.fixture
async def account_id(lived):
    return (await lived.portal.find("1003")).account_id


@pytest.fixture
async def planted(lived, account_id):
    """The dashboard of one account shows another balance and name than its log says."""
    execute(lived, "UPDATE {schema}.dashboard SET wallet_balance = 7, name = 'Mallory' WHERE account_id = %s", [account_id])
    return lived


class APlantedDifference:
    async def test_is_found_and_named_and_nothing_is_switched(self, planted, account_id):
        before = dump(planted.dsn, planted.schema, "dashboard")
        found = (await refused(planted, "dashboard")).finding
        assert found.words == FOUND
        (example,) = found.examples
        assert example.shape == Shape("dashboard", "differ", ("name", "wallet_balance"))
        assert example.key == {"account_id": str(account_id)}
        assert dump(planted.dsn, planted.schema, "dashboard") == before

    async def test_is_told_without_what_is_personal(self, planted):
        found = (await refused(planted, "dashboard")).finding
        assert found.examples[0].values == {"wallet_balance": ("7", "650")}
        assert "Mallory" not in repr(found) and "Holder" not in repr(found)

    async def test_is_gone_once_it_was_accepted_in_the_words_that_were_found(self, planted, account_id):
        await refused(planted, "dashboard")
        await rebuild(planted, "dashboard", accepted=FOUND).run()
        row = await planted.views.dashboard.of(account_id)
        assert (row.wallet_balance, row.name) == (650, "Holder 1003")
        assert execute(planted, "SELECT * FROM {schema}.rebuilds") == []

    @pytest.mark.parametrize(
        "words", ["", "yes", "2 rows of dashboard differ in name, wallet_balance", "1 row of dashboard would go"]
    )
    async def test_is_not_accepted_in_other_words(self, planted, words):
        before = dump(planted.dsn, planted.schema, "dashboard")
        await refused(planted, "dashboard")
        told = await refused(planted, "dashboard", accepted=words)
        assert told.refused and told.finding.words == FOUND
        assert dump(planted.dsn, planted.schema, "dashboard") == before

    async def test_of_another_kind_is_not_accepted_with_the_first(self, planted, account_id):
        await refused(planted, "dashboard")
        execute(planted, "UPDATE {schema}.dashboard SET currency = 'XXX' WHERE account_id = %s", [account_id])
        told = await refused(planted, "dashboard", accepted=FOUND)
        assert told.finding.examples[0].shape.columns == ("name", "currency", "wallet_balance")

    async def test_is_found_by_the_rows_key_where_rows_are_missing_or_additional(self, lived):
        execute(lived, "DELETE FROM {schema}.activity WHERE juice_number = '1003-2'")
        execute(lived, "UPDATE {schema}.activity SET position = 999999 WHERE juice_number = '1003-1'")
        found = (await refused(lived, "activity")).finding
        assert found.words == "2 rows of activity would come; 1 row of activity would go"
        assert "999999" in {example.key["position"] for example in found.examples}

    @pytest.mark.parametrize("name", [each.name for each in all_projections(lambda purpose, message: b"")])
    async def test_is_found_in_every_read_model_and_table(self, lived, name):
        for table in projection(lived, name).tables:
            execute(lived, f"DELETE FROM {{schema}}.{table.name} WHERE ctid = (SELECT min(ctid) FROM {{schema}}.{table.name})")
        found = (await refused(lived, name)).finding
        left = {table.name for table in projection(lived, name).tables}
        assert {group.shape.table for group in found.groups if group.shape.kind == "come"} == left

    async def test_that_comes_after_the_comparison_is_met_before_the_switch(self, lived, account_id, monkeypatch):
        work = rebuild(lived, "dashboard")
        whole = work._comparison.whole

        async def and_then_somebody_writes(cursor):
            found = await whole(cursor)
            if not execute(lived, "SELECT 1 FROM {schema}.dashboard WHERE currency = 'XXX'"):
                await live(lived.portal, "1009")
                await lived.project()
                execute(lived, "UPDATE {schema}.dashboard SET currency = 'XXX' WHERE number = '1009'")
            return found

        monkeypatch.setattr(work._comparison, "whole", and_then_somebody_writes)
        with pytest.raises(Differs, match="1 row of dashboard differs in currency"):
            await work.run()


class AnInterruptedRebuild:
    async def test_killed_half_way_goes_on_where_it_was(self, lived):
        before = dump(lived.dsn, lived.schema, "dashboard")
        killed = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.projections.killed_rebuild", lived.dsn, "dashboard"), cwd=ROOT
        )
        assert await killed.wait() == -signal.SIGKILL
        ((half_way,),) = execute(lived, "SELECT position FROM {schema}.tracking WHERE name = 'rebuild:dashboard'")
        assert 0 < half_way < await lived.views.position()
        taken = []
        await rebuild(lived, "dashboard", progress=lambda position, count: taken.append(position), speed=Speed(20)).run()
        assert half_way < taken[0] <= half_way + 60
        assert dump(lived.dsn, lived.schema, "dashboard") == before

    async def test_that_another_version_began_is_begun_anew(self, planted, monkeypatch):
        await refused(planted, "dashboard")
        monkeypatch.setattr(building, "digest", lambda: "another")
        taken = []
        await refused(planted, "dashboard", progress=lambda position, count: taken.append(position), speed=Speed(20))
        assert taken[0] <= 60

    async def test_is_under_way_once(self, lived):
        async with await psycopg.AsyncConnection.connect(lived.dsn, autocommit=True) as reader:
            await reader.execute("BEGIN")
            await reader.execute(sql.SQL("SELECT FROM {}.dashboard").format(sql.Identifier(lived.schema)))
            first = asyncio.create_task(rebuild(lived, "dashboard").run())
            done, _ = await asyncio.wait([first], timeout=0.7)
            assert not done  # it waits for the reader
            with pytest.raises(RebuildUnderWay):
                await rebuild(lived, "dashboard").run()
            await reader.execute("COMMIT")
            await first


class ItsSpeed:
    @pytest.fixture
    def passes(self, monkeypatch):
        """What each pass through the log was told, (batch, rest); and what happens at the end of the first, the second …"""
        told, then = [], []
        catch_up = Follower.catch_up

        async def noted(follower, *, upto=None, rest=0.0):
            reached = await catch_up(follower, upto=upto, rest=rest)
            if follower.name.startswith("rebuild:"):
                told.append((follower._largest, rest))
                if then:
                    await then.pop(0)()
            return reached

        monkeypatch.setattr(Follower, "catch_up", noted)
        return told, then

    @pytest.mark.parametrize("speed", [GENTLE, FULL_SPEED])
    async def test_is_what_was_asked_for(self, lived, passes, speed):
        told, _ = passes
        await rebuild(lived, "dashboard", speed=speed).run()
        assert set(told) == {speed}

    async def test_is_without_rests_where_the_live_read_models_would_draw_away(self, lived, passes, monkeypatch):
        told, then = passes
        numbers = iter(range(3001, 3010))

        async def as_many():
            await live(lived.portal, str(next(numbers)))
            await lived.project()

        then += [as_many, as_many]
        monkeypatch.setattr("projections.rebuild.NEAR", 0)
        await rebuild(lived, "dashboard").run()
        assert [rest for _, rest in told][:3] == [1.0, 1.0, 0.0]


class ASwitch:
    async def test_under_live_appends_gives_what_the_log_says_byte_for_byte(self, lived):
        async with in_use(lived):
            for name in ("dashboard", "activity", "arrears_ageing", "tokens", "sales"):
                await rebuild(lived, name, speed=Speed(50)).run()
        await lived.project()
        live_rows = {
            table.name: dump(lived.dsn, lived.schema, table.name)
            for each in all_projections(lived.secrets.mac)
            for table in each.tables
        }
        execute(lived, "DELETE FROM {schema}.tracking")
        for table in live_rows:
            execute(lived, f"TRUNCATE {{schema}}.{table}")
        await lived.project()
        assert {table: dump(lived.dsn, lived.schema, table) for table in live_rows} == live_rows

    async def test_shows_nobody_less_than_they_saw_before(self, lived, account_id):
        seen, rebuilt = [], asyncio.Event()

        async def look():
            return await lived.views.dashboard.of(account_id), await lived.views.activity.recent(account_id, limit=100)

        async def looking():
            while not rebuilt.is_set():
                seen.append(await look())

        before = await look()
        async with in_use(lived):
            looks = asyncio.create_task(looking())
            try:
                for name in ("dashboard", "activity") * 3:
                    await rebuild(lived, name).run()
            finally:
                rebuilt.set()
                await looks
        assert len(seen) > 6 and all(each == before for each in seen)

    async def test_keeps_no_follower_waiting_while_the_new_tables_are_vacuumed(self, lived, monkeypatch):
        """A vacuum's lock, held by hand: the fence passes whoever waits for it without a transaction id."""
        held = asyncio.Event()
        compared = Rebuild._compared

        async def then_vacuumed(work, connection):
            finding = await compared(work, connection)
            await vacuum.execute("BEGIN")
            table = sql.Identifier(lived.schema, "dashboard__next")
            await vacuum.execute(sql.SQL("LOCK TABLE {} IN SHARE UPDATE EXCLUSIVE MODE").format(table))
            held.set()
            return finding

        monkeypatch.setattr(Rebuild, "_compared", then_vacuumed)
        async with await psycopg.AsyncConnection.connect(lived.dsn, autocommit=True) as vacuum:
            work = asyncio.create_task(rebuild(lived, "dashboard").run())
            await held.wait()
            waiting = "SELECT backend_xid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            await until(lambda: execute(lived, waiting))
            assert execute(lived, waiting) == [(None,)] and not work.done()
            await vacuum.execute("COMMIT")
            await work

    async def test_reads_what_is_beside_by_its_keys_and_compares_by_reading_all_of_it(self, lived):
        taken = []
        scans = "SELECT seq_scan FROM pg_stat_user_tables WHERE schemaname = '{}' AND relname = 'dashboard'"
        await rebuild(lived, "dashboard", progress=lambda position, count: taken.append(position), speed=Speed(10)).run()
        ((count,),) = execute(lived, scans.format(lived.schema))
        assert 0 < count < 10 < len(taken)

    async def test_needs_no_projector_that_runs_and_stands_where_it_stood(self, lived):
        position = await lived.views.position()
        await live(lived.portal, "1010")
        assert await rebuild(lived, "dashboard").run() == position

    async def test_of_an_empty_read_model_needs_no_consent(self, lived):
        execute(lived, "TRUNCATE {schema}.dashboard")
        work = rebuild(lived, "dashboard")
        await work.run()
        assert "empty" in work.finding.notes[0]
        assert len(dump(lived.dsn, lived.schema, "dashboard")) == 5


class AChangedShape:
    async def test_is_compared_by_the_common_columns_and_says_so(self, lived, account_id):
        execute(lived, "ALTER TABLE {schema}.dashboard DROP COLUMN language_told, ADD COLUMN older text DEFAULT 'x'")
        with psycopg.connect(lived.dsn) as connection:
            assert changed_shape(connection, lived.schema, projection(lived, "dashboard"))
        work = rebuild(lived, "dashboard")
        await work.run()
        (note,) = work.finding.notes
        assert "Only live: older." in note and "Only new: language_told." in note
        assert (await lived.views.dashboard.of(account_id)).language_told == "en"
        with psycopg.connect(lived.dsn) as connection:
            assert not changed_shape(connection, lived.schema, projection(lived, "dashboard"))

    async def test_holds_the_projector_and_parks_nothing(self, lived):
        execute(lived, "ALTER TABLE {schema}.dashboard DROP COLUMN language_told")
        await live(lived.portal, "1011")
        with pytest.raises(psycopg.errors.UndefinedColumn):
            await lived.project()
        assert execute(lived, "SELECT * FROM {schema}.parked") == []
        await rebuild(lived, "dashboard").run()
        await lived.project()
        assert len(dump(lived.dsn, lived.schema, "dashboard")) == 6

    async def test_is_left_to_the_rebuild_by_a_release(self, lived, capsys):
        execute(lived, "ALTER TABLE {schema}.sales DROP COLUMN energy CASCADE")
        with psycopg.connect(lived.dsn, autocommit=True) as connection:
            create_utility(connection, "test", 0, lived.secrets)
        assert capsys.readouterr().out == "test: sales has changed its shape. `seed rebuild sales` makes it anew.\n"
        await rebuild(lived, "sales").run()
        assert execute(lived, "SELECT sum(energy) > 0 FROM {schema}.analysis_sales") == [(True,)]

    async def test_of_the_key_has_to_be_accepted(self, lived):
        execute(lived, "ALTER TABLE {schema}.dashboard ALTER COLUMN account_id TYPE text")
        assert (await refused(lived, "dashboard")).finding.words == "dashboard cannot be compared"
        await rebuild(lived, "dashboard", accepted="dashboard cannot be compared").run()


class APersonalColumn:
    def test_is_marked_where_forgetting_empties_it(self):
        activity = next(each for each in all_projections(lambda purpose, message: b"") if each.name == "activity")
        assert {column.name for column in activity.tables[0].columns if column.personal} == {"juice_number", "tokens"}
