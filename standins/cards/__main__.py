"""Starts the stand-in: `python -m standins.cards --port 0 --state DIR --ready-file FILE --account CODE=WEBHOOK_ADDRESS`."""

from __future__ import annotations

import argparse
import json
import re
import signal
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
from standins.cards.store import Store
from standins.cards.web import Web
from standins.cards.webhooks import Postman
from standins.http import make_server
from standins.starting import HOST, CannotStart, listen, prepared, write_private


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
        Inspection(store, faults, postman, now),
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
    with prepared(state, ready_file):
        store = Store(state / "cards.sqlite3")
        return store, accounts.opened(store, webhook_urls)


if __name__ == "__main__":
    sys.exit(main())
