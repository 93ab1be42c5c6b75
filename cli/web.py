"""`seed web`: the site under gunicorn, on its asgi worker."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib import import_module
from typing import Any

import click
from gunicorn.app.base import BaseApplication
from gunicorn.config import Config
from gunicorn.glogging import Logger

from cli.web_server import ImpatientWorker
from config import Settings, count_together

CONNECTIONS = 500
"""Of clients, at once, for each process: half of the 1,024 open files that a process usually may have."""


@click.command()
@click.pass_obj
def web(settings: Settings) -> None:
    """Serve the site and the API on HOST and PORT, with SEED_WEB_WORKERS processes."""
    shutil.rmtree(settings.metrics_dir, ignore_errors=True)
    settings.metrics_dir.mkdir(mode=0o700, parents=True)
    count_together(settings.metrics_dir)
    import_module("cli.site")  # before the fork, so that the workers share the code
    Site(settings).run()


def _forget_process(server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


class Site(BaseApplication):  # type: ignore[misc]
    """Gunicorn with our settings and nobody else's: neither its own file nor its own environment variable is read."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """This will tell gunicorn how to run."""
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        options = {
            "bind": f"{host}:{self._settings.port}",
            "workers": self._settings.web_workers,
            "worker_class": ImpatientWorker,
            "worker_connections": CONNECTIONS,
            "asgi_lifespan": "on",
            # The worker itself stops sooner; this is when the arbiter loses patience with one that hangs.
            "graceful_timeout": 10,
            "timeout": 60,
            # Who the client is, the site decides itself by SEED_TRUSTED_PROXIES.
            "forwarded_allow_ips": "",
            "control_socket_disable": True,
            "proc_name": "seed-web",
            "child_exit": _forget_process,
            "logger_class": Lines,
            "loglevel": self._settings.log_level,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        """This will make the application, in each worker after the fork: code is shared, connections are not."""
        from cli.site import application

        made: Callable[..., Any] = application(self._settings)
        return made


class Lines(Logger):  # type: ignore[misc]
    """Gunicorn's own news as JSON lines, like everybody's."""

    def setup(self, cfg: Config) -> None:
        """This will leave writing to the root logger's handler."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
