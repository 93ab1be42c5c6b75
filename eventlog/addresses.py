"""Where a utility lives: in this deployment's own database, or in another that the directory names (docs/scale-out.md).

Nobody asks on the way of a command or a page. Whoever opens a connection looks the address up; a move ends the connections that
lead to the former one, at the very moment at which the directory changes.
"""

from __future__ import annotations

import os
from typing import Any

from psycopg import AsyncConnection, Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from eventlog.control_tables import ADDRESSES, CONTROL_SCHEMA
from eventlog.pool import Pool, make_pool, read
from eventlog.sealing import Sealer
from eventlog.secrets import UtilitySecrets

LOOKS_FOR_S = 2.0
"""How long whoever connects waits for the directory; the pool tries again, and others try again themselves."""

TABLE = Identifier(CONTROL_SCHEMA, ADDRESSES.name)

# FOR SHARE: while a move changes the row, whoever looks waits until that is done or taken back.
_ADDRESS = SQL("SELECT address FROM {} WHERE code = %s FOR SHARE").format(TABLE)

_MOVING = SQL("SELECT 1 FROM {} WHERE code = %s AND stage IS NOT NULL").format(TABLE)


class SealedAddress:
    """Seals addresses, which may hold passwords, under the utility's secret."""

    def __init__(self, secrets: UtilitySecrets, code: str) -> None:
        self._sealer = Sealer(secrets.key("seal-address"))
        self._bound_to = code.encode()

    def seal(self, dsn: str | None) -> bytes | None:
        """This will seal an address; None, the deployment's own database, stays None."""
        return None if dsn is None else self._sealer.seal(dsn.encode(), self._bound_to, os.urandom)

    def unseal(self, sealed: bytes | None) -> str | None:
        """This will give a sealed address back. Raises SealBroken."""
        return None if sealed is None else self._sealer.unseal(bytes(sealed), self._bound_to).decode()


class Address:
    """One utility's, as the directory in the deployment's own database (`home`) says at that moment."""

    def __init__(self, home: Pool, home_dsn: str, code: str, schema: str, secrets: UtilitySecrets) -> None:
        self.schema = schema
        self._home = home
        self._home_dsn = home_dsn
        self._code = code
        self._sealed = SealedAddress(secrets, code)

    async def dsn(self) -> str:
        """This will look the address up. It may hold a password. Raises psycopg's errors where the directory is away."""

        async def ask(connection: AsyncConnection) -> Any:
            return await (await connection.execute(_ADDRESS, [self._code])).fetchone()

        row = await read(self._home, ask, within_s=LOOKS_FOR_S)
        return (self._sealed.unseal(row[0]) if row else None) or self._home_dsn

    async def is_moving(self) -> bool:
        """This will say whether a move is under way, or was interrupted: tables must keep their shape then."""

        async def ask(connection: AsyncConnection) -> Any:
            return await (await connection.execute(_MOVING, [self._code])).fetchone()

        return await read(self._home, ask) is not None

    async def connect(self, conninfo: str = "", *, application_name: str, **kwargs: Any) -> AsyncConnection[Any]:
        """This will connect to where the utility lives. A move finds these connections by their names.

        The address is looked up before and after: one that changes in between leaves no connection to the former place.
        """
        while True:
            dsn = await self.dsn()
            connection = await AsyncConnection.connect(dsn, **kwargs, application_name=name_of(self.schema, application_name))
            try:
                if await self.dsn() == dsn:
                    return connection
            except BaseException:
                await connection.close()
                raise
            await connection.close()

    def pool(self, **options: Any) -> Pool:
        """This will make a pool whose connections lead to where the utility lives; options are `make_pool`'s."""
        return make_pool("", connects=self, **options)


Where = str | Address
"""What followers and leaders connect to: a DSN, or an address that may change."""


async def connected(where: Where, name: str) -> AsyncConnection[Any]:
    """This will open a connection of one's own, on which each statement commits by itself."""
    if isinstance(where, Address):
        return await where.connect(application_name=f"seed {name}", autocommit=True)
    return await AsyncConnection.connect(where, autocommit=True, application_name=f"seed {name}")


def name_of(schema: str, name: str) -> str:
    """This will give what a connection to a utility's schema is called: `seed u_harbour projector`."""
    return f"seed {schema} {name.removeprefix('seed ')}"


def address_now(home: Connection[Any], code: str, secrets: UtilitySecrets) -> str | None:
    """This will say where a utility lives, for a tool without an event loop; None: in the deployment's own database."""
    row = home.execute(_ADDRESS, [code]).fetchone()
    return SealedAddress(secrets, code).unseal(row[0]) if row else None


def is_moving(home: Connection[Any], code: str) -> bool:
    """This will say whether a move is under way, or was interrupted."""
    return home.execute(_MOVING, [code]).fetchone() is not None


def without_password(dsn: str | None) -> str:
    """This will name an address so that it may be shown."""
    if dsn is None:
        return "home"
    known = conninfo_to_dict(dsn)
    place = f"{known.get('host') or known.get('hostaddr') or 'localhost'}:{known.get('port') or 5432}"
    return f"{place}/{known.get('dbname') or known.get('user') or ''}"
