"""`seed utilities move` with the whole portal running: customers notice nothing, and no password is shown."""

from __future__ import annotations

import re
import subprocess
import threading
import time

import httpx
import psycopg
import pytest

from tests.moving.conftest import forget_replication
from tests.pg import ROOT
from tests.running import SEED, faultless

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""What a terminal is told beside the text."""


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    with faultless(tmp_path_factory.mktemp("moved")) as portal:
        yield portal
        forget_replication(portal.dsn)


class Visitor:
    """Looks at a dashboard and its history again and again, and keeps what it was answered."""

    def __init__(self, portal):
        self.answers: list[tuple[int, str | None]] = []
        self._portal = portal
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._stop.set()
        self._thread.join(30)

    def _look(self):
        account = self._portal.demo["utilities"][0]["accounts"][0]["number"]
        headers = {"Authorization": f"Bearer {self._portal.demo['keys']['auditor']}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{self._portal.port}", headers=headers, timeout=120) as client:
            while not self._stop.is_set():
                # Reading a history reads the log and writes to it who read it.
                reply = client.get(f"/api/v1/accounts/{account}/history")
                self.answers.append((reply.status_code, reply.headers.get("Retry-After")))


class SeedUtilities:
    def test_moves_one_while_it_is_used_and_back(self, portal, elsewhere):
        def seed(*arguments, code=0):
            watched = portal.environment | {"FORCE_COLOR": "1"}
            ran = subprocess.run(
                [*SEED, *arguments], env=watched, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
            )
            assert ran.returncode == code, ran.stdout + ran.stderr
            return ran.stdout + ran.stderr

        utility = portal.demo["utilities"][0]["code"]
        password = psycopg.conninfo.conninfo_to_dict(elsewhere)["password"]
        assert seed("utilities").splitlines()[0] == f"{utility}  home"
        assert "There is no utility 'nowhere'" in seed("utilities", "move", "nowhere", "--to", "home", code=1)
        assert "It lives there" in seed("utilities", "move", utility, "--to", "home", code=1)
        assert "same server" in seed("utilities", "move", utility, "--to", portal.dsn, code=1)
        with Visitor(portal) as visitor:
            time.sleep(1)
            told = seed("utilities", "move", utility, "--to", elsewhere)
            time.sleep(2)
        assert "switched" in told
        shown = [(int(done), int(of)) for done, of in re.findall(rf"{utility} events .*?(\d+)/(\d+)", ESCAPE.sub("", told))]
        assert shown[-1][0] == shown[-1][1] > 0, "the bar does not come to its end"
        assert password not in told + seed("utilities")
        assert "moved" in seed("utilities")
        assert "is being moved" in seed("rebuild", "dashboard", code=1)
        assert "is being moved" in seed("release", code=1)
        seen = list(visitor.answers)
        with Visitor(portal) as visitor:
            time.sleep(1)
            seed("utilities", "move", utility, "--back")
            time.sleep(2)
        seen += visitor.answers
        assert len(seen) > 20
        assert {status for status, _ in seen} <= {200, 503}
        assert all(retry for status, retry in seen if status == 503)
        busy = sum(status == 503 for status, _ in seen)
        print(f"{len(seen)} answers, {busy} of them busy")
        assert seed("utilities").splitlines()[0] == f"{utility}  home"
        seed("release")
