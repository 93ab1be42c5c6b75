"""Who walks, where and with what: each walk may be taken at both utilities, with JavaScript and without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser import opened
from tests.processes.people import source
from tests.running import Running
from tests.web.browser.console_walks import Desks
from tests.web.browser.elsewhere import Elsewhere, Strangers

Site = dict[str, Any]
Window = Callable[..., Any]


@pytest.fixture(scope="session")
def demo(running_portal: Running) -> dict[str, Any]:
    """What demo.json says."""
    return running_portal.demo


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def javascript(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs scripts."""
    return bool(request.param)


@pytest.fixture(params=[0, 1], ids=["at the first utility", "at the second"])
def place(request: pytest.FixtureRequest) -> int:
    """Which of the two utilities it is."""
    return int(request.param)


@pytest.fixture
def site(demo: dict[str, Any], place: int) -> Site:
    """The demo, as one utility's people see it: `utility` is theirs, `other` the one they must not meet."""
    utility, other = demo["utilities"][place], demo["utilities"][1 - place]
    return {**demo, "site": utility["site"], "utility": utility, "other": other}


@pytest.fixture
def window(browser: Browser, javascript: bool) -> Window:
    """Opens a phone's browser, for somebody at an address of their own."""
    return partial(opened, browser, javascript=javascript, extra_http_headers=source())


@pytest.fixture(scope="module")
def strangers() -> Strangers:
    """The sessions of each utility's customer who asks for what is the other's."""
    return Strangers()


@pytest.fixture
def elsewhere(window: Window, site: Site, strangers: Strangers) -> Elsewhere:
    """The other utility, where nothing of this one's customers may be met."""
    return Elsewhere(window, site, strangers)


@pytest.fixture(scope="session")
def desks() -> Desks:
    """The sessions of those who are signed in at a console: a code from a phone works once."""
    return Desks()


@pytest.fixture(scope="session")
def _newcomers(demo: dict[str, Any]) -> dict[str, Iterator[dict[str, Any]]]:
    def of(utility: dict[str, Any]) -> Iterator[dict[str, Any]]:
        reached = (a for a in utility["accounts"] if a["email"] and a["phone"] and a["meter_kind"] == "STS")
        return (a for a in reached if "password" not in a and not any(meter["blocked"] for meter in a["meters"]))

    return {utility["code"]: of(utility) for utility in demo["utilities"]}


@pytest.fixture
def newcomer(_newcomers: dict[str, Iterator[dict[str, Any]]], site: Site) -> dict[str, Any]:
    """An account with an STS meter, whose owner has no password yet, and that no other walk has had."""
    return next(_newcomers[site["utility"]["code"]])


@pytest.fixture(scope="session")
def _cards(demo: dict[str, Any]) -> dict[str, Iterator[dict[str, Any]]]:
    def of(utility: dict[str, Any]) -> Iterator[dict[str, Any]]:
        return (card for card in utility["cards"] if card["state"] == "activated")

    return {utility["code"]: of(utility) for utility in demo["utilities"]}


@pytest.fixture
def cards(_cards: dict[str, Iterator[dict[str, Any]]], site: Site) -> Iterator[dict[str, Any]]:
    """Cards of the utility that were sold, and that no other walk has had."""
    return _cards[site["utility"]["code"]]
