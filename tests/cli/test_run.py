"""`seed run`: everything starts with one command, stops with one key, and outlives nothing and nobody."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from eventlog.embedded import EmbeddedServer
from tests.processes.caller import Caller

ROOT = Path(__file__).parent.parent.parent
SEED = [sys.executable, "-m", "cli"]
PATIENCE = 120.0
LOW = re.compile(r"(less than a|about (\d+)) days? left on meter (\w+)")


class Run:
    """One `seed run` in a folder; what it prints is kept in a file."""

    def __init__(self, folder: Path, *, ignoring_interrupts: bool = False, **environment: str) -> None:
        self.folder = folder
        self.printed = folder.with_name(f"{folder.name}.out")
        command = ["/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh", *SEED, "run"] if ignoring_interrupts else [*SEED, "run"]
        with self.printed.open("w") as output:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, "SEED_DATA_DIR": str(folder), "PORT": "0", **environment},
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while "Seed is up." not in self.printed.read_text():
            assert self.process.poll() is None, self.printed.read_text()
            assert time.monotonic() < deadline, self.printed.read_text()
            time.sleep(0.1)

    def site(self) -> str:
        address: str = json.loads((self.folder / "demo.json").read_text())["site"]
        return address

    def processes(self) -> list[int]:
        """Everything that works for this folder, by what it was told in its environment."""
        told = f"SEED_DATA_DIR={self.folder}".encode()
        return [pid for pid in psutil.pids() if told in _environment(pid) and psutil.Process(pid).status() != "zombie"]

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def leaves_nothing(self) -> bool:
        """Nothing of it runs after a while, PostgreSQL neither: a few seconds, or more on a busy machine."""
        deadline = time.monotonic() + PATIENCE
        while self.processes() or EmbeddedServer(self.folder).is_running():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True


def _environment(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""


def _healthy(run: Run) -> bool:
    try:
        return httpx.get(f"{run.site()}/api/v1/healthz").status_code == 200
    except httpx.TransportError:
        return False


class Current:
    """The `seed run` of the moment in one folder: a test that ends it leaves the next one to start it again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run: Run | None = None

    def up(self) -> Run:
        if self.run is None or self.run.process.poll() is not None:
            self.again()
        assert self.run is not None
        return self.run

    def again(self, **how: bool) -> None:
        self.run = Run(self.folder, **how)
        self.run.wait_until_up()

    def end(self) -> None:
        if self.run is not None:
            self.run.process.kill()
            self.run.process.wait()
            assert self.run.leaves_nothing()


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Current]:
    current = Current(tmp_path_factory.mktemp("run") / "data")
    yield current
    current.end()


@pytest.fixture
def running(current: Current) -> Run:
    return current.up()


