"""Get Password, Confirm Identity, and the links in messages."""

from __future__ import annotations

from falcon.asgi import Request, Response

from web.api import answers, schemas
from web.api.describe import describe
from web.api.wire import answer, body_of, visit_of
from web.journeys import get_password, links


class Questions:
    """POST /identity/questions"""

    @describe(
        "Look up an account or meter number and ask for proof of identity.",
        body=schemas.Question,
        answer=answers.Question,
        problems=(422, 429),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        question = await get_password.ask(visit_of(req), (await body_of(req, schemas.Question))["number"])
        choices = tuple(answers.Choice(value=choice.value, label=choice.label) for choice in question.choices)
        content = answers.Question(
            account_ticket=question.account_ticket, choices=choices, address_suffices=question.address_suffices
        )
        answer(req, resp, content)


class Confirmations:
    """POST /identity/confirmations"""

    @describe(
        "Prove identity by the registered address; a password is sent to four places.",
        body=schemas.Confirmation,
        status=202,
        answer=answers.Confirmed,
        problems=(403, 409, 410, 422, 429),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        data = await body_of(req, schemas.Confirmation)
        confirmed = await get_password.confirm(
            visit_of(req), data["account_ticket"], data["email"], data["phone"], data["choice"]
        )
        answer(req, resp, answers.Confirmed(position=confirmed.position, sent_to=confirmed.sent_to), status=202)


class Offers:
    """POST /identity/links"""

    @describe(
        "Have a link sent to the registered contacts, for where the address no longer suffices.",
        body=schemas.Offer,
        status=202,
        answer=answers.Written,
        problems=(410, 422, 429),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        offered = await get_password.offer_link(visit_of(req), (await body_of(req, schemas.Offer))["account_ticket"])
        answer(req, resp, answers.Written(position=offered.position), status=202)


class Continuations:
    """POST /identity/continuations"""

    @describe(
        "Prove identity by a link that was sent to a registered contact; a password is sent to four places.",
        body=schemas.Continuation,
        status=202,
        answer=answers.Confirmed,
        problems=(410, 422, 429),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        data = await body_of(req, schemas.Continuation)
        confirmed = await get_password.continue_with_link(visit_of(req), data["link"], data["email"], data["phone"])
        answer(req, resp, answers.Confirmed(position=confirmed.position, sent_to=confirmed.sent_to), status=202)


class Undoings:
    """POST /links/undo"""

    @describe(
        "Take back a password issue, by the link that a registered contact was sent.",
        body=schemas.Link,
        answer=answers.Written,
        problems=(410, 422, 429),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        position = await links.undo(visit_of(req), (await body_of(req, schemas.Link))["link"])
        answer(req, resp, answers.Written(position=position))


class ContactConfirmations:
    """POST /links/confirmations"""

    @describe(
        "Confirm a new contact, by the link that it was sent.",
        body=schemas.Link,
        answer=answers.Written,
        problems=(410, 422, 429),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        position = await links.confirm(visit_of(req), (await body_of(req, schemas.Link))["link"])
        answer(req, resp, answers.Written(position=position))


class ChangeAgreements:
    """POST /links/changes"""

    @describe(
        "Agree to a change of a registered contact, by the link that the registered contacts were sent.",
        body=schemas.Link,
        answer=answers.Written,
        problems=(409, 410, 422, 429),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        position = await links.agree(visit_of(req), (await body_of(req, schemas.Link))["link"])
        answer(req, resp, answers.Written(position=position))


class ChangeReversals:
    """POST /links/reversals"""

    @describe(
        "Take back what was changed of a contact, by the link that a registered contact was sent. Every session ends.",
        body=schemas.Link,
        answer=answers.Written,
        problems=(410, 422, 429),
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        position = await links.revert(visit_of(req), (await body_of(req, schemas.Link))["link"])
        answer(req, resp, answers.Written(position=position))
