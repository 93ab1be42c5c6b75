"""The fixtures of the console's tests."""

from __future__ import annotations

import pytest

from tests.web.people import Somebody, let_in
from tests.web.scene import Scene
from tests.web.visitor import Visitor


@pytest.fixture
def visitor(scene: Scene) -> Visitor:
    return Visitor(scene)


@pytest.fixture
async def ann(scene: Scene) -> Somebody:
    """Somebody of the staff of `test`."""
    return await let_in(scene)
