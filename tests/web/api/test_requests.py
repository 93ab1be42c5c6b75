from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from falcon.testing import Result

from domain.ticket import LONGEST_SUBJECT, LONGEST_TEXT
from domain.ticket_events import About, TicketCommented, TicketOpened
from tests.domain.scenario import context, nothing_begun
from tests.web.scene import ACCOUNT, OTHER_ACCOUNT, Scene
from web.access.limits import REQUEST_COMMENTS, REQUESTS
from web.access.roles import Role

ASKED = {"topic": "meter", "subject": "The display is dark", "text": "Since this morning."}
NASTY = {
    "markup": "<script>alert(1)</script> & <b>\"'",
    "markdown": "# Big\n\n[click](javascript:alert(1)) ![x](http://evil.example/x.png)",
    "a header": "Subject: x\r\nBcc: everybody@example.org\r\n\r\nbody",
    "a word without end": "W" * 900,
    "right to left": "العداد\u202e لا يعمل \u2067 {{ 7*7 }} %s %(x)s {0}",
}


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


async def submit(scene: Scene, token: str, **changes: Any) -> str:
    """This will submit a request, and give its reference once it can be read."""
    reply = await scene.post("/me/requests", ASKED | changes, token=token, headers=key())
    assert reply.status_code == 201, reply.text
    await scene.utility.project()
    return str(reply.json["reference"])


async def post(scene: Scene, path: str, content: Any, token: str) -> Result:
    reply = await scene.post(path, content, token=token, headers=key())
    await scene.utility.project()
    return reply


async def written(scene: Scene, kind: type[Any], reference: str) -> list[Any]:
    log = await scene.utility.log.load(scene.utility.portal.ticket_id(reference))
    return [event for event in log if isinstance(event, kind)]


class ASubmission:
    async def test_is_answered_with_a_reference_that_leads_to_it(self, scene: Scene) -> None:
        token = await scene.log_in()
        reply = await scene.post("/me/requests", ASKED, token=token, headers=key())
        assert reply.status_code == 201
        assert reply.headers["Location"] == f"/api/v1/me/requests/{reply.json['reference']}"
        assert int(reply.headers["Seed-Position"]) == reply.json["position"]
        await scene.utility.project()
        found = (await scene.get(f"/me/requests/{reply.json['reference']}", token=token)).json
        assert {name: found["request"][name] for name in ("topic", "subject")} == {
            "topic": "meter",
            "subject": "The display is dark",
        }
        assert found["said"] == [
            {"at": found["request"]["opened_at"], "by": "customer", "kind": "opened", "text": "Since this morning."}
        ]
        assert found["request"]["waits_for"] == "utility" and not found["request"]["is_closed"] and not found["may_reopen"]

    async def test_opens_one_request_however_often_it_is_sent(self, scene: Scene) -> None:
        token, headers = await scene.log_in(), key()
        replies = [await scene.post("/me/requests", ASKED, token=token, headers=headers) for _ in range(3)]
        assert {reply.text for reply in replies} == {replies[0].text} and replies[0].status_code == 201
        await scene.utility.project()
        assert len((await scene.get("/me/requests", token=token)).json["items"]) == 1
        other = await scene.post("/me/requests", ASKED | {"text": "Another"}, token=token, headers=headers)
        assert (other.status_code, other.json["rule"]) == (422, "KeyUsedForAnother")

    async def test_needs_a_key(self, scene: Scene) -> None:
        reply = await scene.post("/me/requests", ASKED, token=await scene.log_in())
        assert (reply.status_code, list(reply.json["errors"])) == (400, ["idempotency_key"])

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"topic": "weather"}, "topic"),
            ({"subject": ""}, "subject"),
            ({"subject": " \n "}, "subject"),
            ({"subject": "\u200b\u202e"}, "subject"),
            ({"subject": "s" * (LONGEST_SUBJECT + 1)}, "subject"),
            ({"text": " "}, "text"),
            ({"text": "t" * (LONGEST_TEXT + 1)}, "text"),
            ({"text": 7}, "text"),
            ({"unknown": "x"}, "unknown"),
            ({"redemption_id": str(uuid4()), "purchase_id": str(uuid4())}, "redemption_id"),
            ({"redemption_id": str(uuid4())}, "about"),
            ({"purchase_id": str(uuid4())}, "about"),
        ],
    )
    async def test_is_refused_with_the_field_that_is_wrong(self, scene: Scene, changes: dict[str, Any], field: str) -> None:
        reply = await scene.post("/me/requests", ASKED | changes, token=await scene.log_in(), headers=key())
        assert (reply.status_code, list(reply.json["errors"])) == (422, [field]), reply.text

    @pytest.mark.parametrize("text", NASTY.values(), ids=list(NASTY))
    async def test_is_kept_as_plain_text(self, scene: Scene, text: str) -> None:
        token = await scene.log_in()
        reference = await submit(scene, token, subject=text[:LONGEST_SUBJECT], text=text)
        found = (await scene.get(f"/me/requests/{reference}", token=token)).json
        plain = text.replace("\r\n", "\n").replace("\u202e", "").replace("\u2067", "")
        assert found["said"][0]["text"] == plain
        assert "\n" not in found["request"]["subject"]

    async def test_may_be_about_a_redemption_of_ones_own_and_of_nobody_elses(self, scene: Scene) -> None:
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
        await scene.utility.project()
        about = {"redemption_id": str(reserved.redemption_id)}
        token = await scene.log_in()
        reference = await submit(scene, token, **about)
        assert (await scene.get(f"/me/requests/{reference}", token=token)).json["request"]["redemption_id"] == about[
            "redemption_id"
        ]
        other = await scene.log_in(OTHER_ACCOUNT)
        reply = await scene.post("/me/requests", ASKED | about, token=other, headers=key())
        assert (reply.status_code, list(reply.json["errors"])) == (422, ["about"])

    async def test_is_made_so_often_a_day_and_no_more(self, scene: Scene) -> None:
        token = await scene.log_in()
        for _ in range(REQUESTS.most):
            assert (await scene.post("/me/requests", ASKED, token=token, headers=key())).status_code == 201
        reply = await scene.post("/me/requests", ASKED, token=token, headers=key())
        assert reply.status_code == 429 and int(reply.headers["Retry-After"]) > 0
        other = await scene.post("/me/requests", ASKED, token=await scene.log_in(OTHER_ACCOUNT), headers=key())
        assert other.status_code == 201


