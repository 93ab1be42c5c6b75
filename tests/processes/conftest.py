"""Who calls the API: somebody at each utility in turn, and a stranger at the other one."""

from __future__ import annotations

import pytest

from tests.processes.caller import Caller


@pytest.fixture(params=[0, 1], ids=["at the first utility", "at the second"])
def place(request):
    return request.param


@pytest.fixture
def utility(running_portal, place):
    return running_portal.demo["utilities"][place]


@pytest.fixture
def other(running_portal, place):
    return running_portal.demo["utilities"][1 - place]


@pytest.fixture
def caller(running_portal, utility):
    return Caller(running_portal.demo, utility)


@pytest.fixture
def stranger(running_portal, other):
    """Somebody at the other utility, who asks for what is this one's."""
    return Caller(running_portal.demo, other)
