"""The wire: which request is answered how. Nothing here knows of sockets."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Callable
from typing import Any

from standins.http import LARGEST_BODY, Reply, Request, in_json
from standins.juice import card_status, feeds, fields, ledger, shares
from standins.juice.demo.listing import listing
from standins.juice.faults import BEFORE, Faults
from standins.juice.problems import Problem, bad_field
from standins.juice.sales import Sales, rfc3339
from standins.juice.store import Store

MEDIA_TYPE = "juice.v1"
TARGET = ("account", "meter")


class Web:
    """Answers requests. `answer` gives None where the connection shall be closed without a reply."""

    def __init__(self, store: Store, sales: Sales, faults: Faults, sleep: Callable[[float], None] = time.sleep) -> None:
        self._store = store
        self._sales = sales
        self._faults = faults
        self._sleep = sleep

    def answer(self, request: Request) -> Reply | None:
        """This will answer a request, or do what was ordered instead."""
        try:
            if request.path == "/__faults":
                return in_json(200, self._take_orders(request))
            match = re.fullmatch(r"/u/([a-z][a-z0-9]{1,30})(/[^?]*)", request.path)
            if match is None:
                raise Problem(404, "NoSuchResource", "There is nothing at this path.")
            return self._serve(match[1], match[2], request)
        except Problem as problem:
            return _told(problem)

    def too_large(self) -> Reply:
        """This will answer a request whose body is too large."""
        return _told(Problem(413, "BodyTooLarge", f"The body needs a Content-Length of at most {LARGEST_BODY}."))

    def _serve(self, utility: str, path: str, request: Request) -> Reply | None:
        if path == "/__demo":
            with self._store.reading() as connection:
                return in_json(200, listing(connection, utility))
        self._admit(utility, request)
        fault = self._faults.take(utility, path, BEFORE)
        if fault is not None:
            if fault.kind == "drop-before":
                return None
            if fault.kind == "unavailable":
                raise Problem(503, "Unavailable", "Juice is out of order.")
            if fault.kind == "refuse":
                raise Problem(409, fault.rule, "Juice will not, as ordered.")
            # A message that is late on its way: it is worked on when it arrives, whoever may have stopped waiting.
            self._sleep(fault.seconds)
        document = self._route(utility, path, request)
        if self._faults.take(utility, path, ("lose-reply",)) is not None:
            return None
        return in_json(200, document)

    def _admit(self, utility: str, request: Request) -> None:
        with self._store.reading() as connection:
            row = connection.execute("SELECT client_key FROM utilities WHERE code = ?", (utility,)).fetchone()
        if row is None:
            raise Problem(404, "UnknownUtility", "There is no such utility.")
        shown = request.headers.get("authorization", "")
        if not hmac.compare_digest(shown.encode(), f"Bearer {row['client_key']}".encode()):
            raise Problem(401, "Unauthorised", "The client key is missing or wrong.")
        if request.headers.get("x-juice-media-type") != MEDIA_TYPE:
            raise Problem(415, "MediaType", f"X-Juice-Media-Type must be {MEDIA_TYPE}.")

    def _route(self, utility: str, path: str, request: Request) -> dict[str, Any]:
        match [request.method, *path[1:].split("/")]:
            case ["GET", "utility"]:
                with self._store.reading() as connection:
                    return ledger.description_of(connection, utility)
            case ["GET", "feeds", feed] if feed in feeds.FEEDS:
                return self._feed(utility, feed, request.parameters)
            case ["GET", "transactions"]:
                return self._transactions(utility, request.parameters)
            case ["GET", "advices", message_id] if message_id:
                return self._sales.advise(utility, message_id)
            case ["POST", "customers", "confirm"]:
                return self._confirm(utility, fields.body(request.body, *TARGET))
            case ["POST", "cards", "check"]:
                return self._sales.check_card(utility, fields.body(request.body, "serial", "code"))
            case ["POST", "cards", "status"]:
                return self._card_status(utility, fields.body(request.body, "serial"))
            case ["POST", "vends", "trial"]:
                return self._sales.trial(utility, fields.body(request.body, "amount", *TARGET))
            case ["POST", "vends"]:
                return self._sales.vend(utility, fields.body(request.body, "message_id", "amount", "tender", *TARGET))
            case ["POST", "redemptions"]:
                return self._sales.redeem(utility, fields.body(request.body, "message_id", "serial", "code", *TARGET))
            case ["POST", "arrears", "limits"]:
                return self._share_limits(utility, fields.body(request.body, "account"))
            case ["POST", "arrears", "shares"]:
                return self._sales.take_share(utility, fields.body(request.body, "message_id", "account", "debt", "share"))
            case ["POST", "reprints"]:
                return self._reprint(utility, fields.body(request.body, "count", *TARGET))
        raise Problem(404, "NoSuchResource", "There is nothing at this path for this method.")

    def _confirm(self, utility: str, given: dict[str, Any]) -> dict[str, Any]:
        target = fields.target(given)
        with self._store.reading() as connection:
            customer = ledger.customer_of(connection, utility, target)
        return {
            "account": customer.account,
            "meters": list(customer.meters),
            "name": masked(customer.name),
            "can_buy": not customer.is_blocked,
            "balance": customer.balance,
        }

    def _share_limits(self, utility: str, given: dict[str, Any]) -> dict[str, Any]:
        _, account = fields.target(given)
        with self._store.reading() as connection:
            return shares.limits_of(connection, utility, account)

    def _card_status(self, utility: str, given: dict[str, Any]) -> dict[str, Any]:
        serial = fields.text(given, "serial")
        with self._store.reading() as connection:
            return card_status.status_of(connection, utility, serial)

    def _reprint(self, utility: str, given: dict[str, Any]) -> dict[str, Any]:
        count, target = fields.whole(given, "count", 1, fields.MOST_RECEIPTS), fields.target(given)
        with self._store.reading() as connection:
            ledger.customer_of(connection, utility, target)
            return {"receipts": feeds.latest_receipts(connection, utility, *target, count)}

    def _feed(self, utility: str, feed: str, query: dict[str, str]) -> dict[str, Any]:
        for name in query:
            if name not in ("after", "limit"):
                raise bad_field(name[:64], "is not a part of this query")
        after = fields.query_number(query, "after", 0, 0, 10**17)
        limit = fields.query_number(query, "limit", 500, 1, feeds.LARGEST_PAGE)
        with self._store.reading() as connection:
            return feeds.page(connection, utility, feed, after, limit)

    def _transactions(self, utility: str, query: dict[str, str]) -> dict[str, Any]:
        for name in query:
            if name not in ("since", "until", "after", "limit"):
                raise bad_field(name[:64], "is not a part of this query")
        since, until = (rfc3339(fields.query_moment(query, name)) for name in ("since", "until"))
        after = fields.query_number(query, "after", 0, 0, 10**17)
        limit = fields.query_number(query, "limit", 500, 1, feeds.LARGEST_PAGE)
        with self._store.reading() as connection:
            return feeds.transactions(connection, utility, since, until, after, limit)

    def _take_orders(self, request: Request) -> dict[str, Any]:
        if request.method == "POST":
            self._faults.order(fields.body(request.body, "kind", "times", "path", "seconds", "rule", "utility"))
        elif request.method == "DELETE":
            self._faults.clear()
        elif request.method != "GET":
            raise Problem(404, "NoSuchResource", "There is nothing at this path for this method.")
        return {"faults": self._faults.listed()}


def masked(name: str) -> str:
    """This will leave the first letter of each name: enough to recognise one's own, too little to learn another's."""
    return " ".join(part[0] + "•" * 4 for part in name.split())


def _told(problem: Problem) -> Reply:
    return in_json(problem.status, problem.document(), **{"Content-Type": "application/problem+json"})
