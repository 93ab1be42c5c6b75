"""`seed keys` on the running portal: made, used, listed, revoked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx

from tests.running import Running

ROOT = Path(__file__).parent.parent.parent


def seed(portal: Running, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli", "keys", *arguments]
    return subprocess.run(command, env=portal.environment, cwd=ROOT, capture_output=True, text=True)


def figures(portal: Running, key: str) -> int:
    url = f"http://127.0.0.1:{portal.port}/metrics"
    return httpx.get(url, headers={"Authorization": f"Bearer {key}"}).status_code


class AnApiKey:
    def test_opens_what_its_role_may_until_it_is_revoked(self, running_portal: Running) -> None:
        key = seed(running_portal, "add", "prometheus", "--role", "operator").stdout.strip()
        assert figures(running_portal, key) == 200
        listed = seed(running_portal, "list").stdout
        assert "prometheus  operator  *  since" in listed and key not in listed
        assert seed(running_portal, "revoke", "prometheus").stdout == "1 revoked.\n"
        assert figures(running_portal, key) == 401
        assert "revoked" in seed(running_portal, "list").stdout

    def test_for_a_utility_that_is_none_is_refused_by_name(self, running_portal: Running) -> None:
        done = seed(running_portal, "add", "x", "--role", "staff", "--utility", "nowhere")
        assert done.returncode == 1 and "There is no utility 'nowhere'" in done.stderr
