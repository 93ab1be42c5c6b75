"""A Juice card that its customer cannot use: told in a request, and looked up at Juice by staff (journeys 10 and 12)."""

from __future__ import annotations

import re

import msgspec

from domain.commands.tickets import DamagedCard, TicketWritten
from domain.damaged_card_events import DAMAGES, Damage
from domain.damaged_cards import CardTold, NoDamagedCard
from domain.log import Position
from vending.juice_refusals import JuiceRefused, JuiceSilent, JuiceUnreachable, UnknownCard
from web.access.limits import REQUESTS
from web.journeys import normal, once, requests
from web.journeys.refusals import JuiceDoesNotAnswer
from web.journeys.visit import Visit
from wording.catalogue import N_

SUBJECT = N_("A Juice card that cannot be used")
NO_SUCH_DAMAGE = N_("Choose what is wrong with the card.")
A_CODE = N_("That looks like a card's scratch code. Please leave it out: nobody here needs it, and nobody may ask for it.")

RUN = re.compile(r"(?<![0-9A-Za-z-])[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*(?![0-9A-Za-z-])")
METERS = (11, 13, normal.TOKEN_DIGITS)
"""So many digits are a meter's number (STS) or a token, no code."""


async def report(
    visit: Visit, serial: str, damage: str, text: str, idempotency_key: str, *, subject: str = SUBJECT
) -> TicketWritten:
    """This will open a request about a card; the same key with the same words opens one. No code is asked for, or kept.

    Raises FieldErrors, TooManyTries, KeyUsedForAnother, StillRunning.
    """
    wanted = normal.checked(
        serial=normal.serial(serial),
        damage=damage if damage in DAMAGES else normal.Unusable(NO_SUCH_DAMAGE),
        text=_without_code(text, serial),
    )
    card = DamagedCard(serial=wanted["serial"], damage=msgspec.convert(wanted["damage"], Damage))
    said = {"topic": "card", "subject": subject, "text": wanted["text"]}

    async def command(claim: once.Claim) -> TicketWritten:
        await visit.throttles.take(REQUESTS, visit.account_id)
        return await requests.opened(visit, visit.account_id, said, None, claim, card=card)

    return await requests.run_once(visit, "damaged-card", idempotency_key, wanted, command, requests.written)


async def look_up(visit: Visit, reference: str) -> tuple[CardTold, Position]:
    """This will ask Juice how the card of a request stands, and record the answer and who asked.

    Raises NotFound, UnknownTicket, NoDamagedCard, JuiceDoesNotAnswer.
    """
    portal, reference = visit.services.portal, requests.reference_of(reference)
    serial = (await portal.ticket(reference)).damaged_card
    if serial is None:
        raise NoDamagedCard
    told = await _told(visit, serial)
    return told, await portal.note_damaged_card(visit.context(), reference=reference, told=told)


async def _told(visit: Visit, serial: str) -> CardTold:
    try:
        status = await visit.services.juice.card_status(serial)
    except UnknownCard:
        return CardTold(standing="unknown")
    except (JuiceRefused, JuiceSilent, JuiceUnreachable):
        raise JuiceDoesNotAnswer from None
    return CardTold(
        standing=status.state,
        amount=status.amount,
        currency=status.currency,
        used_at=status.used.at if status.used else None,
        used_meter=status.used.meter if status.used else None,
    )


def _without_code(text: str, serial: str) -> str:
    """A text as it is kept; Unusable where it holds what looks like a scratch code: whoever reads that can use the card."""
    kept = requests.checked_text(text)
    if isinstance(kept, normal.Unusable):
        return kept
    return normal.Unusable(A_CODE) if any(_is_code(run, serial) for run in RUN.findall(kept)) else kept


def _is_code(run: str, serial: str) -> bool:
    plain = run.replace("-", "").upper()
    if plain == normal.serial(serial) or not any(sign.isdigit() for sign in plain):
        return False
    return normal.CODE.allow(plain) and not (plain.isdigit() and len(plain) in METERS)
