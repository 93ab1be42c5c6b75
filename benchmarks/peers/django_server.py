"""A server as one writes it with Django: models, a template in two parts, two gunicorn processes of eight threads.

The session is looked up with each request, as Seed's is, and the page shows what Seed's shows: wallet, power left, arrears, a
month of usage drawn and as a table, activity with its tokens, meters and contacts.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from gunicorn.app.base import BaseApplication

TOLD = json.loads(sys.argv[-1])
STAGE = json.loads(Path(TOLD["stage"]).read_text())
WORKERS, THREADS = 2, 8
BEARER = re.compile(r"Bearer ([A-Za-z0-9_-]{43})")
SHOWN_FIRST = 5
MONTH = 30

MENU = (
    ("/dashboard", "Dashboard"),
    ("/tokens", "Tokens"),
    ("/usage", "Usage"),
    ("/activity", "Activity"),
    ("/requests", "Requests"),
)

settings.configure(
    SECRET_KEY="of a benchmark",  # noqa: S106 (it seals nothing)
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    INSTALLED_APPS=[],
    MIDDLEWARE=["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"],
    TEMPLATES=[
        {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [Path(__file__).parent / "templates"]},
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": STAGE["database"]["dbname"],
            "USER": STAGE["database"]["user"],
            "PASSWORD": STAGE["database"]["password"],
            "HOST": STAGE["database"]["host"],
            "CONN_MAX_AGE": None,
        }
    },
)
django.setup()

from django.db import connection, models  # noqa: E402 (Django wants its settings first)
from django.template.loader import get_template  # noqa: E402


@cache
def model(schema: str, table: str) -> Any:
    """This will make the model of a table of Seed's."""
    fields: dict[str, Any]
    if table == "dashboard":
        fields = {name: models.TextField() for name in ("number", "name", "address", "language", "currency")}
        fields |= {name: models.JSONField() for name in ("contacts", "meters", "debts", "usage")}
        fields |= {"account_id": models.UUIDField(primary_key=True), "wallet_balance": models.BigIntegerField()}
    elif table == "activity":
        fields = {name: models.TextField() for name in ("kind", "juice_number", "currency", "unit")}
        fields |= {name: models.BigIntegerField() for name in ("amount", "milliunits", "arrears", "fees", "tax")}
        fields |= {"account_id": models.UUIDField(), "happened_at": models.DateTimeField(), "lines": models.JSONField()}
        fields |= {"tokens": models.JSONField(), "position": models.BigIntegerField(primary_key=True)}
    elif table == "days_left":
        fields = {"account_id": models.UUIDField(primary_key=True), "due_on": models.DateField()}
    else:
        id, began = ("purchase_id", "requested_at") if table == "purchases" else ("redemption_id", "reserved_at")
        fields = {id: models.UUIDField(primary_key=True), "account_id": models.UUIDField(), "stage": models.TextField()}
        fields |= {"amount": models.BigIntegerField(), "currency": models.TextField(), began: models.DateTimeField()}
    meta = type("Meta", (), {"app_label": schema, "managed": False, "db_table": f'{schema}"."{table}'})
    return type(f"{schema}{table}", (models.Model,), {**fields, "Meta": meta, "__module__": __name__})


SESSION = (
    "SELECT s.account_id FROM seed.sessions s LEFT JOIN {schema}.credentials c USING (account_id)"
    " WHERE token_hash = %s AND utility = %s AND expires_at > now() AND seen_at > now() - interval '2 hours'"
    " AND credential_version >= coalesce(c.version, 0)"
)


def money(amount: int, currency: str) -> str:
    """This will write minor units."""
    return f"{currency} {amount / 100:,.2f}"


