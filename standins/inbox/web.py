"""The web half: the SMS gateway, the page on which caught messages are read, the same as JSON, and the orders for faults."""

from __future__ import annotations

import hmac
import json
import re
import time
from dataclasses import asdict
from typing import Any

from standins.http import LARGEST_BODY, LOOPBACK_HOST, Reply, Request, in_json
from standins.inbox import pages
from standins.inbox.faults import BadOrder, Faults
from standins.inbox.store import Caught, Store

ON_A_PAGE, IN_JSON = 50, 1000
E164 = re.compile(r"\+[1-9]\d{6,14}")
# No script, nothing from elsewhere; a mail's own page is in a sandbox besides.
PAGE_POLICY = "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'"
MAIL_POLICY = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class Refused(Exception):
    """The request cannot be met; carries the status and what to say."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class Web:
    """Answers requests. `sms_key` is what the gateway's client must show."""

    def __init__(self, store: Store, faults: Faults, sms_key: str) -> None:
        self._store = store
        self._faults = faults
        self._sms_key = sms_key

    def answer(self, request: Request) -> Reply | None:
        """This will answer one request; None means that the connection breaks without a reply, as was ordered."""
        if not LOOPBACK_HOST.fullmatch(request.headers.get("host", "")):
            return problem(403, "the inbox is read at a loopback address only")
        try:
            match request.method, [part for part in request.path.split("/") if part]:
                case "GET" | "HEAD", []:
                    return self._list(request)
                case "GET" | "HEAD", ["messages", id]:
                    return _page(pages.message(self._message(id)), PAGE_POLICY)
                case "GET" | "HEAD", ["messages", id, "html"]:
                    return _page(pages.mail(self._message(id)), MAIL_POLICY)
                case "GET" | "HEAD", ["inbox.css"]:
                    return Reply(200, pages.STYLE.encode(), {"Content-Type": "text/css; charset=utf-8"})
                case "GET" | "HEAD", ["api", "messages"]:
                    return self._json(request)
                case "DELETE", ["api", "messages"]:
                    self._store.clear()
                    return Reply(204)
                case "POST", ["sms"]:
                    return self._take_sms(request)
                case "POST", ["__faults"]:
                    self._faults.order(_body(request))
                    return Reply(204)
                case "GET", ["__faults"]:
                    return in_json(200, {"faults": self._faults.listed()})
                case "DELETE", ["__faults"]:
                    self._faults.clear()
                    return Reply(204)
            return problem(404, "there is nothing here")
        except Refused as refusal:
            return problem(refusal.status, str(refusal))
        except BadOrder as refusal:
            return problem(422, str(refusal))

    def too_large(self) -> Reply:
        """This will answer a request whose body is too large."""
        return problem(413, f"the body needs a Content-Length of at most {LARGEST_BODY}")

    def _list(self, request: Request) -> Reply:
        to, before = request.parameters.get("to", ""), _number(request, "before", None)
        found = self._store.newest(before, to, ON_A_PAGE + 1)
        older = found[ON_A_PAGE - 1].id if len(found) > ON_A_PAGE else None
        refresh = request.parameters.get("refresh") == "on"
        return _page(pages.listing(found[:ON_A_PAGE], to=to, older=older, newest=before is None, refresh=refresh), PAGE_POLICY)

    def _message(self, id: str) -> Caught:
        found = self._store.get(int(id)) if re.fullmatch(r"\d{1,18}", id) else None
        if found is None:
            raise Refused(404, "no such message was caught")
        return found

    def _json(self, request: Request) -> Reply:
        found = self._store.since(_number(request, "after", 0), request.parameters.get("to"), IN_JSON)
        return in_json(200, {"messages": [asdict(m) | {"received_at": m.received_at.isoformat()} for m in found]})

    def _take_sms(self, request: Request) -> Reply | None:
        shown = request.headers.get("authorization", "")
        if not hmac.compare_digest(shown.encode(), f"Bearer {self._sms_key}".encode()):
            raise Refused(401, "the bearer key is missing or wrong")
        sms = _body(request)
        for name in ("id", "to", "text"):
            if not isinstance(sms, dict) or not isinstance(sms.get(name), str) or not sms[name]:
                raise Refused(422, f"{name}: must be text")
        if not E164.fullmatch(sms["to"]):
            raise Refused(422, "to: must be a phone number in E.164 form, such as +254700000000")
        fault = self._faults.take("sms", sms["to"], ("refuse", "temporary"))
        if fault is not None:
            raise Refused(422, "to: no such number") if fault.kind == "refuse" else Refused(503, "try again later")
        self._store.add(channel="sms", to=sms["to"], sender="", subject="", text=sms["text"], html=None, message_id=sms["id"])
        fault = self._faults.take("sms", sms["to"], ("delay", "drop-connection-after-data"))
        if fault is not None and fault.kind == "drop-connection-after-data":
            return None
        if fault is not None:
            time.sleep(fault.seconds)
        return in_json(202, {"id": sms["id"]})


def problem(status: int, detail: str) -> Reply:
    """This will say what is wrong as RFC 9457 has it."""
    document = {"type": "about:blank", "status": status, "detail": detail}
    return in_json(status, document, **{"Content-Type": "application/problem+json"})


def _page(html: str, policy: str) -> Reply:
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return Reply(200, html.encode(errors="replace"), headers)


def _body(request: Request) -> Any:
    # Only a declared JSON body: a form on somebody's page cannot send one unasked.
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Refused(415, "the body must be application/json")
    try:
        return json.loads(request.body)
    except ValueError:
        raise Refused(400, "the body is not JSON") from None


def _number(request: Request, name: str, otherwise: Any) -> Any:
    text = request.parameters.get(name)
    if text is None:
        return otherwise
    if not re.fullmatch(r"\d{1,18}", text):
        raise Refused(400, f"{name}: must be the id of a message")
    return int(text)
