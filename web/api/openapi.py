"""The OpenAPI 3.1 document, made of the live routes and of what their responders say of themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import falcon
import msgspec
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from falcon.constants import HTTP_METHODS

from web.access.matrix import API, MATRIX
from web.access.roles import Role
from web.api.describe import Operation
from web.api.examples import example_of
from web.api.schemas import IN_HEADERS, IN_PATHS
from web.problem import Problem
from web.problems import ALL

REFERENCE = "#/components/schemas/{name}"

DESCRIPTION = """The customer portal of Juice.

**Values.** Money is an integer in minor units of an ISO 4217 currency, units are decimal strings, times RFC 3339.

**Reading what one wrote.** Commands answer with the position they wrote (`Seed-Position`); readers may ask for at least that
position (`at_least`, or `Seed-At-Least`). After a second they get what there is, marked `Seed-Behind`.

**Reading again.** Answers carry an `ETag`; whoever asks with it in `If-None-Match` gets 304, and no body, where the answer is
still the same.

**Once.** Commands that move money take an `Idempotency-Key`: the same key and body get the same answer, refusals too.

**Long lists** come a page at a time: `next` of a page is what the next one is asked for by; it is null on the last.

**Refusals** are RFC 9457 problems; `rule` names the reason and never changes its meaning; `errors` names the fields. Titles and
details are for people, in the language that `Accept-Language` asks for, where the utility offers it.

**Limits.** Where guessing is limited, `RateLimit` says how much is left (`r`) and when it is full again (`t`, seconds); past it
the answer is 429 with `Retry-After`. A busy server answers 503 with `Retry-After`.

**Versions.** Within `/api/v1`, fields, parameters with a default, rules and routes are added, and nothing is removed, renamed
or given another meaning: clients leave alone what they do not know. What breaks that begins `/api/v2`, beside which v1 goes
on for at least a year, and its answers then carry `Deprecation` and `Sunset` (RFC 9745, RFC 8594)."""

RETRY_AFTER = {"schema": {"type": "integer"}, "description": "Seconds to wait."}
RATE_LIMIT = {
    "schema": {"type": "string", "examples": ['"number-lookup";r=0;t=60']},
    "description": "What is left of a limit (draft-ietf-httpapi-ratelimit-headers).",
}


Operations = Mapping[tuple[str, str], Operation]
"""What each responder says of itself, by method and path."""


def operations_of(resources: Mapping[str, object]) -> Operations:
    """This will ask the resources of the API, by path, what they do. Raises LookupError for a responder that does not say."""
    return {
        (method, path): _operation(resource, method)
        for path, resource in resources.items()
        for method in HTTP_METHODS
        if hasattr(resource, f"on_{method.lower()}")
    }


def document(operations: Operations) -> dict[str, Any]:
    """This will make the document of the API's operations."""
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: f"{_name(schema)}Request")
    spec = APISpec(
        title="Seed",
        version="1",
        openapi_version="3.1.0",
        plugins=[plugin],
        info={
            "description": DESCRIPTION,
        },
        security=[],
    )
    spec.components.security_scheme("session", {"type": "http", "scheme": "bearer", "description": "The token of POST /session."})
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer", "description": "An API key (`seed_…`)."})
    _add_answers(spec, operations)
    for path in dict.fromkeys(path for _, path in operations):
        described = {
            method.lower(): _described(path, method, operation) for (method, at), operation in operations.items() if at == path
        }
        spec.path(path=path, operations=described)
    made: dict[str, Any] = spec.to_dict()
    _add_examples(made)
    for operation in operations.values():
        if operation.body is not None and operation.body.EITHER:
            of_body = made["components"]["schemas"][f"{_name(operation.body)}Request"]
            of_body["oneOf"] = [{"required": [name]} for name in operation.body.EITHER]
    made["x-problems"] = {rule: {"status": row.status, "title": row.title, "detail": row.detail} for rule, row in ALL.items()}
    return made


