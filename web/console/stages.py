"""How far a payment is, in plain words, and what staff does about one that needs a look."""

from __future__ import annotations

from collections.abc import Mapping

from wording.catalogue import N_

STAGES: Mapping[str, str] = {
    "reserved": N_("about to be sent to Juice"),
    "sent": N_("asked of Juice, no answer yet"),
    "in-doubt": N_("in doubt: Juice is asked until it says what became of it"),
    "redeemed": N_("redeemed"),
    "proven-absent": N_("not done, and that is certain"),
    "requested": N_("at the payment page"),
    "chosen": N_("about to be sent to Juice"),
    "confirmed": N_("in force at Juice"),
    "refused": N_("not taken by Juice"),
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
    "UnknownDebt": N_("Juice does not know the debt"),
    "ShareOutOfLimits": N_("the utility does not let that share go to it"),
    "BlockedMeter": N_("the meter is blocked in Juice"),
    "UnknownMeter": N_("Juice does not know the meter"),
    "MeterNotOfAccount": N_("the meter had gone from the account before anything was sent to Juice"),
    "UnknownAccount": N_("Juice does not know the account"),
    "AuthorisationDiffers": N_("the bank allowed another amount"),
    "AuthorisationEnds": N_("the bank's hold on the money was nearly over"),
    "PurchaseDecided": N_("the utility's staff found out that Juice sold nothing for it"),
    "ReleasedBefore": N_("the money had been let go before Juice said that it issued"),
}
"""Why a payment ended as it did, by the rule that Juice or Seed names -> what it means; any other is shown as it is named."""

NEXT: Mapping[str, str] = {
    "reserved": N_("Seed asks Juice for it as soon as it can."),
    "authorised": N_("Seed asks Juice for it as soon as it can."),
    "sent": N_("Seed asks Juice again by itself."),
    "in-doubt": N_("Seed asks Juice again and again, and tells the customer how it ended."),
    "issued": N_("The customer has the power. Seed goes on charging the card until that is done."),
    "proven-absent": N_("Seed goes on letting the money go until that is done. The customer is charged nothing."),
    "uncollected": N_("Nothing more: the customer has the power, and was not charged."),
    "captured": N_("Nothing more: the customer has the power, and was charged."),
    "released": N_("Nothing more: nothing was issued, and the customer was charged nothing."),
}
"""Stage of a payment that needs a look -> what Seed does next."""

TO_DO: Mapping[str, str] = {
    "reserved": N_("Ask whoever runs Seed whether its vendor runs."),
    "authorised": N_("Ask whoever runs Seed whether its vendor runs."),
    "sent": N_("Nothing yet. Do not redeem or sell again by hand."),
    "in-doubt": N_("If the customer calls: nothing is charged or credited twice. Do not redeem or sell again by hand."),
    "issued": N_("Nothing. If it lasts, ask whoever runs Seed whether the payment provider answers."),
    "proven-absent": N_("Nothing. If it lasts, ask whoever runs Seed whether the payment provider answers."),
}
"""Stage of a payment that takes long -> what staff does, where no flag says more."""

MESSAGES: Mapping[str, str] = {
    "password-to-given": N_("New password, to the contact that was given"),
    "password-to-registered": N_("New password, to a registered contact"),
    "identity-to-continue": N_("Link to go on with Get Password"),
    "contact-confirmed": N_("A contact was confirmed"),
    "contacts-undone": N_("A new password was taken back"),
    "contact-to-confirm": N_("Link to confirm a contact"),
    "contacts-changed": N_("Contacts were changed"),
    "contact-removed": N_("A contact was removed"),
    "contact-change-to-agree": N_("A change of contacts, to be agreed to"),
    "contact-change-reverted": N_("A change of contacts was taken back"),
    "arrears-share-changed": N_("A share of the arrears was changed"),
    "arrears-share-not-changed": N_("A share of the arrears was not taken"),
    "password-changed": N_("The password was changed"),
    "redemption-receipt": N_("Receipt of a Juice card"),
    "redemption-in-doubt": N_("A Juice card is in doubt"),
    "redemption-not-made": N_("A Juice card was not redeemed"),
    "purchase-receipt": N_("Receipt of a purchase"),
    "purchase-in-doubt": N_("A purchase is in doubt"),
    "purchase-not-made": N_("Nothing was bought"),
    "tokens-again": N_("Tokens, sent once more"),
    "request-received": N_("A request was received"),
    "request-answered": N_("A request was answered"),
    "request-closed": N_("A request was closed"),
    "low-balance": N_("Low balance"),
}
"""Kind of message -> what it says."""

FEEDS: Mapping[str, str] = {
    "accounts": N_("Accounts"),
    "meters": N_("Meters"),
    "transactions": N_("Transactions"),
    "usage": N_("Usage"),
    "arrears": N_("Arrears"),
    "balances": N_("Balances"),
}
"""Feed of Juice -> what it tells."""

FLAGS: Mapping[str, str] = {
    "doubt-lasts": N_("Juice has not said for long what became of it. Ask Juice's operators for the message id."),
    "authorisation-ends": N_("The bank's hold on the money ends soon. Find out at Juice whether it issued, before it does."),
    "capture-declined": N_("Juice issued, and the bank does not pay. Collect the amount from the customer, or write it off."),
    "captured-elsewhere": N_("Charged outside of Seed. Compare it with the payment provider's own list."),
    "capture-differs": N_("Another amount was charged than was issued for. Compare it with the payment provider's own list."),
    "ambiguous": N_("Which of Juice's transactions is this purchase's, if any, cannot be told. Find out at Juice."),
    "uncollected": N_("Juice issued, and the money was let go. Collect the amount from the customer, or write it off."),
}
"""Why staff should look at a purchase -> what to do about it."""
