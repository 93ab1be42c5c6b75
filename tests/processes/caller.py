"""A person with the API, at one of the demo's utilities."""

from __future__ import annotations

import re
import time

import httpx

from tests.processes.people import is_low_balance, source

PASSWORD = re.compile(r"[0-9a-z]{4}(?:-[0-9a-z]{4}){6}")
LINK = re.compile(r"https?://\S+?/(undo|confirm|continue)/([\w=-]+)")


class Caller:
    """One person with a client of their own, from an address of their own, at the first utility or the one that is given."""

    def __init__(self, demo, utility=None):
        self.demo = demo
        self.utility = utility or demo["utilities"][0]
        # By the header: not every resolver knows names below localhost.
        headers = {**source(), "Host": self.utility["host"]} if utility else source()
        self.client = httpx.Client(base_url=demo["api"], headers=headers, timeout=120)

    def post(self, path, **body):
        return self.client.post(path, json=body)

    def log_in(self, account, password=None):
        """This will log in, and go on as who that is."""
        session = self.post("/session", number=account["number"], password=password or account["password"])
        assert session.status_code == 201, session.text
        self.client.headers["Authorization"] = f"Bearer {session.json()['token']}"
        return self

    def messages(self, to, count=1, seconds=120, low=False):
        deadline = time.monotonic() + seconds
        while True:
            caught = httpx.get(f"{self.demo['inbox']}/api/messages", params={"to": to}).json()["messages"]
            found = [message for message in caught if is_low_balance(message) == low]
            if len(found) >= count:
                return found
            assert time.monotonic() < deadline, f"{count} messages to {to} did not come"
            time.sleep(0.1)

    def confirm(self, account, email, phone):
        """This will confirm identity by the registered address."""
        question = self.post("/identity/questions", number=account["number"]).json()
        assert len(question["choices"]) == 10
        choice = next(choice["value"] for choice in question["choices"] if choice["label"] == account["address"])
        return self.post(
            "/identity/confirmations", account_ticket=question["account_ticket"], email=email, phone=phone, choice=choice
        )


def fresh(utility, numbers=iter(range(-1, -60, -1))):  # noqa: B008 (one iterator for all tests: each takes an account of its own)
    return utility["accounts"][next(numbers)]
