"""Which request is answered by whom. Nothing here knows of sockets."""

from __future__ import annotations

from standins.cards import pages
from standins.cards.api import Api
from standins.cards.counter import Counter
from standins.cards.errors import Refused
from standins.cards.inspection import Inspection
from standins.http import LARGEST_BODY, LOOPBACK_HOST, Reply, Request, in_json


class Web:
    """Answers requests. `answer` gives None where the connection shall be closed without a reply."""

    def __init__(self, api: Api, counter: Counter, inspection: Inspection) -> None:
        self._api = api
        self._counter = counter
        self._inspection = inspection

    def answer(self, request: Request) -> Reply | None:
        """This will answer a request."""
        host = request.headers.get("host", "")
        if not LOOPBACK_HOST.fullmatch(host):
            return _refusal(403, "This is reached at a loopback address only.")
        try:
            if request.path.startswith("/v1/"):
                return self._api.answer(request, f"http://{host}")
            if request.path.startswith("/c/pay/"):
                return self._counter.answer(request)
            if request.path == "/cards.css" and request.method in ("GET", "HEAD"):
                return Reply(200, pages.STYLE.encode(), {"Content-Type": "text/css; charset=utf-8"})
            if request.path == "/" and request.method in ("GET", "HEAD"):
                text = "Checkouts are paid here, with test cards only. What became of each: /__payments."
                return pages.notice(200, "Where credit cards are tried out", text, None)
            return self._inspection.answer(request)
        except Refused as refusal:
            return in_json(refusal.status, refusal.document())

    def too_large(self) -> Reply:
        """This will answer a request whose body is too large."""
        return _refusal(413, f"The body needs a Content-Length of at most {LARGEST_BODY}.")


def _refusal(status: int, message: str) -> Reply:
    return in_json(status, {"error": {"type": "invalid_request_error", "message": message}})
