"""Service requests on the console: the queue, answers, closing, opening again."""

from __future__ import annotations

import re
from html import escape

import pytest
from falcon.testing import Result

from tests.domain.scenario import context
from tests.web.people import Somebody, let_in
from tests.web.scene import ACCOUNT, METER, OTHER_ACCOUNT, Scene
from tests.web.visitor import Visitor, hidden, words
from web.access.roles import Role

NASTY = "<img src=x onerror=alert(1)> {{ 7*7 }}\r\nBcc: all@example.org \u202eturned " + "W" * 300


async def asked(scene: Scene, subject: str = "The display is dark", *, number: str = ACCOUNT, topic: str = "meter") -> str:
    """This will have a customer ask something, and give the reference."""
    account_id = (await scene.utility.portal.find(number)).account_id
    written = await scene.utility.portal.open_ticket(
        context(at=scene.now),
        account_id=account_id,
        topic=topic,  # type: ignore[arg-type]
        subject=subject,
        text=f"Text of {subject}",
    )
    await scene.utility.project()
    return written.reference


@pytest.fixture
async def desk(visitor: Visitor, ann: Somebody) -> Visitor:
    """Ann, who is signed in."""
    await ann.sign_in(visitor)
    return visitor


async def does(desk: Visitor, reference: str, do: str, text: str) -> Result:
    page = await desk.open(f"/console/requests/{reference}")
    key = hidden(page, "idempotency_key")
    reply = await desk.send(f"/console/requests/{reference}", do=do, text=text, idempotency_key=key)
    await desk.scene.utility.project()
    return await desk.open(f"/console/requests/{reference}") if reply.status_code == 200 else reply


def shown(page: Result) -> list[str]:
    """The references in the order of the queue."""
    return re.findall(r'class="reference" href="/console/requests/([^"]+)"', page.text)


class TheQueue:
    async def test_shows_open_requests_the_oldest_first_with_account_age_and_turn(self, scene: Scene, desk: Visitor) -> None:
        first = await asked(scene)
        scene.later(minutes=7)
        second = await asked(scene, "A card", number=OTHER_ACCOUNT, topic="card")
        page = await desk.open("/console/requests")
        assert shown(page) == [first, second]
        told = words(page)
        assert "2 are open, 2 of them wait for us." in told and "7 minutes" in told and ACCOUNT in told and OTHER_ACCOUNT in told
        await does(desk, second, "comment", "Which card?")
        page = await desk.open("/console/requests")
        assert "2 are open, 1 of them waits for us." in words(page) and "Waits for the customer ann, 2 Mar" in words(page)

    async def test_is_narrowed_by_standing_topic_turn_and_account(self, scene: Scene, desk: Visitor) -> None:
        first, second = await asked(scene), await asked(scene, "A card", number=OTHER_ACCOUNT, topic="card")
        await does(desk, second, "comment", "Which card?")
        for query, expected in (
            ("topic=card", [second]),
            ("turn=us", [first]),
            ("turn=customer", [second]),
            (f"find={ACCOUNT}", [first]),
            (f"find={METER}", [first]),
            ("state=closed", []),
            ("state=all", [second, first]),
            ("state=nonsense&topic=nonsense&turn=nonsense", [first, second]),
        ):
            assert shown(await desk.open(f"/console/requests?{query}")) == expected, query

    async def test_opens_a_request_by_the_number_that_was_said(self, scene: Scene, desk: Visitor) -> None:
        reference = await asked(scene)
        page = await desk.open(f"/console/requests?find={reference.lower().replace('-', '+')}")
        assert desk.path == f"/console/requests/{reference}" and page.status_code == 200

    async def test_says_which_number_it_does_not_know(self, desk: Visitor) -> None:
        page = await desk.open("/console/requests?find=999&topic=card")
        assert page.status_code == 422 and "No account and no meter has this number" in words(page) and 'value="999"' in page.text
        assert (await desk.open("/console/requests?before=x")).status_code == 422

    async def test_goes_on_where_a_page_ends(self, scene: Scene, desk: Visitor) -> None:
        account_id = (await scene.utility.portal.find(ACCOUNT)).account_id
        for number in range(51):
            await scene.utility.portal.open_ticket(
                context(), account_id=account_id, topic="meter", subject=f"Number {number}", text="Dark."
            )
        await scene.utility.project()
        page = await desk.open("/console/requests?topic=meter")
        further = re.search(r'href="(\?[^"]+)">Next page', page.text)
        assert len(shown(page)) == 50 and further
        rest = await desk.open("/console/requests" + further[1].replace("&amp;", "&"))
        assert len(shown(rest)) == 1 and "Next page" not in rest.text and 'value="meter" selected' in rest.text

    @pytest.mark.parametrize("role", [Role.AUDITOR, Role.ANALYST, Role.OPERATOR])
    async def test_is_the_staffs_alone(self, scene: Scene, visitor: Visitor, role: Role) -> None:
        await (await let_in(scene, name="eve", role=role)).sign_in(visitor)
        reference = await asked(scene)
        for path in ("/console/requests", f"/console/requests/{reference}", "/console/requests/new"):
            assert (await visitor.open(path)).status_code == 403, path
        sent = await visitor.send(f"/console/requests/{reference}", do="close", text="Done.")
        assert sent.status_code == 403


