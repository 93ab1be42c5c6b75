"""Every page and its address."""

from __future__ import annotations

from typing import Any

from falcon.asgi import App

from web.site import (
    activity,
    arrears,
    arrears_share,
    buy,
    change_links,
    change_password,
    damaged_card,
    dashboard,
    edit,
    entrance,
    files,
    language,
    links,
    login,
    password,
    purchase,
    redeem,
    redemption,
    requests,
    tokens,
    usage,
)


def add_site(app: App[Any, Any]) -> None:
    """This will add the pages."""
    resources: dict[str, object] = {
        "/": entrance.Landing(),
        "/info": entrance.Info(),
        "/static/{name}": files.Static(),
        "/theme/{name}": files.Theme(),
        "/buy": buy.Buy(),
        "/buy/preview": buy.BuyPreview(),
        "/purchases/{reference}": purchase.Purchase(),
        "/purchases/{reference}/payment": purchase.Payment(),
        "/purchases/{reference}/cancellation": purchase.Cancellation(),
        "/redeem": redeem.Redeem(),
        "/redeem/amount": redeem.Amount(),
        "/redemptions/{reference}": redemption.Redemption(),
        "/requests": requests.Requests(),
        "/requests/new": requests.NewRequest(),
        "/requests/card": damaged_card.DamagedCard(),
        "/requests/{request}": requests.OneRequest(),
        "/get-password": password.GetPassword(),
        "/get-password/confirm": password.Confirm(),
        "/get-password/link": password.OfferLink(),
        "/get-password/sent": password.Sent(),
        "/undo/{token}": links.Undo(),
        "/confirm/{token}": links.ConfirmContact(),
        "/change/{token}": change_links.AgreeToChange(),
        "/revert/{token}": change_links.RevertChange(),
        "/continue/{token}": password.Continue(),
        "/language": language.Language(),
        "/login": login.LogIn(),
        "/logout": login.LogOut(),
        "/dashboard": dashboard.DashboardPage(),
        "/tokens": tokens.TokenShelf(),
        "/tokens/{token_id}/entered": tokens.Entered(),
        "/tokens/{token_id}/messages": tokens.Messages(),
        "/arrears/share": arrears_share.ArrearsShare(),
        "/arrears": arrears.ArrearsPage(),
        "/usage": usage.UsagePage(),
        "/usage.csv": usage.UsageFile(),
        "/activity": activity.ActivityPage(),
        "/receipts/{receipt}": activity.Receipt(),
        "/edit": edit.Edit(),
        "/edit/password": change_password.ChangePassword(),
    }
    for path, resource in resources.items():
        app.add_route(path, resource)
