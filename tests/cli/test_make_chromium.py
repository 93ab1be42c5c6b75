"""`make test` on a machine without Chromium: it is installed through apt where that may be, and missed loudly where not."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
INSTALLS = "printf '#!/bin/sh\\n' > {bin}/chromium && chmod +x {bin}/chromium"
REFUSES = "echo 'E: Unable to locate package chromium' >&2; exit 100"


class Machine:
    """A machine with nothing but make, an apt-get that notes what it is told, and what else a test puts on it."""

    def __init__(self, folder: Path, *, user: int) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.told = folder / "told"
        self.told.touch()
        for name in ("make", "env", "chmod"):
            found = shutil.which(name)
            assert found, f"{name} is missing"
            (self.bin / name).symlink_to(found)
        self.put("id", f"echo {user}")

    def put(self, name: str, script: str) -> None:
        path = self.bin / name
        path.write_text("#!/bin/sh\n" + script.format(bin=self.bin) + "\n")
        path.chmod(0o755)

    def put_apt(self, does: str) -> None:
        self.put("apt-get", f'echo "$@" >> {self.told}\n[ "$1" = update ] || {{{{ {does}; }}}}')

    def make_chromium(self) -> str:
        command = [str(self.bin / "make"), "-C", str(ROOT), "--no-print-directory", "chromium"]
        done = subprocess.run(command, env={"PATH": str(self.bin)}, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, "the other tests have to run all the same"
        assert done.stderr == ""
        return done.stdout


@pytest.fixture
def root(tmp_path: Path) -> Machine:
    return Machine(tmp_path, user=0)


@pytest.fixture
def somebody(tmp_path: Path) -> Machine:
    return Machine(tmp_path, user=1000)


class Chromium:
    @pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
    def test_is_left_alone_where_it_is_there(self, root, name):
        root.put(name, "")
        root.put_apt(REFUSES)
        assert root.make_chromium() == ""
        assert root.told.read_text() == ""

    def test_is_installed_by_root(self, root):
        root.put_apt(INSTALLS)
        assert "NOT TRIED" not in root.make_chromium()
        assert root.told.read_text() == "update -qq\ninstall -y -qq chromium\n"

    def test_is_installed_by_whom_sudo_lets_without_a_password(self, somebody):
        somebody.put_apt(INSTALLS)
        somebody.put("sudo", '[ "$1" = -n ] && shift && exec "$@"')
        assert "NOT TRIED" not in somebody.make_chromium()
        assert somebody.told.read_text() == "update -qq\ninstall -y -qq chromium\n"

    def test_is_missed_loudly_where_sudo_wants_a_password(self, somebody):
        somebody.put_apt(INSTALLS)
        somebody.put("sudo", "echo 'sudo: a password is required' >&2; exit 1")
        said = somebody.make_chromium()
        assert "NOT TRIED: every test in a browser." in said and "a password is required" in said
        assert somebody.told.read_text() == ""

    def test_is_missed_loudly_where_apt_has_none(self, root):
        root.put_apt(REFUSES)
        said = root.make_chromium()
        assert "NOT TRIED: every test in a browser." in said and "Unable to locate package chromium" in said

    def test_is_missed_loudly_where_there_is_no_apt(self, root):
        assert "NOT TRIED: every test in a browser." in root.make_chromium()
