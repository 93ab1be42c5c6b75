"""Who somebody is: finding the account, confirming identity, logging in, choosing a password, and undoing."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from domain.access import WrongAddress
from domain.account import Account
from domain.aggregate import Refusal
from domain.commands.base import Commands
from domain.contact import GivenContact
from domain.event import Context
from domain.log import Position
from domain.passwords import check_own, make_password, normal_form
from domain.records import CredentialVersionSet, NumberFound, SecretHeld


class UnknownNumber(Refusal):
    """No account and no meter has this number."""


class LoginRefused(Refusal):
    """Number and password do not go together; which of them is wrong is not said."""


class WrongPassword(Refusal):
    """The current password is not this one."""


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """Who is in: what a session must carry."""

    account_id: UUID
    credential_version: int
    via_issue: UUID | None


class _Key(msgspec.Struct, frozen=True, kw_only=True):
    """A password that opens: `issued` names the issue it is of, `via_issue` the one it was issued or chosen through."""

    via_issue: UUID | None
    issued: UUID | None = None


class IdentityCommands(Commands):
    """Journeys 3, 4, 5 and 9."""

    async def find(self, number: str) -> NumberFound:
        """This will say where an account or meter number leads. Raises UnknownNumber."""
        # Both at once, so that what a number is cannot be told by how long it takes.
        account, meter = await asyncio.gather(*(self.event_log.find_number(kind, number) for kind in ("account", "meter")))
        found = account or meter
        if found is None:
            raise UnknownNumber
        return found

    async def account(self, account_id: UUID) -> Account:
        """This will give the account as it is now. Raises UnknownNumber where there is none, or its person was forgotten."""
        account = await self.load(Account, account_id)
        if not account.exists or account.forgotten:
            raise UnknownNumber
        return account

    async def confirm_identity(
        self,
        context: Context,
        *,
        account_id: UUID,
        email: str,
        phone: str,
        address: str | None = None,
        offer_id: UUID | None = None,
    ) -> Position:
        """This will issue a password to the registered and the given contacts, once identity is proven.

        Proven by the registered address, or by a continuation that went to a registered contact. Raises WrongAddress
        (the pick is recorded), AddressNoLongerSuffices, LinkNoLongerValid.
        """
        password = make_password(self.randomness)
        issue_id, secret_id = self.new_id(context), self.new_id(context)
        given = [
            GivenContact(contact_id=self.new_id(context), channel="email", value=email),
            GivenContact(contact_id=self.new_id(context), channel="sms", value=phone),
        ]

        async def command() -> Position | None:
            account = await self.account(account_id)
            if offer_id is not None:
                account.check_continuation(offer_id, context.at)
            elif not account.pick_address(context, address or ""):
                await self.save(account)
                return None
            account.issue_password(
                context,
                issue_id=issue_id,
                verifier=self.passwords.keyed(normal_form(password)),
                secret_id=secret_id,
                given=given,
                reason="identity confirmed",
                offer_id=offer_id,
            )
            expires_at = account.credentials.issues[issue_id].expires_at
            held = SecretHeld(
                secret_id=secret_id,
                purpose="issued-password",
                account_id=account_id,
                secret=password,
                expires_at=expires_at,
            )
            return await self.save(account, records=[held])

        position = await self.attempt(command)
        if position is None:
            raise WrongAddress
        return position

    async def offer_continuation(self, context: Context, *, account_id: UUID) -> Position:
        """This will have a link sent to the registered contacts, with which identity may be confirmed without the address."""
        offer_id = self.new_id(context)

        async def command() -> Position:
            account = await self.account(account_id)
            account.offer_continuation(context, offer_id=offer_id)
            return await self.save(account)

        return await self.attempt(command)

    async def log_in(self, context: Context, *, number: str, password: str, issued_only: bool = False) -> Login:
        """This will say who gave the right password. Raises LoginRefused, after the same work whatever was wrong.

        `issued_only`: the owner's own password does not open.
        """
        account = await self._of_number(number)
        key = await self._key(account, password, context.at)
        if account is None or key is None or (issued_only and not key.issued):
            raise LoginRefused
        if key.issued:
            await self._use_issue(context, account.id, key.issued)
        else:
            await self._keep_well_hashed(context, account, password)
        return self._login(account, key.via_issue)

    async def authenticate(self, context: Context, *, account_id: UUID, password: str, via_issue: UUID | None) -> Login:
        """This will say again who is in, for a session that `via_issue` opened, if anything did. Raises WrongPassword."""
        account = await self.account(account_id)
        key = await self._key(account, password, context.at)
        if key is None:
            raise WrongPassword
        if key.issued:
            await self._use_issue(context, account.id, key.issued)
        return self._login(account, via_issue or key.via_issue)

    async def check_chosen(self, *, account_id: UUID, chosen: str, known: Sequence[str] = ()) -> None:
        """This will refuse a password that the owner should not choose; `known` are words of their utility's.

        Raises PasswordTooShort, PasswordTooLong, PasswordTooCommon, PasswordGuessable.
        """
        account = await self.account(account_id)
        check_own(chosen, self.passwords, [*known, *account.known_words()])

    async def choose_password(
        self,
        context: Context,
        *,
        account_id: UUID,
        current: str,
        chosen: str,
        via_issue: UUID | None,
        known: Sequence[str] = (),
    ) -> tuple[Position, Login]:
        """This will make the chosen password the owner's own, and end every other session.

        It counts as chosen through an issue where the session is of one, or the current password is.
        Raises what `check_chosen` does, and WrongPassword.
        """
        await self.check_chosen(account_id=account_id, chosen=chosen, known=known)
        login = await self.authenticate(context, account_id=account_id, password=current, via_issue=via_issue)
        via_issue = login.via_issue
        slow_hash = await self.passwords.slow_hash(chosen)

        async def command() -> tuple[Position, Login]:
            account = await self.account(account_id)
            account.choose_password(context, slow_hash=slow_hash, via_issue=via_issue)
            position = await self.save(account, records=[self.version_of(account)])
            return position, self._login(account, via_issue)

        return await self.attempt(command)

    async def undo_issue(self, context: Context, *, account_id: UUID, issue_id: UUID) -> Position:
        """This will take back a password issue and all that came of it. Raises LinkNoLongerValid."""

        async def command() -> Position:
            account = await self.account(account_id)
            account.undo_issue(context, issue_id)
            return await self.save(account, records=[self.version_of(account)])

        return await self.attempt(command)

    async def _of_number(self, number: str) -> Account | None:
        """The number's account; where there is none, somebody else's is loaded and put aside, so that it takes as long."""
        decoy = await self.event_log.decoy_account(number)
        try:
            found = (await self.find(number)).account_id
        except UnknownNumber:
            found = None
        account_id = found or decoy
        if account_id is None:
            return None
        try:
            account = await self.account(account_id)
        except UnknownNumber:
            return None
        return account if found is not None else None

    async def _key(self, account: Account | None, password: str, at: datetime) -> _Key | None:
        """What the password opens the account with; None where it does not, after the same work whatever was wrong.

        Phones put a space behind a word they completed: one of its own opens without such spaces too (NIST SP 800-63B, 3.1.1.2).
        """
        keyed = self.passwords.keyed(normal_form(password)).encode()
        own = account.credentials.slow_hash if account else None
        own_matches = await self.passwords.matches(own, *dict.fromkeys((password, password.strip())))
        if account is None:
            return None
        if own_matches:
            return _Key(via_issue=account.credentials.own[-1].via_issue)
        for issue in account.credentials.issues.values():
            if hmac.compare_digest(issue.verifier.encode(), keyed) and issue.opens(at):
                return _Key(via_issue=issue.issue_id, issued=issue.issue_id)
        return None

    async def _use_issue(self, context: Context, account_id: UUID, issue_id: UUID) -> None:
        async def command() -> Position:
            account = await self.account(account_id)
            if not account.credentials.issues[issue_id].opens(context.at):
                raise LoginRefused
            account.use_issued_password(context, issue_id)
            return await self.save(account)

        await self.attempt(command)

    async def _keep_well_hashed(self, context: Context, account: Account, password: str) -> None:
        """Only now is the password at hand to be hashed as it is done today."""
        former = account.credentials.slow_hash
        if former is None or not self.passwords.is_outdated(former):
            return
        slow_hash = await self.passwords.slow_hash(password)

        async def command() -> Position:
            present = await self.account(account.id)
            present.rehash_password(context, former=former, slow_hash=slow_hash)
            return await self.save(present)

        await self.attempt(command)

    @staticmethod
    def _login(account: Account, via_issue: UUID | None) -> Login:
        return Login(account_id=account.id, credential_version=account.credentials.version, via_issue=via_issue)

    @staticmethod
    def version_of(account: Account) -> CredentialVersionSet:
        """This will give the record that goes with a change of the account's credentials."""
        return CredentialVersionSet(account_id=account.id, version=account.credentials.version)
