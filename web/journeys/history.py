"""An account's history and its state at any time, replayed from the log for an auditor. Each reading is recorded first."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

import msgspec

from domain.commands.identity import UnknownNumber
from domain.log import Position
from projections.projection import Recorded
from projections.replay import Change, Replay, State
from web.journeys import normal
from web.journeys.visit import Visit
from wording.catalogue import N_

CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/#-]{0,63}")
"""The reference of what an auditor reads for: no place for a person's name or story."""

MALFORMED_CASE = N_("A case is a reference: up to 64 letters, digits, spaces and . _ / # -.")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Whose history, up to which moment of recording or which position, and for which case."""

    number: str
    as_of: datetime | None = None
    until: Position | None = None
    case: str | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One event, the aggregate it happened to, and what it changed there."""

    recorded: Recorded
    aggregate: str
    changes: list[Change]


class HistoryPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of an account's history, oldest first; `next` is the position behind which the next page begins."""

    account_id: UUID
    steps: list[Step]
    next: Position | None


class StateThen(msgspec.Struct, frozen=True, kw_only=True):
    """What an account and all that is its own had come to; `position` is that of the last event that counts, 0 without one."""

    account_id: UUID
    position: Position
    states: list[State]


async def page(visit: Visit, asked: Asked, *, limit: int, after: Position = 0) -> HistoryPage:
    """This will give the events past position `after`, with what each changed. Raises FieldErrors, UnknownNumber."""
    account_id = await _account(visit, asked, what="history")
    replay, steps = Replay(), list[Step]()
    async for recorded in visit.services.history.of(account_id, asked.as_of, asked.until):
        if recorded.position <= after:
            replay.pass_over(recorded.event)
        elif len(steps) == limit:
            return HistoryPage(account_id=account_id, steps=steps, next=steps[-1].recorded.position)
        else:
            aggregate, changes = replay.take(recorded.event)
            steps.append(Step(recorded=recorded, aggregate=aggregate, changes=changes))
    return HistoryPage(account_id=account_id, steps=steps, next=None)


async def state(visit: Visit, asked: Asked) -> StateThen:
    """This will give what the account had come to. Raises FieldErrors, UnknownNumber."""
    account_id = await _account(visit, asked, what="state")
    replay, position = Replay(), 0
    async for recorded in visit.services.history.of(account_id, asked.as_of, asked.until):
        replay.pass_over(recorded.event)
        position = recorded.position
    return StateThen(account_id=account_id, position=position, states=replay.states())


async def _account(visit: Visit, asked: Asked, *, what: str) -> UUID:
    case = normal.Unusable(MALFORMED_CASE) if asked.case is not None and not CASE.fullmatch(asked.case) else ""
    number = normal.checked(number=normal.number(asked.number), case=case)["number"]
    account_id = await visit.services.history.find(number, asked.as_of)
    if account_id is None:
        raise UnknownNumber
    await visit.services.portal.record_reading(
        visit.context(), account_id=account_id, what=what, as_of=asked.as_of, until=asked.until, case=asked.case
    )
    return account_id
