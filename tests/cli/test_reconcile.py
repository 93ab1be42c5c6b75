"""`seed reconcile`: a day's books are compared at once, and whatever is open is named."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from domain.difference_events import KINDS
from tests.books import differ
from tests.running import ROOT, Running


def reconcile(running: Running, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", "reconcile", *arguments],
        cwd=ROOT,
        env=running.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


class TheCommand:
    @pytest.fixture
    def utility(self, running_portal: Running) -> dict[str, Any]:
        return running_portal.demo["utilities"][1]  # type: ignore[no-any-return]

    def test_compares_the_last_day_with_juice_and_the_provider_as_they_run(
        self, running_portal: Running, utility: dict[str, Any]
    ) -> None:
        told = reconcile(running_portal, "--utility", utility["code"])
        assert "payments issued, 0 differences" in told.stdout, told.stderr
        assert "issued   Seed" in told.stdout and "charged  Seed" in told.stdout
        assert f"{utility['code']}: no difference is open." in told.stdout and told.returncode == 0

    def test_compares_many_days_each_on_its_lines(self, running_portal: Running, utility: dict[str, Any]) -> None:
        since, last = ((datetime.now(UTC) - timedelta(days=back)).date() for back in (5, 3))
        told = reconcile(running_portal, "--utility", utility["code"], "--since", since.isoformat(), "--day", last.isoformat())
        assert told.stdout.count("payments issued") == 3, told.stderr

    def test_names_what_is_open_and_ends_with_1_until_it_is_settled(
        self, running_portal: Running, utility: dict[str, Any]
    ) -> None:
        difference_id = differ(running_portal, utility["code"], utility["accounts"][0]["number"])
        told = reconcile(running_portal, "--utility", utility["code"])
        assert told.returncode == 1 and "issued-without-charge: " in told.stdout
        assert "ZAR 70.00 (7000)" in told.stdout and "message " in told.stdout
        settled = httpx.post(
            f"http://127.0.0.1:{running_portal.port}/api/v1/attention/books/{difference_id}/settlement",
            json={"how": "no-difference", "case": "a test"},
            headers={
                "Authorization": f"Bearer {running_portal.demo['keys']['staff']}",
                "Host": urlsplit(utility["site"]).netloc,
            },
        )
        assert settled.status_code == 200, settled.text
        assert reconcile(running_portal, "--utility", utility["code"]).returncode == 0

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (("--day", "2999-01-01"), "is not over"),
            (("--since", "2999-01-01"), "is not over"),
            (("--day", "0001-01-01"), "before anything was sold"),
            (("--day", "yesterday"), "is no day such as"),
            (("--since", "2026-03-02", "--day", "2026-03-01"), "is after --day"),
            (("--utility", "nowhere"), "There is no utility"),
        ],
    )
    def test_says_what_it_cannot_do_without_a_traceback(
        self, running_portal: Running, arguments: tuple[str, ...], says: str
    ) -> None:
        told = reconcile(running_portal, *arguments)
        assert told.returncode != 0 and says in told.stderr and "Traceback" not in told.stderr


class EveryKind:
    def test_is_told_in_words_and_explained_to_whoever_has_to_settle_it(self) -> None:
        from cli.reconcile import BOOKS

        document = (ROOT / "docs" / "reconciliation.md").read_text()
        assert set(BOOKS) == set(KINDS) and all(f"| `{kind}` |" in document for kind in KINDS)
