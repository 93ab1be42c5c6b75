"""How far a utility's move is, kept in the directory: whoever is killed in the middle of one is followed by whoever goes on."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from psycopg import Connection
from psycopg.sql import SQL

from eventlog.addresses import TABLE, SealedAddress
from eventlog.secrets import UtilitySecrets

Stage = Literal["copying", "moved", "clearing"]
"""copying: the utility lives where it lived, a copy is made at the other address. moved: it lives at the new address, and the
former place follows it. clearing: what is at the other address goes."""


class Standing(NamedTuple):
    """Where a utility lives, the stage of its move, and the move's other end; None as an address is the deployment's own."""

    address: str | None
    stage: Stage | None
    other: str | None


class Book:
    """The directory's entry of one utility."""

    def __init__(self, home: Connection[Any], code: str, secrets: UtilitySecrets) -> None:
        self._home = home
        self._code = code
        self._sealed = SealedAddress(secrets, code)

    def standing(self) -> Standing:
        """This will read the entry."""
        query = SQL("SELECT address, stage, other FROM {} WHERE code = %s").format(TABLE)
        row = self._home.execute(query, [self._code]).fetchone()
        if row is None:
            return Standing(None, None, None)
        return Standing(self._sealed.unseal(row[0]), row[1], self._sealed.unseal(row[2]))

    def begin(self, other: str | None) -> None:
        """This will note that a copy is made there, before anything of it is."""
        self._home.execute(
            SQL(
                "INSERT INTO {} (code, stage, other) VALUES (%s, 'copying', %s) ON CONFLICT (code) DO UPDATE"
                " SET stage = excluded.stage, other = excluded.other, changed_at = now()"
            ).format(TABLE),
            [self._code, self._sealed.seal(other)],
        )

    def switch(self, connection: Connection[Any], stage: Stage) -> None:
        """This will have the utility live at the other end, in the transaction of a connection to the deployment's database."""
        connection.execute(
            SQL("UPDATE {} SET address = other, other = address, stage = %s, changed_at = now() WHERE code = %s").format(TABLE),
            [stage, self._code],
        )

    def clear(self) -> None:
        """This will note that what is at the other end goes, before anything of it does."""
        self._home.execute(
            SQL("UPDATE {} SET stage = 'clearing', changed_at = now() WHERE code = %s").format(TABLE), [self._code]
        )

    def end(self) -> None:
        """This will note that the move is over."""
        self._home.execute(
            SQL("UPDATE {} SET stage = NULL, other = NULL, changed_at = now() WHERE code = %s").format(TABLE), [self._code]
        )
