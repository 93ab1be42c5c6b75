"""The form by which staff settles a difference between the books."""

from __future__ import annotations

import falcon
from falcon.asgi import Request, Response

from web.console.attention import show_attention
from web.journeys import differences
from web.site import forms


class Settlement:
    """POST /console/attention/{difference}"""

    async def on_post(self, req: Request, resp: Response, difference: str) -> None:
        """This will write down how a difference was settled and lead back, or show the page again with what was chosen."""
        form = await forms.fields(req, "how", "case")
        try:
            position = await differences.settle(req.context.visit, difference, form["how"], form["case"])
        except forms.REFUSALS as error:
            status, problem, errors = await forms.trouble(error, req, resp)
            tried = {"of": difference, "values": form, "problem": problem, "errors": errors}
            await show_attention(req, resp, status=status, tried=tried)
            return
        resp.status, resp.location = falcon.HTTP_303, f"/console/attention?done=settled&at_least={position}"
