"""What Juice's own terms are called on a page."""

from __future__ import annotations

from web.site.words import LANGUAGE, words

_ = words(LANGUAGE).gettext


def resources() -> dict[str, str]:
    """This will name what a meter measures."""
    return {"electricity": _("Electricity"), "water": _("Water"), "gas": _("Gas")}


def kinds() -> dict[str, str]:
    """This will name Juice's transaction types."""
    return {
        "Adjustment": _("Adjustment"),
        "Arrears": _("Arrears"),
        "Cash": _("Cash"),
        "Cash-CC": _("Credit card"),
        "Cash-Check": _("Cheque"),
        "Cash-DC": _("Debit card"),
        "Credit": _("Credit"),
        "Free": _("Free units"),
        "JC": _("Juice card"),
        "Mgmt": _("By the utility"),
        "Reversal": _("Reversal"),
        "Wallet": _("From the wallet"),
    }


def reason(rule: str | None) -> str:
    """This will say why Juice did not redeem a card."""
    return {
        "CardUsed": _("This card was used before."),
        "UnknownCard": _("The serial number and the code do not belong to a card that is ready to use."),
        "BlockedMeter": _("The utility sells nothing for this meter at present. Please call."),
        "UnknownMeter": _("The utility does not know this meter. Please call."),
        "UnknownAccount": _("The utility does not know this account. Please call."),
    }.get(rule or "", _("The utility did not accept it."))
