"""Signing in to the console, and what ends it."""

from __future__ import annotations

import os

import pytest
from falcon.testing import Result
from psycopg_pool import PoolTimeout

from tests.web.access.unjudged import REASONS, stopped_by
from tests.web.people import Somebody, at_the_console, let_in
from tests.web.scene import Scene
from tests.web.visitor import Visitor, words
from web.access.limits import SIGN_INS, SIGN_INS_OF_PERSON
from web.access.people import People
from web.access.roles import Role

COOKIE = "__Host-seed-console"
REFUSED = "Name, password and code do not go together"


def is_in(reply: Result) -> bool:
    return reply.status_code == 200 and "Overview" in words(reply)


async def people_of(scene: Scene) -> People:
    return People(scene.utility.pool, os.urandom)


class ASignIn:
    async def test_takes_name_password_and_code_together(self, scene: Scene, visitor: Visitor, ann: Somebody) -> None:
        assert is_in(await ann.sign_in(visitor))
        assert "ann Staff" in words(await visitor.open("/console"))

    @pytest.mark.parametrize("wrong", [{"name": "bob"}, {"password": "wrong enough"}, {"code": "000000"}, {"code": "abcd-efgh"}])
    async def test_says_the_same_whatever_was_wrong(self, visitor: Visitor, ann: Somebody, wrong: dict[str, str]) -> None:
        if wrong.get("code") == ann.code():
            wrong = {"code": "000001"}
        reply = await ann.sign_in(visitor, **wrong)
        assert reply.status_code == 401 and REFUSED in words(reply)
        assert f'value="{wrong.get("name", "ann")}"' in reply.text, "the name is still there"
        assert COOKIE not in visitor.cookies

    async def test_names_each_field_that_is_empty(self, visitor: Visitor) -> None:
        reply = await visitor.send("/console/sign-in", name="", password="", code="")
        assert reply.status_code == 422
        assert "3 fields" in words(reply) and "six digits" in words(reply)

    async def test_is_where_whoever_is_not_signed_in_is_led(self, visitor: Visitor) -> None:
        assert "Code from your phone" in words(await visitor.open("/console"))
        assert visitor.path == "/console/sign-in"

    async def test_sets_a_cookie_that_no_script_and_no_other_host_can_read(self, visitor: Visitor, ann: Somebody) -> None:
        form = {"name": ann.name, "password": ann.password, "code": ann.code()}
        reply = await visitor.scene.client.simulate_request(
            "POST",
            "/console/sign-in",
            body="&".join(f"{name}={value.replace(' ', '+')}" for name, value in form.items()),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            host="test.example",
        )
        cookie = reply.cookies[COOKIE]
        assert cookie.secure and cookie.http_only and cookie.path == "/" and not cookie.domain
        assert cookie.same_site == "Lax" and not cookie.max_age

    async def test_from_another_site_is_refused(self, visitor: Visitor, ann: Somebody) -> None:
        reply = await visitor.send(
            "/console/sign-in", {"Sec-Fetch-Site": "cross-site"}, name=ann.name, password=ann.password, code=ann.code()
        )
        assert reply.status_code == 403 and "Sent from another site" in words(reply)
        assert COOKIE not in visitor.cookies


