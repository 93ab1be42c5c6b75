"""Somebody who works at the utility comes in for the first time, and signs in, in a real browser."""

from __future__ import annotations

import subprocess
import time
from itertools import count

import pyotp
from playwright.sync_api import expect

from tests.running import ROOT, SEED, Running
from tests.web.browser.conftest import Site, Window
from tests.web.browser.console_walks import sign_in
from tests.web.browser.elsewhere import Elsewhere
from tests.web.browser.walks import seen

PASSWORD = "a lamp that burns all night"

people = count(1)


def invited(portal: Running, utility: str, name: str, role: str) -> str:
    """This will let somebody in on the command line, and give the link that is printed there."""
    command = [*SEED, "people", "add", name, "--role", role, "--utility", utility]
    done = subprocess.run(command, env=portal.environment, cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.split()[-1]


class APersonOfTheUtility:
    def test_comes_in_by_a_link_with_password_and_phone_and_signs_in(
        self, window: Window, site: Site, elsewhere: Elsewhere, running_portal: Running
    ) -> None:
        name = f"walker{next(people)}"
        link = invited(running_portal, site["utility"]["code"], name, "staff")
        with window(refusals=True) as page:
            elsewhere.does_not_know(link)
            page.goto(link)
            expect(page.locator("h1")).to_have_text(f"Welcome, {name}")
            seen(page)
            assert page.locator("img.qr").evaluate("image => image.naturalWidth") > 0
            phone = pyotp.TOTP(page.locator("code.secret").inner_text().replace(" ", ""))
            for code, said in (("000000", "not the code"), (phone.at(int(time.time())), None)):
                page.get_by_label("Your new password").fill(PASSWORD)
                page.get_by_label("The same again").fill(PASSWORD)
                page.get_by_label("The code that the app shows now").fill(code)
                page.get_by_role("button", name="Done").click()
                if said:
                    expect(page.get_by_role("alert")).to_contain_text(said)
                    seen(page)
            expect(page.locator("h1")).to_contain_text("You are set up")
            recovery = page.locator(".recovery code").all_inner_texts()
            assert len(set(recovery)) == 10
            seen(page)
            page.get_by_role("link", name="I have them: sign in").click()
            seen(page)
            sign_in(page, name, PASSWORD, "000000")
            expect(page.get_by_role("alert")).to_contain_text("do not go together")
            sign_in(page, name, PASSWORD, phone.at(int(time.time()) + 30))  # the present code was used for coming in
            expect(page.locator("h1")).to_have_text("Overview")
            expect(page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Requests")).to_be_visible()
            seen(page)
            page.get_by_role("button", name="Sign out").click()
            page.goto(f"{site['site']}/console")
            page.wait_for_url("**/console/sign-in*")
            for where, said in ((elsewhere.site, "do not go together"), (site, None)):
                page.goto(f"{where['site']}/console/sign-in")
                sign_in(page, name, PASSWORD, recovery[0])
                if said:
                    expect(page.get_by_role("alert")).to_contain_text(said)
            expect(page.locator("h1")).to_have_text("Overview")
            page.goto(link)
            expect(page.locator("main")).to_contain_text("This link was used, or has expired.")
            seen(page)
