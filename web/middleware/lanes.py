"""What waits for different things has lanes of its own, so that nothing slow takes the turns of what is quick."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from web.middleware.paths import is_console
from web.middleware.turns import Turns

NEVER_SHED = frozenset({"/healthz", "/readyz", "/metrics", "/api/v1/healthz"})
"""Whoever looks after Seed needs these most when there is too much to do."""


class Lane(StrEnum):
    """A share of what a process does at once."""

    PAGES = "pages"
    """All that only the database is asked for."""
    PASSWORDS = "passwords"  # noqa: S105 (a lane's name)
    """What checks or hashes a password: after an outage everybody logs in, while those who are in want to go on."""
    ELSEWHERE = "elsewhere"
    """What asks Juice or the provider of card payments before it answers: where these are slow, the rest is not."""
    FILES = "files"
    """Stylesheet, script, colours: a page that was let through needs them."""
    CONSOLE = "console"
    """Those who look what is wrong."""
    WEBHOOKS = "webhooks"
    """The provider's: a queue that nobody else fills."""


SHARES = {Lane.ELSEWHERE: 2, Lane.PASSWORDS: 0.5, Lane.CONSOLE: 0.5, Lane.WEBHOOKS: 0.5}
"""Of what a process does at once in the other lanes: whoever waits for others takes little, whoever hashes takes much."""

ELSEWHERE = re.compile(
    r"/redeem(/amount)?|/buy(/preview)?|/purchases/[^/]+/(payment|cancellation)"
    r"|/api/v1/(cards/checks|redemptions|purchases(/previews|/[^/]+/cancellation)?)"
)
PASSWORDS = re.compile(
    r"/login|/edit(/password)?|/console/sign-in|/console/me/password|/continue/[^/]+|/console/enrol/[^/]+"
    r"|/api/v1/(session(/authentication)?|me/password|identity/continuations)"
)


def lane_of(method: str, path: str) -> Lane:
    """This will give the lane of a request."""
    if path.startswith("/api/v1/webhooks/"):
        return Lane.WEBHOOKS
    if method not in ("GET", "HEAD"):
        if ELSEWHERE.fullmatch(path):
            return Lane.ELSEWHERE
        if PASSWORDS.fullmatch(path):
            return Lane.PASSWORDS
    if is_console(path):
        return Lane.CONSOLE
    return Lane.FILES if path.startswith(("/static/", "/theme/")) else Lane.PAGES


@dataclass(frozen=True, kw_only=True)
class Room:
    """How much one process takes: requests `at_once`, `longest` queue in each lane, `patience` in seconds."""

    at_once: int = 4
    longest: int = 64
    patience: float = 1.0

    def lanes(self, changed: Callable[[Lane, Turns], None]) -> dict[Lane, Turns]:
        """This will make the lanes, empty; `changed` is told after each change in one of them."""
        return {
            lane: Turns(
                at_once=max(1, int(self.at_once * SHARES.get(lane, 1))),
                longest=self.longest,
                patience=self.patience,
                changed=partial(changed, lane),
            )
            for lane in Lane
        }
