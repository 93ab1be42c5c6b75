"""What a newcomer reads when `seed run` is up: where to go, and what to try there."""

from __future__ import annotations

import json
import shlex
import socket
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from cli.processes import Processes
from config import Settings


def welcome(settings: Settings, processes: Processes) -> None:
    """This will wait until the site answers, have the demo prepared, and say where to go; a failure stops the processes."""
    try:
        _wait_for_site(settings)
        if settings.utility_codes:
            click.echo(f"\n  Seed runs at {settings.url}    (Ctrl-C stops it)\n")
            return
        import_module("cli.demo").prepare(settings)
        demo = json.loads((settings.data_dir / "demo.json").read_text())
        click.echo("\n".join(["", *(f"  {line}" for line in _lines(demo, settings.data_dir / "demo.json")), ""]))
    except Exception as error:
        click.echo(f"seed: The demo could not be prepared: {error}", err=True)
        processes.fail()


def _lines(demo: dict[str, Any], path: Path) -> list[str]:
    history = f"{demo['api']}/accounts/{demo['utilities'][0]['accounts'][0]['number']}/history"
    utility = demo["utilities"][0]
    card = next((card for card in utility["cards"] if card["state"] == "activated"), None)
    account = next((account for account in utility["accounts"] if account.get("password")), None)
    low = next((account for account in utility["accounts"] if account["buys_little"] and account.get("password")), None)
    person = utility["people"][0]
    return [
        "Seed is up.    (Ctrl-C stops it)",
        "",
        f"The site         {demo['site']}",
        *(f"  {other['code']:<14} {other['site']}" for other in demo["utilities"][1:]),
        f"The inbox        {demo['inbox']}    every e-mail and SMS that Seed sends",
        f"The API          {demo['openapi']}",
        *([f"A login          account {account['number']}, password {account['password']}"] if account else []),
        *([f"A low balance    account {low['number']}, password {low['password']}: its notice is in the inbox"] if low else []),
        *([f"A Juice card     serial {card['serial']}, code {card['code']}"] if card and account else []),
        *([f"  to redeem for  meter {account['meter']}"] if card and account else []),
        f"A credit card    4242 4242 4242 4242, any month to come, any code: no money moves; paid at {demo['credit_cards']}",
        f"The console      {demo['site']}/console    name {person['name']}, password {person['password']}",
        f"  and its code   {_environment(path.parent)}.venv/bin/seed people code {person['name']}",
        f"  other people   under `people` in {path}",
        f"API keys         {', '.join(demo['keys'])}: under `keys` in {path}",
        f"  try            curl -H 'Authorization: Bearer {demo['keys']['auditor']}' {history}",
    ]


def _environment(data_dir: Path) -> str:
    """What another terminal must be told to find the same data."""
    return "" if data_dir == Settings.from_environment({}).data_dir else f"SEED_DATA_DIR={shlex.quote(str(data_dir))} "


def _wait_for_site(settings: Settings) -> None:
    while True:
        try:
            socket.create_connection((settings.host, settings.port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
