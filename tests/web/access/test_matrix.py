from __future__ import annotations

from typing import Any

import pytest
from falcon import inspect
from falcon.asgi import App, Request, Response

from tests.domain.scenario import context
from tests.web.people import at_the_console
from tests.web.scene import ACCOUNT, OTHER_ACCOUNT, Scene
from web.access.matrix import API, MATRIX, Reach
from web.access.roles import Role
from web.middleware.errors import ASKED_BY_MACHINES
from web.middleware.paths import is_console

REACHED = 299
"""No resource answers so: the probe does, once a request was let through."""

KEY_ROLES = (Role.STAFF, Role.AUDITOR, Role.ANALYST, Role.OPERATOR)


class Probe:
    """Stands behind admission and answers in the place of every resource."""

    async def process_resource(self, req: Request, resp: Response, resource: object, params: dict[str, Any]) -> None:
        resp.status = REACHED
        resp.complete = True


def routes(app: App) -> set[tuple[str, str]]:
    return {
        (method.method, route.path) for route in inspect.inspect_routes(app) for method in route.methods if not method.internal
    }


def please_log_in(method: str, template: str) -> int:
    """The API says 401, and so does what machines ask; pages lead to the log-in, but no form that was sent."""
    page = method == "GET" and not template.startswith(API) and template not in ASKED_BY_MACHINES
    return 303 if page else 401


class TheMatrix:
    async def test_names_every_route_and_no_other(self, scene: Scene) -> None:
        live = routes(scene.client.app)
        assert not live - set(MATRIX), "nobody wrote down who may use these: give them a line in MATRIX, in web/access/matrix.py"
        assert not set(MATRIX) - live, "there are no such routes any more"

    async def test_is_what_happens_in_every_cell(self, scene: Scene) -> None:
        tokens: dict[Role, dict[str, str | None]] = {
            Role.VISITOR: {"test": None},
            Role.CUSTOMER: {"test": await scene.log_in()},
        }
        for role in KEY_ROLES:
            tokens[role] = {utility: scene.api_key(role, utility) for utility in ("test", "other", "*")}
        scene.client.app.add_middleware(Probe())
        tried = 0
        for (method, template), rule in MATRIX.items():
            path = template.replace("{", "").replace("}", "")
            for role, by_utility in tokens.items():
                for utility, token in by_utility.items():
                    headers = {"Authorization": f"Bearer {token}"} if token else {}
                    reply = await scene.client.simulate_request(method, path, headers=headers, host="test.example")
                    opens = utility in ("test", "*")
                    expected = (
                        REACHED if opens and role in rule else please_log_in(method, template) if role is Role.VISITOR else 403
                    )
                    assert reply.status_code == expected, (method, template, role, utility)
                    tried += 1
        assert tried == len(MATRIX) * (2 + 3 * len(KEY_ROLES))

    async def test_is_what_happens_to_whoever_is_signed_in_to_the_console(self, scene: Scene) -> None:
        """A person's session counts on the console of its own utility; everywhere else its bearer is a visitor."""
        people = {role: (await at_the_console(scene, role, name=role.value)).cookies for role in KEY_ROLES}
        scene.client.app.add_middleware(Probe())
        for (method, template), rule in MATRIX.items():
            for role, cookies in people.items():
                for host in ("test.example", "other.example"):
                    acting = role if is_console(template) and host == "test.example" else Role.VISITOR
                    refused = please_log_in(method, template) if acting is Role.VISITOR else 403
                    reply = await scene.client.simulate_request(
                        method, template, headers={"Sec-Fetch-Site": "same-origin"}, cookies=cookies, host=host
                    )
                    assert reply.status_code == (REACHED if acting in rule else refused), (method, template, role, host)

    async def test_makes_a_customer_of_another_utility_a_visitor_here(self, scene: Scene) -> None:
        token = await scene.log_in()
        scene.client.app.add_middleware(Probe())
        for (method, template), rule in MATRIX.items():
            reply = await scene.client.simulate_request(
                method, template, headers={"Authorization": f"Bearer {token}"}, host="other.example"
            )
            assert reply.status_code == (REACHED if Role.VISITOR in rule else please_log_in(method, template)), (method, template)

    def test_gives_histories_to_auditors_alone(self) -> None:
        assert MATRIX["GET", f"{API}/accounts/{{number}}/history"] == {Role.AUDITOR: Reach.UTILITY}

    def test_gives_what_is_ones_own_to_customers_alone(self) -> None:
        own = {template for (_, template), rule in MATRIX.items() if rule == {Role.CUSTOMER: Reach.OWN}}
        assert {f"{API}/me", f"{API}/me/activity", f"{API}/me/arrears", f"{API}/me/usage", "/dashboard"} <= own


class ARouteThatNobodyWroteDown:
    async def test_is_refused_to_all(self, scene: Scene) -> None:
        class Forgotten:
            async def on_get(self, req: Request, resp: Response) -> None:
                resp.text = "open"

        scene.client.app.add_route(f"{API}/forgotten", Forgotten())
        for token in (None, await scene.log_in(), scene.api_key(Role.AUDITOR)):
            assert (await scene.get("/forgotten", token=token)).status_code == 403


class ARedemption:
    @pytest.fixture
    async def redemption(self, scene: Scene) -> str:
        found = await scene.utility.portal.find(ACCOUNT)
        reserved = await scene.utility.portal.reserve_redemption(
            context(),
            serial="S9",
            code="ABCDEF123456",
            amount=5000,
            currency="ZAR",
            account_id=found.account_id,
            meter_id=None,
        )
        await scene.utility.project()
        return str(reserved.redemption_id)

    async def test_is_shown_by_its_id_to_its_owner_alone(self, scene: Scene, redemption: str) -> None:
        owner, other = await scene.log_in(ACCOUNT), await scene.log_in(OTHER_ACCOUNT)
        assert (await scene.get(f"/redemptions/{redemption}", token=owner)).status_code == 200
        assert (await scene.get(f"/redemptions/{redemption}", token=other)).status_code == 404
        assert (await scene.get(f"/redemptions/{redemption}")).status_code == 404
