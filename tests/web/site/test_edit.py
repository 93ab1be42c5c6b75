"""The Edit page and Change Password over HTTP, as a browser without JavaScript uses them."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from html import unescape

import msgspec
import pytest
from falcon.testing import Result

from domain.account import Account
from domain.commands.editing import Edit
from tests.domain.scenario import context
from tests.web.scene import ACCOUNT, OTHER_ACCOUNT, OWN_PASSWORD, Scene
from tests.web.visitor import Visitor, hidden, words
from wording import catalogue

HOLDER, PHONE = f"holder{ACCOUNT}@example.org", f"+2782{ACCOUNT[:7]}"
CHOSEN = "another horse battery"


@pytest.fixture
async def visitor(scene: Scene) -> Visitor:
    """Somebody who is logged in."""
    visitor = Visitor(scene)
    await visitor.log_in()
    return visitor


async def account_of(scene: Scene, number: str = ACCOUNT) -> Account:
    portal = scene.utility.portal
    account: Account = await portal.account((await portal.find(number)).account_id)
    return account


def form_of(page: Result, **changes: str) -> dict[str, str]:
    """What a browser sends of the page's first form of its own, with what is typed and ticked."""
    form: dict[str, str] = {}
    main = page.text[page.text.index("<main") : page.text.index("</main>")]
    for tag in re.findall(r"<input\b[^>]*>", main):
        said = {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        if said.get("type") in ("radio", "checkbox") and not re.search(r"\schecked\b", tag):
            continue
        form[said["name"]] = said.get("value", "")
    return {name: value for name, value in {**form, **changes}.items() if value is not None}


def field_of(page: Result, value: str) -> str:
    """The name of the field in which a contact stands."""
    found = re.search(rf'name="(contact_[0-9a-f-]+)"[^>]*value="{re.escape(value)}"', page.text)
    assert found, value
    return found[1]


def shown(page: Result) -> Iterator[str]:
    return (unescape(value) for value in re.findall(r'name="contact_[^"]*"[^>]*value="([^"]*)"', page.text))


class TheEditPage:
    async def test_is_in_the_menu_and_shows_everything_as_it_is(self, visitor: Visitor) -> None:
        assert 'href="/edit"' in (await visitor.open("/dashboard")).text
        page = await visitor.open("/edit")
        assert page.status_code == 200 and set(shown(page)) == {HOLDER, PHONE}
        assert 'href="/edit/password"' in page.text and f"Holder {ACCOUNT}" in words(page)
        assert page.text.count(">Save<") == 1

    async def test_needs_a_login(self, scene: Scene) -> None:
        for path in ("/edit", "/edit/password"):
            stranger = Visitor(scene)
            assert "Log in" in words(await stranger.open(path)) and stranger.path == "/login"

    async def test_saves_everything_with_one_button_and_says_what_was_saved(self, visitor: Visitor, scene: Scene) -> None:
        page = await visitor.open("/edit")
        sent = form_of(page, **{field_of(page, HOLDER): "moved@example.org", "phone": "082 555 0199", "pace": "least"})
        saved = await visitor.send("/edit", **sent)
        assert visitor.path == "/edit" and saved.status_code == 200
        for said in ("moved@example.org takes the place of " + HOLDER, "A link went to +27 82 555 0199", "How we contact you is"):
            assert said in words(saved)
        account = await account_of(scene)
        assert account.clock.pace == "least"
        assert {contact.value for contact in account.contacts.values()} == {HOLDER, PHONE, "moved@example.org", "+27825550199"}
        assert "takes the place of" not in words(await visitor.open("/edit")).partition("Where we reach you")[0]

    async def test_removes_what_is_ticked(self, visitor: Visitor, scene: Scene) -> None:
        page = await visitor.open("/edit")
        name = field_of(page, PHONE).replace("contact_", "remove_")
        assert f"{PHONE[:3]} 82" in words(await visitor.send("/edit", **form_of(page, **{name: "yes"})))
        assert {contact.value for contact in (await account_of(scene)).contacts.values()} == {HOLDER}
        assert 'name="remove_' not in (await visitor.open("/edit")).text

    async def test_changes_nothing_where_nothing_was_typed(self, visitor: Visitor, scene: Scene) -> None:
        before = (await account_of(scene)).version
        saved = await visitor.send("/edit", **form_of(await visitor.open("/edit")))
        assert "There was nothing to change" in words(saved) and (await account_of(scene)).version == before

    async def test_names_every_field_that_cannot_be_used_and_loses_nothing(self, visitor: Visitor) -> None:
        page = await visitor.open("/edit")
        name = field_of(page, HOLDER)
        typed = {name: "nobody@", "phone": "12", "email": PHONE, "quiet_from": "late", "pace": "often"}
        wrong = await visitor.send("/edit", **form_of(page, **typed))
        assert wrong.status_code == 422
        for field in (name, "phone", "email", "quiet_from"):
            assert f'id="{field}-error"' in wrong.text, field
        assert form_of(wrong) == form_of(page, **typed)

    async def test_takes_a_contact_once(self, visitor: Visitor) -> None:
        wrong = await visitor.send("/edit", **form_of(await visitor.open("/edit"), email=HOLDER))
        assert wrong.status_code == 422 and 'id="email-error"' in wrong.text

    async def test_looks_at_no_field_beyond_what_it_offers(self, visitor: Visitor, scene: Scene) -> None:
        before = await account_of(scene)
        other = await account_of(scene, OTHER_ACCOUNT)
        theirs = next(iter(other.contacts))
        extra = {
            "number": "1", "name": "Mallory", "address": "1 Elsewhere", "standing": "registered", "confirmed": "yes",
            "via_issue": "", f"contact_{theirs}": "mallory@example.org", f"remove_{theirs}": "yes", "account_id": str(other.id),
        }  # fmt: skip
        await visitor.send("/edit", **form_of(await visitor.open("/edit"), **extra))
        now = await account_of(scene)
        assert (now.version, now.number, now.name, now.address) == (before.version, before.number, before.name, before.address)
        assert (await account_of(scene, OTHER_ACCOUNT)).version == other.version

    async def test_escapes_what_was_typed(self, visitor: Visitor) -> None:
        wrong = await visitor.send("/edit", **form_of(await visitor.open("/edit"), email='"><script>alert(1)</script>'))
        assert "<script>alert" not in wrong.text

    async def test_is_refused_to_another_site(self, visitor: Visitor, scene: Scene) -> None:
        form = form_of(await visitor.open("/edit"), email="evil@example.org")
        before = (await account_of(scene)).version
        for path, sent in (("/edit", form), ("/edit/password", {"current": OWN_PASSWORD, "chosen": CHOSEN, "again": CHOSEN})):
            reply = await visitor.send(path, {"Sec-Fetch-Site": "cross-site"}, **sent)
            assert reply.status_code == 403
        assert (await account_of(scene)).version == before

    async def test_asks_a_utilitys_customers_which_of_its_languages_they_read(self, visitor: Visitor, scene: Scene) -> None:
        assert 'name="language"' not in (await visitor.open("/edit")).text.partition("</main>")[0]
        refused = await visitor.send("/edit", **form_of(await visitor.open("/edit"), language="xx"))
        assert refused.status_code == 422

    async def test_of_another_utility_is_not_opened_by_this_session(self, visitor: Visitor, scene: Scene) -> None:
        elsewhere = Visitor(scene, host="other.example")
        elsewhere.cookies = dict(visitor.cookies)
        await elsewhere.open("/edit")
        assert elsewhere.path == "/login"


class ThePassword:
    async def test_is_asked_for_again_after_ten_minutes_and_nothing_is_lost(self, visitor: Visitor, scene: Scene) -> None:
        page = await visitor.open("/edit")
        scene.later(minutes=10)
        typed = form_of(page, email="second@example.org", pace="less")
        asked = await visitor.send("/edit", **typed)
        assert asked.status_code == 403 and 'name="password"' in asked.text
        assert {**form_of(asked), "password": ""} == {**typed, "password": ""}
        wrong = await visitor.send("/edit", **form_of(asked, password="a guess"))
        assert wrong.status_code == 403 and 'id="password-error"' in wrong.text and "a guess" not in wrong.text
        cookies = dict(visitor.cookies)
        saved = await visitor.send("/edit", **form_of(wrong, password=OWN_PASSWORD))
        assert "A link went to second@example.org" in words(saved)
        assert cookies["__Host-seed"] != visitor.cookies["__Host-seed"]
        old = Visitor(scene)
        old.cookies = cookies
        await old.open("/edit")
        assert old.path == "/login"

    async def test_is_taken_even_where_something_else_is_wrong(self, visitor: Visitor, scene: Scene) -> None:
        page = await visitor.open("/edit")
        scene.later(minutes=10)
        wrong = await visitor.send("/edit", **form_of(page, email="nobody@", password=OWN_PASSWORD))
        assert wrong.status_code == 422 and 'name="password"' not in wrong.text
        assert "A link went to" in words(await visitor.send("/edit", **form_of(wrong, email="second@example.org")))

    async def test_is_asked_for_at_once_on_a_page_that_is_opened_late(self, visitor: Visitor, scene: Scene) -> None:
        assert 'name="password"' not in (await visitor.open("/edit")).text
        scene.later(minutes=10)
        assert 'name="password"' in (await visitor.open("/edit")).text


class AChangeInAnotherWindow:
    async def test_is_told_with_what_is_saved_now_and_loses_nothing(self, visitor: Visitor, scene: Scene) -> None:
        here = await visitor.open("/edit")
        await visitor.send("/edit", **form_of(await visitor.open("/edit"), pace="often", email="first@example.org"))
        name = field_of(here, HOLDER)
        told = await visitor.send("/edit", **form_of(here, **{name: "mine@example.org", "pace": "least", "phone": "0825550199"}))
        assert told.status_code == 409 and "changed meanwhile" in words(told) and "Often" in words(told)
        assert "first@example.org" in set(shown(told))
        again = form_of(told)
        assert (again[name], again["pace"], again["phone"]) == ("mine@example.org", "least", "0825550199")
        saved = await visitor.send("/edit", **again)
        assert "mine@example.org takes the place" in words(saved)
        assert (await account_of(scene)).clock.pace == "least"

    async def test_that_removed_the_contact_leaves_what_was_typed_to_be_added(self, visitor: Visitor, scene: Scene) -> None:
        here = await visitor.open("/edit")
        account = await account_of(scene)
        email = account.registered("email")[0]
        await scene.utility.portal.edit(context(), account_id=account.id, edit=Edit(remove=(email.contact_id,)), via_issue=None)
        told = await visitor.send("/edit", **form_of(here, **{field_of(here, HOLDER): "mine@example.org"}))
        assert told.status_code == 409 and form_of(told)["email"] == "mine@example.org"

    async def test_is_not_one_that_a_confirmed_contact_makes(self, visitor: Visitor, scene: Scene) -> None:
        await visitor.send("/edit", **form_of(await visitor.open("/edit"), email="second@example.org"))
        here = await visitor.open("/edit")
        account = await account_of(scene)
        new = next(contact for contact in account.contacts.values() if not contact.confirmed)
        await scene.utility.portal.confirm_contact(context(), account_id=account.id, contact_id=new.contact_id)
        assert "is changed" in words(await visitor.send("/edit", **form_of(here, pace="often")))


class SevenDaysAfterAnIssue:
    async def test_the_page_says_that_registered_contacts_are_asked(self, scene: Scene) -> None:
        issued = await scene.issued_password()
        thief = Visitor(scene)
        await thief.send("/login", number=ACCOUNT, password=issued)
        page = await thief.open("/edit")
        assert "within the last seven days" in words(page)
        saved = await thief.send("/edit", **form_of(page, **{field_of(page, HOLDER): "thief@example.org"}))
        assert f"{HOLDER} becomes thief@example.org once you agree" in words(saved)
        assert "thief@example.org" not in set(shown(saved))

    async def test_the_link_says_what_is_asked_and_its_button_acts(self, scene: Scene) -> None:
        await self.test_the_page_says_that_registered_contacts_are_asked(scene)
        account = await account_of(scene)
        (change_id,) = account.contacts.requested
        path = f"/change/{scene.utility.portal.links.make('change', account.id, change_id)}"
        owner = Visitor(scene)
        asked = await owner.open(path)
        assert "h•••@e•••.org is to be changed to t•••@e•••.org" in words(asked)
        assert len((await account_of(scene)).contacts) == len(account.contacts)
        assert "it is changed" in words(await owner.send(path))
        assert "it is changed" in words(await owner.send(path))
        scene.later(hours=25)
        assert len((await account_of(scene)).contacts) == len(account.contacts) + 1


class TakingAChangeBack:
    async def test_takes_a_button_on_a_page_that_can_be_opened_again(self, visitor: Visitor, scene: Scene) -> None:
        page = await visitor.open("/edit")
        await visitor.send("/edit", **form_of(page, **{field_of(page, HOLDER).replace("contact_", "remove_"): "yes"}))
        account = await account_of(scene)
        (former,) = account.contacts.former.values()
        path = f"/revert/{scene.utility.portal.links.make('revert', account.id, former.contact.contact_id)}"
        owner = Visitor(scene)
        assert "Did you not change this?" in words(await owner.open(path))
        assert "taken back" in words(await owner.send(path))
        assert "taken back" in words(await owner.open(path)) and "taken back" in words(await owner.send(path))
        await visitor.open("/dashboard")
        assert visitor.path == "/login"
        assert HOLDER in {contact.value for contact in (await account_of(scene)).contacts.values()}

    async def test_is_over_after_30_days(self, visitor: Visitor, scene: Scene) -> None:
        account = await account_of(scene)
        unchanged = next(iter(account.contacts))
        path = f"/revert/{scene.utility.portal.links.make('revert', account.id, unchanged)}"
        assert (await Visitor(scene).open(path)).status_code == 410


class ChangingThePassword:
    async def test_needs_both_fields_the_same_and_the_server_says_so(self, visitor: Visitor) -> None:
        for sent, field in (
            ({"current": OWN_PASSWORD, "chosen": CHOSEN, "again": CHOSEN + "!"}, "again"),
            ({"current": OWN_PASSWORD, "chosen": "7 chars", "again": "7 chars"}, "chosen"),
            ({"current": OWN_PASSWORD, "chosen": "password1", "again": "password1"}, "chosen"),
            ({"current": "a guess", "chosen": CHOSEN, "again": CHOSEN}, "current"),
            ({"current": "", "chosen": CHOSEN, "again": CHOSEN}, "current"),
        ):
            wrong = await visitor.send("/edit/password", **sent)
            assert wrong.status_code in (403, 422) and f'id="{field}-error"' in wrong.text, sent
            assert not any(value and value in wrong.text for value in sent.values())

    async def test_ends_the_other_sessions_and_goes_on_here_under_a_new_token(self, visitor: Visitor, scene: Scene) -> None:
        other = Visitor(scene)
        await other.log_in()
        before = visitor.cookies["__Host-seed"]
        saved = await visitor.send("/edit/password", current=OWN_PASSWORD, chosen=CHOSEN, again=CHOSEN)
        assert visitor.path == "/edit" and "Your password is changed" in words(saved)
        assert visitor.cookies["__Host-seed"] != before
        await other.open("/dashboard")
        assert other.path == "/login"
        assert (await visitor.open("/dashboard")).status_code == 200

    async def test_is_slowed_down_for_whoever_guesses_the_current_one(self, visitor: Visitor) -> None:
        for _ in range(6):
            await visitor.send("/edit/password", current="a guess", chosen=CHOSEN, again=CHOSEN)
        refused = await visitor.send("/edit/password", current=OWN_PASSWORD, chosen=CHOSEN, again=CHOSEN)
        assert refused.status_code == 429 and refused.headers["retry-after"]

    async def test_tells_whoever_came_with_an_issued_password_that_it_is_the_current_one(self, scene: Scene) -> None:
        issued = await scene.issued_password()
        visitor = Visitor(scene)
        await visitor.send("/login", number=ACCOUNT, password=issued)
        assert "that is your current password" in words(await visitor.open("/edit/password"))
        saved = await visitor.send("/edit/password", current=issued, chosen=CHOSEN, again=CHOSEN)
        assert "Your password is changed" in words(saved)

    async def test_helps_password_managers(self, visitor: Visitor) -> None:
        page = await visitor.open("/edit/password")
        said = re.findall(r'<input[^>]*name="(\w+)"[^>]*autocomplete="([\w-]+)"', page.text)
        assert said[-3:] == [("current", "current-password"), ("chosen", "new-password"), ("again", "new-password")]
        assert hidden(page, "username") == ACCOUNT and "onpaste" not in page.text


class AUtilityOfTwoLanguages:
    async def test_writes_pages_and_messages_in_the_one_that_was_chosen(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(catalogue, "LANGUAGES", ("en", "fr"))
        monkeypatch.setattr("web.site.writing.catalogue.catalogue", lambda language: gettext.NullTranslations())
        monkeypatch.setattr("web.site.render.catalogue", lambda language: gettext.NullTranslations())
        scene.described = msgspec.structs.replace(scene.described, languages=("en", "fr"))
        visitor = Visitor(scene)
        await visitor.log_in()
        page = await visitor.open("/edit")
        await visitor.send("/edit", **form_of(page, language="fr"))
        assert (await account_of(scene)).language == "fr"
        assert visitor.cookies["__Host-seed-language"] == "fr"
