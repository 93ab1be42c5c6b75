from __future__ import annotations

from typing import Any

import jsonschema_rs
from falcon import inspect

from tests.web.scene import ACCOUNT, Scene
from web.access.matrix import API
from web.problems import PROBLEMS


async def document(scene: Scene) -> dict[str, Any]:
    return dict((await scene.get("/openapi.json")).json)


class TheDocument:
    async def test_names_every_live_route_and_no_other(self, scene: Scene) -> None:
        live = {
            (route.path, method.method.lower())
            for route in inspect.inspect_routes(scene.client.app)
            for method in route.methods
            if not method.internal and route.path.startswith(API)
        }
        said = {(path, method) for path, item in (await document(scene))["paths"].items() for method in item}
        assert said == live

    async def test_is_valid_openapi_3_1_with_every_reference_resolved(self, scene: Scene) -> None:
        made = await document(scene)
        assert made["openapi"] == "3.1.0"
        schemas = made["components"]["schemas"]
        references = set(_references(made))
        assert references and {reference.rpartition("/")[2] for reference in references} <= set(schemas)
        for name, schema in schemas.items():
            jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}), name
        identifiers = [operation["operationId"] for item in made["paths"].values() for operation in item.values()]
        assert len(identifiers) == len(set(identifiers))

    async def test_describes_what_is_answered(self, scene: Scene) -> None:
        made = await document(scene)
        me = (await scene.get("/me", token=await scene.log_in())).json
        schema = {"$ref": "#/components/schemas/Dashboard", "components": made["components"]}
        jsonschema_rs.validate(schema, me)
        problem = (await scene.post("/identity/questions", {})).json
        jsonschema_rs.validate({"$ref": "#/components/schemas/Problem", "components": made["components"]}, problem)

    async def test_explains_every_problem_where_its_type_leads(self, scene: Scene) -> None:
        made = await document(scene)
        problem = (await scene.get(f"/accounts/{ACCOUNT}/history")).json
        path, _, pointer = problem["type"].partition("#/x-problems/")
        assert path == f"{API}/openapi.json" and made["x-problems"][pointer]["title"] == problem["title"]
        assert set(made["x-problems"]) >= {kind.__name__ for kind in PROBLEMS}


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    return [found for value in node for found in _references(value)] if isinstance(node, list) else []