def session(request: HttpRequest, schema: str) -> Any:
    """This will give the account that is logged in, or None."""
    bearer = BEARER.fullmatch(request.headers.get("Authorization", ""))
    hashed = hashlib.sha256(bearer[1].encode()).digest() if bearer else b""
    with connection.cursor() as cursor:
        cursor.execute(SESSION.format(schema=schema), [hashed, schema[2:]])
        row = cursor.fetchone()
    return row[0] if row else None


def dashboard(request: HttpRequest) -> HttpResponse:
    """This will show the page."""
    schema = STAGE["utilities"][request.headers["Host"]]
    account = session(request, schema)
    if account is None:
        return HttpResponse(status=401)
    board = model(schema, "dashboard").objects.get(pk=account)
    since = timezone.now() - timedelta(days=90)
    rows = list(
        model(schema, "activity")
        .objects.filter(account_id=account, happened_at__gte=since)
        .order_by("-happened_at", "-position")[:20]
    )
    for row in rows:
        row.money = money(row.amount, row.currency)
        row.units = f"{row.milliunits / 1000:.1f} {row.unit}" if row.milliunits else ""
        row.shown = [{"what": line["kind"], "money": money(line["amount"], row.currency)} for line in row.lines]
    model(schema, "days_left").objects.filter(account_id=account).first()
    unfinished = [
        {"money": money(each.amount, each.currency), "address": f"/{table}/{each.pk}"}
        for table, began in (("purchases", "requested_at"), ("redemptions", "reserved_at"))
        for each in model(schema, table)
        .objects.filter(account_id=account, stage__in=("requested", "reserved", "authorised", "sent", "doubted"))
        .order_by(f"-{began}")[:5]
    ]
    shown = {
        "board": board,
        "wallet": money(board.wallet_balance, board.currency),
        "owed": money(sum(debt["balance"] for debt in board.debts), board.currency),
        "debts": [debt_of(debt, board.currency) for debt in board.debts],
        "charts": [chart_of(used) for used in board.usage],
        "first": rows[:SHOWN_FIRST],
        "later": rows[SHOWN_FIRST:],
        "unfinished": unfinished,
        "menu": MENU,
        "here": "/dashboard",
    }
    return HttpResponse(get_template("dashboard.html").render(shown, request))


def debt_of(debt: dict[str, Any], currency: str) -> dict[str, Any]:
    """This will give a debt as it is shown."""
    return {
        **debt,
        "money": money(debt["balance"], currency),
        "first": money(debt["original"], currency),
        "paid": debt["original"] - debt["balance"],
        "since": date.fromisoformat(debt["opened_on"]),
    }


def chart_of(used: dict[str, Any]) -> dict[str, Any]:
    """This will give a meter's month as it is drawn."""
    days = used["days"][-MONTH:]
    most = max((milliunits for _, milliunits in days), default=0) or 1
    bars = [
        {
            "x": 20 * place,
            "y": 180 - 160 * milliunits / most,
            "height": 160 * milliunits / most,
            "day": date.fromisoformat(day),
            "used": f"{milliunits / 1000:.1f} {used['unit']}",
            "label": f"{day}: {milliunits / 1000:.1f} {used['unit']}",
        }
        for place, (day, milliunits) in enumerate(days)
    ]
    total = sum(milliunits for _, milliunits in days)
    unit = used["unit"]
    return {"bars": bars, "average": f"{total / 1000 / (len(days) or 1):.1f} {unit}", "total": f"{total / 1000:.1f} {unit}"}


urlpatterns = [path("dashboard", dashboard)]


class Server(BaseApplication):
    """Gunicorn with threads."""

    def load_config(self) -> None:
        """This will tell gunicorn how to run."""
        options = {"bind": f"127.0.0.1:{TOLD['port']}", "workers": WORKERS, "worker_class": "gthread", "threads": THREADS}
        for name, value in {**options, "loglevel": "warning", "control_socket_disable": True, "keepalive": 30}.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """This will make the application."""
        from django.core.wsgi import get_wsgi_application

        return get_wsgi_application()


if __name__ == "__main__":
    Server().run()