class ACode:
    async def test_works_once(self, scene: Scene, ann: Somebody) -> None:
        assert is_in(await ann.sign_in(Visitor(scene)))
        replayed = await ann.sign_in(Visitor(scene))
        assert replayed.status_code == 401 and REFUSED in words(replayed)
        scene.later(seconds=30)
        assert is_in(await ann.sign_in(Visitor(scene)))

    async def test_that_is_older_than_one_that_was_used_does_not_work(self, scene: Scene, ann: Somebody) -> None:
        assert is_in(await ann.sign_in(Visitor(scene), code=ann.code(+1)))
        assert (await ann.sign_in(Visitor(scene), code=ann.code())).status_code == 401

    @pytest.mark.parametrize(("steps", "works"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
    async def test_may_be_one_step_early_or_late(self, scene: Scene, ann: Somebody, steps: int, works: bool) -> None:
        codes = {ann.code(near) for near in (-1, 0, 1)}
        if not works and ann.code(steps) in codes:
            pytest.skip("two codes are alike by chance")
        assert is_in(await ann.sign_in(Visitor(scene), code=ann.code(steps))) == works

    async def test_may_be_typed_in_two_groups(self, visitor: Visitor, ann: Somebody) -> None:
        code = ann.code()
        assert is_in(await ann.sign_in(visitor, code=f" {code[:3]} {code[3:]} "))

    async def test_is_not_used_up_with_a_wrong_password(self, visitor: Visitor, ann: Somebody) -> None:
        assert (await ann.sign_in(visitor, password="wrong enough")).status_code == 401
        assert is_in(await ann.sign_in(visitor))


class WrongTries:
    async def test_are_slowed_down_for_known_and_unknown_names_alike(self, scene: Scene, ann: Somebody) -> None:
        for name in (ann.name, "nobody"):
            for _ in range(6):
                reply = await ann.sign_in(Visitor(scene), name=name, password="wrong enough")
                assert reply.status_code == 401
            reply = await ann.sign_in(Visitor(scene), name=name)
            assert reply.status_code == 429 and reply.headers["retry-after"] == "2"

    async def test_of_codes_are_slowed_down_too(self, scene: Scene, ann: Somebody) -> None:
        wrong = next(code for code in ("000000", "111111", "222222", "333333") if code not in map(ann.code, (-1, 0, 1)))
        for _ in range(6):
            assert (await ann.sign_in(Visitor(scene), code=wrong)).status_code == 401
        assert (await ann.sign_in(Visitor(scene))).status_code == 429

    async def test_never_lock_anybody_out_for_ever(self, scene: Scene, ann: Somebody) -> None:
        for _ in range(30):
            await ann.sign_in(Visitor(scene), password="wrong enough")
            scene.later(hours=1)
        assert is_in(await ann.sign_in(Visitor(scene)))

    @pytest.mark.parametrize("reason", REASONS)
    async def test_are_none_where_nobody_looked_at_them(
        self, scene: Scene, ann: Somebody, monkeypatch: pytest.MonkeyPatch, reason: type[Exception]
    ) -> None:
        with monkeypatch.context() as many_at_once:
            many_at_once.setattr(scene.utility.portal.passwords, "matches", stopped_by(reason))
            for _ in range(SIGN_INS.most + 1):
                reply = await ann.sign_in(Visitor(scene))
                assert reply.status_code == 503 and int(reply.headers["retry-after"]) > 0
        assert is_in(await ann.sign_in(Visitor(scene)))

    async def test_of_strangers_do_not_hold_up_a_device_that_was_here_before(
        self, scene: Scene, visitor: Visitor, ann: Somebody
    ) -> None:
        await ann.sign_in(visitor)
        await visitor.send("/console/sign-out")
        for _ in range(8):
            await ann.sign_in(Visitor(scene), password="wrong enough")
        assert (await ann.sign_in(Visitor(scene), code=ann.code(+1))).status_code == 429
        assert is_in(await ann.sign_in(visitor, code=ann.code(+1)))


class ASession:
    async def test_is_never_one_that_was_there_before_the_sign_in(self, visitor: Visitor, ann: Somebody) -> None:
        planted = "p" * 43
        visitor.cookies[COOKIE] = planted
        assert is_in(await ann.sign_in(visitor))
        assert visitor.cookies[COOKIE] != planted

    async def test_ends_when_its_browser_signs_in_anew(self, scene: Scene, visitor: Visitor, ann: Somebody) -> None:
        await ann.sign_in(visitor)
        former = visitor.cookies[COOKIE]
        scene.later(seconds=30)
        await ann.sign_in(visitor)
        thief = Visitor(scene)
        thief.cookies[COOKIE] = former
        await thief.open("/console")
        assert thief.path == "/console/sign-in"

    async def test_ends_on_the_server_with_the_sign_out(self, scene: Scene, visitor: Visitor, ann: Somebody) -> None:
        await ann.sign_in(visitor)
        former = dict(visitor.cookies)
        await visitor.send("/console/sign-out")
        assert COOKIE not in visitor.cookies
        visitor.cookies.update(former)
        await visitor.open("/console")
        assert visitor.path == "/console/sign-in"

    async def test_ends_after_half_an_hour_of_nothing(self, scene: Scene, visitor: Visitor, ann: Somebody) -> None:
        await ann.sign_in(visitor)
        scene.later(minutes=29)
        assert is_in(await visitor.open("/console"))
        scene.later(minutes=29)
        assert is_in(await visitor.open("/console"))
        scene.later(minutes=30)
        await visitor.open("/console")
        assert visitor.path == "/console/sign-in"

    async def test_ends_after_a_working_day(self, scene: Scene, visitor: Visitor, ann: Somebody) -> None:
        await ann.sign_in(visitor)
        for _ in range(29):
            scene.later(minutes=20)
            assert is_in(await visitor.open("/console"))
        scene.later(minutes=20)
        await visitor.open("/console")
        assert visitor.path == "/console/sign-in"

    @pytest.mark.parametrize("deed", ["disable", "reset", "password"])
    async def test_ends_when_the_person_is_shut_out_or_let_in_anew(
        self, scene: Scene, visitor: Visitor, ann: Somebody, deed: str
    ) -> None:
        await ann.sign_in(visitor)
        people = await people_of(scene)
        person = await people.named("test", "ann")
        assert person is not None
        if deed == "disable":
            await people.disable(person, scene.now)
        elif deed == "reset":
            await people.invite_again(scene.utility.secrets, person, scene.now)
        else:
            await people.change_password(person.person_id, await scene.utility.portal.passwords.slow_hash("another password"))
        await visitor.open("/console")
        assert visitor.path == "/console/sign-in"

    async def test_is_for_its_own_utility_alone(self, scene: Scene, visitor: Visitor, ann: Somebody) -> None:
        await ann.sign_in(visitor)
        elsewhere = Visitor(scene, host="other.example")
        elsewhere.cookies = visitor.cookies
        await elsewhere.open("/console")
        assert elsewhere.path == "/console/sign-in"

    async def test_is_kept_as_a_hash(self, scene: Scene, visitor: Visitor, ann: Somebody) -> None:
        await ann.sign_in(visitor)
        token = visitor.cookies[COOKIE]
        async with scene.utility.pool.connection() as connection:
            rows = await (
                await connection.execute("SELECT s::text, p::text FROM seed.person_sessions s, seed.people p")
            ).fetchall()
        assert token not in str(rows) and ann.secret not in str(rows) and ann.secret.encode().hex() not in str(rows)


class APerson:
    async def test_who_is_shut_out_cannot_sign_in(self, scene: Scene, visitor: Visitor, ann: Somebody) -> None:
        people = await people_of(scene)
        person = await people.named("test", "ann")
        assert person is not None
        await people.disable(person, scene.now)
        reply = await ann.sign_in(visitor)
        assert reply.status_code == 401 and REFUSED in words(reply)

    async def test_of_one_utility_cannot_sign_in_to_another(self, scene: Scene, ann: Somebody) -> None:
        elsewhere = Visitor(scene, host="other.example")
        assert (await ann.sign_in(elsewhere)).status_code == 401
        assert COOKIE not in elsewhere.cookies

    async def test_may_have_a_namesake_at_another_utility(self, scene: Scene, visitor: Visitor, ann: Somebody) -> None:
        namesake = await let_in(scene, Role.AUDITOR, utility="other")
        elsewhere = Visitor(scene, host="other.example")
        assert is_in(await namesake.sign_in(elsewhere))
        assert "ann Auditor" in words(await elsewhere.open("/console"))

    @pytest.mark.parametrize("role", [Role.STAFF, Role.AUDITOR, Role.ANALYST, Role.OPERATOR])
    async def test_of_each_role_has_an_overview(self, scene: Scene, role: Role) -> None:
        visitor = await at_the_console(scene, role)
        assert is_in(await visitor.open("/console"))


class ACustomer:
    async def test_has_no_business_on_the_console(self, visitor: Visitor) -> None:
        await visitor.log_in()
        reply = await visitor.open("/console")
        assert reply.status_code == 403 and "Not allowed" in words(reply)

    async def test_may_be_one_of_the_staff_in_the_same_browser(self, visitor: Visitor, ann: Somebody) -> None:
        await visitor.log_in()
        assert is_in(await ann.sign_in(visitor))
        assert "Wallet" in words(await visitor.open("/dashboard"))


class AConsolesSession:
    async def test_opens_no_page_of_a_customer(self, visitor: Visitor, ann: Somebody) -> None:
        await ann.sign_in(visitor)
        await visitor.open("/dashboard")
        assert visitor.path == "/login"

    async def test_opens_nothing_of_the_api(self, scene: Scene, visitor: Visitor, ann: Somebody) -> None:
        await ann.sign_in(visitor)
        assert (await visitor.open("/api/v1/me")).status_code == 401
        assert (await scene.get("/me", token=visitor.cookies[COOKIE])).status_code == 401


class AChangeOfTheOwnSignIn:
    @pytest.mark.parametrize("reason", REASONS)
    async def test_counts_no_password_that_nobody_looked_at(
        self, scene: Scene, visitor: Visitor, ann: Somebody, monkeypatch: pytest.MonkeyPatch, reason: type[Exception]
    ) -> None:
        await ann.sign_in(visitor)
        wish = {"password": ann.password, "new": "a lamp that is put out", "again": "a lamp that is put out", "code": ""}
        with monkeypatch.context() as many_at_once:
            many_at_once.setattr(scene.utility.portal.passwords, "matches", stopped_by(reason))
            for _ in range(SIGN_INS_OF_PERSON.free + 2):
                assert (await visitor.send("/console/me/password", **wish)).status_code == 503
        assert (await visitor.send("/console/me/password", **wish)).status_code == 200

    async def test_counts_no_code_that_nobody_looked_at(
        self, scene: Scene, visitor: Visitor, ann: Somebody, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await ann.sign_in(visitor)
        scene.later(minutes=11)
        with monkeypatch.context() as away:
            away.setattr(People, "use_step", stopped_by(PoolTimeout))
            for _ in range(SIGN_INS_OF_PERSON.free + 2):
                assert (await visitor.send("/console/me/recovery-codes", code=ann.code())).status_code == 503
        assert (await visitor.send("/console/me/recovery-codes", code=ann.code())).status_code == 200


class WhoeverWasSignedOutMeanwhile:
    async def test_is_told_that_nothing_was_done_and_nothing_is_lost(self, visitor: Visitor) -> None:
        reply = await visitor.send("/console/me/password", password="one", new="two", again="two", code="")
        assert reply.status_code == 401
        assert "nothing was done" in words(reply) and "not lost" in words(reply)
