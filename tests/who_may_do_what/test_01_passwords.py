"""Passwords: at least 8 characters (the spec's "more than seven"), up to 128, Unicode, never truncated, no composition or
rotation rules, paste works, listed passwords refused; argon2id, rehashed when the parameters change.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from domain.account_events import PasswordRehashed
from domain.passwords import PasswordGuessable, PasswordTooCommon, PasswordTooLong, PasswordTooShort, check_own
from eventlog.secrets import UtilitySecrets
from tests.domain.portal import PlainPasswords
from tests.web.people import invited, let_in
from tests.web.scene import ACCOUNT, METER, OWN_PASSWORD, Scene
from tests.web.visitor import Visitor, words
from web.access.passwords import ArgonPasswords, UtilityPasswords
from web.access.people import People, Person

WEB = Path(__file__).parent.parent.parent / "web"


@pytest.fixture
def passwords() -> Iterator[UtilityPasswords]:
    argon = ArgonPasswords()
    yield argon.under(UtilitySecrets(bytes(32), "test"))
    argon.close()


class APasswordOfOnesOwn:
    @pytest.mark.parametrize(
        "password",
        ["mtqwzpkd", "        ", "ééééüüüü", "🔋🔌💡🔋🔌💡🔋🔌", "73916402", "m" * 64 + "q" * 64, "two words", "ȸ\u0301" * 4],
    )
    def test_of_eight_to_128_characters_of_any_kind_is_taken(self, passwords: UtilityPasswords, password: str) -> None:
        check_own(password, passwords)

    @pytest.mark.parametrize(
        ("password", "refusal"),
        [
            ("", PasswordTooShort),
            ("mtqwzpk", PasswordTooShort),
            ("🔋🔌💡🔋🔌💡🔋", PasswordTooShort),
            ("m" * 129, PasswordTooLong),
            ("password", PasswordTooCommon),
            ("PassWord", PasswordTooCommon),
            ("1234567890", PasswordTooCommon),
        ],
    )
    def test_that_is_shorter_longer_or_listed_is_refused(
        self, passwords: UtilityPasswords, password: str, refusal: type[Exception]
    ) -> None:
        with pytest.raises(refusal):
            check_own(password, passwords)

    @pytest.mark.parametrize(
        "password",
        [
            "41000017",
            "41000017!",
            "4100-0017-ab",
            "Juice2026!",
            "testpower",
            "Thandi.Mokoena",
            "thandimokoena1998",
            "mokoena_Thandi_7",
            "thandi@home.example",
            "0821112233",
            "juice-password1",
        ],
    )
    def test_that_is_made_of_what_others_know_is_refused(self, passwords: UtilityPasswords, password: str) -> None:
        known = ["41000017", "Thandi Mokoena", "thandi@home.example", "+27821112233", "821112233", "Test Power", "Juice"]
        check_own(f"{password} and a brown kettle", passwords, known)
        with pytest.raises(PasswordGuessable):
            check_own(password, passwords, known)

    @pytest.mark.parametrize("password", ["weather balm ox", "12 January, tea", "мой электрический чайник", "🔋🔌💡🔋🔌💡🔋🔌"])
    def test_that_holds_none_of_it_is_taken(self, passwords: UtilityPasswords, password: str) -> None:
        check_own(password, passwords, ["41000017", "A", "", "O'Neil", "Test Power"])

    async def test_is_measured_by_everything_that_is_known_of_its_owner(self, scene: Scene) -> None:
        portal = scene.utility.portal
        account = await portal.account((await portal.find(ACCOUNT)).account_id)
        contacts = [contact.value for contact in account.contacts.values()]
        assert contacts
        token = await scene.log_in()
        for chosen in (ACCOUNT, METER, f"{account.name} 1", *contacts, "Test Power", "help@test.example"):
            reply = await scene.put("/me/password", {"current": OWN_PASSWORD, "chosen": chosen}, token=token)
            assert (reply.status_code, reply.json["rule"]) == (422, "PasswordGuessable"), chosen

    async def test_of_the_console_is_measured_by_the_persons_name_and_the_utilitys(self, scene: Scene) -> None:
        visitor = Visitor(scene)
        ann = await let_in(scene, name="annelies")
        await ann.sign_in(visitor)
        for new in ("annelies1", "Annelies-26", "testpower!", "test.power.26"):
            reply = await visitor.send("/console/me/password", password=ann.password, new=new, again=new, code="")
            assert reply.status_code == 422 and "too little of that password is left" in words(reply), new
        link = f"/console/enrol/{await invited(scene, name='bartholomew')}"
        reply = await visitor.send(link, password="bartholomew1", again="bartholomew1", code="123456")
        assert reply.status_code == 422 and "too little of that password is left" in words(reply)

    async def test_never_has_to_be_changed(self, scene: Scene) -> None:
        scene.later(days=3650)
        assert (await scene.post("/session", {"number": ACCOUNT, "password": OWN_PASSWORD})).status_code == 201

    def test_may_be_pasted_and_filled_in_by_a_password_manager(self) -> None:
        pages = [path.read_text() for path in WEB.rglob("*.html") if "api_docs" not in path.parts]
        fields = [line for page in pages for line in page.splitlines() if 'type="password"' in line]
        assert fields
        for field in fields:
            assert any(f'autocomplete="{meant}"' in field for meant in ("current-password", "new-password")), field
        assert "onpaste" not in "".join(pages)
        script = (WEB / "site" / "static" / "seed.js").read_text()
        assert "clipboardData" not in script, "nothing takes a pasted text away"


class Hashing(PlainPasswords):
    """Hashes under parameters that have a name."""

    parameters = "old"

    async def slow_hash(self, password: str) -> str:
        return f"{self.parameters}:{password}"

    async def matches(self, slow_hash: str | None, *meant: str) -> bool:
        return (slow_hash or "").partition(":")[2] in meant

    def is_outdated(self, slow_hash: str) -> bool:
        return not slow_hash.startswith(f"{self.parameters}:")


class NewParameters:
    def test_are_told_from_old_ones(self, passwords: UtilityPasswords) -> None:
        weak = PasswordHasher(memory_cost=8192, time_cost=1, parallelism=1).hash("correct horse")
        assert passwords.is_outdated(weak)

    async def test_are_recognised_as_those_of_today(self, passwords: UtilityPasswords) -> None:
        assert not passwords.is_outdated(await passwords.slow_hash("correct horse"))

    async def test_are_taken_up_at_the_next_log_in_and_end_nothing(self, scene: Scene) -> None:
        portal = scene.utility.portal
        session = await scene.log_in()
        scene.utility.portal.passwords = passwords = Hashing()
        account_id = (await portal.find(ACCOUNT)).account_id
        passwords.parameters = "new"  # the hash that is there, `slow:…`, is an old one now
        for _ in range(2):
            assert (await scene.post("/session", {"number": ACCOUNT, "password": OWN_PASSWORD})).status_code == 201
        rehashed = [event for event in await scene.utility.log.load(account_id) if isinstance(event, PasswordRehashed)]
        assert [event.slow_hash for event in rehashed] == [f"new:{OWN_PASSWORD}"]
        assert (await scene.get("/me", token=session)).status_code == 200, "no session ends"

    async def test_are_not_taken_up_by_a_wrong_password(self, scene: Scene) -> None:
        scene.utility.portal.passwords = passwords = Hashing()
        passwords.parameters = "new"
        assert (await scene.post("/session", {"number": ACCOUNT, "password": "wrong enough"})).status_code == 401
        account = await scene.utility.portal.account((await scene.utility.portal.find(ACCOUNT)).account_id)
        assert account.credentials.slow_hash == f"slow:{OWN_PASSWORD}"

    async def test_are_taken_up_at_the_consoles_sign_in_too(self, scene: Scene) -> None:
        ann = await let_in(scene)
        scene.utility.portal.passwords = passwords = Hashing()
        passwords.parameters = "new"
        visitor = Visitor(scene)
        assert (await ann.sign_in(visitor)).status_code == 200
        assert (await _person(scene)).password_hash == f"new:{ann.password}"
        assert (await visitor.open("/console/me")).status_code == 200


async def _person(scene: Scene) -> Person:
    person = await People(scene.utility.pool, bytes).named("test", "ann")
    assert person is not None
    return person
