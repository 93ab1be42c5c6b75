"""The roles that somebody can have."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Who somebody is to a utility."""

    VISITOR = "visitor"
    CUSTOMER = "customer"
    STAFF = "staff"
    AUDITOR = "auditor"
    ANALYST = "analyst"
    OPERATOR = "operator"
