"""Which part of the site a path belongs to."""

from __future__ import annotations


def is_console(path: str) -> bool:
    """This will say whether a path is the console's."""
    return path == "/console" or path.startswith("/console/")
