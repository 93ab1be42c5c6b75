"""`__Host-`, Secure, HttpOnly, SameSite cookies; cross-site unsafe requests get 403; HSTS; CSP without inline script; everything
a person typed is escaped, Markdown sanitised.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from domain.commands.feeds import AccountTold, MeterTold
from domain.wallet import Line
from tests.domain.scenario import context
from tests.projections.lives import receipt
from tests.web.people import at_the_console
from tests.web.scene import ACCOUNT, ADDRESS, METER, Scene
from tests.web.visitor import Visitor
from web.access.matrix import MATRIX
from web.access.roles import Role
from web.middleware.headers import CONTENT_SECURITY_POLICY

UNSAFE = sorted(route for route in MATRIX if route[0] not in ("GET", "HEAD", "OPTIONS"))
FROM_ELSEWHERE = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://test.example"},
    {"Origin": "https://evil.example"},
    {"Origin": "https://test.example.evil.example"},
    {"Origin": "https://test.example:8443"},
    {"Origin": "null"},
    {"Origin": ""},
)
BODIES = ("application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", None)


class AnotherSite:
    async def test_makes_a_browser_do_nothing_on_any_route_with_any_body(self, scene: Scene) -> None:
        browser = Visitor(scene)
        await browser.log_in()
        staff = await at_the_console(scene, Role.STAFF)
        browser.cookies |= staff.cookies
        let_through = []
        for number, (method, template) in enumerate(UNSAFE):
            path = re.sub(r"{(\w+)}", "x", template)
            for headers in FROM_ELSEWHERE:
                kind = BODIES[number % len(BODIES)]
                sent = headers | ({"Content-Type": kind} if kind else {})
                reply = await scene.client.simulate_request(
                    method, path, body="a=b", headers=sent, cookies=browser.cookies, host="test.example"
                )
                if reply.status_code != 403 or reply.cookies:
                    let_through.append((method, template, headers, reply.status_code))
        assert not let_through
        assert (await browser.open("/dashboard")).status_code == 200, "nobody was logged out"

    async def test_reads_no_answer_by_a_script(self, scene: Scene) -> None:
        for method in ("GET", "OPTIONS"):
            asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}
            reply = await scene.client.simulate_request(method, "/api/v1/utility", headers=asked, host="test.example")
            assert not [name for name in reply.headers if name.startswith("access-control-")]
            assert reply.headers["cross-origin-resource-policy"] == "same-origin"

    async def test_puts_no_page_of_ours_into_a_frame(self, scene: Scene) -> None:
        reply = await Visitor(scene).open("/login")
        assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
        assert reply.headers["x-frame-options"] == "DENY"


class ThePolicy:
    def test_lets_no_script_run_that_is_not_a_file_of_ours(self) -> None:
        rules = {rule.split()[0]: rule.split()[1:] for rule in CONTENT_SECURITY_POLICY.split("; ")}
        assert rules["default-src"] == ["'none'"] and rules["base-uri"] == ["'none'"]
        assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == rules["form-action"] == ["'self'"]
        assert "unsafe" not in CONTENT_SECURITY_POLICY and "*" not in CONTENT_SECURITY_POLICY


EVIL = "<script>alert(1)</script>"
HOSTILE = f"\"'>{EVIL}<img src=x onerror=alert(1)>{{{{7*7}}}}</textarea></title>&lt;b&gt;"
PAGES = ("/dashboard", "/arrears", "/activity", "/tokens", "/usage", "/receipts/T0", "/edit", "/redeem", "/buy", "/requests")


class WhateverJuiceTells:
    async def test_is_shown_as_text_on_every_page(self, scene: Scene) -> None:
        """Names, addresses and debts are typed by somebody at the utility, or by somebody who got at its files."""
        portal, juice = scene.utility.portal, context(by="juice")
        told = AccountTold(
            number=ACCOUNT, name=HOSTILE, address=ADDRESS, language="en", email="holder@example.org", phone="+27820000000"
        )
        await portal.learn_account(juice, told, currency="ZAR")
        installed = MeterTold(
            account_number=ACCOUNT, number=METER, kind="STS", resource="electricity", unit=HOSTILE, removed=False
        )
        await portal.learn_meter(juice, installed)
        meter_id = (await portal.find(METER)).meter_id
        lines = tuple(
            Line(kind=kind, amount=1000, debt_id="D1", description=HOSTILE, balance_before=9000, balance_after=8000)
            for kind in ("arrears", "tax", "fee")
        )
        bought = receipt("T0", meter_id=meter_id)
        bought = type(bought)(
            **{name: getattr(bought, name) for name in bought.__struct_fields__} | {"lines": lines, "unit": HOSTILE}
        )
        await portal.learn_transactions(juice, account_number=ACCOUNT, transactions=[(HOSTILE, bought)])
        await scene.utility.project()
        visitor = Visitor(scene)
        await visitor.log_in()
        shown = ""
        for path in PAGES:
            reply = await visitor.open(path)
            assert reply.status_code == 200, (path, reply.status_code)
            assert EVIL not in reply.text and "<img src=x" not in reply.text and "49" not in _around(reply.text), path
            shown += reply.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown, "it is there, as text"


class WhateverIsTyped:
    @pytest.mark.parametrize("path", ["/login", "/get-password", "/redeem", "/get-password/confirm", "/console/sign-in"])
    async def test_comes_back_as_text(self, scene: Scene, path: str) -> None:
        fields = ("number", "serial", "code", "name", "email", "phone", "choice", "ticket", "offered", "idempotency_key", "meter")
        reply = await Visitor(scene).send(path, password="wrong enough", **{name: HOSTILE for name in fields if name != "code"})
        assert reply.status_code < 500
        assert EVIL not in reply.text and "<img src=x" not in reply.text

    @pytest.mark.parametrize("path", [f"/{EVIL}", f"/requests/{EVIL}", f"/undo/{EVIL}", f"/console/{EVIL}", f"/receipts/{EVIL}"])
    async def test_in_an_address_comes_back_as_text(self, scene: Scene, path: str) -> None:
        visitor = Visitor(scene)
        await visitor.log_in()
        reply = await visitor.open(path)
        assert reply.status_code < 500 and EVIL not in reply.text


def _around(text: str) -> str:
    """What stands where a template in what was typed would have been filled in."""
    found: list[Any] = re.findall(r"onerror=alert\(1\)&gt;(.{0,8})", text)
    return " ".join(found)
