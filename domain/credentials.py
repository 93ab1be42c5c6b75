"""What proves that somebody is the account's owner: their own password, and those the system issued beside it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from domain.account_events import (
    IssuedPasswordUsed,
    PasswordChosen,
    PasswordIssued,
    PasswordIssueUndone,
    PasswordRehashed,
    PersonForgotten,
)


class Issue(msgspec.Struct, kw_only=True):
    """One issued password: it expires unless it is used before, and ends when the owner chooses one or undoes it."""

    issue_id: UUID
    verifier: str
    issued_at: datetime
    expires_at: datetime
    recipients: tuple[UUID, ...]
    used: bool = False
    ended: bool = False
    undone: bool = False

    def opens(self, at: datetime) -> bool:
        """Whether it lets somebody in."""
        return not self.ended and (self.used or at < self.expires_at)


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """The owner's password, and the issue from whose session it was chosen."""

    slow_hash: str
    via_issue: UUID | None


class Credentials:
    """All of them; `version` is what sessions carry: a higher one ends those that carry a lower."""

    def __init__(self) -> None:
        self.version = 1
        self.issues: dict[UUID, Issue] = {}
        self.own: list[Own] = []

    @property
    def slow_hash(self) -> str | None:
        """The hash of the owner's present password, where one was chosen."""
        return self.own[-1].slow_hash if self.own else None

    def issued(self, event: PasswordIssued) -> None:
        self.issues[event.issue_id] = Issue(
            issue_id=event.issue_id,
            verifier=event.verifier,
            issued_at=event.at,
            expires_at=event.expires_at,
            recipients=event.recipients,
        )

    def used(self, event: IssuedPasswordUsed) -> None:
        self.issues[event.issue_id].used = True

    def chosen(self, event: PasswordChosen) -> None:
        # The former password is kept where an undo may bring it back: one chosen through an issue stands on it.
        if event.via_issue is None:
            self.own.clear()
        self.own.append(Own(slow_hash=event.slow_hash, via_issue=event.via_issue))
        for issue in self.issues.values():
            issue.ended = True
        self.version = event.credential_version

    def rehashed(self, event: PasswordRehashed) -> None:
        self.own[-1] = msgspec.structs.replace(self.own[-1], slow_hash=event.slow_hash)

    def undone(self, event: PasswordIssueUndone) -> None:
        issue = self.issues[event.issue_id]
        issue.ended = issue.undone = True
        self.own = [own for own in self.own if own.via_issue != event.issue_id]
        self.version = event.credential_version

    def forgotten(self, event: PersonForgotten) -> None:
        self.own.clear()
        for issue in self.issues.values():
            issue.ended = True
        self.version = event.credential_version
