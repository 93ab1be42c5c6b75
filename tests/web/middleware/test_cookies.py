from __future__ import annotations

from collections.abc import Mapping

from falcon.testing import Cookie

from tests.web.scene import ACCOUNT, OWN_PASSWORD, Scene


class TheSessionsCookie:
    async def test_is_tied_to_host_and_https_and_out_of_scripts_reach(self, scene: Scene) -> None:
        cookies = await self._log_in(scene)
        for name in ("__Host-seed", "__Host-seed-device"):
            cookie = cookies[name]
            assert cookie.secure and cookie.http_only and cookie.same_site == "Lax"
            assert cookie.path == "/" and cookie.domain is None
        assert cookies["__Host-seed"].max_age is None

    async def test_opens_the_dashboard_and_is_worth_nothing_after_the_log_out(self, scene: Scene) -> None:
        value = (await self._log_in(scene))["__Host-seed"].value
        headers = {"Cookie": f"__Host-seed={value}", "Sec-Fetch-Site": "same-origin"}
        client = scene.client
        assert (await client.simulate_get("/dashboard", headers=headers, host="test.example")).status_code == 200
        gone = await client.simulate_post("/logout", headers=headers, host="test.example")
        assert gone.status_code == 303 and gone.cookies["__Host-seed"].value == ""
        again = await client.simulate_get("/dashboard", headers=headers, host="test.example")
        assert (again.status_code, again.headers["Location"].partition("?")[0]) == (303, "/login")

    @staticmethod
    async def _log_in(scene: Scene) -> Mapping[str, Cookie]:
        reply = await scene.client.simulate_post(
            "/login",
            body=f"number={ACCOUNT}&password={OWN_PASSWORD.replace(' ', '+')}",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            host="test.example",
        )
        assert reply.status_code == 303, reply.text
        return reply.cookies
