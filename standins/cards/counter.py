"""The hosted page, as people go through it: the card, the bank's question, and back to where they came from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from standins.cards import checkouts, pages
from standins.cards.books import Books
from standins.cards.errors import Refused
from standins.cards.faults import Faults
from standins.cards.numbers import Typed
from standins.cards.store import Store
from standins.http import Reply, Request


class Counter:
    """Answers below /c/pay; `changed` is called after what may have made an event."""

    def __init__(self, store: Store, faults: Faults, now: Callable[[], int], changed: Callable[[], None]) -> None:
        self._store = store
        self._faults = faults
        self._now = now
        self._changed = changed

    def answer(self, request: Request) -> Reply:
        """This will answer a request."""
        match [request.method, *request.path.strip("/").split("/")[2:]]:
            case ["GET" | "HEAD", id]:
                return self._at(id, lambda _, session: _pay_or_go_on(session))
            case ["POST", id]:
                number, expiry, cvc, name = (_field(request, each) for each in ("number", "expiry", "cvc", "name"))
                typed = Typed(number, expiry, cvc, name)
                typed.check(datetime.fromtimestamp(self._now(), UTC))
                return self._at(id, lambda books, session: _pay(books, session, typed))
            case ["GET" | "HEAD", id, "challenge"]:
                return self._at(id, lambda _, session: _challenge(session))
            case ["POST", id, "challenge"]:
                answer = _field(request, "answer")
                return self._at(id, lambda books, session: _met(books, session, answer))
        return pages.notice(404, "There is nothing here", "Please go back to where you came from.", None)

    def _at(self, id: str, work: Callable[[Books, dict[str, Any]], Reply]) -> Reply:
        with self._store.writing() as connection:
            checkouts.sweep(Books(connection, "", self._now(), self._faults))
            row = connection.execute("SELECT account FROM objects WHERE id = ? AND kind = 'checkout.session'", (id,)).fetchone()
            if row is None:
                return pages.notice(404, "There is no such payment", "Please go back to where you came from.", None)
            books = Books(connection, row["account"], self._now(), self._faults)
            session = books.get("checkout.session", id)
            reply = work(books, session) if session["status"] == "open" else _over(session)
        self._changed()
        return reply


def _pay_or_go_on(session: dict[str, Any]) -> Reply:
    if "challenged" in session["standin"]:
        return _see(f"/c/pay/{session['id']}/challenge")
    return pages.pay(session)


def _pay(books: Books, session: dict[str, Any], typed: Typed) -> Reply:
    if typed.errors:
        return pages.pay(session, typed, status=422)
    checkouts.pay(books, session, typed.outcome())
    if session["status"] != "open":
        return _see(_success(session))
    # Also after a decline: what is typed anew comes by another way than what was typed before.
    return _see(f"/c/pay/{session['id']}" + ("/challenge" if "challenged" in session["standin"] else ""))


def _challenge(session: dict[str, Any]) -> Reply:
    return pages.challenge(session) if "challenged" in session["standin"] else _see(f"/c/pay/{session['id']}")


def _met(books: Books, session: dict[str, Any], answer: str) -> Reply:
    if answer not in ("complete", "fail"):
        raise Refused(400, "invalid_request_error", "answer: must be complete or fail", param="answer")
    if "challenged" in session["standin"]:
        checkouts.meet_challenge(books, session, is_met=answer == "complete")
    return _see(_success(session) if session["status"] != "open" else f"/c/pay/{session['id']}")


def _over(session: dict[str, Any]) -> Reply:
    if session["status"] == "complete":
        return pages.notice(200, "This is paid already", "You will not be charged again.", _success(session))
    return pages.notice(410, "This page has expired", "Nothing was taken from your card.", session["cancel_url"])


def _success(session: dict[str, Any]) -> str:
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _see(address: str) -> Reply:
    return Reply(303, b"", {"Location": address, "Cache-Control": "no-store"})


def _field(request: Request, name: str) -> str:
    given = parse_qs(request.body.decode(errors="replace"), keep_blank_values=True, max_num_fields=20)
    return given.get(name, [""])[0][:200]
