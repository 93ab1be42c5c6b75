"""Fixtures that come from files of their own, so that each can be read by itself."""

from __future__ import annotations

pytest_plugins = [
    "tests.naming",
    "tests.folders",
    "tests.pg",
    "tests.utility",
    "tests.running",
    "tests.juice_standin",
    "tests.cards_standin",
    "tests.inbox",
    "tests.browser",
]
