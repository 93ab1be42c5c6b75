"""Service requests over HTTP, as a browser without JavaScript uses them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import escape

import pytest
from falcon.testing import Result

from domain.ticket import LONGEST_TEXT
from tests.domain.scenario import context
from tests.web.scene import ACCOUNT, OTHER_ACCOUNT, Scene
from tests.web.visitor import Visitor, hidden, words

ASKED = {"topic": "meter", "subject": "The display is dark", "text": "Since this morning."}
STAFF = context(by="staff:ann")
NASTY = (
    "<img src=x onerror=alert(1)> [x](javascript:alert(1))\r\nBcc: all@example.org\r\n\u202eturned\u202c {{ 7*7 }} " + "W" * 500
)


@pytest.fixture
async def pat(scene: Scene) -> Visitor:
    visitor = Visitor(scene)
    await visitor.log_in()
    return visitor


async def submit(visitor: Visitor, **changes: str) -> Result:
    """This will fill the form in and send it."""
    key = hidden(await visitor.open("/requests/new"), "idempotency_key")
    reply = await visitor.send("/requests/new", idempotency_key=key, **ASKED | changes)
    await visitor.scene.utility.project()
    return await visitor.open(visitor.path) if reply.status_code == 200 else reply


async def submitted(visitor: Visitor, **changes: str) -> str:
    """This will submit a request, and give its reference."""
    await submit(visitor, **changes)
    found = re.match(r"/requests/([A-Z0-9-]+)\?", visitor.path)
    assert found, visitor.path
    return found[1]


async def add(visitor: Visitor, reference: str, text: str, do: str = "comment") -> Result:
    page = await visitor.open(f"/requests/{reference}")
    key = hidden(page, "idempotency_key") if "idempotency_key" in page.text else ""
    reply = await visitor.send(f"/requests/{reference}", text=text, do=do, idempotency_key=key)
    await visitor.scene.utility.project()
    return await visitor.open(visitor.path) if reply.status_code == 200 else reply


async def close(scene: Scene, reference: str, comment: str = "The fuse was changed.") -> None:
    await scene.utility.portal.close_ticket(context(at=scene.now, by="staff:ann"), reference=reference, comment=comment)
    await scene.utility.project()


def boxes(reply: Result) -> list[bool]:
    """The check boxes of the page, and whether each is marked."""
    return [" checked" in box for box in re.findall(r'<input type="checkbox"[^>]*>', reply.text)]


class TheList:
    async def test_says_what_requests_are_for_where_there_are_none(self, pat: Visitor) -> None:
        page = await pat.open("/requests")
        assert "in place of calling or sending an e-mail" in words(page) and boxes(page) == []

    async def test_marks_the_box_of_what_is_closed_with_its_time_and_the_last_comment(self, scene: Scene, pat: Visitor) -> None:
        first = await submitted(pat)
        await submitted(pat, subject="Another")
        assert boxes(await pat.open("/requests")) == [False, False]
        await close(scene, first)
        page = await pat.open("/requests")
        assert boxes(page) == [False, True]
        said = words(page)
        assert said.index("Another") < said.index("Closed on 2 March 2026, 14:00") < said.index("The fuse was changed.")
        assert re.search(rf'<input type="checkbox" disabled id="closed-{first}" checked>', page.text)
        assert f'<label for="closed-{first}">Closed on' in page.text

    async def test_leads_on_to_what_was_closed_earlier(self, scene: Scene, pat: Visitor) -> None:
        for number in range(22):
            found = await scene.utility.portal.find(ACCOUNT)
            written = await scene.utility.portal.open_ticket(
                context(), account_id=found.account_id, topic="meter", subject=f"Number {number}", text="Dark."
            )
            await scene.utility.portal.close_ticket(STAFF, reference=written.reference, comment="Done.")
        await scene.utility.project()
        page = await pat.open("/requests")
        further = re.search(r'href="(/requests\?state=closed[^"]+)"', page.text)
        assert len(boxes(page)) == 20 and further
        rest = await pat.open(further[1].replace("&amp;", "&"))
        assert len(boxes(rest)) == 2 and "state=closed" not in rest.text

    @pytest.mark.parametrize("query", ["before=x", "state=closed&before=x", "state=x&before=1.1", "before=1.1", "at_least=x"])
    async def test_refuses_an_address_that_names_no_part_of_it(self, pat: Visitor, query: str) -> None:
        assert (await pat.open(f"/requests?{query}")).status_code == 422


class ANewRequest:
    async def test_is_read_on_its_own_page_with_its_number(self, pat: Visitor) -> None:
        page = await submit(pat)
        assert pat.path.startswith("/requests/") and page.status_code == 200
        assert "We have it" in words(page) and "Since this morning." in words(page) and boxes(page) == [False]

    async def test_is_one_however_often_the_form_is_sent(self, scene: Scene, pat: Visitor) -> None:
        key = hidden(await pat.open("/requests/new"), "idempotency_key")
        for _ in range(2):
            await pat.send("/requests/new", idempotency_key=key, **ASKED)
        await scene.utility.project()
        assert len(boxes(await pat.open("/requests"))) == 1
        again = await pat.send("/requests/new", idempotency_key=key, **ASKED | {"text": "In other words."})
        assert again.status_code == 409 and "In other words." in again.text and "sent before" in words(again)
        await pat.send("/requests/new", idempotency_key=hidden(again, "idempotency_key"), **ASKED | {"text": "In other words."})
        await scene.utility.project()
        assert len(boxes(await pat.open("/requests"))) == 2

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"topic": ""}, "Choose what it is about."),
            ({"subject": " "}, "Say in a few words what it is about."),
            ({"subject": "s" * 121}, "That is too long for a subject"),
            ({"text": "\r\n"}, "Write something."),
            ({"text": "é" * (LONGEST_TEXT + 1)}, "That is too long: up to 4,000 characters fit."),
        ],
    )
    async def test_keeps_what_was_typed_where_it_is_refused(self, pat: Visitor, changes: dict[str, str], said: str) -> None:
        page = await submit(pat, **changes)
        assert page.status_code == 422 and said in words(page)
        for name, typed in (ASKED | changes).items():
            kept = f'value="{typed}" selected' if name == "topic" and typed else escape(typed.strip())
            assert kept in page.text, name

    async def test_takes_the_longest_text_in_any_script(self, pat: Visitor) -> None:
        for character in ("ж", "語", "😀"):
            assert (await submit(pat, text=character * LONGEST_TEXT)).status_code == 200

    async def test_shows_what_was_written_and_lets_none_of_it_work(self, scene: Scene, pat: Visitor) -> None:
        reference = await submitted(pat, subject=NASTY[:100], text=NASTY)
        await add(pat, reference, NASTY)
        await close(scene, reference, NASTY)
        for path in ("/requests", f"/requests/{reference}"):
            page = await pat.open(path)
            assert "<img" not in page.text and 'href="javascript' not in page.text and "49" not in words(page)
            assert "\u202e" not in page.text and escape(NASTY[:40]) in page.text

    async def test_is_about_the_card_that_the_address_names(self, scene: Scene, pat: Visitor) -> None:
        found = await scene.utility.portal.find(ACCOUNT)
        reserved = await scene.utility.portal.reserve_redemption(
            context(),
            serial="S9",
            code="ABCDEF123456",
            amount=5000,
            currency="ZAR",
            account_id=found.account_id,
            meter_id=None,
        )
        ids = {"redemption_id": reserved.redemption_id, "message_id": reserved.message_id}
        await scene.utility.portal.send_redemption(context(by="system:vendor"), **ids)
        await scene.utility.portal.doubt_redemption(context(by="system:vendor"), **ids, reason="lost")
        await scene.utility.project()
        doubt = await pat.open(f"/redemptions/{reserved.redemption_id}")
        path = f"/requests/new?redemption={reserved.redemption_id}"
        assert f'href="{path}"' in doubt.text
        form = await pat.open(path)
        assert "About your Juice card of ZAR" in words(form) and 'value="card" selected' in form.text
        reference = await submitted(pat, redemption=hidden(form, "redemption"))
        assert f'href="/redemptions/{reserved.redemption_id}"' in (await pat.open(f"/requests/{reference}")).text
        stranger = Visitor(scene)
        await stranger.log_in(OTHER_ACCOUNT)
        assert "About your Juice card" not in words(await stranger.open(path))
        refused = await submit(stranger, redemption=str(reserved.redemption_id))
        assert refused.status_code == 422 and ASKED["subject"] in refused.text

    async def test_is_about_the_purchase_that_the_address_names(self, scene: Scene, pat: Visitor) -> None:
        vendor = context(by="system:vendor", at=scene.now)
        found = await scene.utility.portal.find(ACCOUNT)
        requested = await scene.utility.portal.request_purchase(
            context(), account_id=found.account_id, meter_id=None, amount=5000, currency="ZAR", language="en"
        )
        id = {"purchase_id": requested.purchase_id}
        held = {"payment_id": "pi_1", "amount": 5000, "currency": "ZAR", "authorised_until": scene.now + timedelta(days=7)}
        await scene.utility.portal.authorise_purchase(vendor, **id, **held, card="visa 4242")
        await scene.utility.portal.send_purchase(vendor, **id)
        await scene.utility.portal.doubt_purchase(vendor, **id, reason="JuiceSilent")
        await scene.utility.project()
        path = f"/requests/new?purchase={requested.purchase_id}"
        assert f'href="{path}"' in (await pat.open(f"/purchases/{requested.purchase_id}")).text
        form = await pat.open(path)
        assert "About your payment of ZAR" in words(form) and 'value="payment" selected' in form.text
        reference = await submitted(pat, purchase=hidden(form, "purchase"))
        assert f'href="/purchases/{requested.purchase_id}"' in (await pat.open(f"/requests/{reference}")).text


class ARequest:
    async def test_is_nobody_elses_and_needs_a_login(self, scene: Scene, pat: Visitor) -> None:
        reference = await submitted(pat)
        other, visitor = Visitor(scene), Visitor(scene)
        await other.log_in(OTHER_ACCOUNT)
        for reply in (
            await other.open(f"/requests/{reference}"),
            await other.send(f"/requests/{reference}", text="Mine?", do="comment", idempotency_key="k" * 32),
            await other.send(f"/requests/{reference}", text="", do="reopen"),
            await pat.open("/requests/CCCC-CCCC"),
            await pat.open("/requests/%0d%0aX: y"),
        ):
            assert reply.status_code == 404 and ASKED["subject"] not in reply.text
        assert "Log in" in words(await visitor.open(f"/requests/{reference}"))

    async def test_is_added_to_closed_and_opened_again(self, scene: Scene, pat: Visitor) -> None:
        reference = await submitted(pat)
        page = await add(pat, reference, "Hello?\r\n\r\nAnybody there?")
        assert page.status_code == 200 and "Hello?\n\nAnybody there?" in page.text
        await close(scene, reference)
        page = await pat.open(f"/requests/{reference}")
        assert boxes(page) == [True] and "You can open this request again until 1 April 2026, 14:00." in words(page)
        page = await add(pat, reference, "Dark again.", do="reopen")
        assert boxes(page) == [False] and "You opened it again" in words(page) and "Dark again." in words(page)

    async def test_is_opened_again_once_where_the_button_is_pressed_twice(self, scene: Scene, pat: Visitor) -> None:
        reference = await submitted(pat)
        await close(scene, reference)
        await add(pat, reference, "", do="reopen")
        page = await add(pat, reference, "", do="reopen")
        assert page.status_code == 200 and words(page).count("opened it again") == 1

    async def test_loses_nothing_that_was_typed_while_it_changed(self, scene: Scene, pat: Visitor) -> None:
        reference = await submitted(pat)
        page = await pat.open(f"/requests/{reference}")
        key = hidden(page, "idempotency_key")
        await close(scene, reference)
        late = await pat.send(f"/requests/{reference}", text="One thing more.", do="comment", idempotency_key=key)
        assert late.status_code == 409 and "One thing more.</textarea>" in late.text and "Open it again" in words(late)
        await add(pat, reference, "", do="reopen")
        late = await pat.send(f"/requests/{reference}", text="Dark again.", do="reopen")
        assert late.status_code == 409 and "Dark again.</textarea>" in late.text and "Add something" in words(late)
        empty = await add(pat, reference, " ")
        assert empty.status_code == 422 and "Write something." in words(empty)

    async def test_leads_to_a_new_one_where_it_was_closed_too_long_ago(self, scene: Scene, pat: Visitor) -> None:
        reference = await submitted(pat)
        await close(scene, reference)
        scene.later(days=31)
        await pat.log_in()
        page = await pat.open(f"/requests/{reference}")
        assert "closed too long ago" in words(page) and "Open it again" not in words(page)
        late = await pat.send(f"/requests/{reference}", text="Dark again.", do="reopen")
        assert late.status_code == 409 and "closed too long ago to be opened again" in words(late)

    async def test_is_said_to_be_behind_where_the_read_model_is(self, scene: Scene, pat: Visitor) -> None:
        reference = await submitted(pat)
        position = await scene.utility.portal.comment_ticket(STAFF, reference=reference, text="We come.")
        page = await pat.open(f"/requests/{reference}?at_least={position}")
        assert "We are catching up" in words(page)
        key = hidden(await pat.open("/requests/new"), "idempotency_key")
        fresh = await pat.send("/requests/new", idempotency_key=key, **ASKED)
        number = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", pat.path)
        assert (
            fresh.status_code == 200
            and number
            and f"We have your request It is shown here in a moment. {number[0]}" in words(fresh)
        )
