"""What Stripe answers when it does not do what it was asked."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """An error object with its status. `is_kept`: the same is answered to the same key again, for the work had begun."""

    def __init__(self, status: int, kind: str, message: str, *, is_kept: bool = False, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.is_kept = is_kept
        self._error = {"type": kind, "message": message, **more}

    def document(self) -> dict[str, Any]:
        """The error as JSON."""
        return {"error": self._error}


def bad_parameter(param: str, message: str, code: str = "parameter_invalid") -> Refused:
    """This will make the refusal of a parameter that cannot be meant."""
    return Refused(400, "invalid_request_error", message, param=param, code=code)


def missing(kind: str, id: str) -> Refused:
    """This will make the refusal of an id that names nothing."""
    return Refused(404, "invalid_request_error", f"No such {kind}: '{id}'", code="resource_missing", param="id")


def unexpected_state(message: str, intent: dict[str, Any]) -> Refused:
    """This will make the refusal of a payment that stands otherwise; it says how."""
    code = "payment_intent_unexpected_state"
    return Refused(400, "invalid_request_error", message, is_kept=True, code=code, payment_intent=intent)
