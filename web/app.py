"""The application: takes objects, reads no environment."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from falcon.asgi import App, Request, Response

from web.api.routes import add_api
from web.api_docs.pages import add_docs
from web.console.routes import add_console
from web.middleware.admission import Admission
from web.middleware.errors import add_error_handlers
from web.middleware.headers import SecurityHeaders
from web.middleware.lifespan import Lifespan
from web.middleware.methods import HeadAsGet
from web.middleware.origin import SameOriginOnly
from web.middleware.policy import Policy
from web.middleware.requests import Requests
from web.operations.routes import add_operations
from web.services import Services
from web.site.routes import add_site

Opened = Callable[[], AbstractAsyncContextManager[Services]]


def create_app(opened: Opened, policy: Policy, *, metrics_folder: Path | None = None) -> App[Request, Response]:
    """This will make the ASGI application.

    `opened` opens the services once the worker process runs (a pool of connections does not survive a fork) and closes
    them when it stops. `metrics_folder` is where several processes count together.
    """
    lifespan = Lifespan(opened)
    passed: list[Any] = [
        lifespan,
        SecurityHeaders(policy),
        Requests(lifespan, policy),
        SameOriginOnly(),
        Admission(),
        HeadAsGet(),
    ]
    app: App[Request, Response] = App(middleware=passed)
    add_error_handlers(app)
    add_api(app)
    add_docs(app)
    add_site(app)
    add_operations(app, metrics_folder)
    add_console(app)
    return app
