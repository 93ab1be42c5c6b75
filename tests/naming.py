"""A test class is any class of a test module that holds tests: its name and its tests' names make a sentence together."""

from __future__ import annotations

import inspect
from typing import Any
from unittest import TestCase

import pytest


def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: Any) -> pytest.Collector | None:
    """This will collect classes by what they hold; imported ones are left to the module they stand in,
    unittest's own cases to pytest."""
    if not inspect.isclass(obj) or issubclass(obj, TestCase) or not isinstance(collector, pytest.Module):
        return None
    if obj.__module__ != collector.obj.__name__ or not any(attribute.startswith("test_") for attribute in dir(obj)):
        return None
    return pytest.Class.from_parent(collector, name=name, obj=obj)
