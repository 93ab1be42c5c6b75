"""What keeps a password from being looked at: no time for it, or a database that is away."""

from __future__ import annotations

from typing import Any, NoReturn

from psycopg_pool import PoolTimeout

from web.access.passwords import PasswordsBusy

REASONS = (PasswordsBusy, PoolTimeout)


def stopped_by(reason: type[Exception]) -> Any:
    """This will give what stands in for the looking at a password, and never gets to it."""

    async def stopped(*_: object, **__: object) -> NoReturn:
        raise reason

    return stopped
