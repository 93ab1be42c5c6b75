"""Reading bodies: whole or not at all. What a lost connection cut off is never acted upon."""

from __future__ import annotations

import asyncio

import falcon
from falcon.asgi import Request

WITHIN = 20.0
"""Seconds a body may take to arrive."""


async def body(req: Request, largest: int, *, ends_itself: bool) -> bytes:
    """This will read a body of at most `largest` bytes, whatever its length claims to be. Raises 400, 408, 411 and 413.

    A lost connection looks like a body's end, so a body has to say how long it is, unless its content shows its end by
    itself (`ends_itself`), as a JSON object does.
    """
    length = req.content_length
    if (length or 0) > largest:
        raise too_large(largest)
    try:
        async with asyncio.timeout(WITHIN):
            raw = await req.stream.read(largest + 1)
    except TimeoutError:
        raise falcon.HTTPError(408) from None
    if len(raw) > largest:
        raise too_large(largest)
    if length is None and raw and not ends_itself:
        raise falcon.HTTPLengthRequired
    if length is not None and len(raw) < length:
        raise falcon.HTTPBadRequest(description="The body is shorter than its Content-Length. Nothing was done.")
    return raw


def too_large(largest: int) -> falcon.HTTPContentTooLarge:
    """This will say how large a body may be."""
    return falcon.HTTPContentTooLarge(description=f"A body may have {largest // 1024} KiB.")
