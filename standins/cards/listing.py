"""Lists, page by page, the newest first; and the objects that are put in the place of ids."""

from __future__ import annotations

import json
from typing import Any

from standins.cards import forms
from standins.cards.books import Books
from standins.cards.errors import bad_parameter

LARGEST_PAGE, USUAL_PAGE = 100, 10
OF_PAYMENTS = ("refund", "dispute")
"""Kinds whose list may be of one payment only."""

COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
EXPANDABLE = {"payment_intent": "payment_intent", "latest_charge": "charge"}
"""Field -> the kind of object that it names."""


def listed(books: Books, kind: str, url: str, query: dict[str, Any]) -> dict[str, Any]:
    """This will give a page of a list. Raises Refused."""
    of_payment = ("payment_intent",) if kind in OF_PAYMENTS else ()
    forms.known(query, "created", "limit", "starting_after", "expand", "types", *of_payment)
    limit = forms.whole(query, "limit") if "limit" in query else USUAL_PAGE
    if not 1 <= limit <= LARGEST_PAGE:
        raise bad_parameter("limit", f"Limit can range between 1 and {LARGEST_PAGE}", "parameter_invalid_integer")
    where, values = ["account = ?", "kind = ?"], list[str | int]([books.account, kind])
    for comparison, moment in _created(query).items():
        where.append(f"created {COMPARISONS[comparison]} ?")
        values.append(moment)
    if "starting_after" in query:
        books.get(kind, forms.text(query, "starting_after"))
        where.append("(created, place) < (SELECT created, place FROM objects WHERE id = ?)")
        values.append(query["starting_after"])
    if "payment_intent" in query:
        where.append("body ->> 'payment_intent' = ?")
        values.append(forms.text(query, "payment_intent"))
    if types := query.get("types"):
        if not isinstance(types, list) or not all(isinstance(each, str) for each in types):
            raise bad_parameter("types", "Invalid array: types")
        where.append(f"body ->> 'type' IN ({', '.join('?' * len(types))})")
        values.extend(types)
    rows = books.connection.execute(
        f"SELECT body FROM objects WHERE {' AND '.join(where)} ORDER BY created DESC, place DESC LIMIT ?",  # noqa: S608
        [*values, limit + 1],
    ).fetchall()
    page = {
        "object": "list",
        "url": url,
        "has_more": len(rows) > limit,
        "data": [json.loads(row["body"]) for row in rows[:limit]],
    }
    return expanded(books, page, query)


def expanded(books: Books, document: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """This will put objects in the place of ids, as `expand` asks. Raises Refused."""
    wanted = given.get("expand", [])
    if not isinstance(wanted, list):
        raise bad_parameter("expand", "Invalid array: expand")
    for path in wanted:
        _expand(books, document, str(path).split("."))
    return document


def _expand(books: Books, thing: Any, path: list[str]) -> None:
    if isinstance(thing, list):
        for each in thing:
            _expand(books, each, path)
        return
    name, *rest = path
    if name != "data" and (name not in EXPANDABLE or name not in thing):
        raise bad_parameter("expand", f"This property cannot be expanded ({name[:64]}).")
    if isinstance(thing[name], str):
        thing[name] = books.get(EXPANDABLE[name], thing[name])
    if rest and thing[name] is not None:
        _expand(books, thing[name], rest)


def _created(query: dict[str, Any]) -> dict[str, int]:
    if "created" not in query:
        return {}
    limits = forms.inner(query, "created")
    forms.known(limits, *COMPARISONS)
    return {name: forms.whole(limits, name) for name in limits}
