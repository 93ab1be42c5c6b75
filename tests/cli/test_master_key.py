"""The master key: made once, private to its owner, never replaced by accident."""

from __future__ import annotations

import stat
import subprocess
import sys

import pytest

from cli.ground import NotReady, master_key
from config import Settings


def settings(folder, **more):
    return Settings.from_environment({"SEED_DATA_DIR": str(folder), **more})


class AMasterKey:
    def test_is_the_given_one(self, tmp_path):
        assert master_key(settings(tmp_path, SEED_MASTER_KEY="ab" * 32)) == bytes.fromhex("ab" * 32)

    def test_is_made_once(self, tmp_path):
        first = master_key(settings(tmp_path), create=True)
        assert len(first) == 32
        assert master_key(settings(tmp_path), create=True) == first
        assert stat.S_IMODE((tmp_path / "master.key").stat().st_mode) == 0o600

    def test_is_one_for_all_who_make_it_at_once(self, tmp_path):
        code = (
            "import sys; from cli.ground import master_key; from config import Settings;"
            "sys.stdin.read(1); print(master_key(Settings.read(), create=True).hex())"
        )
        makers = [
            subprocess.Popen(
                [sys.executable, "-c", code],
                env={"SEED_DATA_DIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(4)
        ]
        for maker in makers:
            maker.stdin.write("x")
            maker.stdin.flush()
        assert len({maker.communicate()[0] for maker in makers}) == 1

    def test_is_never_made_anew_by_those_who_only_use_it(self, tmp_path):
        with pytest.raises(NotReady, match=r"master\.key is missing"):
            master_key(settings(tmp_path))
        assert not (tmp_path / "master.key").exists()

    def test_that_is_damaged_is_named(self, tmp_path):
        (tmp_path / "master.key").write_text("half a ke")
        with pytest.raises(NotReady, match=r"master\.key does not hold"):
            master_key(settings(tmp_path), create=True)
