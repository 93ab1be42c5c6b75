"""Pages for what was refused or went wrong."""

from __future__ import annotations

from falcon.asgi import Request, Response

from web.problems import Problem


async def render_problem(req: Request, resp: Response, problem: Problem) -> None:
    """This will answer with a page that says what the problem is."""
    resp.content_type = "text/plain; charset=utf-8"
    resp.text = f"{problem.title}. {problem.detail}"
