"""The account that is logged in, at a glance."""

from __future__ import annotations

from falcon.asgi import Request, Response

from web.api import answers, schemas
from web.api.activity import transaction
from web.api.describe import describe
from web.api.wire import AT_LEAST_HEADER, at_least, give, prepare, query_of, visit_of
from web.journeys import dashboard
from web.journeys.dashboard import DashboardPage, Owed
from web.journeys.unfinished import Unfinished


class Me:
    """GET /me"""

    @describe(
        "The dashboard: contact info, wallet, arrears, usage, activity.",
        query=schemas.AtLeast,
        headers=AT_LEAST_HEADER,
        answer=answers.Dashboard,
        problems=(401, 422, 503),
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        visit = visit_of(req)
        seen = await dashboard.look(visit, at_least(req, query_of(req, schemas.AtLeast)))
        key = ("me", visit.services.code, visit.account_id)
        prepared = visit.rendered.find(key, seen.of)
        give(req, resp, prepared or visit.rendered.keep(key, seen.of, prepare(_shown(dashboard.page(seen)))))


def _shown(page: DashboardPage) -> answers.Dashboard:
    row = page.dashboard
    return answers.Dashboard(
        number=row.number,
        name=row.name,
        address=row.address,
        language=row.language,
        contacts=tuple(
            answers.Contact(channel=c.channel, value=c.value, standing=c.standing, confirmed=c.confirmed) for c in row.contacts
        ),
        meters=tuple(
            answers.Meter(
                meter_id=m.meter_id,
                number=m.number,
                kind=m.kind,
                resource=m.resource,
                unit=m.unit,
                days_left=str(page.left[m.meter_id]) if m.meter_id in page.left else None,
            )
            for m in row.meters
        ),
        wallet=answers.Money(amount=row.wallet_balance, currency=row.currency),
        arrears_total=sum(debt.balance for debt in page.arrears),
        arrears=tuple(map(_debt, page.arrears)),
        usage=answers.usage(row.usage, None),
        activity=tuple(map(transaction, page.activity)),
        unfinished=tuple(map(_unfinished, page.unfinished)),
        days_left=None if page.days_left is None else str(page.days_left),
        position=row.position,
        behind=page.behind,
    )


def _debt(row: Owed) -> answers.Debt:
    return answers.Debt(
        debt_id=row.debt_id,
        description=row.description,
        balance=row.balance,
        original=row.original,
        share=row.share,
        plan=row.plan,
        opened_on=row.opened_on,
    )


def _unfinished(begun: Unfinished) -> answers.Unfinished:
    return answers.Unfinished(
        kind=begun.kind,
        id=begun.id,
        stage=begun.stage,
        amount=begun.amount,
        currency=begun.currency,
        since=begun.since,
    )
