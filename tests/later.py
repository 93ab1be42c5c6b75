"""A whole portal whose clock a test sets forward: `python -m tests.later NAME` is `seed NAME` by that clock.

Site, vendor, projector and notifier go by it, and see it at once; the stand-ins and PostgreSQL have the machine's.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config import Settings
from tests.running import Running

MINUTES = "minutes-ahead"
"""The file that says how far ahead the clock is; where there is none, it is right."""

BY_THE_CLOCK = ("web", "vendor", "projector", "notifier")


class Later(Running):
    """The whole portal, by a clock that can be set forward."""

    def command_of(self, name: str) -> list[str]:
        """What starts a process."""
        return [sys.executable, "-m", "tests.later", name] if name in BY_THE_CLOCK else super().command_of(name)

    @contextmanager
    def ahead(self, *, minutes: int) -> Iterator[None]:
        """This will set the clock so far forward, as long as the block."""
        (self.folder / MINUTES).write_text(str(minutes))
        try:
            yield
        finally:
            (self.folder / MINUTES).unlink()


def main() -> None:
    """This will run what is named in the words of the command."""
    import cli.main
    import cli.site
    import cli.web_services
    import cli.workers

    now = _clock(Settings.read().data_dir)
    services = cli.web_services.services

    @asynccontextmanager
    async def by_the_clock(settings: Settings) -> AsyncIterator[object]:
        async with services(settings) as opened:
            yield replace(opened, clock=now)

    cli.workers.now = now
    cli.site.services = by_the_clock  # type: ignore[assignment]
    cli.main.main()


def _clock(folder: Path) -> Callable[[], datetime]:
    def now() -> datetime:
        try:
            minutes = int((folder / MINUTES).read_text() or 0)
        except FileNotFoundError:
            minutes = 0
        return datetime.now(UTC) + timedelta(minutes=minutes)

    return now


if __name__ == "__main__":
    main()
