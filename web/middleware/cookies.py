"""The cookies: the sessions' of customers and of the console's people, those by which a device is known again, the language's.

None can be read by a script.
"""

from __future__ import annotations

from falcon.asgi import Request, Response

from web.journeys.login import LoggedIn
from web.middleware.policy import Policy

DEVICE_LASTS = 365 * 24 * 3600
"""Seconds."""


def set_session(req: Request, resp: Response, login: LoggedIn) -> None:
    """This will hand a new session to the browser, for as long as the browser runs; the server ends it sooner or later."""
    policy: Policy = req.context.policy
    _set(resp, policy, policy.session_cookie, login.token, None)
    _set(resp, policy, policy.device_cookie, login.device, DEVICE_LASTS)


def clear_session(req: Request, resp: Response) -> None:
    """This will have the browser forget its session."""
    policy: Policy = req.context.policy
    _set(resp, policy, policy.session_cookie, "", 0)


def set_language(req: Request, resp: Response, language: str) -> None:
    """This will have the browser keep the language that was chosen."""
    policy: Policy = req.context.policy
    _set(resp, policy, policy.language_cookie, language, DEVICE_LASTS)


def set_person_session(req: Request, resp: Response, token: str, device: str) -> None:
    """This will hand a new session of the console to the browser."""
    policy: Policy = req.context.policy
    _set(resp, policy, policy.console_cookie, token, None)
    _set(resp, policy, policy.console_device_cookie, device, DEVICE_LASTS)


def clear_person_session(req: Request, resp: Response) -> None:
    """This will have the browser forget its session of the console."""
    policy: Policy = req.context.policy
    _set(resp, policy, policy.console_cookie, "", 0)


def _set(resp: Response, policy: Policy, name: str, value: str, max_age: int | None) -> None:
    # Lax, not Strict: a link in an e-mail may lead to the dashboard; unsafe requests from elsewhere are refused anyhow.
    resp.set_cookie(name, value, max_age=max_age, path="/", secure=policy.secure, http_only=True, same_site="Lax")
