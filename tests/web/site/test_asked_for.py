"""Whoever has to log in first is led to the page they asked for, and never to another site."""

from __future__ import annotations

import base64
import json

import pytest

from tests.web.people import let_in
from tests.web.scene import ACCOUNT, OWN_PASSWORD, Scene
from tests.web.visitor import Visitor, words
from web.access.roles import Role
from web.site.asked_for import is_ours

NOTE, CONSOLE_NOTE = "__Host-seed-asked-for", "__Host-seed-console-asked-for"

ELSEWHERE = [
    "//evil.example",
    "//evil.example/usage",
    "https://evil.example/",
    "http:evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%09/evil.example",
    "/\t/evil.example",
    "/usage\r\nSet-Cookie: a=b",
    "/a//evil.example",
    "/..//evil.example",
    "/.evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "",
    "/usage#//evil.example",
    "/usage?next=//evil.example",
    "/@evil.example",
    "/\u2215evil.example",
    "/usage\n",
]


def note(place: object) -> str:
    return base64.urlsafe_b64encode(json.dumps([place]).encode()).decode()


class ALogIn:
    @pytest.mark.parametrize("path", ["/usage", "/edit/password", "/activity?kind=token&period=year", "/requests/new"])
    async def test_leads_to_the_page_that_was_asked_for(self, scene: Scene, path: str) -> None:
        visitor = Visitor(scene)
        assert "Log in" in words(await visitor.open(path)) and visitor.path == "/login"
        assert (await visitor.send("/login", number=ACCOUNT, password="wrong enough")).status_code == 401
        await visitor.log_in()
        assert visitor.path == path

    async def test_leads_there_once(self, scene: Scene) -> None:
        visitor = Visitor(scene)
        await visitor.open("/usage")
        await visitor.log_in()
        assert NOTE not in visitor.cookies
        await visitor.send("/logout")
        await visitor.log_in()
        assert visitor.path == "/dashboard"

    async def test_after_a_log_out_leads_nowhere_that_was_asked_for_before(self, scene: Scene) -> None:
        visitor = Visitor(scene)
        await visitor.log_in()
        visitor.cookies[NOTE] = note("/usage")
        await visitor.send("/logout")
        await visitor.log_in()
        assert visitor.path == "/dashboard"

    @pytest.mark.parametrize("place", [*ELSEWHERE, 7, None])
    async def test_leads_to_no_other_site_whatever_the_browser_was_made_to_keep(self, scene: Scene, place: object) -> None:
        visitor = Visitor(scene)
        visitor.cookies[NOTE] = note(place)
        await visitor.send("/login", number=ACCOUNT, password=OWN_PASSWORD)
        assert visitor.path == "/dashboard"

    async def test_takes_no_word_of_an_address_for_it(self, scene: Scene) -> None:
        for name in ("next", "back", "return", "url", "asked-for"):
            visitor = Visitor(scene)
            await visitor.open(f"/login?{name}=/usage")
            await visitor.send(f"/login?{name}=/usage", number=ACCOUNT, password=OWN_PASSWORD, **{name: "/usage"})
            assert visitor.path == "/dashboard"


class APlace:
    @pytest.mark.parametrize("place", ELSEWHERE)
    def test_elsewhere_is_told(self, place: str) -> None:
        assert not is_ours(place)

    @pytest.mark.parametrize("place", ["/", "/usage", "/requests/AB12-CD34?new=yes&at_least=7", "/usage.csv"])
    def test_of_ours_is_told(self, place: str) -> None:
        assert is_ours(place)


class ASignIn:
    async def test_leads_to_the_page_of_the_console_that_was_asked_for_from_another(self, scene: Scene) -> None:
        visitor, ann = Visitor(scene), await let_in(scene, Role.AUDITOR)
        path = f"/console/histories?number={ACCOUNT}&show=events"
        await visitor.open(path, **{"Sec-Fetch-Site": "same-origin"})
        assert visitor.path == "/console/sign-in"
        await ann.sign_in(visitor)
        assert visitor.path == path and CONSOLE_NOTE not in visitor.cookies

    @pytest.mark.parametrize("path", [f"/console/histories?number={ACCOUNT}", f"/console/accounts/{ACCOUNT}"])
    @pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
    async def test_looks_at_nothing_that_a_link_from_elsewhere_asked_for(self, scene: Scene, path: str, site: str) -> None:
        visitor, ann = Visitor(scene), await let_in(scene, Role.AUDITOR)
        await visitor.open(path, **{"Sec-Fetch-Site": site})
        await ann.sign_in(visitor)
        assert visitor.path == "/console"

    @pytest.mark.parametrize("place", ELSEWHERE)
    async def test_leads_to_no_other_site(self, scene: Scene, place: str) -> None:
        visitor, ann = Visitor(scene), await let_in(scene, Role.AUDITOR)
        visitor.cookies[CONSOLE_NOTE] = note(place)
        await ann.sign_in(visitor)
        assert visitor.path == "/console"
