"""The web on a real database, as its own tests have it."""

from __future__ import annotations

from tests.web.conftest import scene

__all__ = ["scene"]
