"""Coming in for the first time, and what a person changes later about their own sign-in."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest

from tests.web.people import PASSWORD, Somebody, invited
from tests.web.scene import Scene
from tests.web.visitor import Visitor, words
from web.access.people import NameTaken
from web.access.roles import Role

RECOVERY = re.compile(r"<code>([0-9a-z]{4}(?:-[0-9a-z]{4}){3})</code>")


def secret_on(text: str) -> str:
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', text)
    assert found
    return found[1].replace(" ", "")


async def enrolled(scene: Scene, visitor: Visitor) -> Somebody:
    """Somebody who came in by the link, with the recovery codes of the page."""
    token = await invited(scene)
    page = await visitor.open(f"/console/enrol/{token}")
    secret = secret_on(page.text)
    code = pyotp.TOTP(secret).at(scene.now)
    done = await visitor.send(f"/console/enrol/{token}", password=PASSWORD, again=PASSWORD, code=code)
    assert done.status_code == 200, words(done)
    scene.later(seconds=30)
    return Somebody(scene, "ann", Role.STAFF, secret, tuple(RECOVERY.findall(done.text)))


class ALink:
    async def test_lets_a_person_choose_a_password_and_set_up_their_phone(self, scene: Scene, visitor: Visitor) -> None:
        ann = await enrolled(scene, visitor)
        assert len(set(ann.recovery_codes)) == 10
        assert (await ann.sign_in(visitor)).status_code == 200 and visitor.path == "/console"

    async def test_works_once(self, scene: Scene, visitor: Visitor) -> None:
        token = await invited(scene)
        secret = secret_on((await visitor.open(f"/console/enrol/{token}")).text)
        form = {"password": PASSWORD, "again": PASSWORD, "code": pyotp.TOTP(secret).at(scene.now)}
        assert (await visitor.send(f"/console/enrol/{token}", **form)).status_code == 200
        again = await visitor.send(f"/console/enrol/{token}", **form)
        assert again.status_code == 410 and "Ask whoever sent it for a new one" in words(again)
        assert (await visitor.open(f"/console/enrol/{token}/code.svg")).status_code == 410

    async def test_ends_after_72_hours(self, scene: Scene, visitor: Visitor) -> None:
        token = await invited(scene)
        scene.later(hours=71)
        assert (await visitor.open(f"/console/enrol/{token}")).status_code == 200
        scene.later(hours=1)
        assert (await visitor.open(f"/console/enrol/{token}")).status_code == 410

    async def test_is_its_own_utilitys(self, scene: Scene) -> None:
        token = await invited(scene)
        assert (await Visitor(scene, host="other.example").open(f"/console/enrol/{token}")).status_code == 410

    async def test_that_is_made_up_opens_nothing(self, visitor: Visitor) -> None:
        for token in ("x", "x" * 43):
            assert (await visitor.open(f"/console/enrol/{token}")).status_code == 410

    async def test_shows_a_picture_for_the_phone_that_the_page_may_load(self, scene: Scene, visitor: Visitor) -> None:
        token = await invited(scene)
        assert f'src="/console/enrol/{token}/code.svg"' in (await visitor.open(f"/console/enrol/{token}")).text
        picture = await visitor.open(f"/console/enrol/{token}/code.svg")
        assert picture.headers["content-type"] == "image/svg+xml" and picture.headers["cache-control"] == "no-store"
        assert "<svg" in picture.text and "style" not in picture.text and "script" not in picture.text

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"password": "short", "again": "short"}, "more than seven characters"),
            ({"password": "password1", "again": "password1"}, "among the first"),
            ({"again": "something else"}, "differ"),
            ({"code": "12345"}, "not the code"),
            ({"code": ""}, "not the code"),
        ],
    )
    async def test_is_still_good_after_a_mistake(
        self, scene: Scene, visitor: Visitor, changes: dict[str, str], said: str
    ) -> None:
        token = await invited(scene)
        secret = secret_on((await visitor.open(f"/console/enrol/{token}")).text)
        form = {"password": PASSWORD, "again": PASSWORD, "code": pyotp.TOTP(secret).at(scene.now)}
        reply = await visitor.send(f"/console/enrol/{token}", **form | changes)
        assert reply.status_code == 422 and said in words(reply)
        assert secret_on(reply.text) == secret, "the phone need not be set up again"
        assert (await visitor.send(f"/console/enrol/{token}", **form)).status_code == 200


class ARecoveryCode:
    async def test_stands_in_for_the_phone_once(self, scene: Scene, visitor: Visitor) -> None:
        ann = await enrolled(scene, visitor)
        first, second, *_ = ann.recovery_codes
        assert (await ann.sign_in(Visitor(scene), code=first)).status_code == 200
        assert (await ann.sign_in(Visitor(scene), code=first)).status_code == 401
        assert (await ann.sign_in(Visitor(scene), code=second.upper().replace("-", " "))).status_code == 200

    async def test_is_replaced_by_new_ones(self, scene: Scene, visitor: Visitor) -> None:
        ann = await enrolled(scene, visitor)
        await ann.sign_in(visitor)
        assert "10 are left" in words(await visitor.open("/console/me"))
        reply = await visitor.send("/console/me/recovery-codes", code="")
        fresh = RECOVERY.findall(reply.text)
        assert len(fresh) == 10 and not set(fresh) & set(ann.recovery_codes)
        assert (await ann.sign_in(Visitor(scene), code=ann.recovery_codes[0])).status_code == 401
        assert (await ann.sign_in(Visitor(scene), code=fresh[0])).status_code == 200


class AGraveChange:
    async def test_asks_for_a_code_again_once_the_last_is_ten_minutes_old(
        self, scene: Scene, visitor: Visitor, ann: Somebody
    ) -> None:
        await ann.sign_in(visitor)
        scene.later(minutes=10)
        asked = await visitor.send("/console/me/recovery-codes", code="")
        assert asked.status_code == 422 and "asked again" in words(asked)
        wrong = await visitor.send("/console/me/recovery-codes", code="1")
        assert wrong.status_code == 422
        assert (await visitor.send("/console/me/recovery-codes", code=ann.code())).status_code == 200
        assert (await visitor.send("/console/me/recovery-codes", code="")).status_code == 200, "it counts for ten minutes"

    async def test_cannot_be_guessed_at(self, scene: Scene, visitor: Visitor, ann: Somebody) -> None:
        await ann.sign_in(visitor)
        scene.later(minutes=10)
        for _ in range(6):
            await visitor.send("/console/me/recovery-codes", code="no")
        assert (await visitor.send("/console/me/recovery-codes", code=ann.code())).status_code == 429


class ANewPassword:
    async def test_takes_the_present_one_and_signs_out_everywhere(self, scene: Scene, visitor: Visitor, ann: Somebody) -> None:
        await ann.sign_in(visitor)
        form = {"password": PASSWORD, "new": "another lamp altogether", "again": "another lamp altogether", "code": ""}
        wrong = await visitor.send("/console/me/password", **form | {"password": "wrong enough"})
        assert wrong.status_code == 422 and "not the present password" in words(wrong)
        await visitor.send("/console/me/password", **form)
        assert visitor.path == "/console/sign-in"
        scene.later(seconds=30)
        assert (await ann.sign_in(visitor)).status_code == 401
        ann.password = form["new"]
        assert (await ann.sign_in(visitor)).status_code == 200


class AName:
    async def test_is_given_once_for_ever(self, scene: Scene, ann: Somebody) -> None:
        with pytest.raises(NameTaken):
            await invited(scene, Role.AUDITOR, name="ann")
        await invited(scene, Role.AUDITOR, name="ann", utility="other")

    @pytest.mark.parametrize("name", ["", "Ann", "ann lee", "-ann", "a" * 32, "ann:x", "ánn"])
    async def test_has_small_letters_and_little_else(self, scene: Scene, name: str) -> None:
        with pytest.raises(ValueError, match="small letter"):
            await invited(scene, name=name)

    async def test_of_a_customer_is_none(self, scene: Scene) -> None:
        with pytest.raises(ValueError, match="customer"):
            await invited(scene, Role.CUSTOMER)


class AResetPerson:
    async def test_comes_in_with_a_new_link_and_a_new_phone(self, scene: Scene, visitor: Visitor, ann: Somebody) -> None:
        import os

        from web.access.people import People

        people = People(scene.utility.pool, os.urandom)
        person = await people.named("test", "ann")
        assert person is not None
        token = await people.invite_again(scene.utility.secrets, person, scene.now + timedelta(0))
        assert (await ann.sign_in(visitor)).status_code == 401
        secret = secret_on((await visitor.open(f"/console/enrol/{token}")).text)
        assert secret != ann.secret
        form = {"password": PASSWORD, "again": PASSWORD, "code": pyotp.TOTP(secret).at(scene.now)}
        assert (await visitor.send(f"/console/enrol/{token}", **form)).status_code == 200
