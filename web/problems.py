"""Every refusal and what it is over HTTP: status, and a sentence for people. The one table of errors (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

import msgspec

from domain import account, redemption, wallet
from domain.commands import base, feeds, identity, redemptions
from domain.passwords import PasswordTooCommon, PasswordTooLong, PasswordTooShort
from web.access.passwords import PasswordsBusy
from web.journeys import refusals
from web.middleware.origin import FromAnotherSite

TYPE = "/api/v1/openapi.json#/x-problems/"
"""A problem's type leads to where the OpenAPI document explains it."""


class Row(NamedTuple):
    """How a refusal is answered. `retry_after` is in seconds."""

    status: int
    title: str
    detail: str
    retry_after: int | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What is answered where something was refused or went wrong; never with a stack, a secret, or what was typed."""

    status: int
    rule: str
    title: str
    detail: str
    errors: dict[str, list[str]] = {}
    retry_after: int | None = None
    request_id: UUID | None = None

    def body(self) -> dict[str, object]:
        """This will give the members of application/problem+json."""
        members: dict[str, object] = {
            "type": TYPE + self.rule,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "rule": self.rule,
        }
        if self.errors:
            members["errors"] = self.errors
        if self.request_id is not None:
            members["request_id"] = str(self.request_id)
        return members


PROBLEMS: Mapping[type[Exception], Row] = {
    # Who somebody is
    identity.UnknownNumber: Row(404, "Unknown number", "No account and no meter has this number."),
    identity.LoginRefused: Row(401, "Log-in refused", "Number and password do not go together."),
    identity.WrongPassword: Row(403, "Wrong password", "That is not the current password."),
    account.WrongAddress: Row(
        403, "Wrong address", "This is not the address that is registered to the account. The wrong choice was counted."
    ),
    account.AddressNoLongerSuffices: Row(
        409,
        "The address no longer suffices",
        "The wrong address was chosen too often of late. Continue with a link that we send to the registered contact,"
        " or ask our staff.",
    ),
    account.LinkNoLongerValid: Row(410, "Link no longer valid", "This link was used, undone, or has expired."),
    refusals.TicketExpired: Row(410, "Please begin again", "More than half an hour has passed. Enter the number again."),
    PasswordTooShort: Row(422, "Password too short", "A password needs more than seven characters."),
    PasswordTooLong: Row(422, "Password too long", "A password may have at most 128 characters."),
    PasswordTooCommon: Row(422, "Password too common", "That password is among the first that anybody would try."),
    refusals.NotLoggedIn: Row(401, "Please log in", "This needs a log-in, or the session has ended."),
    refusals.NotAllowed: Row(403, "Not allowed", "You may not do this here."),
    FromAnotherSite: Row(403, "Sent from another site", "Another site made your browser send this, so nothing was done."),
    # Cards
    refusals.CardUnknown: Row(
        404, "Card not found", "Serial number and code do not belong to a card that is ready to use. Check both."
    ),
    refusals.CardAlreadyUsed: Row(409, "Card already used", "This card was used before. A card credits once."),
    redemption.CardAlreadyRedeemed: Row(409, "Card already redeemed", "This card was redeemed before. A card credits once."),
    redemption.CardBeingRedeemed: Row(
        409, "Card being redeemed", "This card is being redeemed right now. It will be credited once, whatever happens."
    ),
    redemption.RedemptionNotUnderWay: Row(409, "Not under way", "There is no such redemption under way."),
    redemptions.MeterNotOfAccount: Row(404, "Meter not found", "The meter is not one of the account's."),
    redemptions.AccountHasNoMeter: Row(409, "No meter", "The account has no meter that could be credited."),
    redemptions.MeterMustBeNamed: Row(409, "Which meter?", "The account's number does not say which meter. Give the meter's."),
    wallet.CurrencyDiffers: Row(409, "Another currency", "The card and the account are of different currencies."),
    refusals.JuiceDoesNotAnswer: Row(
        503, "Cannot check the card just now", "The card could not be checked. Nothing was charged. Please try again.", 5
    ),
    refusals.KeyUsedForAnother: Row(422, "Key used before", "This Idempotency-Key came before, with another request."),
    refusals.StillRunning: Row(409, "Still running", "The first request with this Idempotency-Key has not ended yet.", 1),
    # Everything
    refusals.FieldErrors: Row(422, "Please check what you entered", "Some of it cannot be used."),
    refusals.NotFound: Row(404, "Not found", "There is nothing here."),
    refusals.TooManyTries: Row(429, "Too many tries", "That was tried too often of late. Please wait and try again."),
    refusals.NotYetVisible: Row(503, "Catching up", "We are catching up. Please try again in a moment.", 1),
    PasswordsBusy: Row(503, "Too much to do", "Many people are logging in at once. Please try again in a moment.", 2),
    base.TooManyAtOnce: Row(503, "Too many at once", "Others kept changing the same thing. Nothing was done; try again.", 1),
    feeds.NotYetKnown: Row(503, "Catching up", "We are catching up. Please try again in a moment.", 1),
}

BUSY = Row(
    503,
    "Not possible just now",
    "This cannot be taken just now. Please try again in a moment; under the same Idempotency-Key nothing is done twice.",
    1,
)
OUT_OF_ORDER = Row(500, "Something went wrong", "The fault is ours, and we can see it. Please try again.")

OF_HTTP: Mapping[str, Row] = {
    "BadRequest": Row(400, "Bad request", "The request cannot be read."),
    "RouteNotFound": Row(404, "No such path", "Nothing has this path. The paths there are stand in /api/v1/openapi.json."),
    "MethodNotAllowed": Row(
        405, "Method not allowed", "This path does not take this method. The header Allow names those it does."
    ),
    "RequestTimeout": Row(408, "Too slow", "The body did not arrive in time. Nothing was done."),
    "LengthRequired": Row(411, "Length required", "Send the body with its Content-Length."),
    "ContentTooLarge": Row(413, "Too large", "The body is too large."),
    "UnsupportedMediaType": Row(415, "Unsupported media type", "The body is of a type that is not taken here."),
    "ServiceUnavailable": Row(503, "Not ready", "The database does not answer.", 1),
}
"""What HTTP itself has a status for, by its rule. A more exact detail may be given where it is raised."""

ALL: Mapping[str, Row] = {
    **{kind.__name__: row for kind, row in PROBLEMS.items()},
    **OF_HTTP,
    "TooBusy": BUSY,
    "OutOfOrder": OUT_OF_ORDER,
}
"""Every rule that an answer can carry."""


def of_http(status: int, detail: str | None) -> Problem:
    """This will give the problem of a status that HTTP has for it."""
    rule, row = next((found for found in OF_HTTP.items() if found[1].status == status), ("BadRequest", OF_HTTP["BadRequest"]))
    return Problem(status=status, rule=rule, title=row.title, detail=detail or row.detail, retry_after=row.retry_after)


def problem_of(error: Exception) -> Problem | None:
    """This will give the problem that a refusal is answered with; None for what the table does not know."""
    for kind in type(error).__mro__:
        if kind in PROBLEMS:
            return _problem(kind.__name__, PROBLEMS[kind], error)
    return None


def _problem(rule: str, row: Row, error: Exception) -> Problem:
    return Problem(
        status=row.status,
        rule=rule,
        title=row.title,
        detail=row.detail,
        retry_after=error.retry_after if isinstance(error, refusals.TooManyTries) else row.retry_after,
        errors={name: [text] for name, text in error.errors.items()} if isinstance(error, refusals.FieldErrors) else {},
    )
