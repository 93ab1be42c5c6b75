"""Starts the catcher: `python -m standins.inbox --smtp-port 0 --http-port 0 --state DIR --ready-file FILE`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import signal
import socket
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from standins.inbox.faults import Faults
from standins.inbox.server import make_server
from standins.inbox.smtp import serve_smtp
from standins.inbox.store import Store
from standins.inbox.web import Web

HOST = "127.0.0.1"  # loopback, always: passwords are read here


class CannotStart(Exception):
    """One line that says what is wrong and what to change."""


def main() -> int:
    """This will run the catcher until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m standins.inbox", description="Catches mail and SMS, and shows them.")
    parser.add_argument("--smtp-port", type=int, default=0, metavar="PORT", help="where SMTP listens (0: any free port)")
    parser.add_argument("--http-port", type=int, default=0, metavar="PORT", help="where page and SMS gateway listen (0: any)")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="where caught messages are kept")
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="JSON written once both servers listen")
    options = parser.parse_args()
    try:
        asyncio.run(run(options.smtp_port, options.http_port, options.state, options.ready_file))
    except CannotStart as reason:
        print(f"inbox: {reason}", file=sys.stderr)
        return 1
    return 0


async def run(smtp_port: int, http_port: int, state: Path, ready_file: Path | None) -> None:
    """This will serve until a signal asks it to stop. Raises CannotStart."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    key = prepare(state, ready_file)
    store, faults = Store(state / "inbox.sqlite3", lambda: datetime.now(UTC)), Faults()
    smtp = listen(smtp_port, "--smtp-port")
    http = listen(http_port, "--http-port")
    server = make_server(http, Web(store, faults, key))
    threading.Thread(target=server.serve_forever, name="http", daemon=True).start()
    mail = await serve_smtp(smtp, store, faults)
    smtp_at, page = smtp.getsockname()[1], f"http://{HOST}:{http.getsockname()[1]}"
    if ready_file is not None:
        ready = {"smtp": {"host": HOST, "port": smtp_at}, "http": page, "sms": {"url": f"{page}/sms", "key": key}}
        write_private(ready_file, json.dumps(ready))
    print(f"inbox: read mail and SMS at {page} · SMTP on {HOST}:{smtp_at} · SMS gateway at {page}/sms", flush=True)
    await stop.wait()
    mail.close()
    server.shutdown()
    store.close()


def prepare(state: Path, ready_file: Path | None) -> str:
    """This will make the folder, take a former ready file away, and give the SMS gateway's client key. Raises CannotStart.

    What is written is its owner's only: messages hold passwords and links.
    """
    os.umask(0o077)
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        for kept in state.glob("inbox.sqlite3*"):
            kept.chmod(0o600)
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)
        return kept_key(state / "sms.key")
    except OSError as reason:
        raise CannotStart(f"{reason.filename} cannot be written ({reason.strerror}); choose another with --state") from None


def listen(port: int, option: str) -> socket.socket:
    """This will bind a loopback port. Raises CannotStart where it is taken."""
    try:
        return socket.create_server((HOST, port))
    except (OSError, OverflowError) as reason:
        told = reason.strerror if isinstance(reason, OSError) else "no such port"
        raise CannotStart(f"port {port} of {HOST} cannot be had ({told}); choose another with {option}") from None


def kept_key(path: Path) -> str:
    """This will give the gateway's client key, made once and kept with the messages."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text()


def write_private(path: Path, text: str) -> None:
    """This will put a file in place whole, readable by its owner only."""
    draft = path.with_name(path.name + ".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


if __name__ == "__main__":
    sys.exit(main())
