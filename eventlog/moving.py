"""Moves a utility to another server while it is used, by logical replication of its schema (docs/scale-out.md).

    copying   the tables are made at the target, copied, and follow; nobody looks there yet
    moved     for some tenths of a second writers wait: what is still on its way arrives, the directory changes, and every
              connection to the former place ends. From then on the former place follows the new one
    clearing  what is at the place that is given up goes

Each step is written in the directory before it begins and may be done again, so that a command that was killed is given again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import psycopg
from psycopg import Connection

from eventlog.copying import LETS_GO_FOR_S, WAITS_FOR_WRITERS_S, copy
from eventlog.moves import Book
from eventlog.secrets import UtilitySecrets
from eventlog.side import Side

logger = logging.getLogger(__name__)

ARRIVES_WITHIN_S = 0.5
"""How long writers are held while the last changes arrive, until all are let go and the switch is tried again."""

NEAR_S = 0.2
"""So far behind its source, in seconds, the copy is near enough to try the switch."""

LOOK_AGAIN_S = 0.1
OLDEST = 170000

Step = Literal[
    "noted", "made", "copied", "subscribed", "both ways", "near", "held", "refused", "switched", "one way", "left", "cleared"
]
"""What is done by then. held: writers wait, all has arrived. refused: the former place takes no writes any more."""


class MoveImpossible(Exception):
    """One of the servers, or what the schema holds, does not allow a move; the message says what to change."""


class NotNear(Exception):
    """The last changes did not arrive in time; writers were let go."""


def check(source: Side, target: Side) -> None:
    """This will see whether a utility can be moved from one side to the other and back. Raises MoveImpossible."""
    for side, named in ((source, "The server it lives on"), (target, "The server it would move to")):
        settings = side.settings()
        if int(settings["server_version_num"]) < OLDEST:
            raise MoveImpossible(f"{named} is older than PostgreSQL {OLDEST // 10000}.")
        if settings["wal_level"] != "logical":
            raise MoveImpossible(f"{named} has wal_level = {settings['wal_level']}: set it to logical, and restart it.")
    if source.settings()["server_encoding"] != target.settings()["server_encoding"]:
        raise MoveImpossible("The two databases have different encodings.")
    if not source.has_schema():
        raise MoveImpossible(f"There is no schema {source.schema} where the utility lives: run `seed release` first.")
    if target.has_schema():
        raise MoveImpossible(f"There is a schema {target.schema} at that address already, nobody's copy: drop it first.")
    if source.without_key():
        raise MoveImpossible(f"Without a primary key nothing is replicated: {', '.join(source.without_key())}.")


class Mover:
    """Moves one utility. `home` is the address of the deployment's own database, `home_reached_by` what other servers reach it
    by where that is another one; `make_tables` makes the utility's tables in an empty database.

    `step` is told of what is done, `rows` of the events that are copied: how many in all, and how many came since.
    """

    def __init__(
        self,
        home: str,
        code: str,
        schema: str,
        secrets: UtilitySecrets,
        make_tables: Callable[[Connection[Any]], None],
        *,
        home_reached_by: str | None = None,
        step: Callable[[Step], None] = lambda step: None,
        rows: Callable[[int, int], None] = lambda done, new: None,
    ) -> None:
        self._home = home
        self._home_reached_by = home_reached_by
        self._schema = schema
        self._make_tables = make_tables
        self._step = step
        self._rows = rows
        self._control = psycopg.connect(home, autocommit=True, application_name=f"seed moving {schema}")
        self.book = Book(self._control, code, secrets)
        self.held_s = 0.0
        """For how many seconds writers were held at the switch."""

    def __enter__(self) -> Mover:
        return self

    def __exit__(self, *error: object) -> None:
        self._control.close()

    def to(self, other: str | None) -> None:
        """This will move the utility there; None is the deployment's own database. An interrupted move is gone on with.

        Raises MoveImpossible, MoveUnderWay, ReplicationFails, and psycopg's OperationalError where a server is away.
        """
        standing = self.book.standing()
        if standing.stage == "clearing":
            self._clear()
            standing = self.book.standing()
        if standing.stage is None:
            if other == standing.address:
                raise MoveImpossible("It lives there.")
            if _system(standing.address or self._home) == _system(other or self._home):
                raise MoveImpossible("Both addresses are the same server's.")
            with self._side(standing.address) as source, self._side(other) as target:
                check(source, target)
                self.book.begin(other)
                self._step("noted")
        elif other != (standing.other if standing.stage == "copying" else standing.address):
            raise MoveImpossible("A move to another address is under way: end it with --finish, or take it back with --back.")
        if self.book.standing().stage == "copying":
            with self._side(standing.address) as source, self._side(other) as target:
                self._copy(source, target)
                self._switch(source, target, "moved")
        former = self.book.standing().other
        with self._side(former) as source, self._side(other) as target:
            target.thaw()
            # From now on the former place follows the new one, and not the other way round.
            target.unsubscribe()
            source.drop_slot(source.slot)
            self._step("one way")

    def back(self, *, other_is_lost: bool = False) -> None:
        """This will take the move back: before the switch the copy goes; after it the utility returns to where it was, with all
        that happened since. With `other_is_lost` nothing is done at a copy whose server is gone.

        Raises MoveImpossible, MoveUnderWay, ReplicationFails, and psycopg's OperationalError where a server is away.
        """
        standing = self.book.standing()
        if standing.stage is None:
            raise MoveImpossible("No move is under way.")
        if standing.stage == "copying":
            self.book.clear()
        if standing.stage == "moved":
            with self._side(standing.address) as source, self._side(standing.other) as target:
                source.thaw()
                source.unsubscribe()
                target.drop_slot(target.slot)
                self._switch(source, target, "clearing")
        self._clear(other_is_lost=other_is_lost)

    def finish(self, *, other_is_lost: bool = False) -> None:
        """This will end a move whose switch is done: the former place's copy goes, and there is no way back but another move.

        Raises MoveImpossible, MoveUnderWay, and psycopg's OperationalError where a server is away.
        """
        standing = self.book.standing()
        if standing.stage is None:
            raise MoveImpossible("No move is under way.")
        if standing.stage == "copying":
            raise MoveImpossible("It has not moved yet: go on with --to, or take it back with --back.")
        if standing.stage == "moved":
            self.book.clear()
        self._clear(other_is_lost=other_is_lost)

    def _copy(self, source: Side, target: Side) -> None:
        """This will make the copy at the target, and have it follow; what an earlier run made is gone on with."""
        source.thaw()
        source.make_marks()
        source.publish()
        if not target.subscribes():
            target.drop_schema()  # half made by an earlier run: nobody has looked at it yet
            self._make_tables(target.connection)
            _see_that_they_match(source, target)
            target.empty()
            target.make_marks()
            self._step("made")
            copy(source, target, self._rows)
            target.analyze()
            self._step("copied")
            target.subscribe(source, has_slot=True)
        self._step("subscribed")
        target.publish()
        source.subscribe(target)
        self._step("both ways")

    def _switch(self, source: Side, target: Side, stage: Literal["moved", "clearing"]) -> None:
        """This will have the utility live at the target, as soon as that is near enough."""
        target.thaw()
        while True:
            _come_near(source, target)
            self._step("near")
            try:
                self.held_s = self._try_to_switch(source, target, stage)
            except (NotNear, psycopg.errors.QueryCanceled) as error:
                logger.warning("The switch is tried again: %s", type(error).__name__)
                time.sleep(LETS_GO_FOR_S)
            else:
                self._step("switched")
                return

    def _try_to_switch(self, source: Side, target: Side, stage: Literal["moved", "clearing"]) -> float:
        at_home = self.book.standing().address is None
        with source.locked(WAITS_FOR_WRITERS_S):
            began = time.monotonic()
            if _lag(source, target, at_most=ARRIVES_WITHIN_S) >= ARRIVES_WITHIN_S:
                raise NotNear
            _see_that_they_match(source, target)
            if source.published() != set(source.tables()):
                raise MoveImpossible("Tables were made or renamed meanwhile: take the move back, and begin anew.")
            target.continue_sequences(source.sequences())
            self._step("held")
            source.guard()
            if at_home:  # the guard and the directory change in one transaction
                self.book.switch(source.connection, stage)
                source.end_connections()
        if not at_home:
            self._step("refused")
            with self._control.transaction():
                self._control.execute("SET LOCAL idle_in_transaction_session_timeout = '5s'")
                self.book.switch(self._control, stage)
                source.end_connections()
        return time.monotonic() - began

    def _clear(self, *, other_is_lost: bool = False) -> None:
        """This will take away the copy at the other end, where the utility does not live, and all that the move made."""
        standing = self.book.standing()
        with self._side(standing.address) as lives:
            if other_is_lost:
                self._clear_here(lives)
            else:
                with self._side(standing.other) as other:
                    other.unsubscribe()
                    lives.unsubscribe()
                    other.drop_slot(other.slot)
                    self._clear_here(lives)
                    other.unpublish()
                    self._step("left")
                    other.drop_schema()
            lives.drop_guard()
            lives.drop_marks()
        self.book.end()
        self._step("cleared")

    def _clear_here(self, lives: Side) -> None:
        lives.unsubscribe()
        lives.drop_slot(lives.slot)
        lives.unpublish()

    @contextmanager
    def _side(self, address: str | None) -> Iterator[Side]:
        side = Side(address or self._home, self._schema, reached_by=None if address else self._home_reached_by)
        try:
            yield side
        finally:
            side.close()


def _system(dsn: str) -> object:
    """What tells a server's data from any other's."""
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        return connection.execute("SELECT system_identifier FROM pg_control_system()").fetchone()


def _come_near(source: Side, target: Side) -> None:
    while _lag(source, target, at_most=5.0) > NEAR_S:
        target.see_that_it_runs()
        time.sleep(LOOK_AGAIN_S)


def _lag(source: Side, target: Side, *, at_most: float) -> float:
    """How many seconds a mark takes from the source to the target."""
    began, name, number = time.monotonic(), source.system, time.time_ns()
    source.mark(name, number)
    while (took := time.monotonic() - began) < at_most and target.marked(name) != number:
        time.sleep(0.002)
    return took


def _see_that_they_match(source: Side, target: Side) -> None:
    here, there = source.tables(), target.tables()
    differ = sorted(name for name in here.keys() | there.keys() if here.get(name) != there.get(name))
    if differ:
        raise MoveImpossible(
            f"These tables differ from what this version of Seed makes: {', '.join(differ)}."
            " Run `seed release`, and rebuild what has changed its shape, before the move."
        )
