from __future__ import annotations

from typing import Any

import jsonschema_rs
from falcon import inspect

from tests.web.scene import ACCOUNT, Scene
from web.access.matrix import API
from web.problems import PROBLEMS

DRAFT = "https://json-schema.org/draft/2020-12/schema"


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
            jsonschema_rs.meta.validate({"$schema": DRAFT, **schema}), name
        identifiers = [operation["operationId"] for item in made["paths"].values() for operation in item.values()]
        assert len(identifiers) == len(set(identifiers))

    async def test_gives_examples_that_are_valid(self, scene: Scene) -> None:
        made = await document(scene)
        tried = 0
        for schema in _schemas(made):
            for example in schema.get("examples", []):
                jsonschema_rs.validate({**schema, "$schema": DRAFT}, example, validate_formats=True)
                tried += 1
        assert tried > 15

    async def test_gives_an_example_of_every_answer_and_every_refusal_that_is_valid(self, scene: Scene) -> None:
        made = await document(scene)
        tried = 0
        for path, item in made["paths"].items():
            for method, operation in item.items():
                for status, response in operation["responses"].items():
                    for media_type, content in response.get("content", {}).items():
                        given = [each["value"] for each in content.get("examples", {}).values()]
                        given += [content["example"]] if "example" in content else []
                        where = f"{method} {path} {status} {media_type}"
                        assert given or content["schema"] == {"type": "object"} or media_type == "text/csv", where
                        schema = {**content["schema"], "components": made["components"], "$schema": DRAFT}
                        for example in given:
                            jsonschema_rs.validate(schema, example, validate_formats=True)
                            tried += 1
        assert tried > 300

    async def test_gives_the_form_of_every_text_that_is_taken_in(self, scene: Scene) -> None:
        made = await document(scene)
        taken = [
            (name, field, told)
            for name, schema in made["components"]["schemas"].items()
            if name.endswith("Request")
            for field, told in schema["properties"].items()
            if told["type"] == "string"
        ]
        formless = {(name, field) for name, field, told in taken if not {"pattern", "format"} & set(told)}
        endless = {(name, field) for name, field, told in taken if "maxLength" not in told and told.get("format") != "uuid"}
        assert taken and not formless and not endless
        parameters = [each for item in made["paths"].values() for told in item.values() for each in told.get("parameters", [])]
        texts = [each for each in parameters if each["schema"]["type"] == "string"]
        assert texts and all({"pattern", "format"} & set(each["schema"]) for each in texts)

    async def test_takes_no_example_for_malformed(self, scene: Scene) -> None:
        made = await document(scene)
        for path, item in made["paths"].items():
            body = item.get("post", {}).get("requestBody")
            if body is None:
                continue
            name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            schema = made["components"]["schemas"][name]
            sent = {field: told["examples"][0] for field, told in schema["properties"].items() if "examples" in told}
            reply = await scene.post(
                path.removeprefix(API), sent, headers={"Idempotency-Key": f"example of {name}".replace(" ", "-")}
            )
            unknown = {"number": ["No account and no meter has this number. Please check it."]}
            assert reply.status_code != 422 or reply.json["errors"] == unknown, (path, reply.text)

    async def test_says_that_a_card_goes_to_one_target(self, scene: Scene) -> None:
        schema = (await document(scene))["components"]["schemas"]["RedemptionRequest"]
        card = {"serial": "1", "code": "ABCDEFGHIJKL"}
        target = {"number": "1", "meter_id": "0190a5d0-0000-7000-8000-000000000000"}
        for given, valid in (({}, False), (target, False), ({"number": "1"}, True), ({"meter_id": target["meter_id"]}, True)):
            assert jsonschema_rs.is_valid(schema, {**card, **given}) is valid
            reply = await scene.post("/redemptions", {**card, **given}, headers={"Idempotency-Key": "key-number-1"})
            assert (reply.json.get("errors") == {"number": ["Give either number or meter_id."]}) is not valid

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


def _schemas(node: Any) -> list[dict[str, Any]]:
    below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    own = [node] if isinstance(node, dict) and isinstance(node.get("type"), str) else []
    return own + [found for value in below for found in _schemas(value)]


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    return [found for value in node for found in _references(value)] if isinstance(node, list) else []
