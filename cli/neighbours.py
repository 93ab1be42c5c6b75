"""Whom Seed talks to where the settings name nobody: the stand-ins that `seed run` starts beside it."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import replace
from typing import Any

from cli.ground import NotReady, home
from config import Settings, UtilitySettings

logger = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds in which a stand-in has to say that it is ready; at its first start it makes up the demo."""


def with_juice(settings: Settings, *, waits: bool) -> Settings:
    """This will name the demo's utilities, their Juice and their provider of card payments where the settings name none.

    A service `waits` for the stand-ins, which may have been started in the same moment; a command does not. Raises NotReady.
    """
    if settings.utility_codes:
        return settings
    juice = _ready(settings, "juice", "SEED_UTILITIES", waits=waits)
    cards = _ready(settings, "cards", "SEED_UTILITIES", waits=waits)
    accounts = {each["code"]: each for each in cards["utilities"]}
    utilities = tuple(
        UtilitySettings(
            code=each["code"],
            hosts=(f"{each['code']}.localhost",),
            juice_url=f"{juice['url']}/u/{each['code']}",
            juice_key=each["key"],
            juice_advice=each.get("advice", True),
            cards_url=cards["url"],
            cards_key=accounts[each["code"]]["key"],
            cards_webhook_secret=accounts[each["code"]]["webhook_secret"],
        )
        for each in juice["utilities"]
    )
    return replace(settings, utility_codes=tuple(each.code for each in utilities), utilities=utilities)


def with_inbox(settings: Settings, *, waits: bool) -> Settings:
    """This will name the inbox's mail server and SMS gateway where the settings name no mail server. Raises NotReady."""
    if settings.smtp_host is not None:
        return settings
    inbox = _ready(settings, "inbox", "SEED_SMTP_HOST", waits=waits)
    mail, sms = inbox["smtp"], inbox["sms"]
    return replace(settings, smtp_host=mail["host"], smtp_port=mail["port"], sms_url=sms["url"], sms_key=sms["key"])


def _ready(settings: Settings, name: str, setting: str, *, waits: bool) -> dict[str, Any]:
    path = (settings.data_dir if waits else home(settings)).absolute() / f"{name}.ready"
    patience = PATIENCE if waits else 0.0
    deadline = time.monotonic() + patience
    if waits and not path.exists():
        logger.info("waiting for %s", path)
    while not path.exists():
        if time.monotonic() >= deadline:
            when = f" did not appear in {patience:.0f} s" if waits else " is missing"
            raise NotReady(f"{path}{when}: start everything with `seed run`, or set {setting}.")
        time.sleep(0.05)
    told: dict[str, Any] = json.loads(path.read_text())
    return told


DEMO_CODES = ("harbour", "lakeside")
"""The demo's utilities, in the order in which they answer; the stand-ins serve the same."""


def utility_codes(settings: Settings) -> tuple[str, ...]:
    """This will give the codes of the utilities: SEED_UTILITIES, or the demo's."""
    return settings.utility_codes or DEMO_CODES
