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
