"""Starts the stand-in: `python -m standins.cards --port 0 --state DIR --ready-file FILE --account CODE=WEBHOOK_ADDRESS`."""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import sqlite3
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from standins.cards import accounts, checkouts
from standins.cards.api import Api
from standins.cards.books import Books
from standins.cards.counter import Counter
from standins.cards.faults import Faults
from standins.cards.inspection import Inspection
from standins.cards.server import make_server
from standins.cards.store import Store
from standins.cards.web import Web
from standins.cards.webhooks import Postman

HOST = "127.0.0.1"  # loopback, always: it knows no secret worth the name


class CannotStart(Exception):
    """One line that says what is wrong and what to change."""


def main() -> int:
    """This will run the stand-in until SIGINT, SIGTERM or SIGHUP."""
    parser = argparse.ArgumentParser(prog="python -m standins.cards", description="Stands in for Stripe; no money moves.")
    parser.add_argument("--port", type=int, default=0, metavar="PORT", help="where it listens (0: any free port)")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="where everything is kept")
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="JSON written once it listens")
    parser.add_argument(
        "--account", action="append", type=named, default=[], metavar="CODE=URL", help="an account, and where its webhooks go"
    )
    options = parser.parse_args()
    try:
        run(options.port, options.state, options.ready_file, dict(options.account))
    except CannotStart as reason:
        print(f"cards: {reason}", file=sys.stderr)
        return 1
    return 0


def named(written: str) -> tuple[str, str]:
    """This will read an account's code and webhook address. Raises argparse.ArgumentTypeError."""
    code, _, url = written.partition("=")
    if not re.fullmatch(r"[a-z][a-z0-9]{1,30}", code) or urlsplit(url).scheme != "http":
        raise argparse.ArgumentTypeError("expected a code and an http address, such as harbour=http://127.0.0.1:8000/webhooks")
    return code, url


def run(port: int, state: Path, ready_file: Path | None, webhook_urls: dict[str, str]) -> None:
    """This will serve until a signal asks it to stop. Raises CannotStart."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    store, known = opened(state, ready_file, webhook_urls)
    faults = Faults()
    postman = Postman(store, time.time, lambda: sweep(store, faults))
    listener = listen(port)
    web = Web(
        Api(store, faults, now, postman.wake),
        Counter(store, faults, now, postman.wake),
        Inspection(store, faults, postman),
    )
    server = make_server(listener, web)
    threading.Thread(target=server.serve_forever, name="http", daemon=True).start()
    posting = threading.Thread(target=postman.run, name="webhooks", daemon=True)
    posting.start()
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    if ready_file is not None:
        told = [{"code": each.code, "key": each.key, "webhook_secret": each.webhook_secret} for each in known]
        write_private(ready_file, json.dumps({"url": url, "utilities": told}))
    print(f"cards: stands in for Stripe at {url}; no money moves", flush=True)
    stop.wait()
    server.shutdown()
    postman.stop()
    posting.join(2)
    store.close()


def now() -> int:
    """The time in whole seconds, as Stripe counts it."""
    return int(time.time())


def sweep(store: Store, faults: Faults) -> None:
    """This will do what time does, where something is due."""
    with store.reading() as connection:
        is_due = connection.execute("SELECT 1 FROM objects WHERE due <= ? LIMIT 1", (now(),)).fetchone()
    if is_due:
        with store.writing() as connection:
            checkouts.sweep(Books(connection, "", now(), faults))


def opened(state: Path, ready_file: Path | None, webhook_urls: dict[str, str]) -> tuple[Store, list[accounts.Account]]:
    """This will open what is kept. Raises CannotStart."""
    os.umask(0o077)
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)
        store = Store(state / "cards.sqlite3")
        return store, accounts.opened(store, webhook_urls)
    except OSError as reason:
        raise CannotStart(f"{reason.filename} cannot be written ({reason.strerror}); choose another with --state") from None
    except sqlite3.Error as reason:
        raise CannotStart(f"{state} cannot be used ({reason}); choose another with --state") from None


def listen(port: int) -> socket.socket:
    """This will bind a loopback port. Raises CannotStart where it is taken."""
    try:
        return socket.create_server((HOST, port), backlog=512)
    except (OSError, OverflowError) as reason:
        told = reason.strerror if isinstance(reason, OSError) else "no such port"
        raise CannotStart(f"port {port} of {HOST} cannot be had ({told}); choose another with --port") from None


def write_private(path: Path, text: str) -> None:
    """This will put a file in place whole, readable by its owner only."""
    draft = path.with_name(path.name + ".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


if __name__ == "__main__":
    sys.exit(main())
