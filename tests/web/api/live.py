"""The application without its services: for what can be known of it before it runs."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from functools import cache
from typing import Any

from falcon.asgi import App

from web.access.matrix import API
from web.app import create_app
from web.middleware.policy import Policy
from web.services import Services


def _never() -> AbstractAsyncContextManager[Services]:
    raise AssertionError("nothing is opened here")


@cache
def application() -> App[Any, Any]:
    """This will make it once."""
    return create_app(_never, Policy())


@cache
def document() -> dict[str, Any]:
    """This will give the OpenAPI document of the live routes."""
    found = application()._router.find(f"{API}/openapi.json")
    return dict(found[0].document)