class ACustomersList:
    async def test_marks_what_is_closed_with_its_time_and_the_utilitys_last_comment(self, scene: Scene) -> None:
        token, staff = await scene.log_in(), scene.api_key(Role.STAFF)
        first, second = await submit(scene, token), await submit(scene, token, subject="Another")
        await post(scene, f"/requests/{first}/comments", {"text": "We look at it."}, staff)
        scene.later(minutes=5)
        await post(scene, f"/requests/{first}/closure", {"comment": "The fuse was changed."}, staff)
        newest, oldest = (await scene.get("/me/requests", token=token)).json["items"]
        assert (newest["reference"], newest["is_closed"], newest["closed_at"]) == (second, False, None)
        assert (oldest["reference"], oldest["is_closed"], oldest["waits_for"]) == (first, True, None)
        assert oldest["closed_at"] == scene.now.isoformat().replace("+00:00", "Z")
        assert oldest["last_comment"] == "The fuse was changed."

    async def test_keeps_the_last_answer_where_it_is_closed_without_another_word(self, scene: Scene) -> None:
        token, staff = await scene.log_in(), scene.api_key(Role.STAFF)
        reference = await submit(scene, token)
        assert (await post(scene, f"/requests/{reference}/closure", {}, staff)).json["rule"] == "ClosingNeedsComment"
        await post(scene, f"/requests/{reference}/comments", {"text": "It was the fuse."}, staff)
        assert (await post(scene, f"/requests/{reference}/closure", {}, staff)).status_code == 200
        (item,) = (await scene.get("/me/requests", token=token)).json["items"]
        assert (item["is_closed"], item["last_comment"]) == (True, "It was the fuse.")

    async def test_is_read_page_by_page_and_by_state(self, scene: Scene) -> None:
        token, staff = await scene.log_in(), scene.api_key(Role.STAFF)
        references = []
        for number in range(5):
            scene.later(minutes=1)
            references.append(await submit(scene, token, subject=f"Number {number}"))
        await post(scene, f"/requests/{references[1]}/closure", {"comment": "Done."}, staff)
        seen: list[str] = []
        query: dict[str, str] = {"limit": "2"}
        while True:
            page = (await scene.get("/me/requests", token=token, params=query)).json
            seen += [item["reference"] for item in page["items"]]
            if page["next"] is None:
                break
            query["before"] = page["next"]
        assert seen == references[::-1]
        closed = (await scene.get("/me/requests", token=token, params={"state": "closed"})).json["items"]
        still_open = (await scene.get("/me/requests", token=token, params={"state": "open"})).json["items"]
        assert [item["reference"] for item in closed] == [references[1]] and len(still_open) == 4

    async def test_has_nothing_of_another_customer(self, scene: Scene) -> None:
        mine = await submit(scene, await scene.log_in())
        other = await scene.log_in(OTHER_ACCOUNT)
        assert (await scene.get("/me/requests", token=other)).json["items"] == []
        for reply in (
            await scene.get(f"/me/requests/{mine}", token=other),
            await post(scene, f"/me/requests/{mine}/comments", {"text": "Mine?"}, other),
            await post(scene, f"/me/requests/{mine}/reopening", {}, other),
        ):
            nobodys = await scene.get("/me/requests/CCCC-CCCC", token=other)
            assert reply.status_code == nobodys.status_code == 404
            assert reply.json | {"request_id": ""} == nobodys.json | {"request_id": ""}

    async def test_is_not_opened_by_anything_but_the_reference_as_it_is_shown(self, scene: Scene) -> None:
        token = await scene.log_in()
        mine = await submit(scene, token)
        for name in (mine.lower(), mine.replace("-", ""), f"{mine}%0A", "x", "%00", "K" * 300):
            assert (await scene.get(f"/me/requests/{name}", token=token)).status_code == 404, name


