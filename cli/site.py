"""The application that `seed web` serves, made in each worker after the fork."""

from __future__ import annotations

from functools import partial

from falcon.asgi import App, Request, Response

from cli.deployment import services
from config import Settings
from web.app import create_app
from web.middleware.policy import Policy


def application(settings: Settings) -> App[Request, Response]:
    """This will make the site and the API of these settings."""
    policy = Policy(secure=settings.cookies_are_secure, trusted_proxies=settings.trusted_proxies)
    return create_app(partial(services, settings), policy, metrics_folder=settings.metrics_dir)
