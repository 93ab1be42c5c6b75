"""What differs between the books, and how it was settled, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from wording.catalogue import N_

WHAT: Mapping[str, str] = {
    "issued-unknown-to-juice": N_("Seed has Juice's receipt, and Juice does not list the transaction"),
    "juice-unknown-to-seed": N_("Juice lists a transaction that Seed does not have as issued"),
    "issued-twice": N_("Juice lists a second transaction for one payment"),
    "amount-differs": N_("Juice lists another amount than its receipt says"),
    "number-differs": N_("Juice lists another transaction number than its receipt says"),
    "charged-without-issue": N_("Money was taken, and nothing was issued for it"),
    "issued-without-charge": N_("Power was issued, and no money was taken"),
    "charged-amount-differs": N_("Another amount was taken than was issued"),
    "hold-left-open": N_("Money is still held for what was not issued"),
    "refunded-after-issue": N_("Money was given back for power that was issued"),
    "charge-disputed": N_("The customer's bank demands the money back for power that was issued"),
}
"""Kind -> what it says."""

DO: Mapping[str, str] = {
    "issued-unknown-to-juice": N_("Ask Juice's operators for the message id and the transaction. The customer has the token."),
    "juice-unknown-to-seed": N_(
        "If the payment is in doubt, wait: Seed goes on asking. Else have Juice's operators reverse it, or give the customer the"
        " token of Juice's receipt. If a till sold it, there is no difference."
    ),
    "issued-twice": N_(
        "Tell Juice's operators at once: the second one is theirs to reverse. If a till sold it, there is no difference."
    ),
    "amount-differs": N_("Ask Juice's operators which is right. Then collect or refund the rest."),
    "number-differs": N_("Ask Juice's operators which is right."),
    "charged-without-issue": N_(
        "Ask Juice's operators for the message id. If nothing was issued, refund it on the payment provider's pages."
    ),
    "issued-without-charge": N_("Collect the amount from the customer, or write it off."),
    "charged-amount-differs": N_("Refund what is too much; collect or write off what is too little."),
    "hold-left-open": N_("Release it on the payment provider's pages."),
    "refunded-after-issue": N_(
        "Ask who refunded it, and why. If Juice has taken the power back, settle it; else collect the amount, or write it off."
    ),
    "charge-disputed": N_(
        "Answer on the payment provider's pages before the date given there, with Juice's receipt. If it is won, this goes by"
        " itself; if it is lost, collect the amount, or write it off."
    ),
}
"""Kind -> what staff does about it."""

HOW: Mapping[str, str] = {
    "charged": N_("The customer has paid it"),
    "refunded": N_("It was refunded"),
    "released": N_("The held money was released"),
    "written-off": N_("It was written off"),
    "juice-corrected": N_("Juice has put it right"),
    "no-difference": N_("There was no difference after all"),
}
"""How staff settled it -> in words."""

BY_ITSELF: Mapping[str, str] = {
    "vanished": N_("The books agree by now"),
    "changed": N_("It differs by another amount now"),
}
"""How it was settled without anybody -> in words."""

IN_JUICE = frozenset({"issued-unknown-to-juice", "juice-unknown-to-seed", "issued-twice", "amount-differs", "number-differs"})
"""Kinds of which Juice's is the other book; of the rest it is the provider's."""
