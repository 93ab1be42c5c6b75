"""Unsafe requests that another site made a browser send are refused (OWASP ASVS 5.0, 3.5.1)."""

from __future__ import annotations

from urllib.parse import urlsplit

from falcon.asgi import Request, Response

from web.journeys.refusals import Stopped

SAFE = {"GET", "HEAD", "OPTIONS"}


class FromAnotherSite(Stopped):
    """Another site made the browser send this."""


class SameOriginOnly:
    """Middleware that looks at Sec-Fetch-Site, and at Origin where a browser is too old for that or the host is not HTTPS.

    Clients that are no browsers send neither, and carry no cookie that another site could use.
    """

    async def process_request(self, req: Request, resp: Response) -> None:
        """This will raise FromAnotherSite."""
        if req.method in SAFE:
            return
        site, origin = req.get_header("Sec-Fetch-Site"), req.get_header("Origin")
        if site is not None:
            if site not in ("same-origin", "none"):
                raise FromAnotherSite
        elif origin is not None and not _is_ours(req, origin):
            raise FromAnotherSite


def asked_from_here(req: Request) -> bool:
    """This will say whether one of our own pages led here, and no link elsewhere, in an e-mail or in the address bar.

    For a GET that leaves a trace in somebody's name. Browsers too old for Sec-Fetch-Site, and those not on HTTPS, send the
    page they come from (our Referrer-Policy has them do so).
    """
    site = req.get_header("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return _is_ours(req, req.get_header("Referer") or "")


def _is_ours(req: Request, address: str) -> bool:
    # Under HTTPS, whoever can write into a page of plain HTTP under our name is another site too.
    if req.context.policy.secure and not address.lower().startswith("https://"):
        return False
    return _netloc(address) == (req.get_header("Host") or "").lower()


def _netloc(origin: str) -> str | None:
    """Host and port of an origin or address; None for what is none at all."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None
