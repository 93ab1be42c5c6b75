"""An amount as it was shown before it is confirmed: the form carries it back, with a proof that it was shown for just that."""

from __future__ import annotations

import hmac

import msgspec

from web.journeys.visit import Visit


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What was shown, in minor units; as text it stands in the form's field `offered`."""

    amount: int
    currency: str
    proof: str

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} {self.proof}"


def shown(visit: Visit, subject: str, amount: int, currency: str) -> Shown:
    """This will make the proof that an amount is shown for a subject, such as a card or a meter."""
    return Shown(amount=amount, currency=currency, proof=_proof(visit, subject, f"{amount} {currency}"))


def seen(visit: Visit, subject: str, offered: str) -> Shown | None:
    """This will read what a form was shown; None where that was never shown, or for another subject."""
    worth, _, proof = offered.encode("ascii", "replace").decode().rpartition(" ")
    if not hmac.compare_digest(_proof(visit, subject, worth), proof):
        return None
    amount, currency = worth.split()
    return Shown(amount=int(amount), currency=currency, proof=proof)


def _proof(visit: Visit, subject: str, worth: str) -> str:
    return visit.services.secrets.mac("amount-shown", f"{subject}|{worth}".encode())[:16].hex()
