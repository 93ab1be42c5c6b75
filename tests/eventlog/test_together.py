"""Questions that wait together are answered together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from psycopg import AsyncConnection

from eventlog.pool import Pool
from eventlog.together import Together
from tests.eventlog.scenes import until


class Server:
    """Answers each question with itself, once it is let."""

    def __init__(self) -> None:
        self.turns: list[list[int]] = []
        self.lets: list[asyncio.Future[None]] = []

    async def serve(self, connection: AsyncConnection, questions: Sequence[int]) -> Sequence[int]:
        self.turns.append(list(questions))
        let = asyncio.get_running_loop().create_future()
        self.lets.append(let)
        await let
        return questions

    def let(self, turn: int) -> None:
        self.lets[turn].set_result(None)


@pytest.fixture
def server() -> Server:
    return Server()


async def read(pool: Pool, ask: Callable[[Any], Any]) -> Any:
    return await ask(None)


def made(server: Server, **options: Any) -> Together[int, int]:
    return Together(None, server.serve, read_by=read, **options)  # type: ignore[arg-type]


async def a_while() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Questions:
    async def test_go_at_once_where_nothing_is_asked(self, server: Server) -> None:
        asked = asyncio.create_task(made(server).ask(1))
        await a_while()
        assert server.turns == [[1]]
        server.let(0)
        assert await asked == 1

    async def test_that_arrive_meanwhile_share_the_next_turn(self, server: Server) -> None:
        together = made(server, long=60.0)
        asked = [asyncio.create_task(together.ask(0))]
        await a_while()
        asked += [asyncio.create_task(together.ask(number)) for number in (1, 2, 3)]
        await a_while()
        assert server.turns == [[0]]
        server.let(0)
        await a_while()
        assert server.turns == [[0], [1, 2, 3]]
        server.let(1)
        assert await asyncio.gather(*asked) == [0, 1, 2, 3]

    async def test_are_no_more_in_a_turn_than_may_be(self, server: Server) -> None:
        together = made(server, most=2, long=60.0)
        asked = [asyncio.create_task(together.ask(number)) for number in range(5)]
        for turn in range(3):
            await a_while()
            server.let(turn)
        assert await asyncio.gather(*asked) == [0, 1, 2, 3, 4]
        assert server.turns == [[0, 1], [2, 3], [4]]

    async def test_that_wait_for_long_get_a_lane_of_their_own(self, server: Server) -> None:
        together = made(server, lanes=2, long=0.01)
        slow = asyncio.create_task(together.ask(0))
        await a_while()
        others = [asyncio.create_task(together.ask(number)) for number in (1, 2)]
        await until(lambda: len(server.turns) == 2)
        assert server.turns == [[0], [1, 2]]
        server.let(1)
        assert await asyncio.gather(*others) == [1, 2]
        assert not slow.done()
        server.let(0)
        assert await slow == 0

    @pytest.mark.parametrize("lanes", [1, 2])
    async def test_asked_just_as_a_lane_ends_are_answered(self, server: Server, lanes: int) -> None:
        together = made(server, lanes=lanes)

        async with asyncio.timeout(60):
            for number in range(20):
                asked = asyncio.create_task(together.ask(number))
                await a_while()
                server.let(number)
                assert await asked == number

    async def test_all_get_the_error_that_the_turn_ends_with(self, server: Server) -> None:
        asked = asyncio.create_task(made(server).ask(1))
        await a_while()
        server.lets[0].set_exception(ValueError("away"))
        with pytest.raises(ValueError, match="away"):
            await asked
