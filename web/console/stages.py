"""How far a payment is, in plain words, and what staff does about one that needs a look."""

from __future__ import annotations

from collections.abc import Mapping

from wording.catalogue import N_

STAGES: Mapping[str, str] = {
    "reserved": N_("about to be sent to Juice"),
    "sent": N_("asked of Juice, no answer yet"),
    "in-doubt": N_("in doubt: Juice is asked until it says what became of it"),
    "redeemed": N_("redeemed"),
    "proven-absent": N_("not done, which Juice has proven"),
    "requested": N_("at the payment page"),
    "declined": N_("declined, may be tried again"),
    "abandoned": N_("given up before anything was paid"),
    "authorised": N_("the bank holds the money"),
    "issued": N_("issued, about to be charged"),
    "captured": N_("issued and charged"),
    "released": N_("not issued, the money is free again"),
    "uncollected": N_("issued, but not charged"),
}
"""Stage -> what it means."""

RULES: Mapping[str, str] = {
    "CardUsed": N_("the card was used before"),
    "UnknownCard": N_("serial number and code belong to no card that is ready to use"),
    "BlockedMeter": N_("the meter is blocked in Juice"),
    "UnknownMeter": N_("Juice does not know the meter"),
    "UnknownAccount": N_("Juice does not know the account"),
    "AuthorisationDiffers": N_("the bank allowed another amount"),
    "AuthorisationEnds": N_("the bank's hold on the money was nearly over"),
    "ReleasedBefore": N_("the money had been let go before Juice said that it issued"),
}
"""Why a payment ended as it did, by the rule that Juice or Seed names -> what it means; any other is shown as it is named."""

FLAGS: Mapping[str, str] = {
    "doubt-lasts": N_("Juice has not said for long what became of it. Ask Juice's operators for the message id."),
    "authorisation-ends": N_("The bank's hold on the money ends soon. Find out at Juice whether it issued, before it does."),
    "capture-declined": N_("Juice issued, and the bank does not pay. Collect the amount from the customer, or write it off."),
    "captured-elsewhere": N_("Charged outside of Seed. Compare it with the payment provider's own list."),
    "capture-differs": N_("Another amount was charged than was issued for. Compare it with the payment provider's own list."),
    "uncollected": N_("Juice issued, and the money was let go. Collect the amount from the customer, or write it off."),
}
"""Why staff should look at a purchase -> what to do about it."""
