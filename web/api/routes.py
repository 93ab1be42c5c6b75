"""Every route of the API. A new one is a resource, a line here, and a line in the role matrix."""

from __future__ import annotations

from typing import Any

from falcon.asgi import App

from web.access.matrix import API
from web.api import (
    about,
    accounts,
    activity,
    analyses,
    arrears,
    arrears_shares,
    attention,
    cards,
    clock,
    contacts,
    damaged_cards,
    decisions,
    differences,
    history,
    identity,
    info,
    me,
    purchases,
    request_desk,
    requests,
    session,
    tokens,
    usage,
    webhooks,
)
from web.api.openapi import operations_of


def add_api(app: App[Any, Any]) -> None:
    """This will add the routes, and describe them."""
    described = about.OpenApi()
    resources: dict[str, object] = {
        "/healthz": about.Health(),
        "/openapi.json": described,
        "/utility": about.Utility(),
        "/info": info.Info(),
        "/info/previews": info.Previews(),
        "/info/editions": info.Editions(),
        "/identity/questions": identity.Questions(),
        "/identity/confirmations": identity.Confirmations(),
        "/identity/links": identity.Offers(),
        "/identity/continuations": identity.Continuations(),
        "/links/undo": identity.Undoings(),
        "/links/confirmations": identity.ContactConfirmations(),
        "/links/changes": identity.ChangeAgreements(),
        "/links/reversals": identity.ChangeReversals(),
        "/session": session.Session(),
        "/session/authentication": session.Authentication(),
        "/me": me.Me(),
        "/me/activity": activity.Activity(),
        "/me/receipts/{receipt}": activity.Receipt(),
        "/me/tokens": tokens.TokensOfAccount(),
        "/me/tokens/{token_id}/entered": tokens.Entered(),
        "/me/tokens/{token_id}/messages": tokens.Messages(),
        "/me/arrears": arrears.ArrearsOfAccount(),
        "/me/arrears/shares": arrears_shares.MyShares(),
        "/me/usage": usage.Usage(),
        "/me/usage/months": usage.Months(),
        "/me/clock": clock.MyClock(),
        "/me/contacts": contacts.Contacts(),
        "/me/contacts/{contact_id}": contacts.OneContact(),
        "/me/language": contacts.OwnLanguage(),
        "/me/password": session.Password(),
        "/me/requests": requests.Requests(),
        "/me/requests/{request}": requests.Thread(),
        "/me/requests/{request}/comments": requests.Comments(),
        "/me/requests/{request}/reopening": requests.Reopenings(),
        "/me/damaged-cards": damaged_cards.Reports(),
        "/requests": request_desk.Queue(),
        "/requests/{request}": request_desk.Thread(),
        "/requests/{request}/comments": request_desk.Comments(),
        "/requests/{request}/closure": request_desk.Closures(),
        "/requests/{request}/reopening": request_desk.Reopenings(),
        "/requests/{request}/card-checks": damaged_cards.LookUps(),
        "/cards/checks": cards.Checks(),
        "/purchases": purchases.Purchases(),
        "/purchases/previews": purchases.Previews(),
        "/purchases/{reference}": purchases.Purchase(),
        "/purchases/{reference}/cancellation": purchases.Cancellation(),
        "/purchases/{reference}/candidates": decisions.CandidatesOfPurchase(),
        "/purchases/{reference}/decision": decisions.DecisionOnPurchase(),
        "/webhooks/cards": webhooks.Cards(),
        "/redemptions": cards.Redemptions(),
        "/redemptions/{reference}": cards.Redemption(),
        "/attention": attention.AttentionNeeded(),
        "/attention/differences": attention.DifferencesFound(),
        "/attention/books": differences.BooksCompared(),
        "/attention/books/{difference}/settlement": differences.Settlements(),
        "/attention/messages": attention.MessagesWithoutReader(),
        "/accounts/{number}": accounts.AccountForStaff(),
        "/accounts/{number}/links": accounts.Links(),
        "/accounts/{number}/contacts/{contact_id}": accounts.WrongContact(),
        "/accounts/{number}/history": history.History(),
        "/accounts/{number}/state": history.PastState(),
        **dict(analyses.resources()),
    }
    placed = {API + path: resource for path, resource in resources.items()}
    for path, resource in placed.items():
        app.add_route(path, resource)
    described.operations = operations_of(placed)
