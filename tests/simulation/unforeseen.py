"""What the product's own logs say of errors that nobody had foreseen: in a history that is a broken promise too."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

FORESEEN = {"LogUnavailable", "OutcomeUnknown", "TooManyAtOnce"}
"""What becomes of a process when its database is away: it is looked at again."""

WORKERS = ("vending", "notifications")


class Collecting(logging.Handler):
    """Keeps what is unforeseen."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = getattr(record, "error", None)
        if error not in FORESEEN:
            self.found.append(f"{record.name}: {record.getMessage()} ({error}) {getattr(record, 'where', '')}")


@contextmanager
def unforeseen_in_logs() -> Iterator[list[str]]:
    """This will collect, as long as the block, what the workers log as errors; and keep it from being shown."""
    collecting = Collecting()
    loggers = [logging.getLogger(name) for name in WORKERS]
    propagated = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.propagate = False
        logger.addHandler(collecting)
    try:
        yield collecting.found
    finally:
        for logger, propagates in zip(loggers, propagated, strict=True):
            logger.removeHandler(collecting)
            logger.propagate = propagates
