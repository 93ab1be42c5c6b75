"""Fixtures that come from files of their own, so that each can be read by itself."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.naming",
    "tests.folders",
    "tests.pg",
    "tests.utility",
    "tests.replica",
    "tests.running",
    "tests.juice_standin",
    "tests.cards_standin",
    "tests.inbox",
    "tests.browser",
]

settings.register_profile("whatever the machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("whatever the machine")
"""No test fails because a machine is slow."""
