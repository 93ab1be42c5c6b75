"""Every refusal and what it is over HTTP: status, and a sentence for people. The one table of errors."""

from __future__ import annotations

from collections.abc import Mapping

from domain import (
    access,
    arrears_share,
    contact_changes,
    damaged_cards,
    difference,
    info_page,
    juice_transaction,
    language,
    left_out,
    links,
    purchase,
    purchase_limits,
    redemption,
    ticket,
    wallet,
    wishes,
)
from domain.commands import base, deciding, feeds, forgetting, identity, redemptions, tickets, token_shelf
from domain.passwords import PasswordGuessable, PasswordTooCommon, PasswordTooLong, PasswordTooShort
from vending.card_provider import WebhookRefused
from web.access.passwords import PasswordsBusy
from web.journeys import amounts, enrolment, refusals, sign_in
from web.middleware.origin import FromAnotherSite
from web.problem import Problem, Row
from wording.catalogue import N_

PROBLEMS: Mapping[type[Exception], Row] = {
    # Who somebody is
    identity.UnknownNumber: Row(404, N_("Unknown number"), N_("No account and no meter has this number.")),
    identity.LoginRefused: Row(401, N_("Log-in refused"), N_("Number and password do not go together.")),
    identity.WrongPassword: Row(403, N_("Wrong password"), N_("That is not the current password.")),
    access.WrongAddress: Row(403, N_("Wrong address"), N_("This is not the address that is registered to the account.")),
    access.AddressNoLongerSuffices: Row(
        409,
        N_("The address no longer suffices"),
        N_(
            "The wrong address was chosen too often of late. Continue with a link that we send to the registered contact,"
            " or ask our staff."
        ),
    ),
    links.LinkNoLongerValid: Row(410, N_("Link no longer valid"), N_("This link was used, undone, or has expired.")),
    refusals.TicketExpired: Row(410, N_("Please begin again"), N_("More than half an hour has passed. Enter the number again.")),
    PasswordTooShort: Row(422, N_("Password too short"), N_("A password needs more than seven characters.")),
    PasswordTooLong: Row(422, N_("Password too long"), N_("A password may have at most 128 characters.")),
    PasswordTooCommon: Row(422, N_("Password too common"), N_("That password is among the first that anybody would try.")),
    PasswordGuessable: Row(
        422,
        N_("Password easy to guess"),
        N_("Others know your name, your numbers and the utility's name. Without them, too little of that password is left."),
    ),
    refusals.NotLoggedIn: Row(401, N_("Please log in"), N_("This needs a log-in, or the session has ended.")),
    refusals.PasswordNeededAgain: Row(
        403,
        N_("Please give your password again"),
        N_("The password was given more than ten minutes ago. Give it again, so that nobody else can change this."),
    ),
    refusals.ChangedMeanwhile: Row(
        409, N_("Changed meanwhile"), N_("Something was changed meanwhile, perhaps in another window. Nothing was saved yet.")
    ),
    contact_changes.NoSuchContact: Row(404, N_("Contact not found"), N_("The account has no such contact, or no longer.")),
    contact_changes.ContactAlreadyThere: Row(
        409, N_("There already"), N_("This is one of the account's contacts already, perhaps still to be confirmed.")
    ),
    language.LanguageNotSpoken: Row(422, N_("Language not spoken"), N_("Choose one of the languages that are offered.")),
    contact_changes.TooManyContacts: Row(409, N_("Too many contacts"), N_("An account has at most ten contacts.")),
    contact_changes.LastRegisteredContact: Row(
        409,
        N_("One registered contact has to stay"),
        N_("This is the only registered contact that is left. It can be changed, but not removed."),
    ),
    refusals.NotAllowed: Row(403, N_("Not allowed"), N_("You may not do this here.")),
    FromAnotherSite: Row(403, N_("Sent from another site"), N_("Another site made your browser send this, so nothing was done.")),
    wishes.ContactUnknown: Row(422, N_("Contact not found"), N_("One of the contacts is not the account's.")),
    wishes.QuietHoursEmpty: Row(
        422, N_("Quiet hours that never end"), N_("Quiet hours must end at another time than they begin.")
    ),
    sign_in.SignInRefused: Row(
        401, N_("Sign-in refused"), N_("Name, password and code do not go together, or the code was used before.")
    ),
    enrolment.InvitationNoLongerValid: Row(
        410, N_("Link no longer valid"), N_("This link was used, or has expired. Ask whoever sent it for a new one.")
    ),
    info_page.InfoPageChanged: Row(
        409,
        N_("Published meanwhile"),
        N_("Somebody else published another text meanwhile. Look at it, take over what you need, and publish again."),
    ),
    left_out.SkippedWithoutReason: Row(422, N_("No reason"), N_("Please say why it is left out.")),
    left_out.SkipReasonTooLong: Row(422, N_("Too long"), N_("The reason may have 500 characters.")),
    info_page.InfoPageTooLong: Row(422, N_("Too long"), N_("The page may have 12,000 characters.")),
    contact_changes.RegisteredContactStays: Row(
        409,
        N_("A registered contact stays"),
        N_("This contact is registered: the utility changes it in Juice, or the customer does."),
    ),
    # Cards
    refusals.CardUnknown: Row(
        404, N_("Card not found"), N_("Serial number and code do not belong to a card that is ready to use. Check both.")
    ),
    refusals.CardAlreadyUsed: Row(409, N_("Card already used"), N_("This card was used before. A card credits once.")),
    redemption.CardAlreadyRedeemed: Row(
        409, N_("Card already redeemed"), N_("This card was redeemed before. A card credits once.")
    ),
    redemption.CardBeingRedeemed: Row(
        409, N_("Card being redeemed"), N_("This card is being redeemed right now. It will be credited once, whatever happens.")
    ),
    forgetting.MoneyUnderWay: Row(
        409,
        N_("Money is under way"),
        N_("A purchase or a card of this account has not come to its end. Its person can be forgotten after that."),
    ),
    redemption.RedemptionNotUnderWay: Row(409, N_("Not under way"), N_("There is no such redemption under way.")),
    redemptions.MeterNotOfAccount: Row(404, N_("Meter not found"), N_("The meter is not one of the account's.")),
    redemptions.AccountHasNoMeter: Row(409, N_("No meter"), N_("The account has no meter that could be credited.")),
    redemptions.MeterMustBeNamed: Row(
        409, N_("Which meter?"), N_("The account's number does not say which meter. Give the meter's.")
    ),
    wallet.CurrencyDiffers: Row(409, N_("Another currency"), N_("The card and the account are of different currencies.")),
    refusals.JuiceDoesNotAnswer: Row(
        503, N_("Cannot check the card just now"), N_("The card could not be checked. Nothing was charged. Please try again."), 5
    ),
    # Purchases
    refusals.PreviewNotPossible: Row(
        503,
        N_("Cannot tell just now"),
        N_("We could not find out what this amount buys. Nothing was charged. Please try again."),
        5,
    ),
    refusals.NothingSold: Row(
        409, N_("Nothing is sold for this meter"), N_("The utility sells nothing for this meter at present. Please call.")
    ),
    refusals.CardsNotTaken: Row(
        409, N_("No credit cards here"), N_("Credit cards are not taken here at present. Power can be bought with a Juice card.")
    ),
    refusals.ProviderDoesNotAnswer: Row(
        503,
        N_("The payment page does not open"),
        N_("The payment page could not be reached just now. Nothing was charged. Please try again."),
        5,
    ),
    purchase.PurchaseNotOpen: Row(
        409, N_("No longer open"), N_("This purchase was paid or has ended. It can be seen, and a new one begun.")
    ),
    purchase.PurchaseNotUnderWay: Row(409, N_("Not under way"), N_("The purchase is not at that stage.")),
    juice_transaction.TransactionTaken: Row(
        409, N_("Another's transaction"), N_("This transaction is another purchase's or card's already.")
    ),
    deciding.NotATransactionOfIt: Row(
        422,
        N_("Not a transaction of this purchase"),
        N_("It is of another meter, amount or time, or Juice has not told of it yet."),
    ),
    purchase.NothingToDecide: Row(
        409,
        N_("Nothing to decide"),
        N_("This purchase is not ambiguous, or no longer. Seed finds out what became of it by itself."),
    ),
    purchase.TooEarlyToSay: Row(
        409,
        N_("Too early to say"),
        N_("The message may still arrive at Juice, up to a quarter of an hour after it was sent."),
    ),
    purchase.ReasonMissing: Row(422, N_("A reason is needed"), N_("Write down how you know: it is kept with the purchase.")),
    purchase.AuthorisationDiffers: Row(409, N_("Another amount"), N_("What was authorised is not what the purchase is for.")),
    purchase.AuthorisationEnds: Row(409, N_("Too late"), N_("The authorisation of the card has ended, or is about to.")),
    purchase_limits.AmountTooSmall: Row(422, N_("Too little"), amounts.TOO_SMALL),
    purchase_limits.AmountTooLarge: Row(422, N_("Too much"), amounts.TOO_LARGE),
    WebhookRefused: Row(400, N_("Not signed"), N_("This is no word of the card provider: its signature does not hold.")),
    refusals.KeyMissing: Row(400, N_("No key"), N_("A command that must not be carried out twice needs an Idempotency-Key.")),
    refusals.KeyUsedForAnother: Row(422, N_("Key used before"), N_("This Idempotency-Key came before, with another request.")),
    refusals.StillRunning: Row(409, N_("Still running"), N_("The first request with this Idempotency-Key has not ended yet."), 1),
    # Requests
    tickets.UnknownTicket: Row(404, N_("Request not found"), N_("There is no request of this number.")),
    ticket.TicketIsClosed: Row(
        409, N_("The request is closed"), N_("This request is closed. Open it again to say more, or make a new one.")
    ),
    difference.NoSuchDifference: Row(404, N_("No such difference"), N_("There is no such difference.")),
    difference.DifferenceNotOpen: Row(
        409, N_("Settled before"), N_("This difference was settled before, by somebody else or by itself.")
    ),
    difference.NoSuchSettlement: Row(422, N_("No such settlement"), N_("Choose how it was settled.")),
    ticket.TicketAlreadyClosed: Row(409, N_("Closed before"), N_("This request was closed before.")),
    ticket.TicketNotClosed: Row(409, N_("The request is open"), N_("This request is open: what you want to say can be added.")),
    ticket.ReopeningTooLate: Row(
        409, N_("Closed too long ago"), N_("This request was closed too long ago to be opened again. Please make a new one.")
    ),
    ticket.ClosingNeedsComment: Row(
        422, N_("Say what was done"), N_("Tell the customer what was done: nothing was said since the request was opened.")
    ),
    ticket.TooManyComments: Row(
        409, N_("Too long a talk"), N_("This request has as many comments as fit. Please make a new one.")
    ),
    ticket.TicketAlreadyOpened: Row(409, N_("Opened before"), N_("This request was opened before.")),
    ticket.OnlyTheUtilityCloses: Row(403, N_("Not allowed"), N_("You may not do this here.")),
    ticket.NothingWritten: Row(422, N_("Nothing written"), N_("Write something.")),
    ticket.TooMuchWritten: Row(422, N_("Too long"), N_("That is longer than a request takes.")),
    damaged_cards.NoDamagedCard: Row(404, N_("No such card"), N_("This request is about no damaged card.")),
    damaged_cards.OnlyStaffSettlesCards: Row(403, N_("Not allowed"), N_("You may not do this here.")),
    damaged_cards.DamagedCardNotLookedUp: Row(
        409, N_("Check the card first"), N_("Check the card with Juice first: only then is it known what may be done with it.")
    ),
    damaged_cards.OutcomeAgainstJuice: Row(
        409,
        N_("Not what Juice says"),
        N_("What Juice says of the card does not go with that outcome. Check it again."),
    ),
    ticket.NoSuchTopic: Row(422, N_("No such topic"), N_("Requests are about no such thing.")),
    # Arrears
    refusals.SharesNotTold: Row(
        503, N_("Cannot tell just now"), N_("We could not find out what may be chosen. Nothing was changed. Please try again."), 5
    ),
    arrears_share.ShareBelowUtilitys: Row(
        422, N_("Less than the utility's share"), N_("The utility itself takes more than that of each purchase.")
    ),
    arrears_share.ShareAboveLimit: Row(
        422, N_("More than the utility's limit"), N_("That is more than the utility lets go to this debt.")
    ),
    arrears_share.ShareUnchanged: Row(422, N_("Nothing to change"), N_("That share goes to the debt already.")),
    arrears_share.ShareUnderWay: Row(
        409,
        N_("A choice waits for Juice"),
        N_("Juice has not answered your last choice for this debt yet. Please wait."),
    ),
    arrears_share.ShareNotUnderWay: Row(409, N_("Not under way"), N_("There is no such choice under way.")),
    # Tokens
    token_shelf.ContactNotConfirmed: Row(
        409, N_("Contact not confirmed"), N_("Tokens are sent only to a contact of yours that is confirmed.")
    ),
    refusals.TokensTakenBack: Row(
        409, N_("Taken back"), N_("The purchase of these tokens was taken back, so they are not sent any more.")
    ),
    # Everything
    refusals.FieldErrors: Row(422, N_("Please check what you entered"), N_("Some of it cannot be used.")),
    refusals.NotFound: Row(404, N_("Not found"), N_("There is nothing here.")),
    refusals.TooManyTries: Row(429, N_("Too many tries"), N_("That was tried too often of late. Please wait and try again.")),
    refusals.NotYetVisible: Row(503, N_("Catching up"), N_("We are catching up. Please try again in a moment."), 1),
    PasswordsBusy: Row(503, N_("Too much to do"), N_("Many people are logging in at once. Please try again in a moment."), 2),
    base.TooManyAtOnce: Row(
        503, N_("Too many at once"), N_("Others kept changing the same thing. Nothing was done; try again."), 1
    ),
    feeds.NotYetKnown: Row(503, N_("Catching up"), N_("We are catching up. Please try again in a moment."), 1),
}

