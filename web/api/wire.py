"""Reading bodies and queries, and writing answers: the same for every resource."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from typing import Any, NamedTuple

import falcon
import msgspec
from falcon.asgi import Request, Response
from marshmallow import Schema, ValidationError

from domain.log import Position
from web.api.answers import Answer
from web.journeys.visit import Visit
from web.middleware.bodies import body
from web.middleware.errors import add_rate_limit

LARGEST = 64 * 1024
"""Bytes of a body."""

POSITION, AT_LEAST, BEHIND = "Seed-Position", "Seed-At-Least", "Seed-Behind"
AT_LEAST_HEADER = ((AT_LEAST, False, "A position that the answer should have reached; waited for up to 1 s."),)
"""For @describe."""


def visit_of(req: Request) -> Visit:
    """This will give the visit that the middleware made."""
    visit: Visit = req.context.visit
    return visit


async def body_of(req: Request, schema: type[Schema]) -> dict[str, Any]:
    """This will read a JSON body. Raises what reading a body does, 415 and 400, and ValidationError naming the fields."""
    if (req.content_type or "").partition(";")[0].strip().lower() != "application/json":
        raise falcon.HTTPUnsupportedMediaType(description="Send the body as application/json.")
    raw = await body(req, LARGEST, ends_itself=True)
    try:
        data = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise falcon.HTTPBadRequest(description="The body is not valid JSON.") from None
    if not isinstance(data, dict):
        raise ValidationError({"body": ["Send a JSON object."]})
    loaded: dict[str, Any] = _made(schema).load(data)
    return loaded


def query_of(req: Request, schema: type[Schema]) -> dict[str, Any]:
    """This will read the query. Raises ValidationError naming the fields; one that comes twice is refused."""
    repeated = {name: ["Give this once."] for name, value in req.params.items() if isinstance(value, list)}
    if repeated:
        raise ValidationError(repeated)
    loaded: dict[str, Any] = _made(schema).load(dict(req.params))
    return loaded


@cache
def _made(schema: type[Schema]) -> Schema:
    """A schema holds nothing of what it loads, and costs more to make than to use."""
    return schema()


def at_least(req: Request, query: dict[str, Any]) -> Position | None:
    """This will give the position that the reader asks for, by query or header. Raises ValidationError."""
    header = req.get_header(AT_LEAST)
    if header is None:
        return query.get("at_least")
    if not (header.isascii() and header.isdigit() and len(header) <= 18):
        raise ValidationError({AT_LEAST: ["Send a position, a whole number."]})
    return int(header)


async def wait(req: Request, resp: Response, query: dict[str, Any]) -> None:
    """This will wait for the position that the reader asks for, and say in a header where it was not reached."""
    position = at_least(req, query)
    if position is not None and not await visit_of(req).services.views.reached(position):
        resp.set_header(BEHIND, "true")


class Prepared(NamedTuple):
    """An answer as it goes out; `tag` tells it from every other one (RFC 9110, section 8.8.3)."""

    body: bytes
    tag: str
    position: Position | None
    behind: bool


def prepare(content: Answer) -> Prepared:
    """This will write an answer down."""
    body = msgspec.json.encode(content)
    position = getattr(content, "position", None)
    return Prepared(
        body=body,
        tag=blake2b(body, digest_size=12).hexdigest(),
        position=position if isinstance(position, int) else None,
        behind=getattr(content, "behind", False),
    )


def answer(req: Request, resp: Response, content: Answer, *, status: int = 200) -> None:
    """This will write an answer; one with a position says it in a header too."""
    give(req, resp, prepare(content), status=status)


def give(req: Request, resp: Response, prepared: Prepared, *, status: int = 200) -> None:
    """This will give an answer that was written down; whoever has read the very same one already is told so (304)."""
    resp.status = falcon.code_to_http_status(status)
    if req.method in ("GET", "HEAD") and status == 200:
        resp.etag = prepared.tag
    if resp.etag is not None and _has(req, prepared.tag):
        resp.status = falcon.HTTP_304
    else:
        resp.content_type = "application/json"
        resp.data = prepared.body
    if prepared.position is not None:
        resp.set_header(POSITION, str(prepared.position))
    if prepared.behind:
        resp.set_header(BEHIND, "true")
    add_rate_limit(resp, visit_of(req))


def _has(req: Request, tag: str) -> bool:
    """Whether whoever asks says that they have what the tag stands for (RFC 9110, section 13.1.2)."""
    return req.get_header("If-None-Match") is not None and tag in (req.if_none_match or ())
