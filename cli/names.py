"""What things are called that several parts must call the same."""

from __future__ import annotations


def schema_of(code: str) -> str:
    """This will name a utility's schema."""
    return f"u_{code}"
