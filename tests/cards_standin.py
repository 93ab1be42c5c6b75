"""The stand-in for the provider of credit-card payments as a fixture: `cards_standin`, with a site that takes its webhooks."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from vending.card_provider import Order
from vending.card_provider_stripe import StripeCards

ROOT = Path(__file__).parent.parent

PAYS, CHALLENGES = "4242 4242 4242 4242", "4000 0027 6000 3184"
DECLINED, POOR, EXPIRED = "4000 0000 0000 0002", "4000 0000 0000 9995", "4000 0000 0000 0069"


class CardsStandin:
    """The running stand-in with the accounts `blue` and `green`. `base_url`, keys and secrets stay the same over a restart."""

    def __init__(self, state: Path, site: str) -> None:
        self.state = state
        self._site = site
        self._ready_file = state / "ready.json"
        self.base_url = ""
        self.start()

    def start(self) -> None:
        """This will start the process and wait until it listens."""
        port = self.base_url.rpartition(":")[2] or "0"
        accounts = [word for code in ("blue", "green") for word in ("--account", f"{code}={self._site}/{code}")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "standins.cards", "--port", port, "--state", str(self.state)]
            + ["--ready-file", str(self._ready_file), *accounts],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while not self._ready_file.exists():
            assert self._process.poll() is None and time.monotonic() < deadline, "the cards stand-in did not start"
            time.sleep(0.02)
        ready = json.loads(self._ready_file.read_text())
        self.base_url = ready["url"]
        self._accounts = {each["code"]: each for each in ready["utilities"]}

    def key(self, code: str = "blue") -> str:
        """The key of an account."""
        return str(self._accounts[code]["key"])

    def webhook_secret(self, code: str = "blue") -> str:
        """The secret of an account's webhooks."""
        return str(self._accounts[code]["webhook_secret"])

    def client(self, code: str = "blue", **options: Any) -> StripeCards:
        """A client of an account, with connections of its own."""
        options = {"url": self.base_url, "timeout_s": 30.0, **options}
        return StripeCards(code, options.pop("key", self.key(code)), self.webhook_secret(code), **options)

    def pay(
        self, url: str, number: str = PAYS, *, expiry: str = "12 / 40", cvc: str = "123", name: str = "A. Payer"
    ) -> httpx.Response:
        """This will type a card on a checkout's page, and give what comes of it: 303, wherever it leads, or the page again."""
        return httpx.post(url, data={"number": number, "expiry": expiry, "cvc": cvc, "name": name}, timeout=120)

    def meet_challenge(self, url: str, answer: str = "complete") -> httpx.Response:
        """This will answer the question of the card's bank: complete or fail."""
        return httpx.post(f"{url.partition('#')[0]}/challenge", data={"answer": answer}, timeout=120)

    def payments(self, purchase_id: object = None) -> list[dict[str, Any]]:
        """What became of the payments (of one purchase): status, and how often authorised, declined, captured, released."""
        listed: list[dict[str, Any]] = httpx.get(f"{self.base_url}/__payments", timeout=120).raise_for_status().json()["payments"]
        return [each for each in listed if purchase_id is None or each["metadata"].get("purchase_id") == str(purchase_id)]

    def refund(self, payment_id: str, amount: int | None = None, **more: Any) -> dict[str, Any]:
        """This will give money back as the account's staff does on the provider's pages; all that is left without an amount."""
        return self._ordered("refunds", {"payment": payment_id, "amount": amount, **more})

    def dispute(self, payment_id: str, amount: int | None = None, status: str = "needs_response") -> dict[str, Any]:
        """This will have the customer's bank demand money back, or bring what it demanded before to another status."""
        return self._ordered("disputes", {"payment": payment_id, "amount": amount, "status": status})

    def _ordered(self, what: str, order: dict[str, Any]) -> dict[str, Any]:
        reply: dict[str, Any] = httpx.post(f"{self.base_url}/__{what}", json=order, timeout=120).raise_for_status().json()
        return reply

    def waiting_webhooks(self) -> list[dict[str, Any]]:
        """The webhooks that are not taken yet."""
        listed: list[dict[str, Any]] = httpx.get(f"{self.base_url}/__webhooks").raise_for_status().json()["waiting"]
        return listed

    def let_webhooks_go(self, order: str = "as-made") -> None:
        """This will let go the webhooks that are held back: as-made or reversed."""
        httpx.post(f"{self.base_url}/__webhooks", json={"order": order}).raise_for_status()

    def faults(self, kind: str, times: int = 1, **more: Any) -> None:
        """This will order a fault (docs/cards.md); `on` is open, expire, capture, release, look or list."""
        httpx.post(f"{self.base_url}/__faults", json={"kind": kind, "times": times, **more}).raise_for_status()

    def without_faults(self) -> None:
        """This will throw away all orders for faults, and start the process where a test left it dead."""
        if self._process.poll() is not None:
            self.restart()
        httpx.delete(f"{self.base_url}/__faults").raise_for_status()

    def kill(self) -> None:
        """This will end the process with SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """This will ask the process to end."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """This will kill the process, where it runs, and start it again in its place."""
        self.kill()
        self._ready_file.unlink(missing_ok=True)
        self.start()

    def _end(self, number: signal.Signals) -> None:
        if self._process.poll() is None:
            self._process.send_signal(number)
        self._process.wait(60)


class WebhookSite:
    """A site on loopback that takes webhooks, and has a page wherever payers go back to.

    `came` has path, body and signature of each webhook; `statuses` are answered first, then 200.
    """

    def __init__(self) -> None:
        self.came: list[tuple[str, bytes, str]] = []
        self.statuses: list[int] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # noqa: N802 (the standard library's name)
                body = self.rfile.read(int(self.headers["Content-Length"]))
                site.came.append((self.path, body, self.headers["Stripe-Signature"]))
                self.send_response(site.statuses.pop(0) if site.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:  # noqa: N802 (the standard library's name)
                page = b"<!doctype html><title>Shop</title><h1>The shop</h1>"
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def wait_for(self, count: int, about: str = "", seconds: float = 60) -> list[tuple[dict[str, Any], bytes, str]]:
        """This will wait for so many webhooks that hold a text, and give document, body and signature of each."""
        deadline = time.monotonic() + seconds
        while True:
            found = [(json.loads(body), body, signature) for _, body, signature in list(self.came) if about.encode() in body]
            if len(found) >= count:
                return found
            assert time.monotonic() < deadline, f"{len(found)} of {count} webhooks came within {seconds} s"
            time.sleep(0.02)

    def close(self) -> None:
        """This will end the server."""
        self._server.shutdown()
        self._server.server_close()


def order(**changes: Any) -> Order:
    """A checkout's order that nobody has made before."""
    plain: dict[str, Any] = {
        "key": uuid4(),
        "purchase_id": uuid4(),
        "amount": 25000,
        "currency": "ZAR",
        "description": "Electricity",
        "success_url": "http://127.0.0.1:9/bought?checkout={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:9/buy",
        "language": "en",
        "expires_at": datetime.now(UTC) + timedelta(hours=1),
    }
    return Order(**plain | changes)


@pytest.fixture(scope="session")
def webhook_site() -> Iterator[WebhookSite]:
    """Where the stand-in's webhooks go."""
    site = WebhookSite()
    yield site
    site.close()


@pytest.fixture(scope="session")
def cards_process(tmp_path_factory: pytest.TempPathFactory, webhook_site: WebhookSite) -> Iterator[CardsStandin]:
    """The process that the tests of one run share."""
    running = CardsStandin(tmp_path_factory.mktemp("cards"), webhook_site.url)
    yield running
    running.stop()


@pytest.fixture
def cards_standin(cards_process: CardsStandin, webhook_site: WebhookSite) -> CardsStandin:
    """A provider of credit-card payments: running, and without orders for faults."""
    webhook_site.statuses.clear()
    cards_process.without_faults()
    return cards_process
