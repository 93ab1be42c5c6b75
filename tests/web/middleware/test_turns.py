"""Turns and the queue for them, on a loop whose time goes straight to what is due next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.simulation.loop import SimulatedLoop
from web.middleware.turns import PATIENCE_WHERE_IT_STANDS, STANDS_AFTER, WAIT_WHERE_IT_STANDS, NoTurn, Reason, Turns

Callers = Callable[[str], Coroutine[Any, Any, None]]


class Crowd:
    """Callers by name, who hold their turn until they are let go; `told` is what happened to them, in order."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.told: list[str] = []
        self._held: dict[str, asyncio.Event] = {}
        self._going: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, *names: str) -> None:
        for name in names:
            self._held[name], self._going[name] = asyncio.Event(), asyncio.Event()
            self._tasks[name] = asyncio.ensure_future(self._one(name))
        await settle()

    async def end(self, *names: str) -> None:
        for name in names:
            self._held[name].set()
        await settle()

    async def go_away(self, name: str) -> None:
        self._going[name].set()
        await settle()

    async def cancel(self, name: str) -> None:
        self._tasks[name].cancel()
        await settle()

    @property
    def counts(self) -> tuple[int, int]:
        return self.turns.under_way, self.turns.waiting

    async def _one(self, name: str) -> None:
        async def gone() -> None:
            await self._going[name].wait()

        try:
            async with self.turns.turn(gone):
                self.told.append(name)
                await self._held[name].wait()
        except NoTurn as refused:
            self.told.append(f"{name}: {refused.reason}")


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def crowd(at_once: int = 2, longest: int = 2, patience: float = 1.0) -> Crowd:
    return Crowd(Turns(at_once=at_once, longest=longest, patience=patience, changed=lambda turns: None))


def played(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    loop = SimulatedLoop()
    loop.run(story())
    assert not loop.failures


class ATurn:
    def test_is_had_at_once_by_so_many_and_then_in_the_order_of_coming(self) -> None:
        async def story() -> None:
            people = crowd()
            await people.come("a", "b", "c", "d")
            assert (people.told, people.counts) == (["a", "b"], (2, 2))
            await people.end("b")
            assert (people.told, people.counts) == (["a", "b", "c"], (2, 1))
            await people.end("a", "c", "d")
            assert (people.told, people.counts) == (["a", "b", "c", "d"], (0, 0))

        played(story)

    def test_ends_with_an_error_too(self) -> None:
        async def story() -> None:
            people = crowd(at_once=1)
            with pytest.raises(ZeroDivisionError):
                async with people.turns.turn(asyncio.Event().wait):  # type: ignore[arg-type]
                    await people.come("next")
                    raise ZeroDivisionError
            await settle()
            assert people.told == ["next"]
            await people.end("next")
            assert people.counts == (0, 0)

        played(story)

    def test_ends_with_a_cancellation_and_goes_to_whoever_is_next(self) -> None:
        async def story() -> None:
            people = crowd(at_once=1)
            await people.come("a", "b", "c")
            await people.cancel("b")  # while it waits
            assert people.counts == (1, 1)
            await people.cancel("a")  # during its turn
            assert (people.told, people.counts) == (["a", "c"], (1, 0))
            await people.end("c")
            assert people.counts == (0, 0)

        played(story)

    def test_that_comes_in_the_moment_of_a_cancellation_is_not_lost(self) -> None:
        async def story() -> None:
            people = crowd(at_once=1)
            await people.come("a", "b", "c")
            # It is handed over when a ends, and b has not woken up yet.
            people._tasks["a"].add_done_callback(lambda _: people._tasks["b"].cancel())
            await people.end("a")
            assert people.told == ["a", "c"]
            await people.end("c")
            assert people.counts == (0, 0)

        played(story)


class TheQueue:
    def test_sends_away_at_once_whoever_finds_it_full(self) -> None:
        async def story() -> None:
            people = crowd()
            await people.come("a", "b", "c", "d", "e")
            assert people.told == ["a", "b", "e: queue-full"]
            with pytest.raises(NoTurn) as refused:
                people.turns.refuse()
            assert refused.value.reason is Reason.QUEUE_FULL

        played(story)

    def test_is_left_by_whoever_has_waited_long_enough(self) -> None:
        async def story() -> None:
            people = crowd(at_once=1)
            await people.come("a", "b")
            await asyncio.sleep(1.0)
            await settle()
            assert (people.told, people.counts) == (["a", "b: waited"], (1, 0))

        played(story)

    def test_is_left_by_whoever_has_gone(self) -> None:
        async def story() -> None:
            people = crowd(at_once=1)
            await people.come("a", "b", "c")
            await people.go_away("b")
            assert (people.told, people.counts) == (["a", "b: gone"], (1, 1))
            await people.end("a")
            assert people.told == ["a", "b: gone", "c"]

        played(story)

    def test_that_does_not_empty_sends_away_whoever_would_wait_too_long(self) -> None:
        async def story() -> None:
            people = crowd(at_once=1, longest=10)
            await people.come("a", "b")
            await asyncio.sleep(STANDS_AFTER + 0.01)
            await people.come("c")
            assert people.told == ["a", "c: queue-stands"]

        played(story)

    def test_stands_until_nobody_had_to_be_sent_away_for_a_while(self) -> None:
        async def story() -> None:
            people = crowd(at_once=1, longest=10)
            await people.come("a", "b")
            await asyncio.sleep(STANDS_AFTER + 0.01)
            await people.come("c")
            await people.end("a", "b")  # it is empty for a moment, since c was not let in
            await people.come("d", "e")
            await asyncio.sleep(WAIT_WHERE_IT_STANDS + 0.01)
            await people.come("f")
            assert people.told[2:] == ["b", "d", "f: queue-stands"]
            await people.end("d", "e")
            await asyncio.sleep(STANDS_AFTER + 0.01)
            await people.come("g", "h")
            await asyncio.sleep(WAIT_WHERE_IT_STANDS + 0.01)
            await people.come("i")
            await people.end("g", "h", "i")
            assert people.told[5:] == ["e", "g", "h", "i"]

        played(story)

    def test_that_does_not_empty_is_waited_in_for_a_shorter_time(self) -> None:
        async def story() -> None:
            people = crowd(at_once=1, longest=10)
            await people.come("a", "b")
            await asyncio.sleep(STANDS_AFTER - 0.01)
            await people.come("c")
            await people.end("a")  # b has its turn, and c is the first: it has not waited long
            await asyncio.sleep(0.02)
            await people.come("d")
            await asyncio.sleep(PATIENCE_WHERE_IT_STANDS + 0.01)
            await settle()
            assert people.told == ["a", "b", "d: waited"]  # c came while it could still have been a burst
            await people.end("b")
            assert people.told[-1] == "c"

        played(story)
