"""Requests made of the OpenAPI document, good and bad, against the running portal: none breaks it, each answer is documented.

`SEED_GENERATED_CASES` asks for more of each operation, drawn anew each time; without it the same ones are tried at each run.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import CheckFunction
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.running import Running, faultless
from tests.web.api.live import document
from web.access.matrix import MATRIX
from web.access.roles import Role

SCHEMA = schemathesis.openapi.from_dict(document())
SCHEMA.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}

ASKED = os.environ.get("SEED_GENERATED_CASES")
CASES = int(ASKED or 3000 / len(OPERATIONS) + 1)

CHECKS: list[CheckFunction] = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

sources = count(1)
answered: Counter[int] = Counter()


class People:
    """Tokens by role, of the first utility, and what there is to ask for by name."""

    def __init__(self, portal: Running) -> None:
        utility = portal.demo["utilities"][0]
        self.portal = portal
        self.site = portal.demo["site"]
        self.account = next(account for account in utility["accounts"] if "password" in account)
        self.tokens: dict[Role, str] = {Role(name): key for name, key in portal.demo["keys"].items()}
        self.known = {
            "number": [account["number"] for account in utility["accounts"][:20]] + [self.account["meter"]],
        }

    def token(self, role: Role) -> str | None:
        """This will give a token that opens now: what is tried may have ended a session."""
        if role is not Role.CUSTOMER:
            return self.tokens.get(role)
        token = self.tokens.get(role)
        if token is None or self._get("/me", token) == 401:
            body = {"number": self.account["number"], "password": self.account["password"]}
            reply = httpx.post(f"{self.site}/api/v1/session", json=body, headers=_somewhere())
            self.tokens[role] = token = reply.raise_for_status().json()["token"]
        return token

    def logged(self, problem: dict[str, Any]) -> str:
        """What the site wrote to its log about the request that ended in this problem."""
        return "\n".join(line for line in self.portal.log_of("web").splitlines() if problem["request_id"] in line)

    def _get(self, path: str, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}", **_somewhere()}
        return httpx.get(f"{self.site}/api/v1{path}", headers=headers).status_code


def _somewhere() -> dict[str, str]:
    """Each request comes from an address of its own, so that no limit by source keeps it out."""
    number = next(sources)
    return {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """People of a portal of their own: they use up what an account may do in an hour, and change all they can."""
    with faultless(tmp_path_factory.mktemp("portal")) as portal:
        yield People(portal)


def roles(label: str) -> list[Role]:
    """Who may use the operation, and a visitor."""
    method, _, path = label.partition(" ")
    return sorted({*MATRIX[method, path], Role.VISITOR})


class ARequestLike:
    @pytest.mark.parametrize("label", OPERATIONS)
    def test_gets_a_documented_answer(self, people: People, label: str) -> None:
        operation = OPERATIONS[label]
        tokens = {role: people.token(role) for role in roles(label)}

        @hypothesis.settings(
            max_examples=CASES,
            deadline=None,
            derandomize=ASKED is None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[hypothesis.Phase.generate],
        )
        @given(case=operation.as_strategy(), choice=st.integers(0, 2**31))
        def ask(case: Case, choice: int) -> None:
            _named(case, people.known, choice)
            able = [role for role in tokens if tokens[role] is not None]
            role = able[choice % len(able)] if choice % 4 == 0 else able[-1]
            _ask(case, people, tokens[role])

        ask()

    def test_was_tried_often_enough(self) -> None:
        print(f"{sum(answered.values())} requests: {dict(sorted(answered.items()))}")
        assert sum(answered.values()) >= (3000 if ASKED is None else 0), "run together with the tests above"


def _named(case: Case, known: dict[str, list[str]], choice: int) -> None:
    """Half of the time what a path names exists."""
    for name, values in known.items():
        if choice % 2 and name in (case.path_parameters or {}):
            case.path_parameters[name] = values[choice % len(values)]


def _ask(case: Case, people: People, token: str | None) -> None:
    headers: dict[str, Any] = {**_somewhere(), **({"Authorization": f"Bearer {token}"} if token else {})}
    response = case.call(base_url=people.site, headers=headers)
    answered[response.status_code] += 1
    assert response.status_code != 500, f"{case.as_curl_command()} → {response.text}\n{people.logged(response.json())}"
    case.validate_response(response, checks=CHECKS)
