"""The embedded PostgreSQL: starts anywhere, survives what happens to it, and lets nobody else in."""

from __future__ import annotations

import os
import signal
import stat
import threading
import time
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from eventlog.embedded import EmbeddedServer, ServerCannotStart, postmaster
from eventlog.embedded.cluster import explain
from tests.pg import served


def ask(dsn: str, question: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


def write_down(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS written (down bigserial PRIMARY KEY)")
        connection.execute("INSERT INTO written DEFAULT VALUES")


class AServer:
    def test_can_be_moved_by_logical_replication(self, shared_server):
        assert ask(shared_server.dsn, "SHOW wal_level") == "logical"

    def test_sorts_and_stores_text_the_same_everywhere(self, shared_server):
        with psycopg.connect(shared_server.dsn) as connection:
            row = connection.execute(
                "SELECT pg_encoding_to_char(encoding), datlocprovider, datlocale"
                " FROM pg_database WHERE datname = current_database()"
            ).fetchone()
        assert row == ("UTF8", "b", "C.UTF-8")

    def test_listens_on_no_port(self, shared_server):
        assert ask(shared_server.dsn, "SHOW listen_addresses") == ""

    def test_refuses_another_password(self, shared_server):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(make_conninfo(shared_server.dsn, password="wrong"))

    def test_keeps_its_folder_to_its_owner(self, own_server, tmp_path):
        folder = tmp_path / "postgres"
        folders = [folder, *(path for path in folder.iterdir() if path.is_dir())]
        assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
        assert stat.S_IMODE((folder / "password").stat().st_mode) == 0o600

    def test_keeps_values_of_failed_statements_out_of_its_log(self, own_server, tmp_path):
        with psycopg.connect(own_server.dsn) as connection, pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1 / 0 AS secret_of_a_person")
        assert "secret_of_a_person" not in (tmp_path / "postgres" / "log").read_text()


def ask_patiently(dsn):
    deadline = time.monotonic() + 120
    while True:
        try:
            return ask(dsn, "SELECT 1")
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, "it does not come back"
            time.sleep(0.05)


class AnEarlierServer:
    def test_is_joined_while_it_runs(self, own_server, tmp_path):
        pid = own_server.pid
        other = EmbeddedServer(tmp_path)
        assert other.start() == own_server.dsn
        assert other.pid == pid

    def test_leaves_what_was_committed_when_killed(self, own_server):
        for times in range(1, 4):
            write_down(own_server.dsn)
            os.kill(own_server.pid, signal.SIGKILL)
            own_server.start()
            assert ask(own_server.dsn, "SELECT count(*) FROM written") == times

    def test_leaves_no_busy_backend_in_the_way_when_killed(self, own_server):
        busy = psycopg.connect(own_server.dsn)
        endless = threading.Thread(target=lambda: pytest.raises(psycopg.Error, busy.execute, ENDLESS), daemon=True)
        endless.start()
        pid = busy.info.backend_pid
        while "R" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]:
            time.sleep(0.01)
        os.kill(own_server.pid, signal.SIGKILL)
        own_server.start()
        endless.join(10)
        assert not postmaster.lives(pid)
        assert ask(own_server.dsn, "SELECT 1") == 1

    def test_is_not_mistaken_for_another_program_with_its_number(self, own_server, tmp_path):
        own_server.stop()
        # What a power cut leaves: the number of a process that is alive again, as somebody else.
        (tmp_path / "postgres" / "data" / "postmaster.pid").write_text(f"{os.getppid()}\n/nowhere\n")
        assert not own_server.is_running()
        own_server.start()
        assert ask(own_server.dsn, "SELECT 1") == 1

    def test_is_restarted_by_its_supervisor(self, tmp_path):
        server, stopping, died = EmbeddedServer(tmp_path), threading.Event(), threading.Event()
        watching = threading.Thread(target=server.supervise, args=(stopping,), kwargs={"restarted": died.set, "gently": 0})
        with served(tmp_path, durable=True):
            watching.start()
            try:
                for _ in range(20):  # the first may come before it watches
                    server.start()
                    os.kill(server.pid, signal.SIGKILL)
                    if died.wait(2):
                        break
                assert died.is_set()
                assert ask_patiently(server.dsn) == 1  # the last kill may still be under way
            finally:
                stopping.set()
                watching.join(20)
            assert not server.is_running()


class AFolder:
    @pytest.mark.parametrize("name", ["a" * 120, "a,b", 'it\'s "here", $HOME and so on'], ids=["long", "comma", "quotes"])
    def test_may_have_any_name(self, tmp_path, name):
        with served(tmp_path / name, durable=False) as server:
            assert ask(server.dsn, "SELECT 1") == 1

    def test_without_a_database_is_told_so(self, tmp_path):
        with pytest.raises(ServerCannotStart, match="seed run"):
            _ = EmbeddedServer(tmp_path).dsn

    def test_whose_password_was_lost_is_named(self, own_server, tmp_path):
        own_server.stop()
        (tmp_path / "postgres" / "password").rename(tmp_path / "kept")
        with pytest.raises(ServerCannotStart, match="password is missing"):
            own_server.start()
        (tmp_path / "kept").rename(tmp_path / "postgres" / "password")

    @pytest.mark.parametrize(
        "said, told",
        [
            ('FATAL:  could not write lock file "postmaster.pid": No space left on device', "full.*SEED_DATA_DIR"),
            ('FATAL:  data directory "/x" has wrong ownership', "another user.*SEED_DATA_DIR"),
            ("FATAL:  database files are incompatible with server", "another version.*SEED_DATA_DIR"),
            ("LOG:  hello\nFATAL:  something new", "something new"),
        ],
    )
    def test_that_cannot_be_used_is_explained_in_one_line(self, said, told):
        line = explain(said, Path("/folder"))
        assert "\n" not in line
        with pytest.raises(ServerCannotStart, match=told):
            raise ServerCannotStart(line)


ENDLESS = "SELECT count(*) FROM generate_series(1, 1000000000) a WHERE a % 7 = 1"
