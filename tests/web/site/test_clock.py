"""The clock's fields: drawn from a clock, and read back to it."""

from __future__ import annotations

from datetime import time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import UNDER, Clock, Quiet
from domain.contact import Contact
from tests.web.site.gallery import ENGLISH
from web.journeys.refusals import FieldErrors
from web.site import clock
from web.site.render import environment


def contact(number: int, *, confirmed: bool = True) -> Contact:
    return Contact(
        contact_id=UUID(int=number), channel="email", value=f"pat{number}@home.example", standing="secondary", confirmed=confirmed
    )


CONTACTS = (contact(1), contact(2), contact(3, confirmed=False))
times = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
quiets = st.builds(Quiet, begins=times, ends=times).filter(lambda quiet: quiet.begins != quiet.ends)
mutings = st.sets(st.sampled_from([contact.contact_id for contact in CONTACTS])).map(lambda ids: tuple(sorted(ids)))
clocks = st.builds(Clock, pace=st.sampled_from(sorted(UNDER)), quiet=st.none() | quiets, muted=mutings)


def drawn(values: dict[str, str], errors: dict[str, str] | None = None) -> str:
    module = environment("en").get_template("clock.html").module
    facts = clock.facts(CONTACTS, ENGLISH)
    return str(module.clock(values, errors or {}, facts["paces"], facts["clock_contacts"], ENGLISH))


def sent(values: dict[str, str]) -> dict[str, str]:
    """What a browser sends: no box that is not ticked."""
    shown = " ".join(str(contact.contact_id) for contact in clock.choosable(CONTACTS))
    return {name: value for name, value in values.items() if value or not name.startswith("tell_")} | {"shown": shown}


class TheFields:
    @given(clocks)
    def test_sent_as_they_were_drawn_change_nothing(self, present: Clock) -> None:
        assert clock.read(sent(clock.values(present, CONTACTS)), present, CONTACTS) == present

    def test_have_a_name_each(self) -> None:
        boxes = [f"tell_{contact.contact_id}" for contact in CONTACTS[:2]]
        assert clock.names(CONTACTS) == ("pace", "quiet_from", "quiet_until", "shown", *boxes)
        page = drawn(clock.values(Clock(), CONTACTS))
        assert all(f'name="{name}"' in page for name in clock.names(CONTACTS))
        assert str(CONTACTS[2].contact_id) not in page

    def test_mute_what_is_not_ticked(self) -> None:
        form = sent(clock.values(Clock(), CONTACTS)) | {clock.box(UUID(int=1)): ""}
        assert clock.read(form, Clock(), CONTACTS).muted == (UUID(int=1),)

    def test_leave_a_contact_alone_that_came_after_the_form_was_drawn(self) -> None:
        form = sent(clock.values(Clock(), CONTACTS))
        assert clock.read(form, Clock(), (*CONTACTS, contact(4))).muted == ()

    @pytest.mark.parametrize(
        ("typed", "field"),
        [({"pace": ""}, "pace"), ({"quiet_from": ""}, "quiet_from"), ({"quiet_until": "soon"}, "quiet_until")],
    )
    def test_are_drawn_again_as_they_were_typed_with_what_is_wrong(self, typed: dict[str, str], field: str) -> None:
        form = sent(clock.values(Clock(), CONTACTS)) | typed
        with pytest.raises(FieldErrors) as caught:
            clock.read(form, Clock(), CONTACTS)
        assert list(caught.value.errors) == [field]
        page = drawn(form, caught.value.errors)
        assert caught.value.errors[field] in page and all(value in page for value in typed.values())

    def test_escape_what_was_typed(self) -> None:
        assert '"><b>' not in drawn({"pace": "", "quiet_from": '"><b>'})
