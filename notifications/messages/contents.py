"""What each message needs to know. Times are aware of their zone, money is in minor units, links are whole URLs."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

import msgspec

from domain.contact import ContactChannel
from domain.meter import Resource
from domain.wallet import Receipt

Via = Literal["website", "app", "staff"]
"""Through what something was asked for, in words that we choose: nothing a stranger typed may stand in a message."""


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `KIND` names its templates. Its repr tells its kind only: a password may be in it."""

    KIND: ClassVar[str]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class PasswordToGiven(Content, frozen=True, kw_only=True):
    """An issued password for a contact that was given just now, with that contact's own confirmation link."""

    KIND = "password-to-given"

    password: str
    issued_at: datetime
    expires_at: datetime
    via: Via
    login_link: str
    confirm_link: str


class PasswordToRegistered(Content, frozen=True, kw_only=True):
    """An issued password for a registered contact: what happened, and how to take it back until `undo_until`.

    `password` is None where it opens nothing any more: whoever got it elsewhere may have been faster, and the owner must know.
    """

    KIND = "password-to-registered"

    password: str | None
    issued_at: datetime
    expires_at: datetime
    via: Via
    login_link: str
    undo_link: str
    undo_until: datetime


class IdentityToContinue(Content, frozen=True, kw_only=True):
    """The link that continues Confirm Identity where the address no longer suffices; for registered contacts."""

    KIND = "identity-to-continue"

    asked_at: datetime
    expires_at: datetime
    continue_link: str


class ContactConfirmed(Content, frozen=True, kw_only=True):
    """For a contact whose confirmation link was used: from now on it gets receipts and alerts."""

    KIND = "contact-confirmed"

    confirmed_at: datetime
    login_link: str


class ContactsUndone(Content, frozen=True, kw_only=True):
    """For the registered contacts: a password issue was taken back with all that came of it."""

    KIND = "contacts-undone"

    undone_at: datetime
    login_link: str


class ContactToConfirm(Content, frozen=True, kw_only=True):
    """For a contact that the customer added, with its own confirmation link. It may be a stranger's: nothing else is said."""

    KIND = "contact-to-confirm"

    added_at: datetime
    confirm_link: str


class ContactsChanged(Content, frozen=True, kw_only=True):
    """For the registered contacts: `place` (masked) was added, will take the place of `former` (masked), or was removed, by
    the customer or by the utility's staff. What staff did has no link that takes it back.
    """

    KIND = "contacts-changed"

    change: Literal["added", "changed", "removed", "removed by staff"]
    channel: ContactChannel
    place: str
    former: str | None
    changed_at: datetime
    revert_link: str | None
    revert_until: datetime


class ContactRemoved(Content, frozen=True, kw_only=True):
    """For a contact that was removed. One that was registered can be put back with the link."""

    KIND = "contact-removed"

    removed_at: datetime
    by_utility: bool
    revert_link: str | None
    revert_until: datetime


class ContactChangeToAgree(Content, frozen=True, kw_only=True):
    """For the registered contacts: `place` is to be changed to `new` (both masked), or removed, if one of them agrees."""

    KIND = "contact-change-to-agree"

    place: str
    new: str | None
    asked_at: datetime
    expires_at: datetime
    agree_link: str


class ContactChangeReverted(Content, frozen=True, kw_only=True):
    """For the registered contacts: what was changed of the contacts was taken back by a link; who did it knew the password."""

    KIND = "contact-change-reverted"

    reverted_at: datetime
    password_link: str


class PasswordChanged(Content, frozen=True, kw_only=True):
    """For the registered contacts: a password was chosen. Through an issued one it can be undone until `undo_until`."""

    KIND = "password-changed"

    changed_at: datetime
    password_link: str
    undo_link: str | None
    undo_until: datetime | None


class ArrearsShareChanged(Content, frozen=True, kw_only=True):
    """For the registered contacts: another share (percent) of each purchase goes to a debt, as the customer chose."""

    KIND = "arrears-share-changed"

    description: str
    share: int
    former_share: int
    changed_at: datetime
    link: str


class ArrearsShareNotChanged(Content, frozen=True, kw_only=True):
    """For the registered contacts: Juice did not take the share that the customer chose; it stays as it was."""

    KIND = "arrears-share-not-changed"

    description: str
    share: int
    former_share: int
    chosen_at: datetime
    link: str


class RedemptionReceipt(Content, frozen=True, kw_only=True):
    """A card was redeemed: where the money went, and the tokens in the order of entry. `meter` is its number."""

    KIND = "redemption-receipt"

    receipt: Receipt
    meter: str | None
    was_in_doubt: bool
    link: str


class RedemptionInDoubt(Content, frozen=True, kw_only=True):
    """The outcome of a redemption is not known yet; it resolves itself."""

    KIND = "redemption-in-doubt"

    sent_at: datetime
    amount: int
    currency: str
    link: str


class RedemptionNotMade(Content, frozen=True, kw_only=True):
    """A redemption in doubt is known not to have happened, and `why`, in a sentence; whether the card can be tried again."""

    KIND = "redemption-not-made"

    sent_at: datetime
    amount: int
    currency: str
    why: str
    again: bool
    link: str


class PurchaseReceipt(Content, frozen=True, kw_only=True):
    """Power was bought with a credit card: where the money went, and the tokens in the order of entry. `meter` is its number."""

    KIND = "purchase-receipt"

    receipt: Receipt
    meter: str | None
    was_in_doubt: bool
    link: str


class PurchaseInDoubt(Content, frozen=True, kw_only=True):
    """Whether Juice issued is not known yet; it resolves itself, and nothing is charged meanwhile."""

    KIND = "purchase-in-doubt"

    sent_at: datetime
    amount: int
    currency: str
    link: str


class PurchaseNotMade(Content, frozen=True, kw_only=True):
    """A purchase that was paid is known not to have been issued, and `why`, in a sentence: the money was let go."""

    KIND = "purchase-not-made"

    sent_at: datetime
    amount: int
    currency: str
    why: str
    link: str


class TokensAgain(Content, frozen=True, kw_only=True):
    """The tokens of a transaction, once more, since the customer asked for them. `meter` is its number."""

    KIND = "tokens-again"

    receipt: Receipt
    meter: str | None
    link: str


class RequestReceived(Content, frozen=True, kw_only=True):
    """A request was opened under a number; `opened_by` says by whom. It repeats nothing that was typed."""

    KIND = "request-received"

    opened_by: Literal["customer", "staff", "system"]
    opened_at: datetime
    reference: str
    link: str


class RequestAnswered(Content, frozen=True, kw_only=True):
    """The utility said something about a request; `is_automatic` where Seed said it, in words that can be translated."""

    KIND = "request-answered"

    reference: str
    said: str
    is_automatic: bool
    link: str


class RequestClosed(Content, frozen=True, kw_only=True):
    """A request was closed, and may be opened again until `until`. `said` is the utility's last comment, `outcome` what was
    done about a damaged card, in words that are still to be translated."""

    KIND = "request-closed"

    reference: str
    closed_at: datetime
    said: str | None
    is_automatic: bool
    until: datetime
    link: str
    outcome: str | None = None


class LowBalance(Content, frozen=True, kw_only=True):
    """What is on a meter, or in the wallet that pays for it, lasts for about so many whole days more."""

    KIND = "low-balance"

    meter: str
    resource: Resource
    is_wallet: bool
    days_left: int
    buy_link: str
    clock_link: str


CONTENTS: dict[str, type[Content]] = {content.KIND: content for content in Content.__subclasses__()}
"""Every message by its kind."""
