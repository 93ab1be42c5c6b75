"""The fixture of most web tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.utility import OpenUtility
from tests.web.scene import Scene, played


@pytest.fixture
async def scene(utility: OpenUtility) -> AsyncIterator[Scene]:
    """The web on two utilities, `test` and `other`, with two accounts."""
    async with played(utility) as scene:
        yield scene
