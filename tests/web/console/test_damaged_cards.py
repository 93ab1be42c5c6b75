"""A damaged card: told on the site or over the API, looked up by staff, and closed with what was done."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from domain.damaged_card_events import DamagedCardLookedUp, DamagedCardReported
from tests.web.people import Somebody
from tests.web.scene import OTHER_METER, SERIAL, Scene
from tests.web.visitor import Visitor, hidden, words
from web.access.roles import Role

TOLD = {"serial": SERIAL.lower(), "damage": "code-gone", "text": "It was washed. I bought it at the kiosk."}


@pytest.fixture
async def desk(scene: Scene, ann: Somebody) -> Visitor:
    """Ann, who is signed in."""
    desk = Visitor(scene)
    await ann.sign_in(desk)
    return desk


@pytest.fixture
async def pat(scene: Scene) -> Visitor:
    """The customer, who is logged in."""
    pat = Visitor(scene)
    await pat.log_in()
    return pat


async def told(pat: Visitor, **changes: str) -> Any:
    key = hidden(await pat.open("/requests/card"), "idempotency_key")
    page = await pat.send("/requests/card", idempotency_key=key, **TOLD | changes)
    await pat.scene.utility.project()
    return await pat.open(pat.path) if page.status_code == 200 else page


def reference(pat: Visitor) -> str:
    return pat.path.partition("?")[0].rpartition("/")[2]


async def pressed(desk: Visitor, path: str, **form: str) -> Any:
    page = await desk.send(path, **form)
    await desk.scene.utility.project()
    return page if page.status_code != 200 else await desk.open(path.removesuffix("/card"))


class ADamagedCard:
    async def test_is_told_without_its_code_and_shown_with_its_serial(self, scene: Scene, pat: Visitor) -> None:
        assert 'href="/requests/card"' in (await pat.open("/redeem")).text
        form = await pat.open("/requests/card")
        assert 'name="code"' not in form.text and "Never give the scratch code" in words(form)
        page = await told(pat)
        assert SERIAL in words(page) and "The scratch code cannot be read at all" in words(page)
        log = await scene.utility.log.load(scene.utility.portal.ticket_id(reference(pat)))
        assert [event.serial for event in log if isinstance(event, DamagedCardReported)] == [SERIAL]

    @pytest.mark.parametrize(
        ("field", "typed", "said"),
        [
            ("serial", "", "Enter the card's serial number."),
            ("serial", "a/b", "A serial number has digits and letters only."),
            ("damage", "", "Choose what is wrong with the card."),
            ("damage", "x", "Choose what is wrong with the card."),
            ("text", " ", "Write something."),
            ("text", "I can read ABCD2345EFGH.", "That looks like a card's scratch code."),
            ("text", "It says abcd-2345-efgh", "That looks like a card's scratch code."),
            ("text", "My bank card is 4111 1111 1111 1111", "That looks like the number of a bank card."),
        ],
    )
    async def test_keeps_what_was_typed_where_it_is_refused(self, pat: Visitor, field: str, typed: str, said: str) -> None:
        page = await told(pat, **{field: typed})
        assert page.status_code == 422 and said in words(page) and f'href="#{field}"' in page.text
        if field != "text":
            assert TOLD["text"] in page.text

    @pytest.mark.parametrize("text", ["For meter 41300201484.", "K7RT-94PQ said so", "Call +27821234567", f"It is {SERIAL}."])
    async def test_takes_numbers_that_are_no_code(self, pat: Visitor, text: str) -> None:
        assert text in words(await told(pat, text=text))

    async def test_is_looked_up_at_juice_by_staff_and_its_customer_sees_none_of_that(
        self, scene: Scene, desk: Visitor, pat: Visitor
    ) -> None:
        scene.juice.used.add(SERIAL)
        await told(pat)
        path = f"/console/requests/{reference(pat)}"
        assert "Check with Juice" in words(await desk.open(path))
        page = await pressed(desk, f"{path}/card")
        assert OTHER_METER in words(page) and "50.00" in words(page)
        assert "2 March 2026, 14:00" in words(page) and "Used" in words(page)
        log = await scene.utility.log.load(scene.utility.portal.ticket_id(reference(pat)))
        assert [event.by for event in log if isinstance(event, DamagedCardLookedUp)] == ["staff:ann"]
        assert OTHER_METER not in (await pat.open(f"/requests/{reference(pat)}")).text

    async def test_is_closed_with_what_was_done_which_its_customer_is_told(self, desk: Visitor, pat: Visitor) -> None:
        await told(pat)
        path = f"/console/requests/{reference(pat)}"
        page = await pressed(desk, f"{path}/card")
        assert "Ready to use" in words(page) and 'value="replaced"' in page.text and 'value="already-used"' not in page.text
        page = await pressed(desk, path, do="close", outcome="replaced", text="It is at our office.")
        assert "Replaced by another card" in words(page)
        seen = words(await pat.open(f"/requests/{reference(pat)}"))
        assert "You get another card in its place." in seen and "It is at our office." in seen

    async def test_is_not_closed_against_what_juice_says(self, scene: Scene, desk: Visitor, pat: Visitor) -> None:
        scene.juice.used.add(SERIAL)
        await told(pat)
        path = f"/console/requests/{reference(pat)}"
        early = await pressed(desk, path, do="close", outcome="replaced", text="Here you are.")
        assert early.status_code == 409 and "Check the card with Juice first" in words(early) and "Here you are." in early.text
        await pressed(desk, f"{path}/card")
        late = await pressed(desk, path, do="close", outcome="replaced", text="Here you are.")
        assert late.status_code == 409 and "does not go with that" in words(late)
        wrong = await pressed(desk, path, do="close", outcome="x", text="Here you are.")
        assert wrong.status_code == 422 and "Choose what was done about the card." in words(wrong)

    async def test_that_juice_cannot_be_asked_about_changes_nothing(self, scene: Scene, desk: Visitor, pat: Visitor) -> None:
        await told(pat)
        scene.juice.silent = True
        page = await pressed(desk, f"/console/requests/{reference(pat)}/card")
        assert page.status_code == 503 and "could not be checked" in words(page)
        log = await scene.utility.log.load(scene.utility.portal.ticket_id(reference(pat)))
        assert not [event for event in log if isinstance(event, DamagedCardLookedUp)]


class OverTheApi:
    async def test_a_damaged_card_goes_the_same_way(self, scene: Scene) -> None:
        token, staff = await scene.log_in(), scene.api_key(Role.STAFF)
        key = {"Idempotency-Key": uuid4().hex}
        first = await scene.post("/me/damaged-cards", TOLD, token=token, headers=key)
        again = await scene.post("/me/damaged-cards", TOLD, token=token, headers=key)
        assert first.status_code == again.status_code == 201 and first.json["reference"] == again.json["reference"]
        path = f"/requests/{first.json['reference']}"
        looked_up = await scene.post(f"{path}/card-checks", token=staff)
        assert (looked_up.json["standing"], looked_up.json["amount"], looked_up.json["used_meter"]) == ("activated", 5000, None)
        closed = await scene.post(f"{path}/closure", {"comment": "At our office.", "outcome": "replaced"}, token=staff)
        assert closed.status_code == 200, closed.text
        await scene.utility.project()
        mine = (await scene.get(f"/me{path}", token=token)).json
        assert mine["card"] == {
            "serial": SERIAL,
            "damage": "code-gone",
            "outcome": "replaced",
            "settled_at": mine["request"]["closed_at"],
        }
        desk = (await scene.get(path, token=staff)).json["card"]
        assert (desk["standing"], desk["looked_up_by"], desk["outcome"]) == ("activated", "staff:some staff", "replaced")

    async def test_a_serial_that_no_card_has_is_unknown_and_another_request_has_no_card(self, scene: Scene) -> None:
        token, staff = await scene.log_in(), scene.api_key(Role.STAFF)
        told = await scene.post(
            "/me/damaged-cards", TOLD | {"serial": "S9"}, token=token, headers={"Idempotency-Key": uuid4().hex}
        )
        looked_up = await scene.post(f"/requests/{told.json['reference']}/card-checks", token=staff)
        assert (looked_up.json["standing"], looked_up.json["amount"]) == ("unknown", None)
        asked = {"topic": "card", "subject": "A card", "text": "It is lost."}
        other = await scene.post("/me/requests", asked, token=token, headers={"Idempotency-Key": uuid4().hex})
        refused = await scene.post(f"/requests/{other.json['reference']}/card-checks", token=staff)
        assert (refused.status_code, refused.json["rule"]) == (404, "NoDamagedCard")
