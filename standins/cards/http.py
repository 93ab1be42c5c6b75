"""What comes in and goes out over HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """What was asked; names of headers are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def in_json(status: int, document: dict[str, Any], **headers: str) -> Reply:
    """This will answer with a document."""
    return Reply(
        status, json.dumps(document).encode(), {"Content-Type": "application/json", "Cache-Control": "no-store", **headers}
    )
