"""What a read model could not take: told, tried again by building it anew, or left so by decision; and forgotten all the same."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from domain.left_out import ParkedSkipped
from eventlog.follower import Follower
from projections.projection import Place
from projections.projector import Projector
from projections.rebuild import Differs
from projections.registry import all_projections
from tests.domain.scenario import context, nothing_begun
from tests.projections.test_read_models import dump, lived
from tests.projections.test_rebuild import execute, rebuild

__all__ = ["lived"]

NAME = "dashboard"


async def project_with_poison(utility, account_id, topic):
    """This will make all read models anew, in one of which an event of an account cannot be taken."""
    projector = Projector(all_projections(utility.secrets.mac), Place(utility.schema))
    dashboard = next(each for each in projector.projections if each.name == NAME)
    of_the_row = dashboard.key

    def key(event):
        if event.account_id == account_id and topic == event.TOPIC:
            raise KeyError("poison")
        return of_the_row(event)

    dashboard.key = key
    execute(utility, "DELETE FROM {schema}.tracking")
    for projection in projector.projections:
        for table in projection.tables:
            execute(utility, f"TRUNCATE {{schema}}.{table.name}")
    await Follower(utility.dsn, utility.log, "projector", projector.apply).catch_up()


@pytest.fixture
async def account_id(lived):
    return (await lived.portal.find("1003")).account_id


@pytest.fixture
async def before(lived):
    return {table: dump(lived.dsn, lived.schema, table) for table in ("dashboard", "activity", "tokens")}


@pytest.fixture
async def parked(lived, account_id, before):
    """The contacts of one account could not be taken from the first that was registered on; its wallet goes on in that row."""
    await project_with_poison(lived, account_id, "contact-added")
    return lived


class WhatIsParked:
    async def test_is_told_with_read_model_aggregate_position_reason_and_since_when(self, parked, account_id):
        (row,) = await parked.views.standing.left_out(limit=9)
        assert (row.follower, row.originator_id, row.reason) == (NAME, account_id, "KeyError at ContactAdded")
        ((first,),) = execute(
            parked,
            "SELECT min(notification_id) FROM {schema}.events WHERE originator_id = %s AND topic = 'contact-added'",
            [account_id],
        )
        assert row.position == first and row.skipped_at is None
        ((since,),) = execute(parked, "SELECT parked_at FROM {schema}.parked")
        assert row.parked_at == since

    async def test_harms_nothing_else(self, parked, before, account_id):
        assert {dump(parked.dsn, parked.schema, table) == before[table] for table in ("activity", "tokens")} == {True}
        rows = dump(parked.dsn, parked.schema, "dashboard")
        assert len(set(rows) & set(before["dashboard"])) == 4
        assert (await parked.views.dashboard.of(account_id)).wallet_balance == 650

    async def test_is_as_the_log_says_once_the_mended_read_model_was_built_anew(self, parked, before):
        with pytest.raises(Differs) as raised:
            await rebuild(parked, NAME).run()
        assert raised.value.finding.words.startswith("1 row of dashboard differs in ")
        assert [row.follower for row in await parked.views.standing.left_out()] == [NAME]
        await rebuild(parked, NAME, accepted=raised.value.finding.words).run()
        assert dump(parked.dsn, parked.schema, "dashboard") == before["dashboard"]
        assert await parked.views.standing.left_out(with_skipped=True) == []

    async def test_by_the_new_tables_and_not_by_the_live_ones_has_to_be_accepted(self, lived, account_id, monkeypatch):
        work = rebuild(lived, NAME)
        of_the_row = work.projection.key

        def key(event):
            if event.account_id == account_id and event.TOPIC == "language-chosen":
                raise KeyError("poison")
            return of_the_row(event)

        monkeypatch.setattr(work.projection, "key", key)
        with pytest.raises(Differs, match="1 aggregate more would be left out"):
            await work.run()
        assert await lived.views.standing.left_out() == []  # what is built beside leaves nothing out yet

    async def test_keeps_since_when_where_it_cannot_be_taken_still(self, parked, account_id, monkeypatch):
        execute(parked, "UPDATE {schema}.parked SET parked_at = '2026-01-01T00:00Z'")
        work = rebuild(parked, NAME)
        of_the_row = work.projection.key

        def key(event):
            if event.account_id == account_id and event.TOPIC == "contact-added":
                raise KeyError("poison")
            return of_the_row(event)

        monkeypatch.setattr(work.projection, "key", key)
        await work.run()
        (row,) = await parked.views.standing.left_out()
        assert f"{row.parked_at:%Y-%m-%d}" == "2026-01-01"


class AForgottenPersonWhoIsParked:
    async def test_is_in_no_row_all_the_same(self, parked, account_id):
        assert any("Holder 1003" in row for row in dump(parked.dsn, parked.schema, "dashboard"))
        await parked.portal.forget_person(context(by="staff:ann"), account_id=account_id, begun=nothing_begun)
        await parked.project()
        assert await parked.views.dashboard.of(account_id) is None


class WhatIsSkipped:
    @pytest.fixture
    async def skipped(self, parked, account_id):
        (row,) = await parked.views.standing.left_out()
        await parked.portal.skip_parked(
            context(by="operator:joe"),
            read_model=row.follower,
            aggregate_id=account_id,
            at_position=row.position,
            error=row.reason,
            reason="closed in 2019",
        )
        await parked.project()
        return parked

    async def test_is_alarming_no_more_and_is_told_with_who_when_and_why(self, skipped):
        assert await skipped.views.standing.left_out() == []
        (row,) = await skipped.views.standing.left_out(with_skipped=True)
        assert (row.skipped_by, row.skipped_because) == ("operator:joe", "closed in 2019")
        (count,) = await skipped.views.standing.parked()
        assert (count.aggregates, count.skipped) == (0, 1)

    async def test_is_in_the_log_for_ever(self, skipped, account_id):
        execute(skipped, "DELETE FROM {schema}.parked")
        with psycopg.connect(skipped.dsn) as connection:
            rows = connection.execute(
                sql.SQL("SELECT topic, state FROM {}.events WHERE topic = %s").format(sql.Identifier(skipped.schema)),
                [ParkedSkipped.TOPIC],
            ).fetchall()
        events = await skipped.log.decode([(topic, bytes(state)) for topic, state in rows])
        assert [event.reason for event in events if event.aggregate_id == account_id] == ["closed in 2019"]

    async def test_at_another_event_is_alarming_again(self, skipped):
        execute(skipped, "UPDATE {schema}.parked SET position = position + 1")
        (row,) = await skipped.views.standing.left_out()
        assert row.skipped_at is None

    async def test_is_tried_again_by_a_rebuild(self, skipped, before):
        with pytest.raises(Differs) as raised:
            await rebuild(skipped, NAME).run()
        await rebuild(skipped, NAME, accepted=raised.value.finding.words).run()
        assert dump(skipped.dsn, skipped.schema, "dashboard") == before["dashboard"]
        assert await skipped.views.standing.left_out(with_skipped=True) == []
