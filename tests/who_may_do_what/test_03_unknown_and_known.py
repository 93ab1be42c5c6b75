"""Unknown and known login: same status, body and timing distribution. Get Password may say "unknown" (the spec says so): limited
per source and overall; addresses, picks, undo links and waiting times as in the product's journey 4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import psycopg
import pytest
from psycopg.sql import Composed

from domain.account import Account
from domain.event import Event
from tests.web.scene import ACCOUNT, METER, Scene
from tests.web.visitor import Visitor, words
from web.access.limits import NUMBERS_LOOKED_UP
from web.journeys import get_password

UNKNOWN = "99999999"


class AWrongLogIn:
    async def test_is_worked_on_alike_whether_the_number_is_known_or_not(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What takes time is the slow hash: once each, and nothing beside it that a clock could tell through its noise."""
        worked: list[str] = []
        passwords = scene.utility.portal.passwords
        for name in ("matches", "keyed", "slow_hash"):
            monkeypatch.setattr(passwords, name, _noted(getattr(passwords, name), name, worked))
        done = {}
        for number in (ACCOUNT, METER, UNKNOWN):
            worked.clear()
            await scene.post("/session", {"number": number, "password": "wrong enough"})
            done[number] = list(worked)
        assert done[ACCOUNT] == done[METER] == done[UNKNOWN] == ["keyed", "matches"]

    async def test_asks_the_database_alike_and_loads_an_account_whether_the_number_is_known_or_not(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[str] = []
        execute, replay = psycopg.AsyncCursor.execute, Account.replay

        async def noting(cursor: psycopg.AsyncCursor, query: object, *arguments: object, **options: object) -> object:
            asked.append(query.as_string(cursor) if isinstance(query, Composed) else str(query))
            return await execute(cursor, query, *arguments, **options)  # type: ignore[arg-type]

        def replaying(account: Account, events: Sequence[Event]) -> None:
            asked.append(f"an account of {'some' if events else 'no'} events")
            replay(account, events)

        monkeypatch.setattr(psycopg.AsyncCursor, "execute", noting)
        monkeypatch.setattr(Account, "replay", replaying)
        done = {}
        for number in (ACCOUNT, METER, UNKNOWN, "99999998") * 2:  # the first time each fetches keys, which are kept a minute
            asked.clear()
            await scene.post("/session", {"number": number, "password": "wrong enough"})
            done[number] = list(asked)
        first = done.pop(ACCOUNT)
        assert "an account of some events" in first and any("numbers" in query for query in first)
        for number, queries in done.items():
            assert queries == first, number

    async def test_shows_the_same_page(self, scene: Scene) -> None:
        pages = []
        for number in (ACCOUNT, METER, UNKNOWN):
            reply = await Visitor(scene).send("/login", number=number, password="wrong enough")
            pages.append((reply.status_code, sorted(reply.headers), words(reply), reply.text.replace(number, "…")))
        assert pages[0] == pages[1] == pages[2] and pages[0][0] == 401


class GetPassword:
    async def test_is_limited_over_all_sources_together(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(get_password, "NUMBERS_LOOKED_UP", replace(NUMBERS_LOOKED_UP, most=3))
        asked = [
            (await scene.post("/identity/questions", {"number": UNKNOWN}, remote_addr=f"192.0.2.{number}")).status_code
            for number in range(4)
        ]
        assert asked == [422, 422, 422, 429]
        assert NUMBERS_LOOKED_UP.most <= 3000


def _noted(work: Callable[..., object], name: str, worked: list[str]) -> Callable[..., object]:
    def noting(*arguments: object) -> object:
        worked.append(name)
        return work(*arguments)

    return noting
