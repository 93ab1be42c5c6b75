"""The stand-ins of `seed run`: at the same address after each start, and nobody else's to read."""

from __future__ import annotations

import socket
import stat

import httpx
import pytest

from cli.standins import kept_port
from tests.inbox import Inbox


def open_to_others(folder):
    """What somebody else on the machine could read."""
    return [path.name for path in folder.rglob("*") if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]


class AnInbox:
    @pytest.fixture
    def own(self, tmp_path):
        state = tmp_path / "inbox"
        state.mkdir(mode=0o700)
        for name in ("inbox.sqlite3", "inbox.sqlite3-wal"):  # as an earlier version left them
            (state / name).touch(mode=0o644)
        inbox = Inbox(state)
        yield inbox
        inbox.stop()

    def test_is_its_owners_to_read(self, own, tmp_path):
        message = {"id": "1", "to": "+27820000001", "text": "Hello"}
        httpx.post(own.sms_url, json=message, headers={"Authorization": f"Bearer {own.sms_key}"}).raise_for_status()
        assert own.wait_for(to="+27820000001")
        assert (tmp_path / "inbox" / "inbox.sqlite3").exists()
        assert not open_to_others(tmp_path)


class AStandInsPort:
    def test_is_the_one_it_had(self, tmp_path):
        first = kept_port(tmp_path / "port")
        assert kept_port(tmp_path / "port") == first

    def test_is_another_where_somebody_has_taken_it(self, tmp_path):
        first = kept_port(tmp_path / "port")
        with socket.create_server(("127.0.0.1", first)):
            second = kept_port(tmp_path / "port")
        assert second != first
        assert kept_port(tmp_path / "port") == second

    @pytest.mark.parametrize("text", ["", "eighty", "-1", "0", "70000"])
    def test_is_a_free_one_where_the_file_names_none(self, tmp_path, text):
        (tmp_path / "port").write_text(text)
        assert 1 <= kept_port(tmp_path / "port") <= 65535

    def test_is_none_that_an_outgoing_connection_may_have_by_the_next_start(self, tmp_path):
        assert kept_port(tmp_path / "port") < 32768  # where Linux begins to give them out
