"""Who is told of what: each event that somebody should hear of becomes rows of the outbox, in the follower's transaction.

Followed once, from the log: a message is never made by rebuilding a read model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import AsyncCursor

from domain.access import UNDO_LASTS
from domain.account import Account
from domain.account_events import ContactConfirmed, ContinuationOffered, PasswordIssued, PasswordIssueUndone
from domain.arrears_share_events import ShareConfirmed, ShareRefused
from domain.clock_events import ClockSet, LowBalanceNoticed
from domain.contact import Contact
from domain.event import Event
from domain.portal import Portal
from domain.purchase_events import PurchaseDoubted, PurchaseFoundIssued, PurchaseIssued, PurchaseReleased
from domain.redemption_events import RedemptionDoubted, RedemptionFoundMade, RedemptionProvenAbsent, RedemptionSettled
from domain.ticket import is_utility
from domain.ticket_events import TicketClosed, TicketCommented, TicketOpened
from domain.token_shelf_events import TokensResendRequested
from eventlog.follower import Recorded
from notifications.changes import Change, told_of
from notifications.messages import contents
from notifications.outbox import NewDelivery, Outbox
from notifications.quiet_hours import WAITS, lets_through

FOLLOWS_AS = "notifier"


class Policy:
    """Turns events of one utility into deliveries."""

    def __init__(self, portal: Portal, outbox: Outbox) -> None:
        self.portal = portal
        self.outbox = outbox

    async def follow(self, cursor: AsyncCursor[Any], batch: Sequence[Recorded]) -> None:
        """This will enqueue what the batch gives rise to."""
        rows = [row for recorded in batch for row in await self._deliveries(recorded)]
        if rows:
            await self.outbox.enqueue(cursor, rows)
        for recorded in batch:
            if isinstance(recorded.event, ClockSet):
                # What waits may perhaps go now; where it has to wait still, it is found out when it is looked at.
                await self.outbox.hasten(cursor, recorded.event.originator_id, WAITS, recorded.event.at)

    async def _deliveries(self, recorded: Recorded) -> Sequence[NewDelivery]:
        match recorded.event:
            case PasswordIssued(recipients=recipients) as event if recipients:
                return await self._copies_of_password(recorded, event)
            case ContinuationOffered() as event:
                return await self._to(
                    recorded, _registered, contents.IdentityToContinue.KIND, expires_at=event.expires_at, offer_id=event.offer_id
                )
            case ContactConfirmed() as event:
                return await self._to(recorded, _only(event.contact_id), contents.ContactConfirmed.KIND)
            case PasswordIssueUndone():
                return await self._to(recorded, _registered, contents.ContactsUndone.KIND)
            case event if isinstance(event, Change):
                account = await self._account(event)
                return [
                    self._row(recorded, account.id, told.contact, told.kind, dict(told.parameters), expires_at=told.expires_at)
                    for told in told_of(event, account)
                ]
            case RedemptionSettled() | RedemptionFoundMade() as event:
                return await self._to(
                    recorded,
                    _confirmed,
                    contents.RedemptionReceipt.KIND,
                    redemption_id=event.originator_id,
                    version=event.originator_version,
                )
            case RedemptionDoubted() as event:
                return await self._to(
                    recorded,
                    _confirmed,
                    contents.RedemptionInDoubt.KIND,
                    redemption_id=event.originator_id,
                    version=event.originator_version,
                )
            case RedemptionProvenAbsent() as event if await self._was_in_doubt(event):
                return await self._to(
                    recorded,
                    _confirmed,
                    contents.RedemptionNotMade.KIND,
                    redemption_id=event.originator_id,
                    version=event.originator_version,
                )
            case PurchaseIssued() | PurchaseFoundIssued():
                return await self._of_purchase(recorded, contents.PurchaseReceipt.KIND)
            case PurchaseDoubted():
                return await self._of_purchase(recorded, contents.PurchaseInDoubt.KIND)
            case PurchaseReleased():
                return await self._of_purchase(recorded, contents.PurchaseNotMade.KIND)
            case TokensResendRequested() as event:
                return await self._to(
                    recorded, _only(event.contact_id), contents.TokensAgain.KIND, version=event.originator_version
                )
            case LowBalanceNoticed() as event:
                ends_on = event.day + timedelta(days=event.days_left)
                return await self._to(
                    recorded,
                    _wanting_notices,
                    contents.LowBalance.KIND,
                    expires_at=await self._end_of(ends_on),
                    meter_id=event.meter_id,
                    under=event.under,
                    day=event.day,
                )
            case ShareConfirmed() as event:
                named = {"share_id": event.originator_id, "version": event.originator_version}
                return await self._to(recorded, _registered, contents.ArrearsShareChanged.KIND, **named)
            case ShareRefused() as event:
                named = {"share_id": event.originator_id, "version": event.originator_version}
                return await self._to(recorded, _registered, contents.ArrearsShareNotChanged.KIND, **named)
            case TicketOpened():
                return await self._about_request(recorded, contents.RequestReceived.KIND)
            case TicketCommented(by=by) if is_utility(by):
                return await self._about_request(recorded, contents.RequestAnswered.KIND)
            case TicketClosed():
                return await self._about_request(recorded, contents.RequestClosed.KIND)
        return ()

    async def _about_request(self, recorded: Recorded, kind: str) -> list[NewDelivery]:
        event = recorded.event
        return await self._to(recorded, _confirmed, kind, ticket_id=event.originator_id, version=event.originator_version)

    async def _of_purchase(self, recorded: Recorded, kind: str) -> list[NewDelivery]:
        event = recorded.event
        named = {"purchase_id": event.originator_id, "version": event.originator_version}
        return await self._to(recorded, _confirmed, kind, **named)

    async def _copies_of_password(self, recorded: Recorded, event: PasswordIssued) -> list[NewDelivery]:
        account = await self._account(event)
        copies = []
        for contact_id in event.recipients:
            if (contact := account.contacts.get(contact_id)) is None:
                continue
            registered = contact.proves
            kind = contents.PasswordToRegistered.KIND if registered else contents.PasswordToGiven.KIND
            # The owner's copy is worth sending for as long as it can be undone.
            expires_at = event.at + UNDO_LASTS if registered else event.expires_at
            named = {"issue_id": str(event.issue_id)}
            copies.append(self._row(recorded, account.id, contact, kind, named, secret_id=event.secret_id, expires_at=expires_at))
        return copies

    async def _to(
        self,
        recorded: Recorded,
        chosen: Callable[[Account], Iterable[Contact]],
        kind: str,
        *,
        expires_at: Any = None,
        **parameters: Any,
    ) -> list[NewDelivery]:
        account = await self._account(recorded.event)
        named = {name: value if isinstance(value, int) else str(value) for name, value in parameters.items()}
        when = {"expires_at": expires_at, "not_before": await lets_through(self.portal, kind, account, recorded.event.at)}
        return [self._row(recorded, account.id, contact, kind, named, **when) for contact in chosen(account)]

    async def _end_of(self, day: date) -> datetime:
        """Midnight after the day, in the utility's zone."""
        description = await self.portal.utility()
        zone = ZoneInfo(description.zone) if description is not None else UTC
        return datetime.combine(day + timedelta(days=1), time(), zone)

    async def _account(self, event: Event) -> Account:
        return await self.portal.load(Account, event.account_id or event.originator_id)

    async def _was_in_doubt(self, event: RedemptionProvenAbsent) -> bool:
        history = await self.portal.event_log.load(event.originator_id)
        return any(isinstance(each, RedemptionDoubted) and each.message_id == event.message_id for each in history)

    @staticmethod
    def _row(
        recorded: Recorded, account_id: UUID, contact: Contact, kind: str, parameters: dict[str, Any], **other: Any
    ) -> NewDelivery:
        return NewDelivery(
            position=recorded.position,
            account_id=account_id,
            contact_id=contact.contact_id,
            channel=contact.channel,
            kind=kind,
            parameters={**parameters, "at": recorded.event.at.isoformat()},
            created_at=recorded.event.at,
            **other,
        )


def _registered(account: Account) -> Iterable[Contact]:
    return account.registered()


def _confirmed(account: Account) -> Iterable[Contact]:
    return [contact for contact in account.contacts.values() if contact.confirmed]


def _wanting_notices(account: Account) -> Iterable[Contact]:
    return [contact for contact in _confirmed(account) if contact.contact_id not in account.clock.muted]


def _only(contact_id: UUID) -> Callable[[Account], Iterable[Contact]]:
    return lambda account: [contact for contact in account.contacts.values() if contact.contact_id == contact_id]
