"""Who may do what: role × route × owner × utility, written once. `web.middleware.admission` is the one place that asks it.

A cell says how far a role reaches on a route:

- ANYBODY: whatever is asked for (what is shown there is nobody's own).
- OWN: what belongs to the account that is logged in; what is somebody else's is not found.
- HOLDER: what the link, token or signature in the request proves a right to.
- UTILITY: everything of the utility that the key was made for.

A role that a route does not name is refused, and so is a route that the matrix does not name. A session opens its own
utility only; at another one its bearer is a visitor.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from web.access.roles import Role


class Reach(StrEnum):
    """How far a role reaches on a route."""

    ANYBODY = "anybody"
    OWN = "own"
    HOLDER = "holder"
    UTILITY = "utility"


Rule = Mapping[Role, Reach]

PUBLIC: Rule = {role: Reach.ANYBODY for role in Role}
BY_LINK: Rule = {role: Reach.HOLDER for role in Role}
PEOPLE: Rule = {Role.VISITOR: Reach.ANYBODY, Role.CUSTOMER: Reach.ANYBODY}
CUSTOMER: Rule = {Role.CUSTOMER: Reach.OWN}
REDEMPTION: Rule = {Role.VISITOR: Reach.HOLDER, Role.CUSTOMER: Reach.OWN}
PURCHASE = REDEMPTION
STAFF: Rule = {Role.STAFF: Reach.UTILITY}
AUDITOR: Rule = {Role.AUDITOR: Reach.UTILITY}
ANALYST: Rule = {Role.ANALYST: Reach.UTILITY}
OPERATOR: Rule = {Role.OPERATOR: Reach.UTILITY}

WATCH: Rule = {Role.STAFF: Reach.UTILITY, Role.OPERATOR: Reach.UTILITY}
CONSOLE: Rule = {role: Reach.UTILITY for role in (Role.STAFF, Role.AUDITOR, Role.ANALYST, Role.OPERATOR)}

API = "/api/v1"


class Rules(dict[tuple[str, str], Rule]):
    """(method, template of the path) -> rule."""

    def __missing__(self, route: tuple[str, str]) -> Rule:
        raise LookupError(f"nobody wrote down who may {' '.join(route)}: give it a line in MATRIX, in web/access/matrix.py")


MATRIX: Mapping[tuple[str, str], Rule] = Rules(
    {
        # The API
        ("GET", f"{API}/healthz"): PUBLIC,
        ("GET", f"{API}/openapi.json"): PUBLIC,
        ("GET", f"{API}/utility"): PUBLIC,
        ("GET", f"{API}/info"): PUBLIC,
        ("PUT", f"{API}/info"): STAFF,
        ("POST", f"{API}/info/previews"): STAFF,
        ("GET", f"{API}/info/editions"): STAFF,
        ("POST", f"{API}/identity/questions"): PEOPLE,
        ("POST", f"{API}/identity/confirmations"): PEOPLE,
        ("POST", f"{API}/identity/links"): PEOPLE,
        ("POST", f"{API}/identity/continuations"): BY_LINK,
        ("POST", f"{API}/links/undo"): BY_LINK,
        ("POST", f"{API}/links/confirmations"): BY_LINK,
        ("POST", f"{API}/links/changes"): BY_LINK,
        ("POST", f"{API}/links/reversals"): BY_LINK,
        ("POST", f"{API}/session"): PEOPLE,
        ("POST", f"{API}/session/authentication"): CUSTOMER,
        ("DELETE", f"{API}/session"): CUSTOMER,
        ("GET", f"{API}/me"): CUSTOMER,
        ("GET", f"{API}/me/activity"): CUSTOMER,
        ("GET", f"{API}/me/receipts/{{receipt}}"): CUSTOMER,
        ("GET", f"{API}/me/tokens"): CUSTOMER,
        ("PUT", f"{API}/me/tokens/{{token_id}}/entered"): CUSTOMER,
        ("DELETE", f"{API}/me/tokens/{{token_id}}/entered"): CUSTOMER,
        ("POST", f"{API}/me/tokens/{{token_id}}/messages"): CUSTOMER,
        ("GET", f"{API}/me/arrears"): CUSTOMER,
        ("GET", f"{API}/me/arrears/shares"): CUSTOMER,
        ("PUT", f"{API}/me/arrears/shares"): CUSTOMER,
        ("GET", f"{API}/me/usage"): CUSTOMER,
        ("GET", f"{API}/me/usage/months"): CUSTOMER,
        ("GET", f"{API}/me/clock"): CUSTOMER,
        ("PUT", f"{API}/me/clock"): CUSTOMER,
        ("GET", f"{API}/me/contacts"): CUSTOMER,
        ("POST", f"{API}/me/contacts"): CUSTOMER,
        ("PUT", f"{API}/me/contacts/{{contact_id}}"): CUSTOMER,
        ("DELETE", f"{API}/me/contacts/{{contact_id}}"): CUSTOMER,
        ("GET", f"{API}/me/language"): CUSTOMER,
        ("PUT", f"{API}/me/language"): CUSTOMER,
        ("PUT", f"{API}/me/password"): CUSTOMER,
        ("GET", f"{API}/me/requests"): CUSTOMER,
        ("POST", f"{API}/me/requests"): CUSTOMER,
        ("GET", f"{API}/me/requests/{{request}}"): CUSTOMER,
        ("POST", f"{API}/me/requests/{{request}}/comments"): CUSTOMER,
        ("POST", f"{API}/me/requests/{{request}}/reopening"): CUSTOMER,
        ("POST", f"{API}/me/damaged-cards"): CUSTOMER,
        ("GET", f"{API}/requests"): STAFF,
        ("POST", f"{API}/requests"): STAFF,
        ("GET", f"{API}/requests/{{request}}"): STAFF,
        ("POST", f"{API}/requests/{{request}}/comments"): STAFF,
        ("POST", f"{API}/requests/{{request}}/closure"): STAFF,
        ("POST", f"{API}/requests/{{request}}/reopening"): STAFF,
        ("POST", f"{API}/requests/{{request}}/card-checks"): STAFF,
        ("POST", f"{API}/cards/checks"): PEOPLE,
        ("POST", f"{API}/purchases"): CUSTOMER,
        ("POST", f"{API}/purchases/previews"): CUSTOMER,
        ("GET", f"{API}/purchases/{{reference}}"): PURCHASE,
        ("POST", f"{API}/purchases/{{reference}}/cancellation"): PURCHASE,
        ("GET", f"{API}/purchases/{{reference}}/candidates"): STAFF,
        ("POST", f"{API}/purchases/{{reference}}/decision"): STAFF,
        ("POST", f"{API}/webhooks/cards"): BY_LINK,
        ("POST", f"{API}/redemptions"): PEOPLE,
        ("GET", f"{API}/redemptions/{{reference}}"): REDEMPTION,
        ("GET", f"{API}/attention"): WATCH,
        ("GET", f"{API}/attention/differences"): WATCH,
        ("GET", f"{API}/attention/books"): WATCH,
        ("POST", f"{API}/attention/books/{{difference}}/settlement"): STAFF,
        ("GET", f"{API}/attention/messages"): WATCH,
        ("GET", f"{API}/accounts/{{number}}"): STAFF,
        ("POST", f"{API}/accounts/{{number}}/links"): STAFF,
        ("DELETE", f"{API}/accounts/{{number}}/contacts/{{contact_id}}"): STAFF,
        ("GET", f"{API}/accounts/{{number}}/history"): AUDITOR,
        ("GET", f"{API}/accounts/{{number}}/state"): AUDITOR,
        ("GET", "/api/docs"): PUBLIC,
        ("GET", "/api/docs/{name}"): PUBLIC,
        # What operators' machines ask
        ("GET", "/healthz"): PUBLIC,
        ("GET", "/readyz"): PUBLIC,
        ("GET", "/metrics"): OPERATOR,
        ("GET", f"{API}/analyses/arrears-ageing"): ANALYST,
        ("GET", f"{API}/analyses/arrears-ageing.csv"): ANALYST,
        ("GET", f"{API}/analyses/recovery"): ANALYST,
        ("GET", f"{API}/analyses/recovery.csv"): ANALYST,
        ("GET", f"{API}/analyses/sales"): ANALYST,
        ("GET", f"{API}/analyses/sales.csv"): ANALYST,
        ("GET", f"{API}/analyses/redemptions"): ANALYST,
        ("GET", f"{API}/analyses/redemptions.csv"): ANALYST,
        ("GET", f"{API}/analyses/tickets"): ANALYST,
        ("GET", f"{API}/analyses/tickets.csv"): ANALYST,
        # The site
        ("GET", "/"): PUBLIC,
        ("GET", "/static/{name}"): PUBLIC,
        ("GET", "/theme/{name}"): PUBLIC,
        ("GET", "/info"): PUBLIC,
        ("POST", "/language"): PUBLIC,
        ("GET", "/redeem"): PEOPLE,
        ("POST", "/redeem"): PEOPLE,
        ("POST", "/redeem/amount"): PEOPLE,
        ("GET", "/redemptions/{reference}"): REDEMPTION,
        ("GET", "/buy"): CUSTOMER,
        ("POST", "/buy"): CUSTOMER,
        ("POST", "/buy/preview"): CUSTOMER,
        ("GET", "/purchases/{reference}"): PURCHASE,
        ("POST", "/purchases/{reference}/payment"): PURCHASE,
        ("POST", "/purchases/{reference}/cancellation"): PURCHASE,
        ("GET", "/get-password"): PEOPLE,
        ("POST", "/get-password"): PEOPLE,
        ("GET", "/get-password/confirm"): PEOPLE,
        ("POST", "/get-password/confirm"): PEOPLE,
        ("POST", "/get-password/link"): PEOPLE,
        ("GET", "/get-password/sent"): PEOPLE,
        ("GET", "/undo/{token}"): BY_LINK,
        ("POST", "/undo/{token}"): BY_LINK,
        ("GET", "/confirm/{token}"): BY_LINK,
        ("POST", "/confirm/{token}"): BY_LINK,
        ("GET", "/change/{token}"): BY_LINK,
        ("POST", "/change/{token}"): BY_LINK,
        ("GET", "/revert/{token}"): BY_LINK,
        ("POST", "/revert/{token}"): BY_LINK,
        ("GET", "/continue/{token}"): BY_LINK,
        ("POST", "/continue/{token}"): BY_LINK,
        ("GET", "/login"): PEOPLE,
        ("POST", "/login"): PEOPLE,
        ("POST", "/logout"): PEOPLE,
        ("GET", "/dashboard"): CUSTOMER,
        ("GET", "/tokens"): CUSTOMER,
        ("POST", "/tokens/{token_id}/entered"): CUSTOMER,
        ("POST", "/tokens/{token_id}/messages"): CUSTOMER,
        ("GET", "/arrears"): CUSTOMER,
        ("GET", "/arrears/share"): CUSTOMER,
        ("POST", "/arrears/share"): CUSTOMER,
        ("GET", "/usage"): CUSTOMER,
        ("GET", "/usage.csv"): CUSTOMER,
        ("GET", "/activity"): CUSTOMER,
        ("GET", "/receipts/{receipt}"): CUSTOMER,
        ("GET", "/edit"): CUSTOMER,
        ("POST", "/edit"): CUSTOMER,
        ("GET", "/edit/password"): CUSTOMER,
        ("POST", "/edit/password"): CUSTOMER,
        ("GET", "/requests"): CUSTOMER,
        ("GET", "/requests/new"): CUSTOMER,
        ("POST", "/requests/new"): CUSTOMER,
        ("GET", "/requests/card"): CUSTOMER,
        ("POST", "/requests/card"): CUSTOMER,
        ("GET", "/requests/{request}"): CUSTOMER,
        ("POST", "/requests/{request}"): CUSTOMER,
        # The console
        ("GET", "/console"): CONSOLE,
        ("GET", "/console/sign-in"): PUBLIC,
        ("POST", "/console/sign-in"): PUBLIC,
        ("POST", "/console/sign-out"): PUBLIC,
        ("GET", "/console/enrol/{token}"): BY_LINK,
        ("POST", "/console/enrol/{token}"): BY_LINK,
        ("GET", "/console/enrol/{token}/code.svg"): BY_LINK,
        ("GET", "/console/analyses"): ANALYST,
        ("GET", "/console/analyses/{analysis}.csv"): ANALYST,
        ("GET", "/console/histories"): AUDITOR,
        ("GET", "/console/requests"): STAFF,
        ("GET", "/console/requests/new"): STAFF,
        ("POST", "/console/requests/new"): STAFF,
        ("GET", "/console/requests/{request}"): STAFF,
        ("POST", "/console/requests/{request}"): STAFF,
        ("POST", "/console/requests/{request}/card"): STAFF,
        ("GET", "/console/attention"): WATCH,
        ("POST", "/console/attention/{difference}"): STAFF,
        ("GET", "/console/purchases/{purchase}"): STAFF,
        ("POST", "/console/purchases/{purchase}"): STAFF,
        ("GET", "/console/accounts"): STAFF,
        ("GET", "/console/accounts/{number}"): STAFF,
        ("POST", "/console/accounts/{number}/links"): STAFF,
        ("GET", "/console/accounts/{number}/contacts/{contact_id}"): STAFF,
        ("POST", "/console/accounts/{number}/contacts/{contact_id}"): STAFF,
        ("GET", "/console/info-page"): STAFF,
        ("POST", "/console/info-page"): STAFF,
        ("GET", "/console/info-page/editions"): STAFF,
        ("GET", "/console/info-page/editions/{language}/{edition}"): STAFF,
        ("GET", "/console/me"): CONSOLE,
        ("POST", "/console/me/password"): CONSOLE,
        ("POST", "/console/me/recovery-codes"): CONSOLE,
    }
)


def reach(method: str, template: str, role: Role) -> Reach | None:
    """This will say how far a role reaches on a route; None where it may not use it, or nobody wrote down who may."""
    return MATRIX.get((method, template), {}).get(role)
