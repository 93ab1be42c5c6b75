"""Every route of the site."""

from __future__ import annotations

from falcon.asgi import App


def add_site(app: App) -> None:
    """This will add the site's routes."""
