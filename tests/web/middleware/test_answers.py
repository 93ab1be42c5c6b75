from __future__ import annotations

from typing import Any

import pytest
import structlog
from falcon.asgi import Request, Response

from domain.aggregate import Refusal
from tests.web.scene import ACCOUNT, CODE, METER, OWN_PASSWORD, SERIAL, Overloaded, Scene
from web.access.matrix import API, MATRIX, PUBLIC
from web.access.roles import Role
from web.journeys.refusals import Stopped
from web.middleware.headers import ALWAYS
from web.problems import PROBLEMS


class EveryRefusal:
    def test_of_domain_and_journeys_is_in_the_table(self) -> None:
        def below(kind: type[Exception]) -> set[type[Exception]]:
            return {each for direct in kind.__subclasses__() for each in (direct, *below(direct))}

        product = {kind for kind in below(Refusal) | below(Stopped) if kind.__module__.startswith(("domain.", "web."))}
        assert product and {kind.__name__ for kind in product - set(PROBLEMS)} == set()


class AnError:
    async def test_tells_nothing_of_itself(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        class Broken:
            async def on_get(self, req: Request, resp: Response) -> None:
                raise ValueError("secret detail of the fault")

        monkeypatch.setitem(MATRIX, ("GET", f"{API}/broken"), PUBLIC)  # type: ignore[arg-type]
        scene.client.app.add_route(f"{API}/broken", Broken())
        with structlog.testing.capture_logs() as logs:
            reply = await scene.get("/broken")
        assert (reply.status_code, reply.json["rule"]) == (500, "OutOfOrder")
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert "secret detail" not in reply.text + str(logs) and "ValueError" not in reply.text
        told = next(line for line in logs if line["event"] == "unexpected")
        assert told["error"] == "ValueError" and "on_get" in told["where"][-1]
        assert told["request_id"] == reply.json["request_id"] == reply.headers["X-Request-Id"]

    async def test_of_too_much_to_do_says_when_to_come_again(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        async def overloaded(number: str) -> Any:
            raise Overloaded

        monkeypatch.setattr(scene.utility.portal, "find", overloaded)
        reply = await scene.post("/identity/questions", {"number": ACCOUNT})
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")

    async def test_of_routing_is_a_problem_too(self, scene: Scene) -> None:
        nowhere, wrong = await scene.get("/nowhere"), await scene.delete("/utility")
        assert (nowhere.status_code, wrong.status_code) == (404, 405)
        assert {r.headers["Content-Type"] for r in (nowhere, wrong)} == {"application/problem+json"}
        assert wrong.headers["Allow"] == "GET, HEAD, OPTIONS"
        assert "openapi.json" in nowhere.json["detail"]
        assert wrong.json["detail"] == "This path does not take DELETE. It takes GET, HEAD, OPTIONS."

    async def test_that_http_has_a_name_for_is_explained_too(self, scene: Scene) -> None:
        explained = (await scene.get("/openapi.json")).json["x-problems"]
        for reply in (await scene.get("/nowhere"), await scene.delete("/utility"), await scene.post("/session", body=b"x")):
            assert explained[reply.json["rule"]]["title"] == reply.json["title"]


class HEAD:
    @pytest.mark.parametrize("path", ["/api/v1/utility", "/api/v1/openapi.json", "/", "/redeem", "/api/v1/me", "/api/v1/nowhere"])
    async def test_is_answered_as_get_without_a_body(self, scene: Scene, path: str) -> None:
        got = await scene.client.simulate_get(path, host="test.example")
        headed = await scene.client.simulate_head(path, host="test.example")
        assert (headed.status_code, headed.content) == (got.status_code, b"")
        for name in ("Content-Type", "Content-Length", "Cache-Control"):
            assert headed.headers[name] == got.headers[name]

    async def test_is_let_through_by_the_same_rules_as_get(self, scene: Scene) -> None:
        assert (await scene.client.simulate_head(f"{API}/accounts/{ACCOUNT}/history")).status_code == 401
        staff = {"Authorization": f"Bearer {scene.api_key(Role.STAFF)}"}
        assert (await scene.client.simulate_head(f"{API}/accounts/{ACCOUNT}/history", headers=staff)).status_code == 403

    async def test_runs_no_command(self, scene: Scene) -> None:
        reply = await scene.client.simulate_head(f"{API}/redemptions", host="test.example")
        assert (reply.status_code, reply.headers["Allow"]) == (405, "OPTIONS, POST")

    async def test_is_logged_as_what_it_is(self, scene: Scene) -> None:
        with structlog.testing.capture_logs() as logs:
            await scene.client.simulate_head(f"{API}/utility", host="test.example")
        assert [line["method"] for line in logs] == ["HEAD"]


class APath:
    @pytest.mark.parametrize("path", ["//api/v1/me", "///api/v1/utility", "//api/v1/redemptions"])
    async def test_that_only_looks_like_another_is_none(self, scene: Scene, path: str) -> None:
        for method in ("GET", "HEAD", "POST", "OPTIONS"):
            reply = await scene.client.simulate_request(method, path, host="test.example")
            assert (reply.status_code, reply.headers["Content-Type"]) == (404, "application/problem+json")
        page = await scene.client.simulate_get("//redeem", host="test.example")
        assert (page.status_code, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


class Compression:
    @pytest.mark.parametrize(
        ("accepted", "compressed"),
        [
            (None, False),
            ("", False),
            ("gzip", True),
            ("br, GZIP", True),
            ("gzip;q=0", False),
            ("gzip; q=0.000", False),
            ("gzip;q=0, *", False),
            ("gzip;q=0.5", True),
            ("*", True),
            ("*;q=0", False),
            ("identity", False),
            ("x-gzip", True),
            ("notgzip", False),
            ("gzip;level=9", False),
        ],
    )
    async def test_is_done_for_whoever_takes_it(self, scene: Scene, accepted: str | None, compressed: bool) -> None:
        headers = {"Accept-Encoding": accepted} if accepted is not None else {}
        reply = await scene.client.simulate_get("/redeem", headers=headers, host="test.example")
        assert (reply.headers.get("Content-Encoding") == "gzip") is compressed
        assert reply.headers["Vary"] == "Accept-Encoding"


class TheRateLimit:
    async def test_tells_what_is_the_callers_own_and_nothing_that_all_share(self, scene: Scene) -> None:
        reply = await scene.post("/identity/questions", {"number": ACCOUNT})
        assert '"number-lookup";r=' in reply.headers["RateLimit"]
        assert "in-all" not in reply.headers["RateLimit"]


class ABody:
    @pytest.mark.parametrize(
        ("body", "content_type", "status"),
        [
            (b'{"number": "1"}', "text/plain", 415),
            (b'{"number": "1"}', "application/x-www-form-urlencoded", 415),
            (b'{"number": "1"}', None, 415),
            (b"{", "application/json", 400),
            (b"", "application/json", 400),
            (b"\xff\xfe", "application/json", 400),
            (b"[" * 50_000, "application/json", 400),
            (b'{"number": "\\ud800"}', "application/json", 400),
            (b'{"number": NaN}', "application/json", 400),
            (b'"text"', "application/json", 422),
            (b'{"number": "' + b"1" * 70_000 + b'"}', "application/json", 413),
        ],
    )
    async def test_that_cannot_be_used_gets_its_own_answer(
        self, scene: Scene, body: bytes, content_type: str | None, status: int
    ) -> None:
        headers = {"Content-Type": content_type} if content_type else {}
        reply = await scene.post("/identity/questions", headers=headers, body=body)
        assert reply.status_code == status
        assert reply.headers["Content-Type"] == "application/problem+json"


class AnotherSite:
    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"Sec-Fetch-Site": "cross-site"}, 403),
            ({"Sec-Fetch-Site": "same-site"}, 403),
            ({"Sec-Fetch-Site": "same-origin"}, 422),
            ({"Sec-Fetch-Site": "none"}, 422),
            ({"Origin": "https://evil.example"}, 403),
            ({"Origin": "null"}, 403),
            ({"Origin": "http://test.example"}, 403),
            ({"Origin": "https://test.example.evil.example"}, 403),
            ({"Origin": "https://somebody@test.example"}, 403),
            ({"Sec-Fetch-Site": "CROSS-SITE"}, 403),
            ({"Sec-Fetch-Site": ""}, 403),
            ({"Origin": "https://test.example"}, 422),
            ({}, 422),
        ],
    )
    async def test_cannot_make_a_browser_send_anything_unsafe(self, scene: Scene, headers: dict[str, str], status: int) -> None:
        reply = await scene.post("/identity/questions", {"number": "99999999"}, headers=headers)
        assert reply.status_code == status

    async def test_may_link_to_us(self, scene: Scene) -> None:
        assert (await scene.get("/utility", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 200


class EveryAnswer:
    async def test_tells_browsers_what_a_page_may_do(self, scene: Scene) -> None:
        for path in ("/utility", "/nowhere", "/me"):
            reply = await scene.get(path)
            assert {name: reply.headers[name] for name in ALWAYS} == ALWAYS
            assert "max-age=63072000" in reply.headers["Strict-Transport-Security"]
            assert reply.headers["Cache-Control"] == "no-store"

    async def test_is_logged_without_anything_that_was_typed(self, scene: Scene) -> None:
        with structlog.testing.capture_logs() as logs:
            token = await scene.log_in()
            await scene.get("/me?at_least=0", token=token)
            await scene.post("/cards/checks", {"serial": SERIAL, "code": CODE})
            await scene.post("/identity/questions", {"number": METER})
            await scene.get("/redemptions/some-secret-token")
        text = str(logs)
        for typed in (token, OWN_PASSWORD, SERIAL, CODE, METER, ACCOUNT, "some-secret-token", "at_least"):
            assert typed not in text
        assert {line["route"] for line in logs} >= {f"{API}/redemptions/{{reference}}", f"{API}/me"}
        assert all({"method", "status", "ms", "request_id", "utility"} <= set(line) for line in logs)


class AHostName:
    async def test_leads_to_its_utility_and_an_unknown_one_to_the_first(self, scene: Scene) -> None:
        with structlog.testing.capture_logs() as logs:
            for host in ("test.example", "OTHER.example", "127.0.0.1", "nobody.example"):
                await scene.get("/healthz", host=host)
        assert [line["utility"] for line in logs] == ["test", "other", "test", "test"]

    @pytest.mark.parametrize(
        "host", ["other.example.", "OTHER.EXAMPLE", "Other.Example.", "other.example:8443", "OTHER.example.:443"]
    )
    async def test_leads_there_however_it_is_written(self, scene: Scene, host: str) -> None:
        with structlog.testing.capture_logs() as logs:
            for site in ("same-origin", None):
                headers = {"Origin": f"https://{host}"} | ({"Sec-Fetch-Site": site} if site else {})
                reply = await scene.post("/identity/questions", {"number": "99999999"}, headers=headers, host=host)
                assert reply.status_code == 422
        assert {line["utility"] for line in logs} == {"other"}


class ABrokenHeader:
    @pytest.mark.parametrize("headers", [{"Host": "a:b"}, {"Host": "["}, {"Origin": "http://["}])
    async def test_is_answered_without_a_fault(self, scene: Scene, headers: dict[str, str]) -> None:
        asked = await scene.client.simulate_get(f"{API}/utility", headers=headers)
        sent = await scene.client.simulate_post(f"{API}/session", headers=headers, json={})
        assert asked.status_code == 200
        assert 400 <= sent.status_code < 500
