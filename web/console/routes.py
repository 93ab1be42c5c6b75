"""Every page of the console and its address."""

from __future__ import annotations

from typing import Any

from falcon.asgi import App

from web.console import accounts, analyses, attention, books, decisions, enrolment, entrance, histories, info_page, me, requests


def add_console(app: App[Any, Any]) -> None:
    """This will add the console's pages."""
    resources: dict[str, object] = {
        "": entrance.Home(),
        "/sign-in": entrance.SignIn(),
        "/sign-out": entrance.SignOut(),
        "/enrol/{token}": enrolment.Enrol(),
        "/enrol/{token}/code.svg": enrolment.Picture(),
        "/analyses": analyses.Analyses(),
        "/analyses/{analysis}.csv": analyses.Table(),
        "/histories": histories.Histories(),
        "/requests": requests.Queue(),
        "/requests/new": requests.NewRequest(),
        "/requests/{request}": requests.OneRequest(),
        "/requests/{request}/card": requests.CardLookUp(),
        "/attention": attention.Attention(),
        "/attention/{difference}": books.Settlement(),
        "/purchases/{purchase}": decisions.Decision(),
        "/accounts": accounts.Search(),
        "/accounts/{number}": accounts.Account(),
        "/accounts/{number}/links": accounts.Links(),
        "/accounts/{number}/contacts/{contact_id}": accounts.WrongContact(),
        "/info-page": info_page.Editor(),
        "/info-page/editions": info_page.Editions(),
        "/info-page/editions/{language}/{edition}": info_page.Edition(),
        "/me": me.Me(),
        "/me/password": me.Password(),
        "/me/recovery-codes": me.RecoveryCodes(),
    }
    for path, resource in resources.items():
        app.add_route(f"/console{path}", resource)
