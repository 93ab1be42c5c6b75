"""Starts the stand-in: `python -m standins.juice --port 0 --state DIR --ready-file FILE --demo`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from standins.http import make_server
from standins.juice.demo import fill
from standins.juice.faults import Faults
from standins.juice.sales import Sales
from standins.juice.store import Store
from standins.juice.web import Web
from standins.starting import HOST, CannotStart, listen, prepared, write_private


def main() -> int:
    """This will run the stand-in until SIGINT, SIGTERM or SIGHUP."""
    parser = argparse.ArgumentParser(prog="python -m standins.juice", description="Stands in for Juice, over HTTP.")
    parser.add_argument("--port", type=int, default=0, metavar="PORT", help="where it listens (0: any free port)")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="where everything is kept")
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="JSON written once it listens")
    parser.add_argument("--demo", action="store_true", help="fill an empty state with two utilities and 90 days")
    parser.add_argument("--without-advice", action="store_true", help="keep no message ids: sell again what comes twice")
    options = parser.parse_args()
    try:
        run(options.port, options.state, options.ready_file, demo=options.demo, advice=not options.without_advice)
    except CannotStart as reason:
        print(f"juice: {reason}", file=sys.stderr)
        return 1
    return 0


def run(port: int, state: Path, ready_file: Path | None, *, demo: bool, advice: bool) -> None:
    """This will serve until a signal asks it to stop. Raises CannotStart."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    store = opened(state, ready_file, demo=demo)
    listener = listen(port)
    server = make_server(listener, Web(store, Sales(store, now, advice=advice), Faults()))
    threading.Thread(target=server.serve_forever, name="http", daemon=True).start()
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    if ready_file is not None:
        write_private(ready_file, json.dumps({"url": url, "utilities": utilities(store, url, advice)}))
    print(f"juice: stands in for Juice at {url}", flush=True)
    stop.wait()
    server.shutdown()
    store.close()


def now() -> datetime:
    """The only place that reads the clock."""
    return datetime.now(UTC)


def opened(state: Path, ready_file: Path | None, *, demo: bool) -> Store:
    """This will open what is kept, and fill it where it is empty and a demo is wanted. Raises CannotStart."""
    with prepared(state, ready_file):
        store = Store(state / "juice.sqlite3")
        if demo:
            fill(store, now())
    return store


def utilities(store: Store, url: str, advice: bool) -> list[dict[str, Any]]:
    """This will list the utilities with their addresses and client keys, and whether their Juice keeps message ids."""
    with store.reading() as connection:
        rows = connection.execute("SELECT code, client_key FROM utilities ORDER BY rowid").fetchall()
    return [{"code": row["code"], "url": f"{url}/u/{row['code']}", "key": row["client_key"], "advice": advice} for row in rows]


if __name__ == "__main__":
    sys.exit(main())
