"""Is this address somebody's? Keyed hashes of registered addresses, so that made-up ones can be nobody's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from psycopg import sql

from domain import account_events as account
from domain.links import Mac
from projections.keyed import KeyedProjection
from projections.projection import Column, Recorded, Table, when
from projections.view import Pool, View


def address_hash(mac: Mac, address: str) -> bytes:
    """This will give the keyed hash of an address, its case and spacing aside."""
    return mac("address", " ".join(address.casefold().split()).encode())


class AddressRow(msgspec.Struct, frozen=True, kw_only=True):
    """The keyed hash of one account's registered address."""

    account_id: UUID
    address_hash: bytes


class AddressesProjection(KeyedProjection[AddressRow]):
    """Keeps one hash an account."""

    name = "addresses"
    row = AddressRow
    tables = (
        Table(
            name="addresses",
            meaning="Keyed hashes of registered addresses.",
            key=("account_id",),
            indexes=(("address_hash",),),
            columns=(
                Column("account_id", "uuid", "the account"),
                Column("address_hash", "bytea", "HMAC-SHA256 of the registered address"),
            ),
        ),
    )

    def __init__(self, mac: Mac) -> None:
        self.mac = mac

    @when(account.AccountOpened, account.AccountDetailsChanged)
    def registered(self, row: AddressRow | None, recorded: Recorded) -> AddressRow:
        event: Any = recorded.event
        return AddressRow(account_id=event.originator_id, address_hash=address_hash(self.mac, event.address))

    @when(account.PersonForgotten)
    def forgotten(self, row: AddressRow | None, recorded: Recorded) -> None:
        return None


class AddressesView(View):
    """Asks which addresses are taken."""

    def __init__(self, pool: Pool, schema: str, mac: Mac) -> None:
        super().__init__(pool, schema)
        self.mac = mac

    async def taken(self, addresses: Sequence[str]) -> set[str]:
        """This will give those of the addresses that are some account's registered one."""
        hashes = {address_hash(self.mac, address): address for address in addresses}
        query = sql.SQL("SELECT DISTINCT address_hash FROM {} WHERE address_hash = ANY(%s::bytea[])").format(
            self.place.of("addresses")
        )
        return {hashes[bytes(row[0])] for row in await self.rows(query, (list(hashes),))}