class ARequest:
    async def test_is_answered_closed_and_opened_again_under_the_persons_name(self, scene: Scene, desk: Visitor) -> None:
        reference = await asked(scene)
        page = await does(desk, reference, "comment", "We look at it.")
        assert "ann 2 March 2026, 14:00 We look at it." in words(page)
        page = await does(desk, reference, "close", "The fuse was changed.")
        assert "ann closed the request" in words(page) and "Open it again" in words(page)
        page = await does(desk, reference, "reopen", "")
        assert "ann opened it again" in words(page) and "Answer and close" in words(page)
        log = await scene.utility.log.load(scene.utility.portal.ticket_id(reference))
        assert [event.by for event in log] == ["customer"] + ["staff:ann"] * 3

    async def test_is_not_closed_without_a_word(self, scene: Scene, desk: Visitor) -> None:
        reference = await asked(scene)
        refused = await does(desk, reference, "close", " ")
        assert refused.status_code == 422 and "Tell the customer what was done" in words(refused)
        await does(desk, reference, "comment", "It was the fuse.")
        assert "ann closed the request" in words(await does(desk, reference, "close", ""))

    async def test_keeps_what_was_typed_where_it_is_refused(self, scene: Scene, desk: Visitor) -> None:
        reference = await asked(scene)
        await scene.utility.portal.close_ticket(context(by="staff:bob"), reference=reference, comment="Done.")
        await scene.utility.project()
        late = await does(desk, reference, "comment", "My long answer")
        assert late.status_code == 409 and "My long answer</textarea>" in late.text
        long = await does(desk, reference, "reopen", "x" * 4001)
        assert long.status_code == 422 and "x" * 4001 in long.text

    async def test_is_answered_once_however_often_the_form_is_sent(self, scene: Scene, desk: Visitor) -> None:
        reference = await asked(scene)
        key = hidden(await desk.open(f"/console/requests/{reference}"), "idempotency_key")
        for _ in range(2):
            await desk.send(f"/console/requests/{reference}", do="comment", text="We come.", idempotency_key=key)
        log = await scene.utility.log.load(scene.utility.portal.ticket_id(reference))
        assert len(log) == 2

    async def test_shows_what_was_written_and_lets_none_of_it_work(self, scene: Scene, desk: Visitor) -> None:
        reference = await asked(scene, NASTY[:110])
        await does(desk, reference, "comment", NASTY)
        for path in ("/console/requests", f"/console/requests/{reference}"):
            page = await desk.open(path)
            assert "<img" not in page.text and escape(NASTY[:30]) in page.text and "\u202e" not in page.text

    async def test_is_not_found_where_there_is_none(self, desk: Visitor) -> None:
        for path in ("CCCC-CCCC", "nonsense"):
            assert (await desk.open(f"/console/requests/{path}")).status_code == 404
            assert (await desk.send(f"/console/requests/{path}", do="close", text="Done.")).status_code == 404


class ARequestForACustomer:
    async def test_is_opened_by_staff(self, scene: Scene, desk: Visitor) -> None:
        key = hidden(await desk.open("/console/requests/new"), "idempotency_key")
        form = {"number": METER, "topic": "token", "subject": "Called about a token", "text": "It is not taken."}
        await desk.send("/console/requests/new", idempotency_key=key, **form)
        await scene.utility.project()
        page = await desk.open(desk.path)
        assert "Called about a token" in words(page) and "By ann" in words(page) and ACCOUNT in words(page)

    async def test_keeps_what_was_typed_where_it_is_refused(self, desk: Visitor) -> None:
        form = {"number": "999", "topic": "token", "subject": "Called about a token", "text": "It is not taken."}
        page = await desk.send("/console/requests/new", idempotency_key="k" * 32, **form)
        assert page.status_code == 422 and "No account and no meter has this number" in words(page)
        assert all(typed in page.text for typed in form.values())
