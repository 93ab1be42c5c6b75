"""The Edit page (journey 8): contacts, clock and language, saved with one button."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import falcon
from falcon.asgi import Request, Response

from domain.account import Account
from web.journeys import authentication, editing
from web.journeys.editing import Typed, field, remove
from web.journeys.refusals import ChangedMeanwhile, PasswordNeededAgain
from web.journeys.visit import Visit
from web.middleware.cookies import set_language
from web.site import clock, forms, notes, password_again
from web.site.edit_lines import contact_lines, saved_now, sentences
from web.site.forms import Filled
from web.site.render import languages, show
from web.site.writing import Writing, writing

SAVED = "saved"
PLAIN = ("email", "phone", "language", "seen", "password")


class Edit:
    """GET and POST /edit"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will show what can be changed, and say what was saved."""
        account = await _account(req)
        said = notes.find(req, SAVED)
        if said:
            notes.drop(req, resp, SAVED)
        await _show(req, resp, account, Filled(values=present(account)), said=said)

    async def on_post(self, req: Request, resp: Response) -> None:
        """This will save, or show again all that was typed with what is wrong; the password is asked for where it must be."""
        account = await _account(req)
        ids = [*account.contacts, *account.contacts.former]
        names = [*PLAIN, *clock.FIELDS, *(name for id in ids for name in (field(id), remove(id), clock.box(id)))]
        form = await forms.fields(req, *names)
        try:
            await password_again.given(req, resp, form["password"])
            saved = await editing.save(
                req.context.visit,
                typed(form, ids),
                lambda now: clock.read(form, now.clock, now.contacts.values()),
            )
        except ChangedMeanwhile as error:
            account = await _account(req)
            await _show(req, resp, account, await forms.refused(error, req, resp, kept(form, account)), meanwhile=True)
            return
        except forms.REFUSALS as error:
            asked = isinstance(error, PasswordNeededAgain)
            await _show(req, resp, account, await password_again.refused(error, req, resp, form), asked=asked)
            return
        if saved.edit.language and saved.edit.language != account.language:
            set_language(req, resp, saved.edit.language)
        notes.leave(req, resp, SAVED, sentences(saved, account, await writing(req)))
        resp.status, resp.location = falcon.HTTP_303, "/edit"


def typed(form: dict[str, str], ids: Iterable[UUID]) -> Typed:
    """This will gather what was sent of the contacts and the language."""
    return Typed(
        contacts={id: form[field(id)] for id in ids},
        removed=frozenset(id for id in ids if form[remove(id)]),
        added={"email": form["email"], "sms": form["phone"]},
        language=form["language"],
        seen=form["seen"],
    )


def present(account: Account) -> dict[str, str]:
    """This will give what stands in the fields before anything is changed."""
    values = {field(contact.contact_id): contact.value for contact in account.contacts.values()}
    return {**values, "language": account.language, **clock.values(account.clock, account.contacts.values())}


def kept(form: dict[str, str], account: Account) -> dict[str, str]:
    """This will put what was typed on a page of what is there now: of a contact that is gone, it becomes one to be added."""
    there = {contact.value for contact in account.contacts.values()}
    values = {
        **form,
        **{name: form.get(name) or value for name, value in present(account).items() if name.startswith("contact_")},
    }
    for contact_id, former in account.contacts.former.items():
        text, channel = form.get(field(contact_id), ""), former.contact.channel
        name = "email" if channel == "email" else "phone"
        if text and text != former.contact.value and text not in there and not values.get(name):
            values[name] = text
    shown = set(form.get("shown", "").split())
    boxes = clock.values(account.clock, account.contacts.values())
    new = {name: value for name, value in boxes.items() if name.startswith("tell_") and name.removeprefix("tell_") not in shown}
    return values | new


async def _account(req: Request) -> Account:
    visit: Visit = req.context.visit
    account: Account = await visit.services.portal.account(visit.account_id)
    return account


async def _show(
    req: Request,
    resp: Response,
    account: Account,
    form: Filled,
    *,
    said: list[str] | None = None,
    asked: bool = False,
    meanwhile: bool = False,
) -> None:
    visit: Visit = req.context.visit
    write, values = await writing(req), form.values
    utility = await visit.services.description()
    facts = facts_of(account, values, write, visit.clock(), fresh=authentication.is_fresh(visit) and not asked)
    await show(
        req,
        resp,
        "edit.html",
        status=form.status,
        values=values,
        problem=form.problem,
        errors=form.errors,
        said=said or [],
        saved_now=saved_now(account, values, languages(utility), write) if meanwhile else [],
        # After a change elsewhere the page has seen what is there now; else it keeps what it had seen.
        seen=values.get("seen") if values.get("seen") and not meanwhile else editing.state(visit, account),
        **facts,
    )


def facts_of(account: Account, values: dict[str, str], write: Writing, now: datetime, *, fresh: bool) -> dict[str, Any]:
    """This will gather what the template shows beside what was typed."""
    return {
        "account": account,
        "lines": contact_lines(account, values, write, now),
        "held": account.holds_registered(now),
        "fresh": fresh,
        **clock.facts(account.contacts.values(), write),
    }
