"""GET /api/docs: the OpenAPI document for people, to read and to try."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

from falcon.asgi import App, Request, Response

from web.journeys.refusals import NotFound
from web.middleware.encodings import takes_gzip

HERE = Path(__file__).parent
FILES = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "start.js": "text/javascript; charset=utf-8",
}
A_DAY = "public, max-age=86400"


class Page:
    """GET /api/docs"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show the page."""
        resp.content_type = "text/html; charset=utf-8"
        resp.data = (HERE / "index.html").read_bytes()


class File:
    """GET /api/docs/{name}"""

    async def on_get(self, req: Request, resp: Response, name: str) -> None:
        """This will send one of the page's files. Raises NotFound."""
        if name not in FILES:
            raise NotFound
        resp.content_type = FILES[name]
        resp.set_header("Cache-Control", A_DAY)
        resp.append_header("Vary", "Accept-Encoding")
        compressed = _compressed(name)
        if takes_gzip(req.get_header("Accept-Encoding")):
            resp.set_header("Content-Encoding", "gzip")
            resp.data = compressed
        else:
            resp.data = gzip.decompress(compressed)


def add_docs(app: App[Request, Response]) -> None:
    """This will add the page and its files."""
    app.add_route("/api/docs", Page())
    app.add_route("/api/docs/{name}", File())


@cache
def _compressed(name: str) -> bytes:
    kept = HERE / "swagger_ui" / f"{name}.gz"
    return kept.read_bytes() if kept.exists() else gzip.compress((HERE / name).read_bytes(), 9, mtime=0)
