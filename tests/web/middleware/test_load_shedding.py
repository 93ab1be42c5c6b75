"""More requests than a process takes, in front of an application that holds each until it is let go."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY

from tests.web.middleware.test_turns import settle
from web.access.matrix import MATRIX
from web.middleware import load_shedding
from web.middleware.busy import SOONEST, SPREAD, BusyAnswer
from web.middleware.headers import ALWAYS
from web.middleware.lanes import ELSEWHERE, NEVER_SHED, PASSWORDS, Lane, Room, lane_of
from web.middleware.load_shedding import LoadShedding
from web.middleware.policy import Policy


class Asked:
    """One request, and what came of it. The body arrives when it is said."""

    def __init__(self, method: str, path: str, headers: dict[str, str]) -> None:
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self.scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": raw,
        }
        self.sent: list[dict[str, Any]] = []
        self.arriving: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.task: asyncio.Task[None]

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int | None:
        return self.sent[0]["status"] if self.sent else None

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def body(self) -> str:
        return str(self.sent[1]["body"].decode())


class House:
    """The application that holds requests, with what sends the excess away in front of it."""

    def __init__(self, **room: Any) -> None:
        self.held: list[str] = []
        self.read: list[bytes] = []
        self.doors: dict[str, asyncio.Event] = {}
        self.shedding = LoadShedding(self._hold, Room(**{"at_once": 4, "longest": 1, **room}), BusyAnswer(Policy(), bytes))

    async def _hold(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
        path = scope["path"]
        self.held.append(path)
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.read.append(body)
        if path.endswith("broken"):
            raise ZeroDivisionError
        if path not in NEVER_SHED:
            await self.doors.setdefault(path, asyncio.Event()).wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def ask(self, path: str, method: str = "GET", body: bytes | None = b"", **headers: str) -> Asked:
        asked = Asked(method, path, headers)
        if body is not None:
            asked.arriving.put_nowait({"type": "http.request", "body": body, "more_body": False})
        asked.task = asyncio.ensure_future(self.shedding(asked.scope, asked.arriving.get, asked.send))
        await settle()
        return asked

    async def fill(self) -> list[Asked]:
        """This will have so many asking for pages that the next one finds no room."""
        return [await self.ask(f"/{number}") for number in range(5)]

    async def let_go(self, path: str) -> None:
        self.doors.setdefault(path, asyncio.Event()).set()
        await settle()

    @property
    def counts(self) -> tuple[int, int]:
        turns = self.shedding.lanes[Lane.PAGES]
        return turns.under_way, turns.waiting


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


class TheExcess:
    async def test_gets_503_and_is_told_when_to_come_again(self) -> None:
        house = House()
        await house.fill()
        asked = await house.ask("/api/v1/me")
        assert (asked.status, house.held) == (503, ["/0", "/1", "/2", "/3"])
        assert SOONEST <= int(asked.headers["retry-after"]) < SOONEST + SPREAD
        assert asked.headers["content-type"] == "application/problem+json"
        assert json.loads(asked.body)["rule"] == "TooBusy"

    async def test_gets_a_page_that_asks_again_by_itself(self) -> None:
        house = House()
        await house.fill()
        asked = await house.ask("/dashboard", Accept="text/html")
        assert (asked.status, asked.headers["retry-after"]) == (503, str(SOONEST))
        assert f'<meta http-equiv="refresh" content="{SOONEST}">' in asked.body
        assert {name: asked.headers[name.lower()] for name in ALWAYS} == ALWAYS
        assert asked.headers["cache-control"] == "no-store"

    async def test_that_sent_a_form_is_told_that_nothing_was_done_and_asks_nothing_by_itself(self) -> None:
        house = House()
        await house.fill()
        asked = await house.ask("/logout", "POST", b"x=1")
        assert asked.status == 503 and "Nothing was done" in asked.body and "refresh" not in asked.body

    async def test_is_answered_before_its_body_has_come(self) -> None:
        house = House()
        await house.fill()
        assert (await house.ask("/requests/new", "POST", body=None)).status == 503

    async def test_is_answered_in_its_language(self) -> None:
        house = House()
        await house.fill()
        asked = await house.ask("/dashboard", **{"Accept-Language": "fr-FR, en;q=0.5"})
        assert asked.headers["content-language"] == "fr" and "Nothing was done" not in asked.body
        chosen = await house.ask("/api/v1/me", **{"Accept-Language": "en", "Cookie": "__Host-seed-language=fr"})
        assert chosen.headers["content-language"] == "fr"

    async def test_gets_no_body_where_it_asked_for_the_head_alone(self) -> None:
        house = House()
        await house.fill()
        asked = await house.ask("/dashboard", "HEAD")
        assert (asked.status, asked.body) == (503, "")

    async def test_is_counted_and_told_in_the_log_once_in_a_while(self) -> None:
        house = House()
        before = figure("seed_shed_total", lane="pages", reason="queue-full")
        await house.fill()
        with structlog.testing.capture_logs() as logs:
            for _ in range(3):
                await house.ask("/dashboard")
        assert [(line["log_level"], line["lane"], line["reason"]) for line in logs] == [("warning", "pages", "queue-full")]
        assert figure("seed_shed_total", lane="pages", reason="queue-full") == before + 3
        assert (figure("seed_in_flight", lane="pages"), figure("seed_queued", lane="pages")) == (4, 1)


class WhoeverWaits:
    async def test_is_let_in_when_a_turn_ends_with_all_that_was_sent(self) -> None:
        house = House()
        for number in range(4):
            await house.ask(f"/{number}")
        asked = await house.ask("/new", "POST", b"typed")
        assert house.counts == (4, 1)
        await house.let_go("/2")
        assert house.held[-1] == "/new" and house.read[-1] == b"typed"
        await house.let_go("/new")
        assert asked.status == 200

    async def test_and_goes_away_leaves_the_queue(self) -> None:
        house = House()
        *_, waiting = await house.fill()
        before = figure("seed_shed_total", lane="pages", reason="gone")
        waiting.arriving.put_nowait({"type": "http.disconnect"})
        await settle()
        assert house.counts == (4, 0) and waiting.task.done() and not waiting.sent
        assert figure("seed_shed_total", lane="pages", reason="gone") == before + 1

    async def test_is_sent_away_in_the_end(self) -> None:
        house = House(patience=0.01)
        *_, waiting = await house.fill()
        await waiting.task
        assert waiting.status == 503 and house.counts == (4, 0)


class ATurn:
    async def test_is_not_held_by_a_body_that_drips_in(self) -> None:
        house = House()
        slow = [await house.ask(f"/{number}", "POST", body=None) for number in range(9)]
        assert house.counts == (0, 0)
        assert (await house.ask("/quick")).status is None and house.held == ["/quick"]
        slow[0].arriving.put_nowait({"type": "http.request", "body": b"half", "more_body": True})
        slow[0].arriving.put_nowait({"type": "http.request", "body": b" and half", "more_body": False})
        await settle()
        assert house.read[-1] == b"half and half"
        for asked in slow:
            asked.task.cancel()

    async def test_comes_for_a_body_that_took_too_long_whose_reader_then_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(load_shedding, "WITHIN", 0.01)
        house = House()
        asked = await house.ask("/late", "POST", body=None)
        with pytest.raises(TimeoutError):
            await asked.task
        assert house.counts == (0, 0)

    async def test_ends_whatever_happens(self) -> None:
        house = House()
        broken, cancelled = await house.ask("/broken"), await house.ask("/1")
        with pytest.raises(ZeroDivisionError):
            await broken.task
        cancelled.task.cancel()
        await settle()
        assert house.counts == (0, 0)
        assert (figure("seed_in_flight", lane="pages"), figure("seed_queued", lane="pages")) == (0, 0)


class Health:
    @pytest.mark.parametrize("path", sorted(NEVER_SHED))
    async def test_and_figures_are_never_sent_away(self, path: str) -> None:
        house = House()
        await house.fill()
        assert (await house.ask(path)).status == 200

    async def test_has_the_addresses_that_there_are(self) -> None:
        assert {("GET", path) for path in NEVER_SHED} <= set(MATRIX)


class ALane:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/api/v1/webhooks/cards"),
            ("POST", "/api/v1/redemptions"),
            ("POST", "/login"),
            ("GET", "/console"),
            ("GET", "/static/seed.css"),
        ],
    )
    async def test_has_room_where_another_one_is_full(self, method: str, path: str) -> None:
        house = House()
        await house.fill()
        assert lane_of(method, path) is not Lane.PAGES
        await house.ask(path, method)
        assert house.held[-1] == path

    def test_is_given_to_routes_that_exist(self) -> None:
        changing = [re.sub(r"{\w+}", "x", path) for method, path in MATRIX if method != "GET"]
        for expression, count in ((ELSEWHERE, 11), (PASSWORDS, 12)):
            assert len([path for path in changing if expression.fullmatch(path)]) == count


class ALifespan:
    async def test_is_passed_on(self) -> None:
        seen: list[str] = []

        async def inside(scope: Any, receive: Any, send: Any) -> None:
            seen.append(scope["type"])

        nobody = Asked("GET", "/", {})
        await LoadShedding(inside, Room(), BusyAnswer(Policy(), bytes))({"type": "lifespan"}, nobody.arriving.get, nobody.send)
        assert seen == ["lifespan"]
