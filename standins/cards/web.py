"""Which request is answered by whom. Nothing here knows of sockets."""

from __future__ import annotations

import re

from standins.cards import pages
from standins.cards.api import Api
from standins.cards.counter import Counter
from standins.cards.errors import Refused
from standins.cards.http import Reply, Request, in_json
from standins.cards.inspection import Inspection

LOOPBACK_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?")


class Web:
    """Answers requests. `answer` gives None where the connection shall be closed without a reply."""

    def __init__(self, api: Api, counter: Counter, inspection: Inspection) -> None:
        self._api = api
        self._counter = counter
        self._inspection = inspection

    def answer(self, request: Request) -> Reply | None:
        """This will answer a request."""
        # A page elsewhere that points a name of its own at loopback must not reach what is here.
        host = request.headers.get("host", "")
        if not LOOPBACK_HOST.fullmatch(host):
            return in_json(
                403, {"error": {"type": "invalid_request_error", "message": "This is reached at a loopback address only."}}
            )
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
