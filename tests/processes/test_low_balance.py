"""A low balance on the whole running portal: in the inbox by itself, and no other than the dashboard says."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.processes.caller import Caller
from tests.processes.people import source

SAID = re.compile(r"(less than a|about (\d+)) days? left on meter (\w+)")


@pytest.fixture
def caller(running_portal):
    return Caller(running_portal.demo)


@pytest.fixture
def account(running_portal):
    """The one of the demo that buys for two days at a time."""
    return next(each for each in running_portal.demo["utilities"][0]["accounts"] if each["buys_little"])


class ALowBalance:
    def test_is_told_by_itself_and_as_the_dashboard_says_it(self, caller, account):
        (sms,) = caller.messages(account["phone"], low=True, seconds=90)
        (email,) = caller.messages(account["email"], low=True, seconds=30)
        found = SAID.search(sms["text"])
        assert found and found[3] == account["meter"]
        session = caller.post("/session", number=account["number"], password=account["password"]).json()["token"]
        with httpx.Client(
            base_url=caller.demo["api"], headers={**source(), "Authorization": f"Bearer {session}"}, timeout=30
        ) as client:
            me, clock = client.get("/me").json(), client.get("/me/clock").json()
        assert int(float(me["days_left"])) == int(found[2] or 0)
        assert (clock["pace"], clock["quiet_from"]) == ("often", None)
        for told in (sms, email):
            assert f"{caller.demo['site']}/buy" in told["text"] and f"{caller.demo['site']}/edit" in told["text"]