class AConversation:
    async def test_goes_back_and_forth_and_on_after_a_reopening(self, scene: Scene) -> None:
        token, staff = await scene.log_in(), scene.api_key(Role.STAFF)
        reference = await submit(scene, token)
        own, desk = f"/me/requests/{reference}", f"/requests/{reference}"
        steps = [
            (f"{own}/comments", {"text": "Hello?"}, token),
            (f"{desk}/comments", {"text": "We look at it."}, staff),
            (f"{desk}/closure", {"comment": "Done."}, staff),
            (f"{own}/reopening", {"text": "Dark again."}, token),
            (f"{desk}/comments", {"text": "Sorry."}, staff),
        ]
        for path, content, who in steps:
            assert (await post(scene, path, content, who)).status_code in (200, 201), path
        said = (await scene.get(own, token=token)).json["said"]
        assert [(each["by"], each["kind"], each["text"]) for each in said] == [
            ("customer", "opened", "Since this morning."),
            ("customer", "commented", "Hello?"),
            ("staff", "commented", "We look at it."),
            ("staff", "closed", "Done."),
            ("customer", "reopened", "Dark again."),
            ("staff", "commented", "Sorry."),
        ]
        assert {each["by"] for each in (await scene.get(desk, token=staff)).json["said"]} == {"customer", "staff:some staff"}

    async def test_is_not_doubled_by_a_bad_network(self, scene: Scene) -> None:
        token, headers = await scene.log_in(), key()
        reference = await submit(scene, token)
        replies = [
            await scene.post(f"/me/requests/{reference}/comments", {"text": "Hello?"}, token=token, headers=headers)
            for _ in range(2)
        ]
        assert [reply.status_code for reply in replies] == [201, 201]
        assert replies[0].json["position"] <= replies[1].json["position"]
        assert len(await written(scene, TicketCommented, reference)) == 1

    async def test_stops_where_the_request_is_closed(self, scene: Scene) -> None:
        token, staff = await scene.log_in(), scene.api_key(Role.STAFF)
        reference = await submit(scene, token)
        again = await post(scene, f"/me/requests/{reference}/reopening", {}, token)
        assert (again.status_code, again.json["rule"]) == (409, "TicketNotClosed")
        await post(scene, f"/requests/{reference}/closure", {"comment": "Done."}, staff)
        for path, rule, who in (
            (f"/me/requests/{reference}/comments", "TicketIsClosed", token),
            (f"/requests/{reference}/comments", "TicketIsClosed", staff),
            (f"/requests/{reference}/closure", "TicketAlreadyClosed", staff),
        ):
            reply = await post(scene, path, {"comment" if "closure" in path else "text": "More."}, who)
            assert (reply.status_code, reply.json["rule"]) == (409, rule)

    async def test_is_taken_up_again_by_the_customer_for_thirty_days_and_by_staff_for_ever(self, scene: Scene) -> None:
        token, staff = await scene.log_in(), scene.api_key(Role.STAFF)
        reference = await submit(scene, token)
        await post(scene, f"/requests/{reference}/closure", {"comment": "Done."}, staff)
        thread = (await scene.get(f"/me/requests/{reference}", token=token)).json
        assert thread["may_reopen"] is True
        assert thread["reopened_until"] == (scene.now + timedelta(days=30)).isoformat().replace("+00:00", "Z")
        scene.later(days=30)
        token = await scene.log_in()
        assert (await scene.get(f"/me/requests/{reference}", token=token)).json["may_reopen"] is False
        late = await post(scene, f"/me/requests/{reference}/reopening", {}, token)
        assert (late.status_code, late.json["rule"]) == (409, "ReopeningTooLate")
        assert (await post(scene, f"/requests/{reference}/reopening", {"text": "We look again."}, staff)).status_code == 200

    async def test_is_limited_for_the_customer(self, scene: Scene) -> None:
        token = await scene.log_in()
        reference = await submit(scene, token)
        for number in range(REQUEST_COMMENTS.most):
            reply = await scene.post(f"/me/requests/{reference}/comments", {"text": f"{number}"}, token=token, headers=key())
            assert reply.status_code == 201
        reply = await scene.post(f"/me/requests/{reference}/comments", {"text": "More"}, token=token, headers=key())
        assert reply.status_code == 429


