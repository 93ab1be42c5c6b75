"""The pages over HTTP, on a real database, as a browser without JavaScript uses them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import pytest
from falcon.testing import Result

from domain.account import Account
from domain.commands.feeds import MeterTold
from tests.domain.scenario import context
from tests.web.scene import ACCOUNT, ADDRESS, CODE, METER, OTHER_ACCOUNT, OTHER_METER, SERIAL, Scene
from tests.web.visitor import Visitor, hidden, words


@pytest.fixture
def visitor(scene: Scene) -> Iterator[Visitor]:
    return Visitor(scene)


async def card_form(visitor: Visitor, **changes: str) -> dict[str, str]:
    """The form as it is on the page that asks to confirm the amount."""
    page = await visitor.open("/redeem")
    form = {"serial": SERIAL, "code": CODE, "number": METER, "idempotency_key": hidden(page, "idempotency_key")} | changes
    shown = await visitor.send("/redeem", do="redeem", **form)
    return form | {name: hidden(shown, name) for name in ("offered", "meant", "idempotency_key")}


class ThePages:
    @pytest.mark.parametrize("path", ["/", "/redeem", "/login", "/get-password", "/info"])
    async def test_open_without_a_login(self, visitor: Visitor, path: str) -> None:
        reply = await visitor.open(path)
        assert reply.status_code == 200
        assert "Test Power" in words(reply)
        assert reply.headers["cache-control"] == "no-store"

    async def test_weigh_less_than_thirty_kilobytes_with_all_they_need(self, visitor: Visitor) -> None:
        await visitor.log_in()
        packed = {"Accept-Encoding": "gzip"}
        page = await visitor.open("/dashboard", **packed)
        assert page.headers["content-encoding"] == "gzip"
        addresses = re.findall(r'(?:href|src)="(/(?:static|theme)/[^"]+)"', gzip.decompress(page.content).decode())
        parts = [await visitor.open(address, **packed) for address in addresses]
        assert len(parts) == 4 and all("immutable" in part.headers["cache-control"] for part in parts)
        assert sum(len(part.content) for part in [page, *parts]) < 30_000

    async def test_hold_neither_scripts_nor_styles_of_their_own(self, visitor: Visitor) -> None:
        await visitor.log_in()
        for path in ("/redeem", "/dashboard", "/info"):
            text = (await visitor.open(path)).text
            assert not re.search(r"(?i)<style|<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", text)

    async def test_wear_the_colours_of_the_utility(self, visitor: Visitor) -> None:
        page = await visitor.open("/")
        address = re.search(r'href="(/theme/[^"]+)"', page.text)
        assert address
        assert "--brand:#0b3d5c;" in (await visitor.open(address[1])).text

    async def test_are_missed_in_the_same_look(self, visitor: Visitor) -> None:
        reply = await visitor.open("/nowhere")
        assert reply.status_code == 404
        assert "Test Power" in words(reply) and "Not found" in words(reply)


class RedeemingACard:
    async def test_shows_the_amount_before_anything_is_redeemed(self, visitor: Visitor) -> None:
        form = {"serial": SERIAL, "code": CODE, "number": METER, "idempotency_key": "k" * 8}
        reply = await visitor.send("/redeem", do="redeem", offered="", **form)
        assert reply.status_code == 200 and visitor.path == "/redeem?step=confirm"
        assert "Your card is worth ZAR 50.00. Nothing is redeemed yet" in words(reply)
        assert hidden(reply, "serial") == SERIAL and METER in words(reply)
        assert "Redeem ZAR 50.00" in re.findall(r"<button[^>]*>([^<]*)<", reply.text.replace("\N{NO-BREAK SPACE}", " "))

    async def test_can_still_be_changed_when_its_amount_is_shown(self, visitor: Visitor) -> None:
        form = await card_form(visitor)
        reply = await visitor.send("/redeem", do="change", **form)
        assert visitor.path == "/redeem?step=change" and "ZAR 50.00" in words(reply)
        assert CODE not in reply.text and hidden(reply, "code") == "" and "code that you typed is kept" in words(reply)
        form = form | {"code": "", "kept_code": hidden(reply, "kept_code")}
        # Without a script, what was changed is confirmed on the page between: another meter is another request.
        changed = form | {"number": OTHER_METER, "offered": ""}
        assert 'name="offered" data-offered=' in reply.text
        between = await visitor.send("/redeem", do="redeem", **changed)
        assert visitor.path == "/redeem?step=confirm" and f"meter {OTHER_METER}" in words(between)
        confirmed = {name: hidden(between, name) for name in ("offered", "meant")}
        await visitor.send("/redeem", do="redeem", **changed | confirmed)
        assert visitor.path.startswith("/redemptions/")

    async def test_says_before_which_meter_an_accounts_number_stands_for(self, visitor: Visitor) -> None:
        form = {"serial": SERIAL, "code": CODE, "number": ACCOUNT, "idempotency_key": "k" * 8}
        reply = await visitor.send("/redeem", do="redeem", offered="", **form)
        assert "Electricity, meter …0017" in words(reply)

    async def test_asks_for_the_meter_where_the_account_has_several(self, visitor: Visitor) -> None:
        meter = MeterTold(
            account_number=ACCOUNT, number="07141999991", kind="AMI", resource="electricity", unit="kWh", removed=False
        )
        await visitor.scene.utility.portal.learn_meter(context(by="juice"), meter)
        form = {"serial": SERIAL, "code": CODE, "number": ACCOUNT, "idempotency_key": "k" * 8}
        reply = await visitor.send("/redeem", do="redeem", offered="", **form)
        assert reply.status_code == 422 and "Enter the meter's own number" in words(reply)

    async def test_confirms_no_number_that_leads_nowhere(self, visitor: Visitor) -> None:
        form = {"serial": SERIAL, "code": CODE, "number": "99999999", "idempotency_key": "k" * 8}
        reply = await visitor.send("/redeem", do="redeem", offered="", **form)
        assert reply.status_code == 422 and "No account and no meter" in words(reply)

    @pytest.mark.parametrize("offered", ["", "x", "5000 ZAR", "5000 ZAR é", "9 ZAR " + 32 * "0"])
    async def test_is_not_redeemed_by_an_amount_that_was_never_shown(self, visitor: Visitor, offered: str) -> None:
        reply = await visitor.send("/redeem", do="redeem", **await card_form(visitor) | {"offered": offered})
        assert "Nothing is redeemed yet" in words(reply)

    async def test_is_not_redeemed_for_a_meter_that_was_never_shown(self, visitor: Visitor) -> None:
        form = await card_form(visitor)
        for changed in ({"number": OTHER_METER}, {"meant": ""}, {"meant": form["offered"]}):
            reply = await visitor.send("/redeem", do="redeem", **form | changed)
            assert visitor.path == "/redeem?step=confirm" and "Is this right?" in words(reply)
            assert f"meter {changed.get('number', METER)}" in words(reply)

    async def test_does_not_take_the_proof_of_another_amount(self, visitor: Visitor) -> None:
        form = await card_form(visitor)
        forged = form["offered"].replace("5000", "1")
        assert forged != form["offered"]
        reply = await visitor.send("/redeem", do="redeem", **form | {"offered": forged})
        assert "Nothing is redeemed yet" in words(reply)

    async def test_is_done_by_enter(self, visitor: Visitor) -> None:
        page = await visitor.open("/redeem")
        first = re.search(r'<button[^>]*type="submit"[^>]*>', page.text.split('id="redeem"')[1])
        assert first and 'value="redeem"' in first[0]

    async def test_names_every_field_that_is_missing(self, visitor: Visitor) -> None:
        reply = await visitor.send("/redeem", do="redeem", serial="", code="", number="")
        assert reply.status_code == 422
        assert re.findall(r'href="#(\w+)"', reply.text.split('class="summary"')[1]) == ["serial", "code", "number"]

    async def test_names_the_meter_too_where_none_was_chosen(self, visitor: Visitor) -> None:
        await visitor.log_in()
        for form in ({}, {"meter": "nonsense"}):
            reply = await visitor.send("/redeem", do="redeem", serial=SERIAL, code="", **form)
            assert reply.status_code == 422 and "#code" in reply.text and "Choose the meter" in words(reply)

    async def test_keeps_the_amount_where_only_the_number_is_wrong(self, visitor: Visitor) -> None:
        reply = await visitor.send("/redeem", do="redeem", **await card_form(visitor) | {"number": "99999999"})
        assert reply.status_code == 422 and "No account and no meter" in words(reply)
        assert "ZAR 50.00" in words(reply) and hidden(reply, "kept_code") and CODE not in reply.text

    async def test_repeats_no_code_on_any_page_and_needs_it_no_second_time(self, visitor: Visitor) -> None:
        form = {"serial": SERIAL, "number": METER, "idempotency_key": "k" * 8, "do": "redeem"}
        pages = [await visitor.send("/redeem", **form | {"code": CODE.lower(), "number": ""})]
        pages.append(await visitor.send("/redeem", **form | {"kept_code": hidden(pages[-1], "kept_code")}))
        assert "Is this right?" in words(pages[-1])
        carried = {name: hidden(pages[-1], name) for name in ("kept_code", "offered", "meant")}
        pages.append(await visitor.send("/redeem", **form | carried))
        assert visitor.path.startswith("/redemptions/")
        assert [page for page in pages if CODE in page.text.upper()] == []

    async def test_takes_a_code_that_is_typed_before_one_that_was_kept(self, visitor: Visitor) -> None:
        form = {"serial": SERIAL, "number": METER, "idempotency_key": "k" * 8, "do": "redeem"}
        kept = hidden(await visitor.send("/redeem", code="WRONGWRONG22", **form | {"number": ""}), "kept_code")
        assert "Is this right?" in words(await visitor.send("/redeem", kept_code=kept, code=CODE, **form))
        assert (await visitor.send("/redeem", kept_code=kept, **form)).status_code == 404

    @pytest.mark.parametrize("kept", ["x", "A" * 60, "é" * 60])
    async def test_asks_for_the_code_where_what_was_kept_is_not_ours(self, visitor: Visitor, kept: str) -> None:
        reply = await visitor.send("/redeem", do="redeem", serial=SERIAL, code="", kept_code=kept, number=METER)
        assert reply.status_code == 422 and "#code" in reply.text

    async def test_keeps_a_code_for_an_hour(self, visitor: Visitor) -> None:
        form = {"serial": SERIAL, "number": METER, "idempotency_key": "k" * 8, "do": "redeem"}
        kept = hidden(await visitor.send("/redeem", code=CODE, **form), "kept_code")
        visitor.scene.later(hours=1)
        assert "#code" in (await visitor.send("/redeem", kept_code=kept, **form)).text

    async def test_can_be_tried_again_with_its_serial_and_without_its_code(self, visitor: Visitor) -> None:
        await visitor.send("/redeem", do="redeem", **await card_form(visitor))
        assert hidden(await visitor.open("/redeem"), "serial") == ""
        again = await visitor.open("/redeem?again=yes")
        assert hidden(again, "serial") == SERIAL and hidden(again, "code") == ""
        assert "type the scratch code once more" in words(again)
        assert CODE not in again.text + repr(visitor.cookies)

    async def test_leads_to_a_page_of_its_own_that_resolves_itself(self, visitor: Visitor) -> None:
        reply = await visitor.send("/redeem", do="redeem", **await card_form(visitor))
        assert visitor.path.startswith("/redemptions/")
        assert "being redeemed" in words(reply)
        assert '<noscript><meta http-equiv="refresh"' in reply.text and "data-watch" in reply.text
        assert SERIAL not in visitor.path and CODE not in visitor.path + reply.text

    async def test_has_an_address_for_each_step_so_that_whoever_comes_back_sends_nothing_again(self, visitor: Visitor) -> None:
        await card_form(visitor)
        page = await visitor.open("/redeem?step=confirm")
        assert "Is this right?" in words(page) and CODE not in page.text + visitor.path + repr(visitor.cookies)
        changed = await visitor.open("/redeem?step=change")
        assert hidden(changed, "serial") == SERIAL and "code that you typed is kept" in words(changed)

    async def test_is_an_empty_form_to_whoever_comes_back_after_it(self, visitor: Visitor) -> None:
        await visitor.send("/redeem", do="redeem", **await card_form(visitor))
        page = await visitor.open("/redeem?step=confirm")
        assert visitor.path == "/redeem" and hidden(page, "serial") == ""

    async def test_happens_once_however_often_the_button_is_pressed(self, visitor: Visitor) -> None:
        form = await card_form(visitor)
        await visitor.send("/redeem", do="redeem", **form)
        first = visitor.path
        await visitor.send("/redeem", do="redeem", **form)
        assert visitor.path == first

    async def test_asks_again_where_the_card_is_another_than_the_one_shown(self, visitor: Visitor) -> None:
        form = await card_form(visitor)
        visitor.scene.juice.cards["S1000002", CODE] = 9900
        reply = await visitor.send("/redeem", do="redeem", **form | {"serial": "S1000002"})
        assert "ZAR 99.00" in words(reply) and visitor.path == "/redeem?step=confirm"

    async def test_says_which_field_is_wrong_and_loses_nothing(self, visitor: Visitor) -> None:
        reply = await visitor.send("/redeem", do="redeem", serial=SERIAL, code="12", number=METER)
        assert reply.status_code == 422
        assert 'href="#code"' in reply.text and 'id="code-error"' in reply.text
        assert hidden(reply, "serial") == SERIAL and hidden(reply, "number") == METER

    async def test_tells_a_wrong_serial_and_a_wrong_code_alike(self, visitor: Visitor) -> None:
        wrong_code = await visitor.send("/redeem", do="redeem", serial=SERIAL, code="WRONGWRONG22", number=METER)
        wrong_serial = await visitor.send("/redeem", do="redeem", serial="S9999999", code=CODE, number=METER)
        assert wrong_code.status_code == wrong_serial.status_code == 404
        problem = re.compile(r'(?s)<div class="summary".*?</div>')
        assert problem.findall(wrong_code.text) == problem.findall(wrong_serial.text) != []
        # "Check both": neither says that a code is kept which nobody sees.
        for page in (wrong_code, wrong_serial):
            assert 'name="kept_code"' not in page.text and "Under the silver field" in words(page)
            assert "WRONGWRONG22" not in page.text and CODE not in page.text

    async def test_tells_a_visitor_that_a_card_that_cannot_be_read_needs_a_login(self, visitor: Visitor) -> None:
        says = "You log in for that"
        assert says in words(await visitor.open("/redeem"))
        await visitor.log_in()
        page = words(await visitor.open("/redeem"))
        assert "The card cannot be read" in page and says not in page

    async def test_says_when_to_try_again(self, visitor: Visitor) -> None:
        for _ in range(6):
            reply = await visitor.send("/redeem", do="redeem", serial=SERIAL, code="WRONGWRONG22", number=METER)
        reply = await visitor.send("/redeem", do="redeem", serial=SERIAL, code=CODE, number=METER)
        assert reply.status_code == 429 and int(reply.headers["retry-after"]) > 0
        assert "Please try again in" in words(reply)
        assert hidden(reply, "serial") == SERIAL

    async def test_offers_the_own_meters_to_whoever_is_logged_in(self, visitor: Visitor) -> None:
        await visitor.log_in()
        page = await visitor.open("/redeem")
        meter = re.search(r'name="meter" value="([^"]+)"[^>]*checked', page.text)
        assert meter and METER in words(page) and 'name="number"' not in page.text
        form = await card_form(visitor, meter=meter[1])
        reply = await visitor.send("/redeem", do="redeem", **form)
        assert visitor.path.startswith("/redemptions/") and reply.status_code == 200

    async def test_cannot_be_started_from_another_site(self, visitor: Visitor) -> None:
        form = await card_form(visitor)
        reply = await visitor.send("/redeem", {"Sec-Fetch-Site": "cross-site"}, do="redeem", **form)
        assert reply.status_code == 403 and "another site" in words(reply)


class TheAmount:
    async def test_is_told_to_the_page_in_a_form_that_redeems(self, visitor: Visitor) -> None:
        told = (await visitor.send("/redeem/amount", serial=SERIAL, code=CODE)).json
        assert told["amount"].replace("\N{NO-BREAK SPACE}", " ") == "ZAR 50.00"
        form = await card_form(visitor) | {"offered": told["proof"]}
        await visitor.send("/redeem", do="redeem", **form)
        assert visitor.path.startswith("/redemptions/")

    async def test_is_refused_in_words(self, visitor: Visitor) -> None:
        reply = await visitor.send("/redeem/amount", serial=SERIAL, code="WRONGWRONG22")
        assert reply.status_code == 404 and list(reply.json) == ["problem"]


class ARedemption:
    async def test_is_nobody_elses_to_see(self, visitor: Visitor) -> None:
        assert (await visitor.open("/redemptions/00000000-0000-0000-0000-000000000000")).status_code == 404

    async def test_refuses_a_position_that_is_none(self, visitor: Visitor) -> None:
        await visitor.send("/redeem", do="redeem", **await card_form(visitor))
        reply = await visitor.open(visitor.path.partition("?")[0] + "?at_least=soon")
        assert reply.status_code == 422 and "at_least" in words(reply)


class GetPassword:
    async def test_goes_no_further_with_an_unknown_number(self, visitor: Visitor) -> None:
        reply = await visitor.send("/get-password", number="99999999")
        assert reply.status_code == 422 and visitor.path == "/get-password"
        assert "No account and no meter has this number" in words(reply)
        assert hidden(reply, "number") == "99999999"

    async def test_shows_ten_addresses_one_of_them_the_registered_one(self, visitor: Visitor) -> None:
        page = await visitor.send("/get-password", number=ACCOUNT)
        assert visitor.path == "/get-password/confirm"
        labels = re.findall(r'name="choice"[^>]*>\s*<span>([^<]*)', page.text)
        assert len(labels) == 10 and ADDRESS in labels

    async def test_names_four_places_of_which_the_registered_ones_are_masked(self, visitor: Visitor) -> None:
        page = await visitor.send("/get-password", number=ACCOUNT)
        reply = await visitor.send("/get-password/confirm", **answers(page))
        assert visitor.path == "/get-password/sent"
        assert places(reply) == ["h•••@e•••.org", "••• ••01", "new@example.org", "+27 82 123 4567"]

    async def test_masks_a_registered_place_that_looks_like_the_given_one(self, visitor: Visitor) -> None:
        page = await visitor.send("/get-password", number=ACCOUNT)
        reply = await visitor.send("/get-password/confirm", **answers(page) | {"email": "hugo@elsewhere.org"})
        assert places(reply)[0] == "h•••@e•••.org" and places(reply)[2] == "hugo@elsewhere.org"

    async def test_tells_a_wrong_pick_and_keeps_what_was_typed(self, visitor: Visitor) -> None:
        page = await visitor.send("/get-password", number=ACCOUNT)
        reply = await visitor.send("/get-password/confirm", **answers(page, right=False))
        assert reply.status_code == 403 and "not the address" in words(reply)
        assert "You have one more try" in words(reply)
        assert hidden(reply, "email") == "new@example.org"
        assert len(re.findall(r'name="choice"', reply.text)) == 10

    async def test_offers_a_link_once_the_address_no_longer_suffices(self, visitor: Visitor) -> None:
        page = await visitor.send("/get-password", number=ACCOUNT)
        one_more = []
        for _ in range(3):
            reply = await visitor.send("/get-password/confirm", **answers(page, right=False))
            one_more.append("You have one more try" in words(reply))
        assert one_more == [True, False, False]
        assert reply.status_code == 409 and 'name="choice"' not in reply.text
        sent = await visitor.send("/get-password/link", ticket=hidden(reply, "ticket"))
        assert "The link is on its way" in words(sent)

    async def test_begins_again_where_the_ticket_has_expired(self, visitor: Visitor) -> None:
        page = await visitor.send("/get-password", number=ACCOUNT)
        visitor.scene.later(minutes=31)
        reply = await visitor.send("/get-password/confirm", **answers(page))
        assert reply.status_code == 410 and 'href="/get-password"' in reply.text

    async def test_leads_back_whoever_skips_the_first_page(self, visitor: Visitor) -> None:
        await visitor.open("/get-password/confirm")
        assert visitor.path == "/get-password"


def places(page: Result) -> list[str]:
    found = re.search(r'(?s)<ul class="places">(.*?)</ul>', page.text)
    assert found
    return [re.sub(r"<[^>]+>", "", place).replace("\N{NO-BREAK SPACE}", " ") for place in re.findall(r"<li>(.*?)</li>", found[1])]


def answers(page: Result, *, right: bool = True) -> dict[str, str]:
    choices = {label: value for value, label in re.findall(r'name="choice" value="([^"]+)"[^>]*>\s*<span>([^<]*)', page.text)}
    choice = choices[ADDRESS] if right else next(value for label, value in choices.items() if label != ADDRESS)
    return {"ticket": hidden(page, "ticket"), "email": "new@example.org", "phone": "082 123 4567", "choice": choice}


class LoggingIn:
    async def test_leads_to_the_dashboard(self, visitor: Visitor) -> None:
        reply = await visitor.log_in()
        assert visitor.path == "/dashboard"
        assert f"Holder {ACCOUNT}" in words(reply) and METER in words(reply) and "ZAR 0.00" in words(reply)

    async def test_keeps_the_number_and_forgets_the_password_where_it_fails(self, visitor: Visitor) -> None:
        reply = await visitor.send("/login", number=ACCOUNT, password="not the password")
        assert reply.status_code == 401 and hidden(reply, "number") == ACCOUNT
        assert "not the password" not in reply.text

    async def test_sounds_the_same_for_unknown_numbers(self, visitor: Visitor) -> None:
        known = await visitor.send("/login", number=ACCOUNT, password="not the password")
        unknown = await visitor.send("/login", number="99999999", password="not the password")
        assert known.status_code == unknown.status_code
        assert words(known) == words(unknown)

    async def test_is_asked_for_where_the_dashboard_is_opened_without(self, visitor: Visitor) -> None:
        await visitor.open("/dashboard")
        assert visitor.path == "/login"

    async def test_ends_with_logging_out(self, visitor: Visitor) -> None:
        await visitor.log_in()
        await visitor.send("/logout")
        assert visitor.path == "/"
        await visitor.open("/dashboard")
        assert visitor.path == "/login"

    async def test_shows_nothing_of_another_account(self, visitor: Visitor) -> None:
        reply = await visitor.log_in(OTHER_ACCOUNT)
        assert OTHER_ACCOUNT in words(reply) and METER not in words(reply)


class ALinkInAMessage:
    async def test_changes_nothing_until_its_button_is_pressed(self, visitor: Visitor) -> None:
        scene = visitor.scene
        before = set((await account_of(scene)).credentials.issues)
        password = await scene.issued_password()
        account = await account_of(scene)
        (issue,) = set(account.credentials.issues) - before
        token = scene.utility.portal.links.make("undo", account.id, issue)
        for _ in range(2):
            page = await visitor.open(f"/undo/{token}")
            assert page.status_code == 200 and 'method="post"' in page.text
        assert (await visitor.send("/login", number=ACCOUNT, password=password)).status_code == 200
        await visitor.send("/logout")
        for reply in [await visitor.send(f"/undo/{token}") for _ in range(2)] + [await visitor.open(f"/undo/{token}")]:
            assert reply.status_code == 200 and "It has been taken back" in words(reply)
            assert "<button" not in reply.text
        assert (await visitor.send("/login", number=ACCOUNT, password=password)).status_code == 401

    @pytest.mark.parametrize("path", ["/undo/nonsense", "/confirm/nonsense", "/continue/nonsense"])
    async def test_that_is_none_of_ours_says_so(self, visitor: Visitor, path: str) -> None:
        for reply in (await visitor.open(path), await visitor.send(path, email="a@example.org", phone="+27821234567")):
            assert reply.status_code == 410 and "no longer valid" in words(reply)

    async def test_confirms_a_contact(self, visitor: Visitor) -> None:
        await visitor.scene.issued_password()
        account = await account_of(visitor.scene)
        contact = next(c for c in account.contacts.values() if c.standing == "secondary")
        token = visitor.scene.utility.portal.links.make("confirm", account.id, contact.contact_id)
        assert "Thank you" not in words(await visitor.open(f"/confirm/{token}"))
        for reply in [await visitor.send(f"/confirm/{token}") for _ in range(2)] + [await visitor.open(f"/confirm/{token}")]:
            assert reply.status_code == 200 and "Thank you" in words(reply) and "<button" not in reply.text

    async def test_confirms_no_contact_that_was_removed(self, visitor: Visitor) -> None:
        await visitor.scene.issued_password()
        account, links = await account_of(visitor.scene), visitor.scene.utility.portal.links
        contact = next(c for c in account.contacts.values() if c.standing == "secondary")
        issue = next(i for i in account.credentials.issues.values() if contact.contact_id in i.recipients)
        token = links.make("confirm", account.id, contact.contact_id)
        await visitor.send(f"/undo/{links.make('undo', account.id, issue.issue_id)}")
        for reply in (await visitor.open(f"/confirm/{token}"), await visitor.send(f"/confirm/{token}")):
            assert reply.status_code == 410 and "was removed" in words(reply) and "<button" not in reply.text

    async def test_says_that_its_time_is_over(self, visitor: Visitor) -> None:
        await visitor.scene.issued_password()
        portal, account = visitor.scene.utility.portal, await account_of(visitor.scene)
        issue = list(account.credentials.issues)[-1]
        page = await visitor.send("/get-password", number=ACCOUNT)
        await visitor.send("/get-password/link", ticket=hidden(page, "ticket"))
        offer = next(iter((await account_of(visitor.scene)).offers))
        paths = (
            f"/undo/{portal.links.make('undo', account.id, issue)}",
            f"/continue/{portal.links.make('continue', account.id, offer)}",
        )
        visitor.scene.later(days=31)
        for path in paths:
            for reply in (await visitor.open(path), await visitor.send(path, email="a@example.org", phone="+27821234567")):
                assert reply.status_code == 410 and "has expired" in words(reply) and "<button" not in reply.text

    async def test_continues_where_the_address_no_longer_sufficed(self, visitor: Visitor) -> None:
        portal, page = visitor.scene.utility.portal, await visitor.send("/get-password", number=ACCOUNT)
        await visitor.send("/get-password/link", ticket=hidden(page, "ticket"))
        account = await account_of(visitor.scene)
        token = portal.links.make("continue", account.id, next(iter(account.offers)))
        wrong = await visitor.send(f"/continue/{token}", email="new@example.org", phone="12")
        assert wrong.status_code == 422 and hidden(wrong, "email") == "new@example.org"
        await visitor.send(f"/continue/{token}", email="new@example.org", phone="082 123 4567")
        assert visitor.path == "/get-password/sent"
        given = {"email": "new@example.org", "phone": "082 123 4567"}
        for reply in (await visitor.open(f"/continue/{token}"), await visitor.send(f"/continue/{token}", **given)):
            assert "This link has been used" in words(reply) and "<button" not in reply.text


async def account_of(scene: Scene) -> Account:
    portal = scene.utility.portal
    return await portal.account((await portal.find(ACCOUNT)).account_id)


class AForm:
    @pytest.mark.parametrize("path", ["/redeem", "/login", "/get-password", "/get-password/confirm", "/redeem/amount"])
    async def test_that_is_empty_strange_or_too_large_never_breaks_a_page(self, visitor: Visitor, path: str) -> None:
        assert (await visitor.send(path)).status_code < 500
        assert (await visitor.send(path, number="\0é" * 50, serial="'\"<b>", code="\n", do="x")).status_code < 500
        assert (await visitor.send(path, number="9" * 20_000)).status_code == 413
        assert (await visitor.send(path, {"Content-Type": "application/json"})).status_code == 415

    async def test_is_escaped_where_it_is_shown_again(self, visitor: Visitor) -> None:
        reply = await visitor.send("/get-password", number='"><script>alert(1)</script>')
        assert "<script>alert" not in reply.text
