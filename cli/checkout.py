"""Parts of the tests that commands run: only a checkout has them."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click


def part(name: str) -> Any:
    """This will give a module of the tests, such as `tests.torture.torture`."""
    sys.path.insert(0, str(Path(__file__).parent.parent))
    try:
        return import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name is not None and missing.name.partition(".")[0] != "tests":
            raise click.ClickException(f"This needs {missing.name}: `make test` installs it.") from None
        raise click.ClickException("This is in Seed's source: run it in a checkout.") from None
