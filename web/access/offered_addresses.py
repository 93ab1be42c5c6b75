"""Which made-up houses stand in whose list of ten: numbers and streets only, nothing that is the person's."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from domain.addresses import House
from web.services import Pool, Secrets

KEPT = "SELECT street, house_number FROM seed.offered_addresses WHERE utility = %s AND account_id = %s AND registered = %s"
ELSEWHERE = """
SELECT DISTINCT address_hash FROM seed.offered_addresses
WHERE utility = %s AND address_hash = ANY(%s::bytea[]) AND account_id <> %s
"""
CLEAR = "DELETE FROM seed.offered_addresses WHERE utility = %s AND account_id = %s"
KEEP = """
INSERT INTO seed.offered_addresses (utility, account_id, address_hash, registered, street, house_number)
VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""


class OfferedAddresses:
    """What was made up for the accounts of one utility."""

    def __init__(self, pool: Pool, secrets: Secrets, utility: str) -> None:
        self._pool = pool
        self._secrets = secrets
        self._utility = utility

    async def kept(self, account_id: UUID, registered: bytes) -> list[House]:
        """This will give what is in the account's list while its address has this keyed hash; nothing for another address."""
        async with self._pool.connection() as connection, connection.cursor() as cursor:
            await cursor.execute(KEPT, (self._utility, account_id, registered))
            return [House(street, number) for street, number in await cursor.fetchall()]

    async def elsewhere(self, account_id: UUID, addresses: Sequence[str]) -> set[str]:
        """This will give those of the addresses that are in another account's list."""
        hashes = {self._hash(address): address for address in addresses}
        async with self._pool.connection() as connection, connection.cursor() as cursor:
            await cursor.execute(ELSEWHERE, (self._utility, list(hashes), account_id))
            return {hashes[bytes(row[0])] for row in await cursor.fetchall()}

    async def keep(self, account_id: UUID, registered: bytes, houses: Sequence[tuple[House, str]]) -> None:
        """This will remember houses, each with its full address, in place of what was kept for the account."""
        async with self._pool.connection() as connection, connection.transaction(), connection.cursor() as cursor:
            await cursor.execute(CLEAR, (self._utility, account_id))
            rows = [
                (self._utility, account_id, self._hash(address), registered, house.street, house.number)
                for house, address in houses
            ]
            await cursor.executemany(KEEP, rows)

    def _hash(self, address: str) -> bytes:
        return self._secrets.mac("offered-address", address.encode())
