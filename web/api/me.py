"""The account that is logged in: dashboard, arrears, usage."""

from __future__ import annotations

from datetime import date, timedelta

from falcon.asgi import Request, Response

from projections.arrears import ArrearsRow
from projections.dashboard import Dashboard as DashboardRow
from web.api import answers, schemas
from web.api.activity import transaction
from web.api.answers import units
from web.api.describe import describe
from web.api.wire import AT_LEAST_HEADER, answer, at_least, query_of, visit_of, wait
from web.journeys import dashboard
from web.journeys.dashboard import Owed


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
        page = await dashboard.of(visit_of(req), at_least(req, query_of(req, schemas.AtLeast)))
        row = page.dashboard
        content = answers.Dashboard(
            number=row.number,
            name=row.name,
            address=row.address,
            language=row.language,
            contacts=tuple(
                answers.Contact(channel=c.channel, value=c.value, standing=c.standing, confirmed=c.confirmed)
                for c in row.contacts
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
            usage=_usage(row, None),
            activity=tuple(map(transaction, page.activity)),
            days_left=None if page.days_left is None else str(page.days_left),
            position=row.position,
            behind=page.behind,
        )
        answer(req, resp, content)


class Arrears:
    """GET /me/arrears"""

    @describe(
        "What is owed, in the order in which it is paid.",
        query=schemas.AtLeast,
        headers=AT_LEAST_HEADER,
        answer=answers.Arrears,
        problems=(401, 422),
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        await wait(req, resp, query_of(req, schemas.AtLeast))
        answer(req, resp, answers.Arrears(items=tuple(map(_debt, await dashboard.arrears(visit_of(req))))))


class Usage:
    """GET /me/usage"""

    @describe(
        "What each meter used, day by day.",
        query=schemas.UsageQuery,
        headers=AT_LEAST_HEADER,
        answer=answers.Usage,
        problems=(401, 422, 503),
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        query = query_of(req, schemas.UsageQuery)
        await wait(req, resp, query)
        visit = visit_of(req)
        first = visit.clock().date() - timedelta(days=query["days"])
        answer(req, resp, answers.Usage(meters=_usage(await dashboard.row(visit), first)))


def _usage(row: DashboardRow, first: date | None) -> tuple[answers.MeterUsage, ...]:
    return tuple(
        answers.MeterUsage(
            meter_id=used.meter_id,
            unit=used.unit,
            days=tuple(
                answers.Day(day=day.day, units=units(day.milliunits)) for day in used.days if first is None or day.day > first
            ),
        )
        for used in row.usage
    )


def _debt(row: ArrearsRow | Owed) -> answers.Debt:
    return answers.Debt(
        debt_id=row.debt_id,
        description=row.description,
        balance=row.balance,
        original=row.original,
        share=row.share,
        plan=row.plan,
        opened_on=row.opened_on,
    )
