"""Contestant: the library reads and folds a long history by `repository.get`, from the database each time."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.contestant import Told, contest, task, told
from benchmarks.peers.eventsourcing_append import application, filled


def main(asked: dict[str, Any]) -> None:
    """This will fold for so many seconds whenever it is asked to."""
    app = application(asked)
    wallet_id = filled(app, asked["events"])

    def work() -> Told:
        taken: list[float] = []
        began = last = time.perf_counter()
        while last - began < asked["seconds"]:
            if app.repository.get(wallet_id).version != asked["events"]:
                raise AssertionError("the history is not whole")
            now = time.perf_counter()
            taken.append(now - last)
            last = now
        return told(taken, last - began, len(taken) * asked["events"])

    work()
    contest(work)
    app.close()


if __name__ == "__main__":
    main(task())
