"""What is written about a chosen arrears share, from its history in the log."""

from __future__ import annotations

from collections.abc import Sequence

from domain.arrears_share_events import ShareChosen, ShareConfirmed, ShareRefused
from domain.event import Event
from notifications.delivery import NothingToSay
from notifications.messages import contents
from notifications.messages.contents import Content


def of_share(history: Sequence[Event], version: int, site: str) -> Content:
    """This will write what the event of that version gave rise to. Raises NothingToSay where there is no such event."""
    until = [event for event in history if event.originator_version <= version]
    chosen = next((event for event in reversed(until) if isinstance(event, ShareChosen)), None)
    if chosen is None:
        raise NothingToSay("there is no such choice")
    last, link = until[-1], f"{site}/arrears/share"
    if isinstance(last, ShareConfirmed):
        return contents.ArrearsShareChanged(
            description=chosen.description, share=chosen.share, former_share=chosen.former_share, changed_at=last.at, link=link
        )
    if isinstance(last, ShareRefused):
        return contents.ArrearsShareNotChanged(
            description=chosen.description, share=chosen.share, former_share=chosen.former_share, chosen_at=chosen.at, link=link
        )
    raise NothingToSay("nobody is told of that")
