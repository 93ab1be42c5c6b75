"""What a customer is told of a damaged card, by what the utility did about it."""

from __future__ import annotations

from typing import Final

from domain.damaged_card_events import CardOutcome
from wording.catalogue import N_

SENTENCES: Final[dict[CardOutcome, str]] = {
    "credit-ordered": N_("What the card is worth has been ordered to be credited to your account."),
    "replaced": N_("You get another card in its place."),
    "already-used": N_("The card was used before. A card credits once."),
    "not-honoured": N_("The card cannot be credited: it is none of ours, was never sold, or is no longer valid."),
}
