"""Starts the catcher: `python -m standins.inbox --smtp-port 0 --http-port 0 --state DIR --ready-file FILE`."""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from standins.http import make_server
from standins.inbox.faults import Faults
from standins.inbox.smtp import serve_smtp
from standins.inbox.store import Store
from standins.inbox.web import Web
from standins.starting import HOST, CannotStart, listen, prepared, write_private


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
    """This will make the folder, take a former ready file away, and give the SMS gateway's client key. Raises CannotStart."""
    with prepared(state, ready_file):
        for kept in state.glob("inbox.sqlite3*"):
            kept.chmod(0o600)
        return kept_key(state / "sms.key")


def kept_key(path: Path) -> str:
    """This will give the gateway's client key, made once and kept with the messages."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text()


if __name__ == "__main__":
    sys.exit(main())
