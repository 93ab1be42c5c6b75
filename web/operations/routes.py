"""The addresses that operators' machines know; outside the API, since they are not versioned with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from falcon.asgi import App

from web.operations import health, metrics


def add_operations(app: App[Any, Any], metrics_folder: Path | None) -> None:
    """This will add them."""
    app.add_route("/healthz", health.Live())
    app.add_route("/readyz", health.Ready())
    app.add_route("/metrics", metrics.Metrics(metrics_folder))
