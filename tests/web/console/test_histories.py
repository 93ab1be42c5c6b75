"""An auditor at the console: what happened to an account, what each event changed, and what it came to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.commands.feeds import AccountTold
from tests.domain.scenario import context
from tests.web.people import at_the_console
from tests.web.scene import ACCOUNT, Scene
from tests.web.visitor import Visitor, Walker, words
from web.access.roles import Role


@pytest.fixture
async def auditor(scene: Scene) -> Visitor:
    return await at_the_console(scene, Role.AUDITOR, visitor=Walker(scene))


class AnAuditor:
    async def test_sees_what_each_event_changed(self, auditor: Visitor) -> None:
        shown = words(await auditor.open(f"/console/histories?number={ACCOUNT}&show=events"))
        assert "account-opened" in shown and f'number "" → "{ACCOUNT}"' in shown
        assert "credentials.version 1 → 2" in shown and "slow:" not in shown

    async def test_sees_what_it_came_to_at_a_moment_of_the_utilitys_zone(self, auditor: Visitor, scene: Scene) -> None:
        told = {"number": ACCOUNT, "address": "17 Acacia Road", "language": "en", "email": None, "phone": None}
        later = context(at=scene.now + timedelta(minutes=10), by="juice")
        await scene.utility.portal.learn_account(later, AccountTold(name="Somebody Else", **told), currency="ZAR")
        asked = f"/console/histories?number={ACCOUNT}&show=state&at="
        assert '"Holder 41000017"' in words(await auditor.open(f"{asked}2026-03-02T14:05"))  # noon is 14:00 there
        assert '"Somebody Else"' in words(await auditor.open(f"{asked}2026-03-02T14:15"))

    async def test_leaves_a_trace_with_the_case(self, auditor: Visitor, scene: Scene) -> None:
        await auditor.open(f"/console/histories?number={ACCOUNT}&case=AUDIT-7")
        shown = words(await auditor.open(f"/console/histories?number={ACCOUNT}"))
        assert "history-read" in shown and '"AUDIT-7"' in shown and "auditor:ann" in shown

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("number", "99999999", "No account and no meter has this number."),
            ("at", "yesterday", "Choose a day and a time, or leave both out."),
            ("until", "-1", "A position is a whole number."),
            ("case", "<b>x</b>", "A case is a reference"),
        ],
    )
    async def test_is_told_what_cannot_be_used_and_loses_nothing(
        self, auditor: Visitor, field: str, value: str, said: str
    ) -> None:
        given = {"number": ACCOUNT, "case": "AUDIT-7"} | {field: value}
        reply = await auditor.open("/console/histories?" + "&".join(f"{name}={text}" for name, text in given.items()))
        assert reply.status_code in (404, 422) and said in words(reply)
        assert f'value="{given["case"]}"' in reply.text or field == "case"
        assert "<b>x</b>" not in reply.text

    async def test_pages_through_a_long_history(self, auditor: Visitor, scene: Scene) -> None:
        for number in range(60):
            await scene.utility.portal.record_reading(
                context(by=f"auditor:{number}"), account_id=(await scene.utility.portal.find(ACCOUNT)).account_id, what="history"
            )
        reply = await auditor.open(f"/console/histories?number={ACCOUNT}")
        assert reply.text.count("<tr>") == 51
        following = reply.text.partition('class="button" href="')[2].partition('"')[0].replace("&amp;", "&")
        assert "auditor:59" in words(await auditor.open(f"/console/histories{following}"))


class ALinkFromElsewhere:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "none"},  # as out of a mail program
            {"Sec-Fetch-Site": "cross-site", "Referer": "https://test.example/console"},
            {"Referer": "https://evil.example/"},
            {"Referer": "http://test.example/console"},
            {"Referer": "https://test.example.evil.example/"},
            {},
        ],
    )
    @pytest.mark.parametrize("show", ["events", "state"])
    async def test_leaves_no_trace_in_the_auditors_name(
        self, auditor: Visitor, scene: Scene, show: str, headers: dict[str, str]
    ) -> None:
        browser = Visitor(scene)
        browser.cookies = auditor.cookies
        reply = await browser.open(f"/console/histories?number={ACCOUNT}&case=AUDIT-7&show={show}", **headers)
        assert reply.status_code == 200 and "Nothing was read" in words(reply)
        assert f'value="{ACCOUNT}"' in reply.text and 'value="AUDIT-7"' in reply.text and "account-opened" not in reply.text
        shown = words(await auditor.open(f"/console/histories?number={ACCOUNT}"))
        assert shown.count("history-read") == 1, "this very reading, and no other"

    async def test_is_told_from_our_own_page_where_a_browser_says_so_by_the_page_it_comes_from(
        self, auditor: Visitor, scene: Scene
    ) -> None:
        browser = Visitor(scene)
        browser.cookies = auditor.cookies
        reply = await browser.open(f"/console/histories?number={ACCOUNT}", Referer="https://test.example/console/histories")
        assert "account-opened" in words(reply) and "Nothing was read" not in words(reply)

    async def test_to_the_api_opens_nothing_by_cookie(self, auditor: Visitor) -> None:
        for what in ("history", "state"):
            assert (await auditor.open(f"/api/v1/accounts/{ACCOUNT}/{what}")).status_code == 401


class Anybody:
    @pytest.mark.parametrize("role", [Role.STAFF, Role.ANALYST, Role.OPERATOR])
    async def test_else_does_not_read_histories(self, scene: Scene, role: Role) -> None:
        somebody = await at_the_console(scene, role)
        assert (await somebody.open(f"/console/histories?number={ACCOUNT}")).status_code == 403
