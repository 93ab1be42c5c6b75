"""What Juice's own terms are called on a page."""

from __future__ import annotations

from web.site.writing import Writing


def resources(write: Writing) -> dict[str, str]:
    """This will name what a meter measures."""
    return {"electricity": write.gettext("Electricity"), "water": write.gettext("Water"), "gas": write.gettext("Gas")}


def kinds(write: Writing) -> dict[str, str]:
    """This will name Juice's transaction types."""
    return {
        "Adjustment": write.gettext("Adjustment"),
        "Arrears": write.gettext("Arrears"),
        "Cash": write.gettext("Cash"),
        "Cash-CC": write.gettext("Credit card"),
        "Cash-Check": write.gettext("Cheque"),
        "Cash-DC": write.gettext("Debit card"),
        "Credit": write.gettext("Credit"),
        "Free": write.gettext("Free units"),
        "JC": write.gettext("Juice card"),
        "Mgmt": write.gettext("By the utility"),
        "Reversal": write.gettext("Reversal"),
        "Wallet": write.gettext("From the wallet"),
    }


def topics(write: Writing) -> dict[str, str]:
    """This will name what a request can be about."""
    return {
        "question": write.gettext("A question"),
        "meter": write.gettext("The meter"),
        "token": write.gettext("A token"),
        "payment": write.gettext("A payment"),
        "card": write.gettext("A Juice card"),
        "account": write.gettext("The account"),
        "other": write.gettext("Something else"),
    }


def damages(write: Writing) -> dict[str, str]:
    """This will name what can be wrong with a Juice card."""
    return {
        "code-gone": write.gettext("The scratch code cannot be read at all"),
        "code-in-part": write.gettext("A part of the scratch code cannot be read"),
        "card-broken": write.gettext("The card is torn or broken"),
        "serial-in-part": write.gettext("The serial number is hard to read"),
        "refused": write.gettext("All can be read, and it is still refused"),
    }


def reason(rule: str | None, write: Writing) -> str:
    """This will say why a card was not redeemed, or power not sold."""
    return {
        "CardUsed": write.gettext("This card was used before."),
        "UnknownCard": write.gettext("The serial number and the code do not belong to a card that is ready to use."),
        "AuthorisationDiffers": write.gettext("Your bank allowed another amount than this purchase is for."),
        "AuthorisationEnds": write.gettext("It took too long: the time for which your bank keeps the money was nearly over."),
        "PurchaseDecided": write.gettext("The answer got lost, and the utility found out that nothing was issued."),
        "BlockedMeter": write.gettext("The utility sells nothing for this meter at present. Please call."),
        "UnknownMeter": write.gettext("The utility does not know this meter. Please call."),
        "MeterNotOfAccount": write.gettext("The meter is no longer this account's."),
        "UnknownAccount": write.gettext("The utility does not know this account. Please call."),
    }.get(rule or "", write.gettext("The utility did not accept it."))
