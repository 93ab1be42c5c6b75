"""Stripe's interface, as far as the stand-in has it: who asks, what for, and whether it was asked before."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

from standins.cards import checkouts, forms, idempotency, listing, payments
from standins.cards.accounts import admitted
from standins.cards.books import Books
from standins.cards.errors import Refused
from standins.cards.faults import BEFORE, Faults
from standins.cards.store import Store
from standins.http import Reply, Request, in_json


class Api:
    """Answers what is asked below /v1; `changed` is called after what may have made an event."""

    def __init__(
        self,
        store: Store,
        faults: Faults,
        now: Callable[[], int],
        changed: Callable[[], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._faults = faults
        self._now = now
        self._changed = changed
        self._sleep = sleep
        self._under_way = idempotency.UnderWay()

    def answer(self, request: Request, site: str) -> Reply | None:
        """This will answer a request, or do what was ordered instead; None closes the connection without a reply."""
        number = {"Request-Id": f"req_{secrets.token_hex(7)}"}
        try:
            with self._store.reading() as connection:
                account = admitted(connection, request.headers.get("authorization", ""))
            operation, work = self._work(request, site)
            key = request.headers.get("idempotency-key") if request.method == "POST" else None
            with self._under_way.alone(account, key):
                fault = self._faults.take(account, BEFORE, operation)
                if fault is not None and fault.kind == "drop-before":
                    return None
                if fault is not None and fault.kind == "unavailable":
                    raise Refused(503, "api_error", "Stripe is out of order, as ordered.")
                if fault is not None:
                    # A message that is late on its way: it is worked on when it arrives, whoever may have stopped waiting.
                    self._sleep(fault.seconds)
                status, document, is_again = self._done(account, key, request, work)
        except Refused as refusal:
            return in_json(refusal.status, refusal.document(), **number)
        if request.method == "POST":
            self._changed()
        if self._faults.take(account, ("lose-reply",), operation) is not None:
            return None
        return in_json(status, document, **number, **({"Idempotent-Replayed": "true"} if is_again else {}))

    def _done(
        self, account: str, key: str | None, request: Request, work: Callable[[Books], dict[str, Any]]
    ) -> tuple[int, dict[str, Any], bool]:
        """Status and document, and whether they were answered before. All is on the disk afterwards, or nothing."""
        now = self._now()
        asked = idempotency.hashed(request.method, request.path, request.body)
        with self._store.writing() as connection:
            books = Books(connection, account, now, self._faults)
            checkouts.sweep(books)
            if key is not None and (before := idempotency.kept(connection, account, key, asked, now)):
                return (*before, True)
            try:
                status, document = 200, work(books)
            except Refused as refusal:
                if not refusal.is_kept:
                    raise
                status, document = refusal.status, refusal.document()
            if key is not None:
                idempotency.keep(connection, account, key, asked, now, status, document)
        return status, document, False

    def _work(self, request: Request, site: str) -> tuple[str, Callable[[Books], dict[str, Any]]]:
        """The name of what is asked for, and how it is done."""
        given = forms.decoded(request.query if request.method == "GET" else _text(request.body))
        match [request.method, *request.path.strip("/").split("/")[1:]]:
            case ["POST", "checkout", "sessions"]:
                return "open", lambda books: checkouts.told(checkouts.create(books, given, site))
            case ["GET", "checkout", "sessions", id]:
                return "look", lambda books: _shown(books, checkouts.told(books.get("checkout.session", id)), given)
            case ["POST", "checkout", "sessions", id, "expire"]:
                return "expire", lambda books: _shown(books, checkouts.told(checkouts.expire(books, id)), given)
            case ["GET", "payment_intents", id]:
                return "look", lambda books: _shown(books, books.get("payment_intent", id), given)
            case ["POST", "payment_intents", id, "capture"]:
                return "capture", lambda books: _shown(books, payments.capture(books, id, given), given)
            case ["POST", "payment_intents", id, "cancel"]:
                return "release", lambda books: _shown(books, payments.cancel(books, id, given), given)
            case ["GET", ("payment_intents" | "events" | "refunds" | "disputes") as name]:
                kind = name.removesuffix("s")
                return "list", lambda books: listing.listed(books, kind, f"/v1/{name}", given)
            case ["GET", "events", id]:
                return "look", lambda books: books.get("event", id)
        message = f"Unrecognized request URL ({request.method}: {request.path[:200]})."
        raise Refused(404, "invalid_request_error", message)


def _shown(books: Books, document: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    return listing.expanded(books, document, given)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Refused(400, "invalid_request_error", "The body is not UTF-8.") from None
