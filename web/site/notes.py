"""Small notes that the browser keeps from one page to the next: a form ends in a redirect, and its outcome in no URL."""

from __future__ import annotations

import base64
import binascii

import msgspec
from falcon.asgi import Request, Response

from web.middleware.policy import Policy

LASTS = 30 * 60
"""Seconds."""


def leave(req: Request, resp: Response, name: str, content: list[str]) -> None:
    """This will give the browser a note that no script can read and that lasts half an hour."""
    _set(req, resp, name, base64.urlsafe_b64encode(msgspec.json.encode(content)).decode(), LASTS)


def drop(req: Request, resp: Response, name: str) -> None:
    """This will have the browser forget a note."""
    _set(req, resp, name, "", 0)


def find(req: Request, name: str) -> list[str]:
    """This will give a note; nothing where there is none, or none that can be read."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(req.cookies.get(_name(req, name), "")), type=list[str])
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return []


def _set(req: Request, resp: Response, name: str, value: str, max_age: int) -> None:
    policy: Policy = req.context.policy
    resp.set_cookie(_name(req, name), value, max_age=max_age, path="/", secure=policy.secure, http_only=True, same_site="Lax")


def _name(req: Request, name: str) -> str:
    policy: Policy = req.context.policy
    return f"__Host-seed-{name}" if policy.secure else f"seed-{name}"
