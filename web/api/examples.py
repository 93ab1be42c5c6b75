"""An example of each answer, made of its schema: a field has the value that its name calls for, or else its type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NAMED: Mapping[str, Any] = {
    "account": "4100017",
    "amount": 5000,
    "arrears": 1250,
    "balance": 166250,
    "balance_after": 166250,
    "balance_before": 167500,
    "bucket": "61-90",
    "by": "customer",
    "channel": "email",
    "code": "blue",
    "currency": "ZAR",
    "day": "2026-03-02",
    "description": "Old meter's account",
    "digits": "59386323472137426967",
    "email": "ann.lee@example.com",
    "fees": 250,
    "juice_number": "520002005",
    "kind": "credit",
    "language": "en",
    "meter": "41300201484",
    "name": "Ann Lee",
    "next": None,
    "number": "4100017",
    "order": 1,
    "original": 250000,
    "pay_at": "https://checkout.stripe.com/c/pay/cs_1",
    "phone": "+27821234567",
    "plan": "share",
    "position": 4711,
    "resource": "electricity",
    "share": 25,
    "stage": "redeemed",
    "status": "ok",
    "support_email": "help@blue.example",
    "support_phone": "+27115550100",
    "tax": 457,
    "topic": "account-opened",
    "unit": "kWh",
    "units": "10.6",
    "value": "ann.lee@example.com",
    "wallet_balance": 100,
    "wallet_change": 0,
    "zone": "Africa/Johannesburg",
}
"""Values that a reader recognises; one that the field's schema does not allow is not used."""

FORMATS: Mapping[str, str] = {
    "date-time": "2026-03-02T12:00:00Z",
    "date": "2026-03-02",
    "time": "21:00:00",
    "uuid": "0192d3f4-0000-7000-8000-000000000001",
    "uri": "https://portal.example/",
}
TYPES: Mapping[str, Any] = {"string": "text", "integer": 1, "number": 1, "boolean": True, "null": None}


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str = "") -> Any:
    """This will make an example of a JSON schema, whose references lead into `schemas`."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, name)
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return NAMED[name] if NAMED.get(name) in schema["enum"] else schema["enum"][0]
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return example_of(schema[choice][0], schemas, name)
    kind = schema.get("type")
    if kind == "object":
        properties = schema.get("properties", {})
        return {field: example_of(told, schemas, field) for field, told in properties.items()}
    if kind == "array":
        of = schema.get("prefixItems", [schema["items"]] if schema.get("items") else [])
        return [example_of(each, schemas, name.removesuffix("s")) for each in of]
    if "format" in schema and schema["format"] in FORMATS:
        return FORMATS[schema["format"]]
    fits = {"string": str, "integer": int, "number": int}.get(kind or "")
    return NAMED[name] if fits is not None and isinstance(NAMED.get(name), fits) else TYPES.get(kind or "")
