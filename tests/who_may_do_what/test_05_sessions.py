"""Sessions: 256-bit tokens stored hashed, rotated at login, ended by logout and password change on the server."""

from __future__ import annotations

import base64

from tests.web.scene import ACCOUNT, OTHER_ACCOUNT, OWN_PASSWORD, Scene
from tests.web.visitor import Visitor

COOKIE = "__Host-seed"


class ASession:
    async def test_has_a_token_of_256_bits(self, scene: Scene) -> None:
        token = await scene.log_in()
        assert len(base64.urlsafe_b64decode(token + "=")) == 32
        assert token != await scene.log_in()

    async def test_is_never_one_that_was_there_before_the_log_in(self, scene: Scene) -> None:
        planted = await scene.log_in(OTHER_ACCOUNT)
        for cookie in (planted, "p" * 43, ""):
            visitor = Visitor(scene)
            visitor.cookies[COOKIE] = cookie
            await visitor.log_in()
            assert visitor.path == "/dashboard" and visitor.cookies[COOKIE] != cookie
            me = await scene.get("/me", token=visitor.cookies[COOKIE])
            assert me.json["number"] == ACCOUNT
        assert (await scene.get("/me", token=planted)).status_code == 401, "what was planted is over"

    async def test_ends_where_its_browser_logs_in_anew(self, scene: Scene) -> None:
        visitor = Visitor(scene)
        await visitor.log_in()
        former = visitor.cookies[COOKIE]
        await visitor.log_in()
        assert (await scene.get("/me", token=former)).status_code == 401

    async def test_is_not_begun_over_the_api_in_anybodys_browser(self, scene: Scene) -> None:
        reply = await scene.post("/session", {"number": ACCOUNT, "password": OWN_PASSWORD})
        assert reply.status_code == 201 and not reply.cookies

    async def test_is_not_taken_from_an_address(self, scene: Scene) -> None:
        token = await scene.log_in()
        for name in ("token", "access_token", "session", "api_key", "key", COOKIE):
            assert (await scene.get("/me", params={name: token})).status_code in (401, 422)