class TheQueue:
    async def test_has_open_requests_the_oldest_first_with_account_and_turn(self, scene: Scene) -> None:
        token, other, staff = await scene.log_in(), await scene.log_in(OTHER_ACCOUNT), scene.api_key(Role.STAFF)
        first = await submit(scene, token)
        scene.later(minutes=1)
        second = await submit(scene, other, topic="card")
        scene.later(minutes=1)
        third = await submit(scene, token)
        await post(scene, f"/requests/{second}/comments", {"text": "Which card?"}, staff)
        queue = (await scene.get("/requests", token=staff)).json
        assert [(each["request"]["reference"], each["account"]) for each in queue["items"]] == [
            (first, ACCOUNT),
            (second, OTHER_ACCOUNT),
            (third, ACCOUNT),
        ]
        assert [each["request"]["waits_for"] for each in queue["items"]] == ["utility", "customer", "utility"]
        assert [each["last_by"] for each in queue["items"]] == ["customer", "staff:some staff", "customer"]
        assert queue["counts"] == [{"topic": "card", "open": 1, "waiting": 0}, {"topic": "meter", "open": 2, "waiting": 2}]

        async def found(**query: str) -> list[str]:
            page = (await scene.get("/requests", token=staff, params=query)).json
            return [each["request"]["reference"] for each in page["items"]]

        assert await found(topic="card") == [second]
        assert await found(waiting="true") == [first, third] and await found(waiting="false") == [second]
        assert await found(number=OTHER_ACCOUNT) == [second]
        assert await found(state="closed") == []
        await post(scene, f"/requests/{first}/closure", {"comment": "Done."}, staff)
        assert await found(state="closed") == [first] and await found(state="all") == [third, second, first]
        unknown = await scene.get("/requests", token=staff, params={"number": "1"})
        assert (unknown.status_code, list(unknown.json["errors"])) == (422, ["number"])

    async def test_is_read_page_by_page(self, scene: Scene) -> None:
        token, staff = await scene.log_in(), scene.api_key(Role.STAFF)
        references = [await submit(scene, token, subject=f"Number {number}") for number in range(5)]
        seen: list[str] = []
        query: dict[str, str] = {"limit": "2"}
        while True:
            page = (await scene.get("/requests", token=staff, params=query)).json
            seen += [item["request"]["reference"] for item in page["items"]]
            if page["next"] is None:
                break
            query["before"] = page["next"]
        assert seen == references

    async def test_takes_a_request_for_a_customer(self, scene: Scene) -> None:
        staff = scene.api_key(Role.STAFF)
        reply = await post(scene, "/requests", ASKED | {"number": ACCOUNT}, staff)
        assert reply.status_code == 201
        (item,) = (await scene.get("/me/requests", token=await scene.log_in())).json["items"]
        assert (item["reference"], item["opened_by"], item["waits_for"]) == (reply.json["reference"], "staff", "utility")
        (event,) = await written(scene, TicketOpened, item["reference"])
        assert event.by == "staff:some staff"
        unknown = await post(scene, "/requests", ASKED | {"number": "1"}, staff)
        assert (unknown.status_code, list(unknown.json["errors"])) == (422, ["number"])

    async def test_has_nothing_of_a_forgotten_person(self, scene: Scene) -> None:
        token, staff = await scene.log_in(), scene.api_key(Role.STAFF)
        reference = await submit(scene, token)
        found = await scene.utility.portal.find(ACCOUNT)
        await scene.utility.portal.forget_person(context(by="staff:ann"), account_id=found.account_id, begun=nothing_begun)
        await scene.utility.project()
        assert (await scene.get("/requests", token=staff)).json["items"] == []
        assert (await scene.get(f"/requests/{reference}", token=staff)).status_code == 404
        assert (await post(scene, f"/requests/{reference}/comments", {"text": "There?"}, staff)).status_code == 404

    async def test_shows_what_seed_opened(self, scene: Scene) -> None:
        found = await scene.utility.portal.find(ACCOUNT)
        about = About(kind="purchase", id=uuid4())
        await scene.utility.portal.open_ticket_by_system(
            context(by="system:vendor"),
            account_id=found.account_id,
            cause="purchase-in-doubt",
            about=about,
            topic="payment",
            subject="We are finding out what became of your payment",
            text="No answer came back.",
        )
        await scene.utility.project()
        (item,) = (await scene.get("/requests", token=scene.api_key(Role.STAFF))).json["items"]
        assert (item["opened_by"], item["request"]["purchase_id"]) == ("system:vendor", str(about.id))
        (own,) = (await scene.get("/me/requests", token=await scene.log_in())).json["items"]
        assert own["opened_by"] == "system"