BUSY = Row(
    503,
    N_("Not possible just now"),
    N_("This cannot be taken just now. Please try again in a moment; under the same Idempotency-Key nothing is done twice."),
    1,
)
OUT_OF_ORDER = Row(500, N_("Something went wrong"), N_("The fault is ours, and we can see it. Please try again."))

OF_HTTP: Mapping[str, Row] = {
    "BadRequest": Row(400, N_("Bad request"), N_("The request cannot be read.")),
    "RouteNotFound": Row(
        404, N_("No such path"), N_("Nothing has this path. The paths there are stand in /api/v1/openapi.json.")
    ),
    "MethodNotAllowed": Row(
        405, N_("Method not allowed"), N_("This path does not take this method. The header Allow names those it does.")
    ),
    "RequestTimeout": Row(408, N_("Too slow"), N_("The body did not arrive in time. Nothing was done.")),
    "LengthRequired": Row(411, N_("Length required"), N_("Send the body with its Content-Length.")),
    "ContentTooLarge": Row(413, N_("Too large"), N_("The body is too large.")),
    "UnsupportedMediaType": Row(415, N_("Unsupported media type"), N_("The body is of a type that is not taken here.")),
    "ServiceUnavailable": Row(503, N_("Not ready"), N_("The database does not answer."), 1),
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
