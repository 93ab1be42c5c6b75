"""The application that `seed web` serves, made in each worker after the fork."""

from __future__ import annotations

import os
from functools import partial

from cli.web_services import services
from config import Settings
from web.app import create_app
from web.middleware.busy import BusyAnswer
from web.middleware.lanes import Room
from web.middleware.load_shedding import LoadShedding
from web.middleware.policy import Policy


def application(settings: Settings) -> LoadShedding:
    """This will make the site and the API of these settings, in front of which the excess is sent away."""
    policy = Policy(secure=settings.cookies_are_secure, trusted_proxies=settings.trusted_proxies)
    app = create_app(partial(services, settings), policy, metrics_folder=settings.metrics_dir)
    room = Room(at_once=settings.at_once, longest=settings.longest_queue, patience=settings.patience)
    return LoadShedding(app, room, BusyAnswer(policy, os.urandom))
