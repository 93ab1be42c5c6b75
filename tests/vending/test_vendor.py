"""The vendor's hands: what takes long holds up no other, and stays with whoever works on it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from tests.domain.scenario import NOON, context
from vending.sending import Again, Ended, Next
from vending.vendor import AT_ONCE, Desk, Vendor
from vending.work import PURCHASES, Kind, Task


class Notes:
    """Work in memory: each process is due once, and once more where it was put off."""

    kind: Kind = PURCHASES

    def __init__(self, *numbers: int) -> None:
        self.due = [Task(id=UUID(int=number), attempts=1, correlation_id=UUID(int=0)) for number in numbers]
        self.renewed: list[Task] = []
        self.put_off: list[Task] = []
        self.breaks = False

    async def follow(self, cursor: object, batch: Sequence[object]) -> None:
        raise NotImplementedError

    async def claim(self, now: datetime, limit: int) -> list[Task]:
        taken, self.due = self.due[:limit], self.due[limit:]
        return taken

    async def renew(self, tasks: Sequence[Task], now: datetime) -> None:
        self.renewed += tasks

    async def postpone(self, task: Task, until: datetime) -> None:
        if self.breaks:
            raise ConnectionError
        self.put_off.append(task)


class Manager:
    """Ends what it is given, but waits for `answers` with number 1 and those from 100 on, and puts number 2 off."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.begun: list[int] = []
        self.ended: list[int] = []

    async def advance(self, id: UUID, context: object, *, attempts: int) -> Next:
        self.begun.append(id.int)
        if id.int == 1 or id.int >= 100:
            await self.answers.wait()
        if id.int == 2:
            return Again(timedelta(seconds=5))
        self.ended.append(id.int)
        return Ended()


def vendor_of(notes: Notes, manager: Manager) -> Vendor:
    return Vendor([Desk(notes, manager)], now=lambda: NOON, context=context)


async def until(says: object) -> None:
    for _ in range(200):
        if says():  # type: ignore[operator]
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to that")


class AVendor:
    async def test_is_not_held_up_by_a_process_for_which_juice_takes_long(self) -> None:
        notes, manager, stop = Notes(1, 3), Manager(), asyncio.Event()
        running = asyncio.create_task(vendor_of(notes, manager).run(stop))
        await until(lambda: manager.ended == [3])
        notes.due = [Task(id=UUID(int=4), attempts=1, correlation_id=UUID(int=0))]
        await until(lambda: manager.ended == [3, 4])
        manager.answers.set()
        await until(lambda: manager.ended == [3, 4, 1])
        stop.set()
        await running

    async def test_ends_what_it_has_in_hand_before_it_stops(self) -> None:
        notes, manager, stop = Notes(1), Manager(), asyncio.Event()
        vendor = vendor_of(notes, manager)
        running = asyncio.create_task(vendor.run(stop))
        await until(lambda: vendor.is_busy)
        stop.set()
        await asyncio.sleep(0.05)
        assert not running.done()
        manager.answers.set()
        await running
        assert manager.ended == [1]

    async def test_holds_the_lease_of_what_it_has_in_hand_and_of_nothing_else(self) -> None:
        notes, manager = Notes(1, 3), Manager()
        vendor = vendor_of(notes, manager)
        assert await vendor.take() == 2
        await until(lambda: manager.ended == [3])
        await vendor.renew()
        assert [task.id.int for task in notes.renewed] == [1]
        manager.answers.set()
        await until(lambda: not vendor.is_busy)
        await vendor.renew()
        assert len(notes.renewed) == 1

    async def test_looks_at_what_it_has_in_hand_once_more_where_there_is_news_and_not_at_the_same_time(self) -> None:
        notes, manager = Notes(1), Manager()
        vendor = vendor_of(notes, manager)
        await vendor.take()
        await until(lambda: manager.begun == [1])
        for attempts in (1, 2):
            notes.due = [Task(id=UUID(int=1), attempts=attempts, correlation_id=UUID(int=0))]
            await vendor.take()
            await asyncio.sleep(0.02)
        assert manager.begun == [1]
        await vendor.renew()
        assert sorted(task.attempts for task in notes.renewed) == [1, 2]
        manager.answers.set()
        await until(lambda: manager.ended == [1, 1] and not vendor.is_busy)

    async def test_takes_no_more_than_it_has_hands_for(self) -> None:
        notes, manager = Notes(*range(100, 100 + AT_ONCE + 3)), Manager()
        vendor = vendor_of(notes, manager)
        assert (await vendor.take(), await vendor.take(), len(notes.due)) == (AT_ONCE, 0, 3)
        manager.answers.set()
        await until(lambda: not vendor.is_busy)
        assert await vendor.take() == 3
        await until(lambda: not vendor.is_busy)

    async def test_puts_off_what_is_not_known_yet_and_goes_on_where_it_cannot(self) -> None:
        notes, manager = Notes(2), Manager()
        vendor = vendor_of(notes, manager)
        await vendor.take()
        await until(lambda: [task.id.int for task in notes.put_off] == [2])
        notes.breaks, notes.due = True, [Task(id=UUID(int=each), attempts=1, correlation_id=UUID(int=0)) for each in (2, 5)]
        await vendor.take()
        await until(lambda: manager.ended == [5] and not vendor.is_busy)
