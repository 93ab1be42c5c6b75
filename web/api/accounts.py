"""A customer's account, for the utility's staff. Each look is recorded."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from falcon.asgi import Request, Response

from web.api import answers
from web.api.answers import Answer
from web.api.describe import describe
from web.api.schemas import AtLeast
from web.api.typed import Text
from web.api.wire import AT_LEAST_HEADER, answer, query_of, visit_of, wait
from web.journeys import account_desk


class ContactAtDesk(Answer, frozen=True):
    contact_id: UUID
    channel: str
    place: str
    standing: str
    confirmed: bool


class MeterAtDesk(Answer, frozen=True):
    number: str
    kind: str
    resource: str
    unit: str


class DebtAtDesk(Answer, frozen=True):
    description: str
    balance: int
    original: int
    share: int


class PaymentAtDesk(Answer, frozen=True):
    """A Juice card's redemption (`kind` card) or a purchase by credit card (`kind` purchase); Juice finds it by `message_id`."""

    id: UUID
    message_id: UUID
    kind: str
    stage: str
    amount: int
    currency: str
    began_at: datetime
    changed_at: datetime
    rule: str | None
    flag: str | None


class TransactionAtDesk(Answer, frozen=True):
    juice_number: str
    kind: str
    happened_at: datetime
    amount: int
    currency: str


class RequestAtDesk(Answer, frozen=True):
    reference: str
    topic: str
    subject: str
    opened_at: datetime
    closed_at: datetime | None
    waiting: bool


class ShareChoiceAtDesk(Answer, frozen=True):
    """A share (percent) of each purchase that the customer chose for a debt, and how far it is."""

    description: str
    share: int
    former_share: int
    stage: str
    chosen_at: datetime
    changed_at: datetime
    rule: str | None
    flag: str | None
    message_id: UUID


class AccountAtDesk(Answer, frozen=True):
    """`place` of a contact is masked unless `contacts=full` was asked for."""

    number: str
    name: str
    address: str
    language: str
    contacts: tuple[ContactAtDesk, ...]
    meters: tuple[MeterAtDesk, ...]
    currency: str
    wallet_balance: int
    arrears: tuple[DebtAtDesk, ...]
    activity: tuple[TransactionAtDesk, ...]
    payments: tuple[PaymentAtDesk, ...]
    requests: tuple[RequestAtDesk, ...]
    share_choices: tuple[ShareChoiceAtDesk, ...]


class LookQuery(AtLeast):
    contacts = Text(
        "^(full|masked)$",
        says="Send full or masked.",
        required=False,
        description="`full` shows contacts as they are, and is recorded as such; else they are masked.",
        examples=["full"],
    )


class AccountForStaff:
    """GET /accounts/{number}"""

    @describe(
        "An account at a glance: holder, contacts, meters, wallet, arrears, the last transactions, payments and requests. Each"
        " look is recorded in the account's history.",
        query=LookQuery,
        headers=AT_LEAST_HEADER,
        answer=AccountAtDesk,
        problems=(401, 403, 404, 422, 429),
    )
    async def on_get(self, req: Request, resp: Response, number: str) -> None:
        query = query_of(req, LookQuery)
        await wait(req, resp, query)
        seen = await account_desk.look(visit_of(req), number, in_full=query.get("contacts") == "full")
        answer(req, resp, _told(seen))


class Links:
    """POST /accounts/{number}/links"""

    @describe(
        "Send the registered contacts a link with which the customer gets a new password. Nobody else learns it.",
        status=202,
        answer=answers.Written,
        problems=(401, 403, 404, 422, 429),
    )
    async def on_post(self, req: Request, resp: Response, number: str) -> None:
        answer(req, resp, answers.Written(position=await account_desk.offer_link(visit_of(req), number)), status=202)


class WrongContact:
    """DELETE /accounts/{number}/contacts/{contact_id}"""

    @describe(
        "Remove a secondary contact that is not the customer's. A registered one stays.",
        answer=answers.Written,
        problems=(401, 403, 404, 409, 422),
    )
    async def on_delete(self, req: Request, resp: Response, number: str, contact_id: str) -> None:
        position = await account_desk.remove_contact(visit_of(req), number, contact_id)
        answer(req, resp, answers.Written(position=position))


def _told(seen: account_desk.AccountSeen) -> AccountAtDesk:
    board = seen.board
    return AccountAtDesk(
        number=board.number,
        name=board.name,
        address=board.address,
        language=board.language,
        contacts=tuple(
            ContactAtDesk(
                contact_id=each.contact_id,
                channel=each.channel,
                place=seen.places[each.contact_id],
                standing=each.standing,
                confirmed=each.confirmed,
            )
            for each in board.contacts
        ),
        meters=tuple(MeterAtDesk(number=m.number, kind=m.kind, resource=m.resource, unit=m.unit) for m in board.meters),
        currency=board.currency,
        wallet_balance=board.wallet_balance,
        arrears=tuple(
            DebtAtDesk(description=d.description, balance=d.balance, original=d.original, share=d.share) for d in board.debts
        ),
        activity=tuple(
            TransactionAtDesk(
                juice_number=row.juice_number,
                kind=row.kind,
                happened_at=row.happened_at,
                amount=row.amount,
                currency=row.currency,
            )
            for row in seen.activity
        ),
        payments=tuple(PaymentAtDesk(**msgspec.structs.asdict(row)) for row in seen.payments),
        share_choices=tuple(msgspec.convert(row, ShareChoiceAtDesk, from_attributes=True) for row in seen.shares),
        requests=tuple(
            RequestAtDesk(
                reference=row.reference,
                topic=row.topic,
                subject=row.subject,
                opened_at=row.opened_at,
                closed_at=row.closed_at,
                waiting=row.waiting,
            )
            for row in seen.requests
        ),
    )
