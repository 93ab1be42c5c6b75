"""Fixtures that come from files of their own, so that each can be read by itself."""

from __future__ import annotations

from importlib.util import find_spec

pytest_plugins = ["tests.naming", "tests.pg", "tests.utility", *(name for name in ("tests.juice_standin", "tests.inbox") if find_spec(name))]
