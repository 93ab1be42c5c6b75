"""Accounts: one for each utility, with its key, and the address and secret of its webhooks."""

from __future__ import annotations

import hmac
import secrets
import sqlite3
from dataclasses import dataclass

from standins.cards.errors import Refused
from standins.cards.store import Store


@dataclass(frozen=True)
class Account:
    """A merchant's account."""

    code: str
    key: str
    webhook_secret: str
    webhook_url: str


def opened(store: Store, webhook_urls: dict[str, str]) -> list[Account]:
    """This will open an account for each code, or give its webhooks another address; key and secret stay as they were."""
    with store.writing() as connection:
        for code, url in webhook_urls.items():
            key, secret = f"sk_test_{secrets.token_hex(24)}", f"whsec_{secrets.token_hex(24)}"
            connection.execute(
                "INSERT INTO accounts (code, key, webhook_secret, webhook_url) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (code) DO UPDATE SET webhook_url = excluded.webhook_url",
                (code, key, secret, url),
            )
        found = {row["code"]: Account(**dict(row)) for row in connection.execute("SELECT * FROM accounts")}
        return [found[code] for code in webhook_urls]


def admitted(connection: sqlite3.Connection, authorization: str) -> str:
    """This will give the code of the account whose key is shown. Raises Refused."""
    scheme, _, shown = authorization.partition(" ")
    if scheme.lower() != "bearer" or not shown:
        message = "You did not provide an API key: use the header Authorization: Bearer YOUR_KEY."
        raise Refused(401, "invalid_request_error", message)
    for row in connection.execute("SELECT code, key FROM accounts"):
        if hmac.compare_digest(row["key"].encode(), shown.encode()):
            return str(row["code"])
    raise Refused(401, "invalid_request_error", "Invalid API Key provided.")
