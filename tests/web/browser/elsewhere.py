"""The other utility: what its customer, and a session from this one, find there of this one's customers. Nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.web.browser.walks import customer_of, log_in

OWN_PAGES = ("/dashboard", "/tokens")


class Strangers:
    """The customer of each utility who asks for what is the other's: logged in once, for all walks of a file."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def come_in(self, page: Page, site: dict[str, Any], utility: dict[str, Any]) -> None:
        """This will have the page belong to somebody who is logged in."""
        if utility["code"] not in self._kept:
            account = customer_of(utility)
            log_in(page, {**site, "site": utility["site"]}, account["number"], account["password"])
            page.wait_for_url("**/dashboard*")
            self._kept[utility["code"]] = page.context.cookies()
        page.context.add_cookies(self._kept[utility["code"]])


class Elsewhere:
    """What is tried at the other utility, in windows of its own."""

    def __init__(self, window: Callable[..., Any], site: dict[str, Any], strangers: Strangers) -> None:
        self.utility = site["other"]
        self.site = {**site, "site": self.utility["site"], "utility": self.utility, "other": site["utility"]}
        self._window, self._strangers = window, strangers

    def must_not_meet(self, page: Page, *paths: str, words: tuple[str, ...] = ()) -> None:
        """This will see that whoever is logged in on `page` is nobody there, that a customer of there who asks for the same
        `paths` finds nothing, and that none of the `words` is on that customer's own pages."""
        expect(page.get_by_role("button", name="Log out")).to_be_visible()
        session = next(cookie for cookie in page.context.cookies() if cookie["name"] == "seed")
        with self._window(refusals=True) as there:
            there.context.add_cookies([{"name": "seed", "value": session["value"], "url": self.utility["site"]}])
            there.goto(f"{self.utility['site']}/dashboard")
            there.wait_for_url("**/login")
            there.context.clear_cookies()
            self._finds_nothing(there, paths)
            for own in OWN_PAGES if words else ():
                there.goto(f"{self.utility['site']}{own}")
                expect(there.get_by_role("button", name="Log out")).to_be_visible()
                shown = there.content()
                assert not [word for word in words if word in shown], f"{own} of {self.utility['code']}"

    def knows_no_desk_of(self, page: Page, path: str) -> None:
        """This will see that whoever is signed in at the console on `page` has to sign in there."""
        session = next(cookie for cookie in page.context.cookies() if cookie["name"] == "seed-console")
        with self._window(refusals=True) as there:
            there.context.add_cookies([{"name": "seed-console", "value": session["value"], "url": self.utility["site"]}])
            there.goto(f"{self.utility['site']}{path}")
            there.wait_for_url("**/console/sign-in*")

    def finds_nothing(self, *paths: str) -> None:
        """This will see that a customer of there who asks for `paths` is told that nothing is there."""
        with self._window(refusals=True) as there:
            self._finds_nothing(there, paths)

    def does_not_know(self, link: str) -> None:
        """This will see that a link that was sent to this utility's customer opens nothing there."""
        path = link.partition("://")[2].partition("/")[2]
        with self._window(refusals=True) as there:
            reply = there.goto(f"{self.utility['site']}/{path}")
            assert reply is not None and reply.status in (404, 410), link
            expect(there.locator("main form")).to_have_count(0)

    def _finds_nothing(self, there: Page, paths: tuple[str, ...]) -> None:
        self._strangers.come_in(there, self.site, self.utility)
        for path in paths:
            there.goto(f"{self.utility['site']}{path}")
            expect(there.locator("h1")).to_contain_text("Not found")


def path_of(page: Page) -> str:
    """This will give where a page is, without its site and query."""
    return "/" + page.url.partition("://")[2].partition("/")[2].partition("?")[0].partition("#")[0]