class ARun:
    def test_serves_the_site_and_writes_the_demo(self, running):
        assert httpx.get(running.site()).status_code == 200
        demo = json.loads((running.folder / "demo.json").read_text())
        assert {"site", "api", "openapi", "inbox", "juice", "credit_cards", "keys", "utilities"} <= demo.keys()

    def test_shows_an_api_key_and_how_to_use_it(self, running):
        (line,) = [line for line in running.printed.read_text().splitlines() if " curl " in line]
        curl, option, header, address = shlex.split(line[line.index("curl ") :])
        assert (curl, option) == ("curl", "-H")
        name, _, value = header.partition(": ")
        reply = httpx.get(address, headers={name: value})
        assert (reply.status_code, reply.json()["events"][0]["topic"]) == (200, "account-opened")

    def test_has_the_account_that_the_readme_asks_for(self, running):
        demo = json.loads((running.folder / "demo.json").read_text())
        asked = re.search(r"/accounts/([0-9]+)/history", (ROOT / "README.md").read_text())
        assert asked and asked[1] in [account["number"] for account in demo["utilities"][0]["accounts"]]

    def test_tells_of_a_low_balance_by_itself_and_as_the_dashboard_says_it(self, running):
        # Here, where nobody buys: who has bought since has more than the message said.
        demo = json.loads((running.folder / "demo.json").read_text())
        account = next(each for each in demo["utilities"][0]["accounts"] if each["buys_little"])
        caller = Caller(demo)
        (sms,) = caller.messages(account["phone"], low=True, seconds=PATIENCE)
        (email,) = caller.messages(account["email"], low=True, seconds=PATIENCE)
        found = LOW.search(sms["text"])
        assert found and found[3] == account["meter"]
        caller.log_in(account)
        me, clock = caller.client.get("/me").json(), caller.client.get("/me/clock").json()
        assert int(float(me["days_left"])) == int(found[2] or 0)
        assert (clock["pace"], clock["quiet_from"]) == ("often", None)
        for told in (sms, email):
            assert f"{demo['site']}/buy" in told["text"] and f"{demo['site']}/edit" in told["text"]

    def test_keeps_what_it_writes_to_its_owner(self, running):
        cluster = running.folder / "postgres" / "data"  # PostgreSQL refuses one that is open to others
        files = [path for path in running.folder.rglob("*") if cluster not in path.parents and path.is_file()]
        assert {"demo.json", "master.key", "inbox.sqlite3", "juice.sqlite3", "run.lock"} <= {path.name for path in files}
        assert not [path for path in files if path.stat().st_mode & 0o077]
        assert running.folder.stat().st_mode & 0o777 == 0o700

    def test_has_its_inbox_at_the_same_address_after_the_next_start(self, current):
        def address():
            return json.loads((current.folder / "demo.json").read_text())["inbox"]

        current.up()
        before = address()
        current.up().stop(signal.SIGTERM)
        current.again()
        assert address() == before
        assert httpx.get(before).status_code == 200

    def test_refuses_a_second_one_in_its_folder(self, running):
        second = Run(running.folder.parent / "second", SEED_DATA_DIR=str(running.folder))
        assert second.process.wait(PATIENCE) == 1
        assert second.printed.read_text().startswith(f"seed: Seed already runs in {running.folder} (process ")

    def test_listens_on_loopback_only(self, running):
        listening = [
            connection.laddr.ip
            for pid in running.processes()
            for connection in psutil.Process(pid).net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert listening
        assert set(listening) == {"127.0.0.1"}

    def test_goes_on_when_postgresql_is_killed(self, running):
        os.kill(EmbeddedServer(running.folder).pid, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE
        while not (EmbeddedServer(running.folder).is_running() and _healthy(running)):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert running.process.poll() is None

    def test_takes_everything_with_it_when_killed(self, running):
        running.process.kill()
        running.process.wait()
        assert running.leaves_nothing()

    def test_follows_at_once_upon_a_killed_one(self, current):
        current.up().process.kill()
        current.again()
        assert httpx.get(current.up().site()).status_code == 200

    def test_follows_upon_one_of_which_everything_was_killed(self, current):
        running = current.up()
        for pid in [*running.processes(), EmbeddedServer(running.folder).pid]:
            os.kill(pid, signal.SIGKILL)
        running.process.wait()
        current.again()
        assert httpx.get(current.up().site()).status_code == 200

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
    def test_stops_everything_when_asked_to(self, running, number):
        assert running.stop(number) == 0
        assert running.leaves_nothing()

    def test_stops_by_interrupt_where_the_shell_has_it_ignored(self, current):
        current.again(ignoring_interrupts=True)
        running = current.up()
        assert running.stop(signal.SIGINT) == 0
        assert running.leaves_nothing()

    def test_stops_while_it_is_still_starting(self, current):
        for moment in ("Starting PostgreSQL", "Bringing the database", "web"):
            run = Run(current.folder)
            while moment not in run.printed.read_text():
                time.sleep(0.01)
            run.stop(signal.SIGTERM)
            assert "Traceback" not in run.printed.read_text()
            assert run.leaves_nothing()


class AMachineThatIsNotReady:
    def told(self, folder: Path, **environment: str) -> str:
        run = Run(folder, **environment)
        assert run.process.wait(PATIENCE) == 1
        return run.printed.read_text()

    def test_is_told_of_a_taken_port(self, tmp_path):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            assert self.told(tmp_path / "data", PORT=port) == (
                f"seed: Port {port} is taken by another program: set PORT to a free one.\n"
            )

    @pytest.mark.parametrize("setting", ["SEED_JUICE_PORT", "SEED_CARDS_PORT", "SEED_INBOX_PORT", "SEED_INBOX_SMTP_PORT"])
    def test_is_told_of_a_stand_ins_port_that_is_taken(self, tmp_path, setting):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            said = self.told(tmp_path / "data", **{setting: port})
        assert said == f"seed: Port {port} is taken by another program: set {setting} to a free one.\n"

    def test_is_told_of_one_port_for_two(self, tmp_path):
        said = self.told(tmp_path / "data", PORT="8397", SEED_JUICE_PORT="8397")
        assert said == "seed: PORT and SEED_JUICE_PORT are both 8397: set them to different ports.\n"

    def test_is_told_of_a_folder_that_cannot_be_used(self, tmp_path):
        (tmp_path / "file").touch()
        said = self.told(tmp_path / "data", SEED_DATA_DIR=str(tmp_path / "file" / "data"))
        assert said.endswith("cannot be used (Not a directory): set SEED_DATA_DIR to another one.\n")

    def test_is_told_of_a_setting_that_cannot_be_meant(self, tmp_path):
        assert self.told(tmp_path / "data", PORT="eighty").startswith("seed: PORT is not usable: ")

    def test_is_told_of_a_database_that_does_not_answer(self, tmp_path):
        said = self.told(tmp_path / "data", DATABASE_URL="postgresql://nobody:hunter2@127.0.0.1:1/nothing")
        assert "The database does not answer" in said
        assert "hunter2" not in said
        assert "Traceback" not in said
