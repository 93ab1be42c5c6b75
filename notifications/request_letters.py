"""What is written about a request, from its history in the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from domain.damaged_card_events import DamagedCardSettled
from domain.event import Event
from domain.ticket import REOPENED_WITHIN, is_utility
from domain.ticket_events import TicketClosed, TicketCommented, TicketOpened, TicketReopened
from notifications.delivery import NothingToSay
from notifications.messages import contents
from notifications.messages.contents import Content
from wording.card_outcomes import SENTENCES


def of_request(history: Sequence[Event], version: int, site: str) -> Content:
    """This will write what the event of that version gave rise to. Raises NothingToSay where there is no such event."""
    until = [event for event in history if event.originator_version <= version]
    opened = next((event for event in until if isinstance(event, TicketOpened)), None)
    if opened is None:
        raise NothingToSay("there is no such request")
    last, link = until[-1], f"{site}/requests/{opened.reference}"
    match last:
        case TicketOpened():
            return contents.RequestReceived(opened_by=_role(last.by), opened_at=last.at, reference=opened.reference, link=link)
        case TicketCommented():
            return contents.RequestAnswered(
                reference=opened.reference, said=last.text, is_automatic=_role(last.by) == "system", link=link
            )
        case TicketClosed():
            said, by = _last_word(until)
            return contents.RequestClosed(
                reference=opened.reference,
                closed_at=last.at,
                said=said,
                is_automatic=_role(by) == "system",
                until=last.at + REOPENED_WITHIN,
                link=link,
                outcome=_outcome(until),
            )
    raise NothingToSay("nobody is told of that")


def _last_word(history: Sequence[Event]) -> tuple[str | None, str]:
    """What the utility said last, and who said it for the utility."""
    for event in reversed(history):
        text = event.comment if isinstance(event, TicketClosed) else None
        if isinstance(event, TicketCommented | TicketReopened):
            text = event.text
        if text is not None and is_utility(event.by):
            return text, event.by
    return None, history[-1].by


def _outcome(history: Sequence[Event]) -> str | None:
    """What was done about the damaged card, where the request was closed with that."""
    settled = history[-2]
    return SENTENCES[settled.outcome] if isinstance(settled, DamagedCardSettled) else None


def _role(by: str) -> Literal["customer", "staff", "system"]:
    if not is_utility(by):
        return "customer"
    return "system" if by.partition(":")[0] == "system" else "staff"
