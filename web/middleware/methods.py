"""HEAD asks for what GET would answer, without the body (RFC 9110, section 9.3.2): so it is GET, until it is answered."""

from __future__ import annotations

import falcon
from falcon.asgi import Request, Response


class HeadAsGet:
    """Middleware that makes HEAD work wherever GET does, under the same rules. The last in the list: the log says HEAD."""

    async def process_request(self, req: Request, resp: Response) -> None:
        """This will look for GET's responder. Raises HTTPRouteNotFound for a path that could be taken for another."""
        if req.path.startswith("//"):
            # Falcon's router skips leading slashes; whatever else looks at the path does not.
            raise falcon.HTTPRouteNotFound
        if req.method == "HEAD":
            req.method = "GET"
            req.context.is_head = True

    async def process_response(self, req: Request, resp: Response | None, resource: object, req_succeeded: bool) -> None:
        """This will leave the body out, and name HEAD where GET is named as allowed."""
        if resp is None:
            return
        if getattr(req.context, "is_head", False):
            req.method = "HEAD"
        allowed = resp.get_header("Allow")
        if allowed is not None:
            resp.set_header("Allow", with_head(allowed))


def with_head(allowed: str) -> str:
    """This will name HEAD too where an Allow header names GET."""
    names = allowed.split(", ")
    return ", ".join(sorted({*names, "HEAD"} if "GET" in names else names))
