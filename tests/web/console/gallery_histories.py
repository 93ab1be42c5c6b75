"""The auditors' page in its states, with every event there is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from eventlog.follower import Recorded
from projections.replay import Change, State
from tests.eventlog.pin import events, sample
from web.console.histories import FIELDS, rows, says
from web.journeys.history import HistoryPage, StateThen, Step

NUMBER = "1002003004"
PLAIN: dict[str, Any] = {
    "values": dict.fromkeys(FIELDS, ""),
    "errors": {},
    "problem": None,
    "page": None,
    "state": None,
    "events": [],
    "is_led_from_elsewhere": False,
}
CHANGES = [
    Change("contacts.019b7655-1c00-7000-8000-00000000d0b7.value", None, "wanjiku.of.a.rather.long.name@accounts.example"),
    Change("balance", 1500, 0),
    Change("notes", [], ["W" * 120]),
]


def histories() -> dict[str, dict[str, Any]]:
    """Every state by name: the facts of its template."""
    values = PLAIN["values"] | {"number": NUMBER, "case": "AUDIT-2026/17"}
    steps = [
        Step(recorded=Recorded(position, sample(each)), aggregate="Account", changes=CHANGES if position % 3 else [])
        for position, each in enumerate(events().values(), 100_001)
    ]
    page = HistoryPage(account_id=UUID(int=1), steps=steps, next=100_200)
    told = [(step, says(step.recorded.event)) for step in steps]
    state = StateThen(
        account_id=UUID(int=1),
        position=100_200,
        states=[
            State(
                aggregate="Account",
                id=UUID(int=1),
                version=12,
                fields={
                    "number": NUMBER,
                    "contacts": {str(UUID(int=7)): {"value": "W" * 90, "kinds": ["email", "sms"]}},
                    "meters": {},
                },
            ),
            State(aggregate="Wallet", id=UUID(int=2), version=3, fields={"balance": 1500, "currency": "KES"}),
        ],
    )
    wrong = {"number": "No account and no meter has this number.", "at": "Choose a day and a time, or leave both out."}
    return {
        "histories": PLAIN,
        "histories-from-elsewhere": PLAIN | {"values": values, "is_led_from_elsewhere": True},
        "histories-wrong": PLAIN | {"values": values, "errors": wrong},
        "histories-events": PLAIN | {"values": values, "page": page, "events": told},
        "histories-none": PLAIN | {"values": values, "page": HistoryPage(account_id=UUID(int=1), steps=[], next=None)},
        "histories-state": PLAIN
        | {"values": values, "state": state, "aggregates": [(each, rows(each.fields)) for each in state.states]},
    }
