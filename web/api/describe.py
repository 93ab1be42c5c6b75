"""What a responder says of itself, for the OpenAPI document and for reading its input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from web.api.answers import Answer
from web.api.schemas import Strict

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one route. `headers` are (name, required, meaning); `problems` the statuses it may be refused with.

    `csv` says that the answer is given as a table too, where that is asked for; alone where there is no other `answer`.
    """

    summary: str
    status: int = 200
    answer: type[Answer] | None = None
    body: type[Strict] | None = None
    query: type[Strict] | None = None
    headers: tuple[tuple[str, bool, str], ...] = ()
    problems: tuple[int, ...] = field(default=())
    csv: bool = False


def describe(summary: str, **said: Any) -> Callable[[F], F]:
    """This will attach an Operation to a responder."""

    def attach(responder: F) -> F:
        responder.__dict__["operation"] = Operation(summary=summary, **said)
        return responder

    return attach
