"""On Citus the engine moves a utility's schema from one worker to another; Seed's address stays the coordinator's."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from psycopg.conninfo import conninfo_to_dict

from eventlog.moving import MoveImpossible


def is_citus(dsn: str) -> bool:
    """This will say whether the database is a Citus coordinator's."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'citus'").fetchone() is not None


def move_schema(dsn: str, schema: str, to: str, told: Callable[[str], None]) -> None:
    """This will have Citus move the schema to the worker at `to` (host and port), distributing it first where it is not.

    Raises MoveImpossible where that is no worker of this coordinator.
    """
    known = conninfo_to_dict(to) if to != "home" else {}
    place = str(known.get("host") or ""), int(known.get("port") or 5432)
    with psycopg.connect(dsn, autocommit=True, application_name=f"seed moving {schema}") as connection:
        workers = connection.execute("SELECT nodename, nodeport FROM pg_dist_node WHERE isactive AND shouldhaveshards").fetchall()
        if place not in workers:
            raise MoveImpossible(f"Citus has no worker there: it has {', '.join(f'{host}:{port}' for host, port in workers)}.")
        distributed = connection.execute("SELECT 1 FROM citus_schemas WHERE schema_name::text = %s", [schema]).fetchone()
        if distributed is None:
            connection.execute("SELECT citus_schema_distribute(%s::regnamespace)", [schema])
            told(f"{schema} is distributed.")
        connection.execute("SELECT citus_schema_move(%s::regnamespace, %s, %s)", [schema, *place])
        told(f"{schema} lives at {place[0]}:{place[1]}.")
