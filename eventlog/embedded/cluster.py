"""The folder of the embedded PostgreSQL: its data, its password, its settings, its socket."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from eventlog.embedded.binaries import ServerCannotStart, prefix, program

USER = "seed"
DATABASE = "seed"
LONGEST_SOCKET_PATH = 107
"""Bytes that fit into `sockaddr_un.sun_path` beside its closing zero (unix(7))."""

SETTINGS = """\
# Written anew at every start. Settings of your own belong into local.conf beside this file.
listen_addresses = ''
unix_socket_directories = {socket}
unix_socket_permissions = 0700
wal_level = logical
max_connections = 200
password_encryption = 'scram-sha-256'
log_min_messages = warning
log_checkpoints = off
# A failing statement's text and its values stay out of the log: they may be a person's.
log_min_error_statement = panic
log_error_verbosity = terse
{durability}include_if_exists = 'local.conf'
"""
NOT_DURABLE = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


class Cluster:
    """One cluster under `folder`, everything in it readable by its owner only."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self.folder = folder
        self.durable = durable
        self.data = folder / "data"
        self.log = folder / "log"
        self.pid_file = self.data / "postmaster.pid"
        self._password = folder / "password"
        self._socket_elsewhere = folder / "socket-folder"

    @property
    def exists(self) -> bool:
        """Whether the cluster was made."""
        return self.data.exists()

    @property
    def password(self) -> str:
        """The password of the user `seed`."""
        try:
            return self._password.read_text().strip()
        except FileNotFoundError:
            raise ServerCannotStart(f"{self._password} is missing: put it back, it opens the data beside it.") from None

    def prepare(self) -> None:
        """This will make the cluster where there is none, and write its settings."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        if not self.exists:
            self._initialise()
        durability = "" if self.durable else NOT_DURABLE
        socket = _quoted(_list_item(str(self._settled_socket_folder())))
        _write_private(self.data / "postgresql.conf", SETTINGS.format(socket=socket, durability=durability))

    def socket_folder(self) -> Path:
        """This will say where the socket is: beside the data, or elsewhere where no socket can have that path."""
        if self._socket_elsewhere.exists():
            return Path(self._socket_elsewhere.read_text())
        return self.folder / "socket"

    def _settled_socket_folder(self) -> Path:
        beside = self.folder / "socket"
        # A client takes a comma for the end of the path.
        if len(os.fsencode(beside / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH and "," not in str(beside):
            self._socket_elsewhere.unlink(missing_ok=True)
            beside.mkdir(mode=0o700, exist_ok=True)
            return beside
        settled = self.socket_folder()
        if settled == beside or not _private(settled):
            settled = Path(tempfile.mkdtemp(prefix="seed-"))
            _write_private(self._socket_elsewhere, str(settled))
        return settled

    def _initialise(self) -> None:
        # Made under another name and renamed when whole, so that a kill in between leaves nothing half made.
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        _write_private(self._password, secrets.token_urlsafe(32) + "\n")
        command = [
            *prefix(),
            program("initdb"),
            *("--pgdata", str(unfinished), "--username", USER, "--pwfile", str(self._password)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            *(() if self.durable else ("--no-sync",)),
        ]
        made = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)
        if made.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise ServerCannotStart(explain(made.stderr or made.stdout, self.folder))
        unfinished.rename(self.data)


def explain(output: str, folder: Path) -> str:
    """This will turn what PostgreSQL's programs said into one line that names what to change."""
    if "No space left on device" in output:
        return f"The disk of {folder} is full: make room, or set SEED_DATA_DIR to a folder on another disk."
    if "Permission denied" in output or "wrong ownership" in output or "Read-only file system" in output:
        return f"PostgreSQL may not use {folder}: it is another user's or read-only; set SEED_DATA_DIR to another folder."
    if "incompatible with server" in output:
        return f"{folder} was made by another version of PostgreSQL: dump it with that one, or set SEED_DATA_DIR to a new folder."
    said = [line for line in output.splitlines() if "FATAL" in line or "PANIC" in line or "error:" in line]
    last = (said or output.splitlines() or ["it said nothing"])[-1].strip()
    return f"PostgreSQL in {folder} did not start: {last}"


def _write_private(path: Path, text: str) -> None:
    """This will write a file only its owner may read, whole or not at all, and safe on the disk before it is used."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    fresh.rename(path)


def _private(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return False
    return status.st_uid == os.geteuid() and status.st_mode & 0o777 == 0o700 and not folder.is_symlink()


def _list_item(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
