"""A browser without JavaScript, for tests of pages over HTTP."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

from falcon.testing import Result

from tests.web.scene import ACCOUNT, OWN_PASSWORD, Scene


class Visitor:
    """A browser without JavaScript: keeps cookies, sends forms, follows redirects."""

    def __init__(self, scene: Scene, host: str = "test.example") -> None:
        self.scene = scene
        self.host = host
        self.cookies: dict[str, str] = {}
        self.path = ""

    async def open(self, path: str, **headers: str) -> Result:
        return await self._ask("GET", path, None, headers)

    async def send(self, path: str, _headers: dict[str, str] | None = None, **form: str) -> Result:
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin", **(_headers or {})}
        return await self._ask("POST", path, urlencode(form), sent)

    async def log_in(self, number: str = ACCOUNT) -> Result:
        return await self.send("/login", number=number, password=OWN_PASSWORD)

    async def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Result:
        self.path = path
        url, _, query = path.partition("?")
        reply = await self.scene.client.simulate_request(
            method, url, query_string=query, body=body, headers=headers, host=self.host, cookies=self.cookies
        )
        for name, cookie in reply.cookies.items():
            self.cookies[name] = cookie.value or ""
            if not cookie.value:
                del self.cookies[name]
        if reply.status_code == 303:
            return await self.open(reply.headers["location"])
        return reply


class Walker(Visitor):
    """A browser that goes from one of our pages to the next, and says so."""

    async def open(self, path: str, **headers: str) -> Result:
        return await super().open(path, **({"Sec-Fetch-Site": "same-origin"} | headers))


def words(reply: Result) -> str:
    """What is read on the page, without its markup."""
    body = re.sub(r"(?s)<(head|svg)\b.*?</\1>", " ", reply.text)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def hidden(reply: Result, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', reply.text)
    assert found, f"the page has no field {name}"
    return unescape(found[1])
