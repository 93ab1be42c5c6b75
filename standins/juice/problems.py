"""What Juice answers when it does not do what it was asked: RFC 9457 problems, each with the rule that it follows."""

from __future__ import annotations


class Problem(Exception):
    """A refusal. `rule` is for programs, `detail` for people; neither repeats a serial, a code or a number."""

    def __init__(self, status: int, rule: str, detail: str, field: str | None = None) -> None:
        super().__init__(rule)
        self.status = status
        self.rule = rule
        self.detail = detail
        self.field = field

    def document(self) -> dict[str, object]:
        """The problem as JSON."""
        told: dict[str, object] = {
            "type": "about:blank",
            "title": self.rule,
            "status": self.status,
            "detail": self.detail,
            "rule": self.rule,
        }
        return told | ({"field": self.field} if self.field else {})


def bad_field(field: str, reason: str) -> Problem:
    """This will make the problem of a field that is missing, unknown, of the wrong type or out of range."""
    return Problem(422, "BadField", f"{field}: {reason}", field)


def unknown_card() -> Problem:
    """This will make the one answer for a wrong serial, a wrong code and a card that was never activated."""
    return Problem(404, "UnknownCard", "No activated card has this serial and this code.")


def no_such_card() -> Problem:
    """This will make the answer to the utility where none of its cards has this serial."""
    return Problem(404, "UnknownCard", "No card has this serial.")


def card_used() -> Problem:
    """This will make the refusal of a card that was redeemed before."""
    return Problem(409, "CardUsed", "This card was redeemed before.")
