"""The whole running portal with a recorder on each of its wires."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.in_the_clear.recorder import Part, Recorder
from tests.running import PATIENCE, Running, tended


class Tapped(Running):
    """Whoever asks the site at `site`, as the provider's webhooks do, is recorded, and so is what Seed asks of its neighbours."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._recorders = {"site": Recorder("site", f"http://127.0.0.1:{self.port}")}

    @property
    def site(self) -> str:
        """The site's address, recorded."""
        return self._recorders["site"].url

    @property
    def keys(self) -> list[str]:
        """By which Seed and its neighbours know each other."""
        juice, cards, inbox = (json.loads((self.folder / f"{name}.ready").read_text()) for name in ("juice", "cards", "inbox"))
        shared = [each[name] for each in cards["utilities"] for name in ("key", "webhook_secret")]
        return [*shared, *(each["key"] for each in juice["utilities"]), inbox["sms"]["key"]]

    def forget(self) -> None:
        """This will forget all that was said until now."""
        for recorder in self._recorders.values():
            recorder.parts.clear()

    @property
    def parts(self) -> list[Part]:
        """All that was said until now, and every letter that was sent, as the inbox caught it."""
        caught = httpx.get(f"{self.demo['inbox']}/api/messages", timeout=120).raise_for_status().json()["messages"]
        letters = [Part("mail", "request", "body", json.dumps(each, ensure_ascii=False)) for each in caught]
        return [*letters, *(part for recorder in self._recorders.values() for part in recorder.parts)]

    def stop(self) -> None:
        super().stop()
        for recorder in self._recorders.values():
            recorder.stop()

    def environment_of(self, name: str) -> dict[str, str]:
        # The provider tells the site what happened: over the recorder.
        told = {"PORT": str(self._recorders["site"].port)} if name == "cards" else {}
        return super().environment_of(name) | told

    def _keep(self, name: str) -> None:
        super()._keep(name)
        if name in ("juice", "cards", "inbox"):
            self._tap(name)

    def _tap(self, name: str) -> None:
        """This will have a neighbour be asked over a recorder: where it is, all others learn from its file."""
        path = self.folder / f"{name}.ready"
        deadline = time.monotonic() + PATIENCE
        while not path.exists():
            assert time.monotonic() < deadline, f"{name} is not ready"
            time.sleep(0.05)
        told: dict[str, Any] = json.loads(path.read_text())
        wire, place = ("sms", told["sms"]) if name == "inbox" else (name, told)
        base, slash, rest = place["url"].removeprefix("http://").partition("/")
        recorder = self._recorders[wire] = Recorder(wire, f"http://{base}")
        place["url"] = recorder.url + slash + rest
        path.write_text(json.dumps(told))


@contextmanager
def tapped(folder: Path) -> Iterator[Tapped]:
    """This will run the whole portal, recorded, as long as the block."""
    with tended(Tapped(folder)) as portal:
        yield portal
