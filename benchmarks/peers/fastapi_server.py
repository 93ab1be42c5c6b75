"""A server as one writes it with FastAPI and asyncpg: two uvicorn processes, a pool each, the answer by pydantic models.

The session is looked up with each request, as Seed's is, and the answer holds what Seed's holds.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import uvicorn
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel

WORKERS = 2
BEARER = re.compile(r"Bearer ([A-Za-z0-9_-]{43})")

SESSION = (
    "SELECT s.account_id FROM seed.sessions s LEFT JOIN {schema}.credentials c USING (account_id)"
    " WHERE token_hash = $1 AND utility = $2 AND expires_at > now() AND seen_at > now() - interval '2 hours'"
    " AND credential_version >= coalesce(c.version, 0)"
)
DASHBOARD = "SELECT * FROM {schema}.dashboard WHERE account_id = $1"
ACTIVITY = (
    "SELECT * FROM {schema}.activity WHERE account_id = $1 AND happened_at >= now() - interval '90 days'"
    " ORDER BY happened_at DESC, position DESC LIMIT 20"
)
LEFT = "SELECT * FROM {schema}.days_left WHERE account_id = $1"
PURCHASES = (
    "SELECT 'purchase' AS kind, purchase_id AS id, stage, amount, currency, requested_at AS since FROM {schema}.purchases"
    " WHERE account_id = $1 AND stage IN ('requested', 'authorised', 'sent', 'doubted') ORDER BY requested_at DESC LIMIT 5"
)
REDEMPTIONS = (
    "SELECT 'redemption' AS kind, redemption_id AS id, stage, amount, currency, reserved_at AS since FROM {schema}.redemptions"
    " WHERE account_id = $1 AND stage IN ('reserved', 'sent', 'doubted') ORDER BY reserved_at DESC LIMIT 5"
)


class Contact(BaseModel):
    channel: str
    value: str
    standing: str
    confirmed: bool


class Meter(BaseModel):
    meter_id: UUID
    number: str
    kind: str
    resource: str
    unit: str
    days_left: str | None = None


class Money(BaseModel):
    amount: int
    currency: str


class Debt(BaseModel):
    debt_id: str
    description: str
    balance: int
    original: int
    share: int
    plan: str
    opened_on: str


class Day(BaseModel):
    day: date
    units: str


class MeterUsage(BaseModel):
    meter_id: UUID
    unit: str
    days: list[Day]


class Line(BaseModel):
    kind: str
    amount: int
    debt_id: str | None = None
    description: str | None = None
    balance_before: int | None = None
    balance_after: int | None = None


class Token(BaseModel):
    kind: str
    digits: str
    order: int


class Transaction(BaseModel):
    juice_number: str
    happened_at: datetime
    kind: str
    meter_id: UUID | None
    amount: int
    currency: str
    units: str
    unit: str
    arrears: int
    fees: int
    tax: int
    wallet_change: int
    wallet_balance: int
    lines: list[Line]
    tokens: list[Token]


class Unfinished(BaseModel):
    kind: str
    id: UUID
    stage: str
    amount: int
    currency: str
    since: datetime


class Dashboard(BaseModel):
    number: str
    name: str
    address: str
    language: str
    contacts: list[Contact]
    meters: list[Meter]
    wallet: Money
    arrears_total: int
    arrears: list[Debt]
    usage: list[MeterUsage]
    activity: list[Transaction]
    unfinished: list[Unfinished]
    days_left: str | None
    position: int
    behind: bool


def units(milliunits: int) -> str:
    """This will write thousandths as units."""
    return str(milliunits / 1000)


def made() -> FastAPI:
    """This will make the application, in each of uvicorn's processes."""
    stage = json.loads(Path(json.loads(sys.argv[-1])["stage"]).read_text())
    pool: asyncpg.Pool

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        nonlocal pool
        where = stage["database"]
        async with asyncpg.create_pool(
            host=where["host"],
            user=where["user"],
            password=where["password"],
            database=where["dbname"],
            min_size=1,
            max_size=8,
            init=with_json,
        ) as pool:
            yield

    async def rows(query: str, schema: str, *values: Any) -> list[Any]:
        found: list[Any] = await pool.fetch(query.format(schema=schema), *values)
        return found

    app = FastAPI(lifespan=lifespan)

    @app.get("/dashboard")
    async def dashboard(request: Request) -> Dashboard:
        schema = stage["utilities"][request.headers["host"]]
        bearer = BEARER.fullmatch(request.headers.get("authorization", ""))
        hashed = hashlib.sha256(bearer[1].encode()).digest() if bearer else b""
        session = await rows(SESSION, schema, hashed, schema[2:])
        if not session:
            raise HTTPException(401)
        account = session[0]["account_id"]
        [row], activity, _, *unfinished = await asyncio.gather(
            *(rows(query, schema, account) for query in (DASHBOARD, ACTIVITY, LEFT, PURCHASES, REDEMPTIONS))
        )
        return Dashboard(
            **{name: row[name] for name in ("number", "name", "address", "language", "contacts", "meters", "position")},
            wallet=Money(amount=row["wallet_balance"], currency=row["currency"]),
            arrears_total=sum(debt["balance"] for debt in row["debts"]),
            arrears=sorted(row["debts"], key=lambda debt: (debt["share"] < 100, debt["opened_on"])),
            usage=[
                {**used, "days": [{"day": day, "units": units(milliunits)} for day, milliunits in used["days"]]}
                for used in row["usage"]
            ],
            activity=[{**each, "units": units(each["milliunits"])} for each in activity],
            unfinished=[dict(each) for part in unfinished for each in part],
            days_left=None,
            behind=False,
        )

    return app


async def with_json(connection: asyncpg.Connection) -> None:
    """This will have JSON come as Python's objects."""
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


if __name__ == "__main__":
    port = json.loads(sys.argv[-1])["port"]
    uvicorn.run(
        "benchmarks.peers.fastapi_server:made", factory=True, workers=WORKERS, port=port, log_level="warning", access_log=False
    )
