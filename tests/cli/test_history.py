"""`seed history --as-of`: what Seed knew at a moment, by the time of recording."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from cli.history import history
from domain.commands.feeds import AccountTold, MeterTold
from projections.account_history import as_it_was
from tests.domain.scenario import NOON, context

ROOT = Path(__file__).parent.parent.parent
TOLD = {"number": "1001", "address": "12 Acacia Road", "language": "en", "email": None, "phone": None}


def minutes(count):
    return NOON + timedelta(minutes=count)


class AnAccountAsOfAMoment:
    @pytest.fixture
    async def account_id(self, utility):
        for name, at in (("First", minutes(0)), ("Second", minutes(2)), ("Third", minutes(1))):
            await utility.portal.learn_account(context(at, by="juice"), AccountTold(name=name, **TOLD), currency="ZAR")
        return (await utility.portal.find("1001")).account_id

    async def named(self, utility, account_id, as_of):
        account, _ = await as_it_was(utility.history.of(account_id, as_of), account_id)
        return account.name

    async def test_is_what_was_recorded_by_then(self, utility, account_id):
        assert await self.named(utility, account_id, minutes(0)) == "First"
        assert await self.named(utility, account_id, minutes(2)) == "Third"

    async def test_is_never_made_of_what_came_after_something_left_out(self, utility, account_id):
        assert await self.named(utility, account_id, minutes(1)) == "First"

    async def test_without_a_moment_is_as_it_stands(self, utility, account_id):
        assert await self.named(utility, account_id, None) == "Third"


class AMetersNumber:
    @pytest.fixture
    async def account_id(self, utility):
        await utility.portal.learn_account(context(by="juice"), AccountTold(name="First", **TOLD), currency="ZAR")
        await utility.portal.learn_account(
            context(by="juice"), AccountTold(name="Second", **TOLD | {"number": "1002"}), currency="ZAR"
        )
        for minute, account, removed in ((1, "1001", False), (3, "1001", True), (5, "1002", False)):
            meter = MeterTold(
                account_number=account, number="0701", kind="STS", resource="electricity", unit="kWh", removed=removed
            )
            await utility.portal.learn_meter(context(minutes(minute), by="juice"), meter)
            if removed:
                self.while_removed = await utility.history.find("0701")
        return {number: (await utility.portal.find(number)).account_id for number in ("1001", "1002")}

    async def test_leads_an_auditor_where_it_led_at_that_time(self, utility, account_id):
        assert await utility.history.find("0701") == account_id["1002"]
        assert await utility.history.find("0701", minutes(2)) == account_id["1001"]
        assert await utility.history.find("0701", minutes(6)) == account_id["1002"]

    async def test_leads_an_auditor_on_when_the_meter_was_removed(self, utility, account_id):
        assert self.while_removed == account_id["1001"]

    async def test_that_never_was_leads_nowhere(self, utility, account_id):
        assert await utility.history.find("0702") is None


class TheCommand:
    @pytest.fixture
    def told(self, running_portal):
        number = running_portal.demo["utilities"][0]["accounts"][0]["number"]

        def ask(*options):
            command = [sys.executable, "-m", "cli", "history", number, *options]
            return subprocess.run(command, env=running_portal.environment, cwd=ROOT, capture_output=True, text=True)

        return ask

    def test_tells_what_each_event_changed(self, told):
        lines = told("--changes").stdout.splitlines()
        opened = next(place for place, line in enumerate(lines) if " AccountOpened " in line)
        assert any(re.fullmatch(r' {10}number: "" → "\d+"', line) for line in lines[opened + 1 : opened + 8])

    def test_leaves_a_trace_of_the_reading_with_its_case(self, told):
        told("--case", "AUDIT-1")
        *_, last = (line for line in told().stdout.splitlines() if " HistoryRead " in line and '"AUDIT-1"' in line)
        assert " operator:" in last

    def test_stops_at_a_position(self, told):
        first = json.loads(told("--json").stdout.splitlines()[0])["position"]
        assert [json.loads(line)["event"] for line in told("--json", "--until", str(first)).stdout.splitlines()] == [
            "account-opened"
        ]

    def test_refuses_a_story_for_a_case(self, told):
        refused = told("--case", "<b>")
        assert refused.returncode == 2 and "A case is a reference" in refused.stderr


class TheHelp:
    def test_says_that_the_time_of_recording_counts(self):
        said = " ".join(history.help.split()) + history.params[1].help
        assert "--as-of goes by the time of recording" in said
        assert "what Seed recorded after this moment" in said
