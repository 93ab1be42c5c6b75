"""Writes one delivery's message at the moment it is sent: looks up the contact, the secret and the facts, and keeps none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from domain.access import UNDO_LASTS
from domain.account import Account
from domain.contact import Contact, ContactChannel
from domain.links import LinkPurpose
from domain.portal import Portal
from domain.purchase_events import PurchaseDoubted, PurchaseFoundIssued, PurchaseIssued, PurchaseProvenAbsent, PurchaseRequested
from domain.redemption_events import (
    RedemptionDoubted,
    RedemptionFoundMade,
    RedemptionProvenAbsent,
    RedemptionReserved,
    RedemptionSettled,
)
from domain.token_shelf import shelf_id
from domain.token_shelf_events import TokensResendRequested
from domain.utility import Description
from domain.wallet import CardRedeemed, PowerPurchased, TransactionRecorded
from notifications.changes import ALSO_TO_FORMER, KINDS, content_of
from notifications.channels import Message
from notifications.delivery import NothingToSay
from notifications.messages import contents
from notifications.messages.contents import Content
from notifications.messages.rendering import Rendered, render
from notifications.outbox import Delivery
from notifications.request_letters import of_request
from notifications.share_letters import of_share
from wording.refused import refused

Write = Callable[[Delivery, Account, Contact], Awaitable[Content]]
"""Writes a delivery to a contact of an account, or raises NothingToSay."""

Put = Callable[[Content, ContactChannel, Description, str], Rendered]
"""Puts a content into words for a channel, in a language."""


class Letters:
    """Writes the messages of one utility. `site` is where its customers reach it, without a slash at the end.

    `others` write the kinds of messages that need more than the log, by their kinds; `put` puts a content into words.
    """

    def __init__(
        self, portal: Portal, *, site: str, others: Mapping[str, Write] = MappingProxyType({}), put: Put = render
    ) -> None:
        self.portal = portal
        self.site = site
        self.others = others
        self.put = put

    async def write(self, delivery: Delivery) -> Message:
        """This will write a delivery's message. Raises NothingToSay where contact, secret or cause is gone."""
        account = await self.portal.load(Account, delivery.account_id)
        known = account.contacts.ever if delivery.kind in ALSO_TO_FORMER else account.contacts.get
        contact = known(delivery.contact_id)
        if contact is None:
            raise NothingToSay("the contact was removed")
        description = await self.portal.utility()
        if description is None:
            raise NothingToSay("the utility has no description")
        content = await self._content(delivery, account, contact)
        words = self.put(content, delivery.channel, description, account.language)
        return Message(
            id=delivery.delivery_id,
            channel=delivery.channel,
            at=delivery.created_at,
            to=contact.value,
            sender=" ".join(description.name.split()),  # a header: one line, whatever the name holds
            subject=words.subject,
            text=words.text,
            html=words.html,
        )

    async def _content(self, delivery: Delivery, account: Account, contact: Contact) -> Content:
        at = datetime.fromisoformat(delivery.parameters["at"])
        login = f"{self.site}/login"
        if delivery.kind in self.others:
            return await self.others[delivery.kind](delivery, account, contact)
        match delivery.kind:
            case contents.PasswordToGiven.KIND | contents.PasswordToRegistered.KIND:
                return await self._password(delivery, account, contact, at)
            case contents.IdentityToContinue.KIND:
                offer_id = UUID(delivery.parameters["offer_id"])
                if delivery.expires_at is None:
                    raise NothingToSay("the link has no end")
                return contents.IdentityToContinue(
                    asked_at=at,
                    expires_at=delivery.expires_at,
                    continue_link=self._link("continue", account.id, offer_id),
                )
            case contents.ContactConfirmed.KIND:
                return contents.ContactConfirmed(confirmed_at=at, login_link=login)
            case contents.ContactsUndone.KIND:
                return contents.ContactsUndone(undone_at=at, login_link=login)
            case contents.TokensAgain.KIND:
                return await self._tokens(delivery, account)
            case contents.RequestReceived.KIND | contents.RequestAnswered.KIND | contents.RequestClosed.KIND:
                history = await self.portal.event_log.load(UUID(delivery.parameters["ticket_id"]))
                return of_request(history, delivery.parameters["version"], self.site)
            case contents.ArrearsShareChanged.KIND | contents.ArrearsShareNotChanged.KIND:
                history = await self.portal.event_log.load(UUID(delivery.parameters["share_id"]))
                return of_share(history, delivery.parameters["version"], self.site)
            case contents.PurchaseReceipt.KIND | contents.PurchaseInDoubt.KIND | contents.PurchaseNotMade.KIND:
                return await self._purchase(delivery, account)
        if delivery.kind in KINDS:
            change = content_of(delivery, account, contact, self._link, self.site)
            if change is None:
                raise NothingToSay("it was taken back or done meanwhile")
            return change
        return await self._redemption(delivery, account)

    async def _password(self, delivery: Delivery, account: Account, contact: Contact, at: datetime) -> Content:
        secret = await self.portal.event_log.secret(delivery.secret_id) if delivery.secret_id else None
        issue = account.credentials.issues[UUID(delivery.parameters["issue_id"])]
        if issue.undone:
            raise NothingToSay("the issue was undone")
        login = f"{self.site}/login"
        opens = secret is not None and not issue.ended
        if contact.proves:
            # Sent also where whoever got the password elsewhere was faster: the owner must learn of it, and how to undo it.
            return contents.PasswordToRegistered(
                password=secret if opens else None,
                issued_at=at,
                expires_at=issue.expires_at,
                via="website",
                login_link=login,
                undo_link=self._link("undo", account.id, issue.issue_id),
                undo_until=issue.issued_at + UNDO_LASTS,
            )
        if secret is None or not opens:
            raise NothingToSay("the password no longer opens anything")
        return contents.PasswordToGiven(
            password=secret,
            issued_at=at,
            expires_at=issue.expires_at,
            via="website",
            login_link=login,
            confirm_link=self._link("confirm", account.id, contact.contact_id),
        )

    async def _tokens(self, delivery: Delivery, account: Account) -> Content:
        (asked, *_) = await self.portal.event_log.load(shelf_id(account.id), after=delivery.parameters["version"] - 1)
        if not isinstance(asked, TokensResendRequested):
            raise NothingToSay("no tokens were asked for")
        moved = await self.portal.event_log.load(account.wallet_id)
        receipts = [event.receipt for event in moved if isinstance(event, CardRedeemed | PowerPurchased | TransactionRecorded)]
        receipt = next((each for each in receipts if each.juice_number == asked.juice_number and each.tokens), None)
        if receipt is None:
            raise NothingToSay("the transaction has no tokens")
        meter = account.meters.get(receipt.meter_id) if receipt.meter_id else None
        return contents.TokensAgain(receipt=receipt, meter=meter.number if meter else None, link=f"{self.site}/tokens")

    async def _purchase(self, delivery: Delivery, account: Account) -> Content:
        """The facts as they were at the event that caused the message."""
        purchase_id = UUID(delivery.parameters["purchase_id"])
        until = (await self.portal.event_log.load(purchase_id))[: delivery.parameters["version"]]
        requested, last = until[0], until[-1]
        if not isinstance(requested, PurchaseRequested):
            raise NothingToSay("there is no such purchase")
        link = f"{self.site}/purchases/{purchase_id}"
        if isinstance(last, PurchaseIssued | PurchaseFoundIssued):
            meter = account.meters.get(requested.meter_id)
            return contents.PurchaseReceipt(
                receipt=last.receipt,
                meter=meter.number if meter else None,
                was_in_doubt=any(isinstance(event, PurchaseDoubted) for event in until),
                link=link,
            )
        facts: dict[str, Any] = {
            "sent_at": requested.at,
            "amount": requested.amount,
            "currency": requested.currency,
            "link": link,
        }
        if isinstance(last, PurchaseDoubted):
            return contents.PurchaseInDoubt(**facts)
        absent = [event.rule for event in until if isinstance(event, PurchaseProvenAbsent)]
        return contents.PurchaseNotMade(why=refused(absent[-1] if absent else None).why, **facts)

    async def _redemption(self, delivery: Delivery, account: Account) -> Content:
        """The facts as they were at the event that caused the message: the card may have been tried again since."""
        history = await self.portal.event_log.load(UUID(delivery.parameters["redemption_id"]))
        until = [event for event in history if event.originator_version <= delivery.parameters["version"]]
        reserved = next(event for event in reversed(until) if isinstance(event, RedemptionReserved))
        link = f"{self.site}/dashboard"
        last = until[-1]
        if isinstance(last, RedemptionSettled | RedemptionFoundMade):
            meter = account.meters.get(reserved.meter_id) if reserved.meter_id else None
            return contents.RedemptionReceipt(
                receipt=last.receipt,
                meter=meter.number if meter else None,
                was_in_doubt=any(isinstance(event, RedemptionDoubted) for event in until[until.index(reserved) :]),
                link=link,
            )
        facts: dict[str, Any] = {"sent_at": reserved.at, "amount": reserved.amount, "currency": reserved.currency, "link": link}
        if isinstance(last, RedemptionProvenAbsent):
            return contents.RedemptionNotMade(why=refused(last.rule).why, again=not refused(last.rule).useless, **facts)
        return contents.RedemptionInDoubt(**facts)

    def _link(self, purpose: LinkPurpose, account_id: UUID, subject_id: UUID) -> str:
        return f"{self.site}/{purpose}/{self.portal.links.make(purpose, account_id, subject_id)}"
