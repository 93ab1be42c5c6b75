"""Headers that tell browsers what a page of ours may do (OWASP ASVS 5.0, chapter 3)."""

from __future__ import annotations

import falcon
from falcon.asgi import Request, Response, WebSocket

from web.middleware.policy import Policy

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "manifest-src 'self'",
    )
)

ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: browsers without Sec-Fetch-Site would then send `Origin: null` with our own forms, which looks like
    # another site's (Fetch, "append a request Origin header"). Nothing goes to other sites either way.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT_TRANSPORT_SECURITY = "max-age=63072000; includeSubDomains"


def headers_under(policy: Policy) -> dict[str, str]:
    """This will give the headers that every answer has."""
    return {**ALWAYS, "Strict-Transport-Security": STRICT_TRANSPORT_SECURITY} if policy.secure else dict(ALWAYS)


class SecurityHeaders:
    """Middleware that puts them on every answer. What says nothing about caching is not kept by anybody.

    A page whose form ends at another origin (browsers look at where it is redirected to) names it in
    `req.context.form_leads_to`.
    """

    def __init__(self, policy: Policy) -> None:
        self._headers = headers_under(policy)

    async def process_request_ws(self, req: Request, ws: WebSocket) -> None:
        """This will refuse a WebSocket: there is none here."""
        raise falcon.HTTPNotFound

    async def process_response(self, req: Request, resp: Response | None, resource: object, req_succeeded: bool) -> None:
        """This will set the headers; a refused WebSocket has none."""
        if resp is None:
            return
        resp.set_headers(self._headers)
        if elsewhere := getattr(req.context, "form_leads_to", None):
            policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", f"form-action 'self' {elsewhere}")
            resp.set_header("Content-Security-Policy", policy)
        if resp.get_header("Cache-Control") is None:
            resp.set_header("Cache-Control", "no-store")
