"""Why a journey stops, beside what the domain refuses."""

from __future__ import annotations

from collections.abc import Mapping

from wording.catalogue import N_


class Stopped(Exception):
    """A journey cannot go on. Subclasses are sentences; none of them carries what a person typed."""


class FieldErrors(Stopped):
    """Some input cannot be used: a message for each field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(sorted(errors)))
        self.errors = dict(errors)


class NotLoggedIn(Stopped):
    """This needs a login, or the session has ended."""


class PasswordNeededAgain(Stopped):
    """The password was given too long ago for what is asked: it has to be given again."""


class ChangedMeanwhile(Stopped):
    """What was to be changed is no longer as whoever changes it saw it."""


class NotAllowed(Stopped):
    """Whoever asks may not do this."""


class NotFound(Stopped):
    """There is nothing here, or nothing that whoever asks may see."""


class TicketExpired(Stopped):
    """The half hour for confirming one's identity is over, or the ticket is none of ours: begin again."""


class TooManyTries(Stopped):
    """A limit was met; `retry_after` is how many seconds to wait."""

    def __init__(self, throttle: str, retry_after: int) -> None:
        super().__init__(throttle)
        self.throttle = throttle
        self.retry_after = retry_after


class CardUnknown(Stopped):
    """No activated card has this serial number and this code; which of them is wrong is not said."""


class CardAlreadyUsed(Stopped):
    """Juice says that the card was used."""


class JuiceDoesNotAnswer(Stopped):
    """Juice was asked something that changes nothing, and did not answer: it may be asked again."""


class TokensTakenBack(Stopped):
    """The transaction that brought these tokens was reversed."""


class SharesNotTold(JuiceDoesNotAnswer):
    """Juice did not say which shares of each purchase there are: it may be asked again."""


class PreviewNotPossible(JuiceDoesNotAnswer):
    """Juice did not say what an amount would buy: it may be asked again."""


class NothingSold(Stopped):
    """Juice sells nothing for this meter at present."""


class CardsNotTaken(Stopped):
    """This utility has no provider of credit-card payments: power is bought with Juice cards."""


class ProviderDoesNotAnswer(Stopped):
    """The provider of credit-card payments did not answer; nothing was charged, and it may be asked again."""


class KeyMissing(FieldErrors):
    """No Idempotency-Key came, or one that cannot be used (400, as draft-ietf-httpapi-idempotency-key-header has it)."""

    def __init__(self) -> None:
        super().__init__({"idempotency_key": N_("Send an Idempotency-Key of 8 to 255 visible ASCII characters.")})


class KeyUsedForAnother(Stopped):
    """The Idempotency-Key came before, with another request."""


class StillRunning(Stopped):
    """The first request with this Idempotency-Key has not ended yet."""


class NotYetVisible(Stopped):
    """What was asked for is in the log, but the read models have not got that far."""
