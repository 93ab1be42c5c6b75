"""Why a card was not redeemed, or power not sold, by the rule that says so: Juice's, or Seed's own."""

from __future__ import annotations

from typing import Final, NamedTuple

from wording.catalogue import N_

SENTENCES: Final[dict[str, str]] = {
    "CardUsed": N_("This card was used before."),
    "UnknownCard": N_("The serial number and the code do not belong to a card that is ready to use."),
    "AuthorisationDiffers": N_("Your bank allowed another amount than this purchase is for."),
    "AuthorisationEnds": N_("It took too long: the time for which your bank keeps the money was nearly over."),
    "PurchaseDecided": N_("The answer got lost, and the utility found out that nothing was issued."),
    "BlockedMeter": N_("The utility sells nothing for this meter at present. Please call."),
    "UnknownMeter": N_("The utility does not know this meter. Please call."),
    "MeterNotOfAccount": N_("The meter is no longer this account's."),
    "UnknownAccount": N_("The utility does not know this account. Please call."),
}

ONLY_A_CALL_HELPS: Final = frozenset({"BlockedMeter", "UnknownMeter", "UnknownAccount"})
CARD_IS_USELESS: Final = frozenset({"CardUsed", "UnknownCard"})


class Refused(NamedTuple):
    """What a reader is told: `why`, to be translated where it is shown, and what is left to do."""

    why: str
    calls: bool
    """Nothing but a call to the utility helps."""
    useless: bool
    """The card that was tried is of no use, for whatever meter."""


def refused(rule: str | None) -> Refused:
    """This will explain a rule; one that is not known in general words."""
    why = SENTENCES.get(rule or "", N_("The utility did not accept it."))
    return Refused(why, rule in ONLY_A_CALL_HELPS, rule in CARD_IS_USELESS)
