"""Whom Seed talks to where the settings name nobody: the stand-ins that `seed run` starts beside it."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from cli.ground import NotReady
from config import Settings, UtilitySettings

PATIENCE = 60.0
"""Seconds in which a stand-in has to say that it is ready; at its first start it makes up the demo."""


def with_neighbours(settings: Settings) -> Settings:
    """This will fill in Juice and the mail and SMS servers where the settings name none, once the stand-ins are ready."""
    if not settings.utility_codes:
        juice = _ready(settings.data_dir / "juice.ready", "SEED_UTILITIES")
        utilities = tuple(
            UtilitySettings(
                code=each["code"],
                hosts=(f"{each['code']}.localhost",),
                juice_url=f"{juice['url']}/u/{each['code']}",
                juice_key=each["key"],
            )
            for each in juice["utilities"]
        )
        settings = replace(settings, utility_codes=tuple(each.code for each in utilities), utilities=utilities)
    if settings.smtp_host is None:
        inbox = _ready(settings.data_dir / "inbox.ready", "SEED_SMTP_HOST")
        mail, sms = inbox["smtp"], inbox["sms"]
        settings = replace(settings, smtp_host=mail["host"], smtp_port=mail["port"], sms_url=sms["url"], sms_key=sms["key"])
    return settings


def _ready(path: Path, setting: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE
    while not path.exists():
        if time.monotonic() > deadline:
            raise NotReady(f"{path} did not appear in {PATIENCE:.0f} s: start everything with `seed run`, or set {setting}.")
        time.sleep(0.05)
    told: dict[str, Any] = json.loads(path.read_text())
    return told


DEMO_CODES = ("harbour", "lakeside")
"""The demo's utilities, in the order in which they answer; the Juice stand-in serves the same."""


def utility_codes(settings: Settings) -> tuple[str, ...]:
    """This will give the codes of the utilities: SEED_UTILITIES, or the demo's."""
    return settings.utility_codes or DEMO_CODES