def _add_examples(made: dict[str, Any]) -> None:
    """Of every answer, once all schemas are known."""
    schemas = made["components"]["schemas"]
    for operations in made["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                content = response.get("content", {}).get("application/json")
                if content is not None and "$ref" in content["schema"]:
                    content["example"] = example_of(content["schema"], schemas)


def _operation(resource: object, method: str) -> Operation:
    responder = getattr(resource, f"on_{method.lower()}")
    operation: Operation | None = getattr(responder, "operation", None)
    if operation is None:
        where = f"{type(resource).__name__}.on_{method.lower()}"
        raise LookupError(f"{where} does not describe itself: mark it with @describe (web/api/describe.py)")
    return operation


def _add_answers(spec: APISpec, operations: Operations) -> None:
    answers = list({operation.answer: None for operation in operations.values() if operation.answer})
    _, components = msgspec.json.schema_components(answers, ref_template=REFERENCE)
    for name, schema in components.items():
        spec.components.schema(name, schema)
    spec.components.schema("Problem", PROBLEM)


def _described(path: str, method: str, operation: Operation) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": IN_PATHS[name]} for name in re.findall(r"{(\w+)}", path)
    ]
    parameters += [
        {"name": name, "in": "header", "required": required, "description": meaning, "schema": IN_HEADERS[name]}
        for name, required, meaning in operation.headers
    ]
    if operation.query is not None:
        parameters.append({"in": "query", "schema": operation.query})
    described: dict[str, Any] = {
        "operationId": _identifier(path, method),
        "summary": operation.summary,
        "responses": {str(operation.status): _answer(operation)}
        | ({"304": {"description": "What was read before is still the same."}} if _has_tag(method, operation) else {})
        | {str(status): _problem(status) for status in _problems(operation)},
        "security": _security(path, method),
    }
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": operation.body}}}
    return described


def _has_tag(method: str, operation: Operation) -> bool:
    return method == "GET" and operation.status == 200 and operation.answer is not None


def _problems(operation: Operation) -> list[int]:
    reading = {400, 408, 413, 415} if operation.body is not None else set()
    return sorted({*operation.problems, *reading, 403, 500, 503})


def _answer(operation: Operation) -> dict[str, Any]:
    answer, status = operation.answer, operation.status
    described: dict[str, Any] = {"description": falcon.code_to_http_status(status).partition(" ")[2]}
    if answer is not None:
        described["content"] = {"application/json": {"schema": {"$ref": REFERENCE.format(name=answer.__name__)}}}
        if "position" in answer.__struct_fields__:
            position = {"schema": {"type": "integer"}, "description": "The position written or read."}
            described["headers"] = {"Seed-Position": position}
    elif status == 200 and not operation.csv:
        described["content"] = {"application/json": {"schema": {"type": "object"}}}
    if operation.csv:
        described.setdefault("content", {})["text/csv"] = {"schema": {"type": "string"}}
    return described


def _problem(status: int) -> dict[str, Any]:
    """Every rule that such an answer can carry stands in it as an example."""
    headers = {"Retry-After": RETRY_AFTER} if status in (429, 503) else {}
    if status == 429:
        headers["RateLimit"] = RATE_LIMIT
    examples = {
        rule: {"value": Problem(status=status, rule=rule, title=row.title, detail=row.detail).body()}
        for rule, row in ALL.items()
        if row.status == status
    }
    content: dict[str, Any] = {"schema": {"$ref": REFERENCE.format(name="Problem")}}
    if examples:
        content["examples"] = examples
    described: dict[str, Any] = {
        "description": falcon.code_to_http_status(status).partition(" ")[2],
        "content": {"application/problem+json": content},
    }
    return described | ({"headers": headers} if headers else {})


def _security(path: str, method: str) -> list[dict[str, list[str]]]:
    rule = MATRIX[method, path]
    needs: list[dict[str, list[str]]] = [{}] if Role.VISITOR in rule else []
    if Role.CUSTOMER in rule:
        needs.append({"session": []})
    if set(rule) - {Role.VISITOR, Role.CUSTOMER}:
        needs.append({"key": []})
    return needs


def _identifier(path: str, method: str) -> str:
    words = [word for word in re.split(r"[/{}.]+", path.removeprefix(API)) if word]
    return "_".join([method.lower(), *words])


def _name(schema: Any) -> str:
    return schema.__name__ if isinstance(schema, type) else type(schema).__name__


PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "detail", "rule"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "rule": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "request_id": {"type": "string"},
    },
}
