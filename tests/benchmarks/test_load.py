"""The benchmarks' load and verdicts, against a server that answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from benchmarks.load import Kind, Load, Plan
from benchmarks.verdicts import Verdicts, percentile

BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n"


def done(body: bytes) -> bytes:
    return b"HTTP/1.1 202 Accepted\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


class Server:
    """Keeps what it was asked; `answer` says what to send back, in whichever pieces."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self.asked: list[bytes] = []
        self._answer = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(request)
        answer = self._answer(request)
        for piece in (answer[:9], answer[9:]):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        writer.close()


@asynccontextmanager
async def serving(answer: Callable[[bytes], bytes]) -> AsyncIterator[tuple[Server, int]]:
    server = Server(answer)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    async with listening:
        yield server, listening.sockets[0].getsockname()[1]


def request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def load(port: int, *kinds: Kind, **how: float) -> Load:
    return Load(Plan(port=port, seconds=0.2, kinds=list(kinds), seed=1, **how))  # type: ignore[arg-type]


class WhatIsDoneOnce:
    async def test_is_offered_again_until_it_is_acknowledged(self) -> None:
        answers = iter([BUSY, b"", done(b'{"position": 7}')])
        once = Kind(name="redemption", share=1, requests=[request("/once")], once=True)
        often = Kind(name="page", share=1e-9, requests=[request("/often")])
        async with serving(lambda asked: next(answers) if b"/once" in asked else done(b"")) as (server, port):
            sending = load(port, often, once)
            for _ in range(4):
                await sending.one(0.0)
        assert [(each.kind, each.status, each.retry_after, each.told) for each in sending.outcomes] == [
            ("redemption", 503, "3", None),
            ("redemption", 0, None, None),
            ("redemption", 202, None, b'{"position": 7}'),
            ("page", 202, None, None),
        ]
        assert server.asked == [request("/once")] * 3 + [request("/often")]

    async def test_is_left_where_there_was_no_turn_for_it(self) -> None:
        once = Kind(name="redemption", share=1, requests=[request("/1"), request("/2")], once=True)
        async with serving(lambda asked: BUSY) as (_, port):
            told = await load(port, once, callers=2).run()
        assert sorted(told.left["redemption"]) == [request("/1"), request("/2")]


class AnOpenLoop:
    async def test_sends_at_its_moment_though_nothing_was_answered(self) -> None:
        asked, enough = 0, asyncio.Event()

        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal asked
            asked += 1
            if asked == 10:
                enough.set()
            await enough.wait()
            writer.write(done(b""))
            writer.close()

        async with await asyncio.start_server(silent, "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
            told = await load(port, Kind(name="page", share=1, requests=[request("/")]), rate=200).run()
        assert len(told.outcomes) >= 10 and {each.status for each in told.outcomes} == {202}


class AVerdict:
    def test_counts_what_was_not_kept_in_the_last_line(self) -> None:
        verdicts = Verdicts()
        verdicts.hold(True, "one")
        verdicts.hold(False, "two")
        verdicts.say("three")
        assert verdicts.report().splitlines()[1:] == ["VIOLATED  two", "          three", "violations: 1"]

    @pytest.mark.parametrize(("percent", "value"), [(50, 50), (99, 99), (100, 100), (1, 1)])
    def test_speaks_of_percentiles_by_nearest_rank(self, percent: float, value: float) -> None:
        assert percentile(range(1, 101), percent) == value

    def test_of_nothing_is_zero(self) -> None:
        assert percentile([], 99) == 0
