"""Roles: customer, staff, auditor, analyst, operator. The matrix role × route × owner × utility is written down once, enforced
in one place, and every cell of it is tested.

`tests/web/access/test_matrix.py` tries role × route × utility, `tests/web/access/test_owners.py` the owners.
"""

from __future__ import annotations

import ast
from pathlib import Path

from web.access.matrix import MATRIX
from web.access.roles import Role

WEB = Path(__file__).parent.parent.parent / "web"
ONE_PLACE = "middleware/admission.py"
TELLS = "api/openapi.py"
"""Tells in the OpenAPI document what the matrix says."""


class TheMatrix:
    def test_knows_the_five_roles_and_the_visitor(self) -> None:
        assert {role for rule in MATRIX.values() for role in rule} == set(Role)
        assert {role.value for role in Role} == {"visitor", "customer", "staff", "auditor", "analyst", "operator"}

    def test_is_asked_in_one_place(self) -> None:
        asking = {
            str(path.relative_to(WEB))
            for path in WEB.rglob("*.py")
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom)
            and node.module == "web.access.matrix"
            and {name.name for name in node.names} & {"MATRIX", "reach"}
        }
        assert asking == {ONE_PLACE, TELLS}
