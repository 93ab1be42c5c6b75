"""Customers' requests: opened, talked about, closed and opened again."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import msgspec

from domain import references
from domain.account import Account
from domain.aggregate import Refusal
from domain.commands.base import Commands
from domain.damaged_card_events import CardOutcome, Damage
from domain.damaged_cards import CardTold
from domain.event import Context
from domain.links import Mac
from domain.log import Position
from domain.records import Answered, Record
from domain.ticket import Ticket
from domain.ticket_events import About, TicketTopic


class UnknownTicket(Refusal):
    """There is no such request, it is somebody else's, or its customer was forgotten."""


class DamagedCard(msgspec.Struct, frozen=True, kw_only=True):
    """A card that its customer cannot use: the serial on it, never the code, and what is wrong with it."""

    serial: str
    damage: Damage


class TicketWritten(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was opened; `position` is 0 where that was done before."""

    reference: str
    position: Position


class TicketCommands(Commands):
    """Journey 10. A request is named by its reference; `of_account` says whose it must be, None for the utility."""

    mac: Mac

    def ticket_id(self, reference: str) -> UUID:
        """This will give the id that follows from a reference, so that no two requests have the same one."""
        return self.natural_id("ticket", reference)

    async def ticket(self, reference: str, of_account: UUID | None = None) -> Ticket:
        """This will give the request as it is now. Raises UnknownTicket."""
        ticket = await self.load(Ticket, self.ticket_id(reference))
        if ticket.account_id is None or of_account not in (None, ticket.account_id):
            raise UnknownTicket
        # What is written is sealed under the account's key; a forgotten person's is destroyed.
        if (await self.load(Account, ticket.account_id)).forgotten:
            raise UnknownTicket
        return ticket

    async def open_ticket(
        self,
        context: Context,
        *,
        account_id: UUID,
        topic: TicketTopic,
        subject: str,
        text: str,
        about: About | None = None,
        card: DamagedCard | None = None,
        answer: Callable[[str], Answered] | None = None,
    ) -> TicketWritten:
        """This will open a request under a new reference; with `card`, about a card that cannot be used.

        `answer` makes the record that repetitions of this command will be answered with, of the reference. Raises
        NothingWritten, TooMuchWritten, NoSuchTopic, UnknownTicket where the account's person was forgotten.
        """

        async def command() -> TicketWritten:
            if (await self.load(Account, account_id)).forgotten:
                raise UnknownTicket
            ticket = await self._free_ticket()
            reference = ticket.reference
            ticket.open(context, account_id=account_id, reference=reference, topic=topic, subject=subject, text=text, about=about)
            if card is not None:
                ticket.report_damaged_card(context, serial=card.serial, damage=card.damage)
            records: list[Record] = [answer(reference)] if answer is not None else []
            return TicketWritten(reference=reference, position=await self.save(ticket, records=records))

        return await self.attempt(command)

    async def open_ticket_by_system(
        self, context: Context, *, account_id: UUID, cause: str, about: About, topic: TicketTopic, subject: str, text: str
    ) -> TicketWritten:
        """This will open a request that nobody had to ask for; there is one for each cause and what it is about.

        `subject` and `text` are English sentences without anything put into them, marked for translation: they are
        translated where they are shown. Raises what `open_ticket` raises.
        """

        async def command() -> TicketWritten:
            if (await self.load(Account, account_id)).forgotten:
                raise UnknownTicket
            ticket = await self._ticket_of(cause, about)
            if ticket.exists:
                return TicketWritten(reference=ticket.reference, position=0)
            ticket.open(
                context,
                account_id=account_id,
                reference=ticket.reference,
                topic=topic,
                subject=subject,
                text=text,
                about=about,
                cause=cause,
            )
            return TicketWritten(reference=ticket.reference, position=await self.save(ticket))

        return await self.attempt(command)

    async def comment_ticket(
        self,
        context: Context,
        *,
        reference: str,
        text: str,
        of_account: UUID | None = None,
        answer: Answered | None = None,
    ) -> Position:
        """This will add what customer or utility says. Raises UnknownTicket, TicketIsClosed, TooManyComments, NothingWritten,
        TooMuchWritten.
        """

        async def command() -> Position:
            ticket = await self.ticket(reference, of_account)
            ticket.comment(context, text=text)
            return await self.save(ticket, records=[answer] if answer is not None else [])

        return await self.attempt(command)

    async def close_ticket(
        self, context: Context, *, reference: str, comment: str | None = None, outcome: CardOutcome | None = None
    ) -> Position:
        """This will close the request; one about a damaged card perhaps with what was done about that.

        Raises UnknownTicket, TicketAlreadyClosed, ClosingNeedsComment, TooMuchWritten; with `outcome` also NoDamagedCard,
        DamagedCardNotLookedUp, OutcomeAgainstJuice.
        """

        async def command() -> Position:
            ticket = await self.ticket(reference)
            if outcome is not None:
                ticket.settle_card(context, outcome=outcome)
            ticket.close(context, comment=comment)
            return await self.save(ticket)

        return await self.attempt(command)

    async def note_damaged_card(self, context: Context, *, reference: str, told: CardTold) -> Position:
        """This will record what Juice said of the card that a request is about.

        Raises UnknownTicket, NoDamagedCard, OnlyStaffSettlesCards.
        """

        async def command() -> Position:
            ticket = await self.ticket(reference)
            ticket.note_card(context, told)
            return await self.save(ticket)

        return await self.attempt(command)

    async def close_ticket_by_system(self, context: Context, *, cause: str, about: About, comment: str) -> Position:
        """This will close what Seed opened for that cause, where it did and nobody has closed it since; else it gives 0."""

        async def command() -> Position:
            ticket = await self._ticket_of(cause, about)
            if ticket.account_id is None or ticket.closed_at is not None:
                return 0
            if (await self.load(Account, ticket.account_id)).forgotten:
                return 0
            ticket.close(context, comment=comment)
            return await self.save(ticket)

        return await self.attempt(command)

    async def reopen_ticket(
        self, context: Context, *, reference: str, text: str | None = None, of_account: UUID | None = None
    ) -> Position:
        """This will open a closed request again. Raises UnknownTicket, TicketNotClosed, ReopeningTooLate, TooMuchWritten."""

        async def command() -> Position:
            ticket = await self.ticket(reference, of_account)
            ticket.reopen(context, text=text)
            return await self.save(ticket)

        return await self.attempt(command)

    async def _free_ticket(self) -> Ticket:
        """One under a reference that nobody has; who takes it meanwhile makes the command begin again."""
        while True:
            ticket = await self._under(references.make(self.randomness(references.ENTROPY)))
            if not ticket.exists:
                return ticket

    async def _ticket_of(self, cause: str, about: About) -> Ticket:
        """The one that Seed opened for a cause, or would. Its reference follows from the cause, unless another has it."""
        turn = 0
        while True:
            key = f"{cause}:{about.kind}:{about.id}:{turn}".encode()
            ticket = await self._under(references.make(self.mac("ticket-reference", key)))
            if not ticket.exists or (ticket.cause, ticket.about) == (cause, about):
                return ticket
            turn += 1

    async def _under(self, reference: str) -> Ticket:
        ticket = await self.load(Ticket, self.ticket_id(reference))
        ticket.reference = reference
        return ticket
