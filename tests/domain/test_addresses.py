"""The ten addresses that a visitor picks from."""

from uuid import UUID

import pytest

from domain.addresses import block_of
from tests.domain.towns import STREETS, Town, sparse

REGISTERED = "12 Acacia Street, Bluewater 4001"
ACCOUNT = UUID(int=1)


def street_in(address):
    return next(street for street in STREETS if street.casefold() in address.casefold())


class TheTenAddresses:
    async def test_are_ten_different_ones_with_the_registered_among_them(self):
        offered = await Town([REGISTERED]).offered()
        assert len(offered) == len(set(offered)) == 10
        assert REGISTERED in offered

    async def test_are_always_the_same_for_an_account(self):
        assert await Town([REGISTERED]).offered() == await Town([REGISTERED]).offered()

    async def test_stay_the_same_whatever_streets_and_neighbours_come_and_go(self):
        town = sparse(1)
        before = await town.offered()
        town.streets = [street_in(before[0]), street_in(town.people[ACCOUNT]), "Zinnia Street"]
        gone = [account for account in town.people if account != ACCOUNT][::2]
        for account in gone:
            del town.people[account]
        assert await town.offered() == before

    async def test_are_all_new_for_a_new_registered_address(self):
        town = sparse(1)
        before = await town.offered()
        town.people[ACCOUNT] = "13 Willow Street, Bluewater 4001"
        assert not set(before) & set(await town.offered())

    async def test_are_never_another_customers(self):
        town = sparse(2)
        for account, registered in town.people.items():
            offered = await town.offered(account)
            assert set(offered) & set(town.people.values()) == {registered}

    async def test_keep_all_but_the_one_somebody_moved_into(self):
        town = sparse(1)
        before = await town.offered()
        town.people[UUID(int=9999)] = somebodys = next(address for address in before if address != town.people[ACCOUNT])
        again = await town.offered()
        assert set(before) - set(again) == {somebodys}
        assert len(again) == 10

    @pytest.mark.parametrize(
        "registered",
        [
            "12 Acacia Street, Bluewater 4001",
            "Acacia Street 12, Bluewater 4001",
            "12A Acacia Street, Bluewater 4001",
            "Flat 3, 12 Acacia Street, Bluewater 4001",
            "House 12, Acacia Street, Bluewater 4001",
        ],
    )
    async def test_are_written_like_the_registered_one(self, registered):
        offered = await Town([registered]).offered()
        before, _, after = registered.partition("12")
        after = after.replace("Acacia Street", "")
        for address in offered:
            bare = address.replace(street_in(address), "")
            if registered.startswith("Acacia"):
                assert bare.startswith(" ") and bare.endswith(", Bluewater 4001")
            else:
                assert bare.startswith(before) and bare.endswith(after)

    async def test_are_in_capitals_where_the_registered_one_is(self):
        offered = await Town(["12 ACACIA STREET, Bluewater 4001"]).offered()
        assert all(street_in(address).upper() in address for address in offered)

    async def test_name_each_street_once(self):
        town = sparse(3)
        for account in list(town.people)[:50]:
            assert len({street_in(address) for address in await town.offered(account)}) == 10

    @pytest.mark.parametrize("count", [1, 2, 4, 9])
    async def test_name_each_street_as_often_as_any_other_where_there_are_few(self, count):
        offered = await Town([REGISTERED], STREETS[:count]).offered()
        times = [sum(street_in(address) == street for address in offered) for street in STREETS[:count]]
        assert sum(times) == 10
        assert max(times) - min(times) <= 1

    @pytest.mark.parametrize("number", [1, 20, 21, 133, 1402])
    async def test_have_numbers_as_large_as_the_registered_one(self, number):
        offered = await Town([f"{number} Acacia Street, Bluewater 4001"]).offered()
        assert {block_of(int(address.split()[0])) for address in offered} == {block_of(number)}

    @pytest.mark.parametrize("registered", ["PO Box 44, Bluewater 4001", "Jacaranda House, Acacia Street, Bluewater 4001", ""])
    async def test_are_none_where_nothing_could_be_made_up_that_looks_like_the_registered_one(self, registered):
        assert await Town([registered]).offered() == []

    async def test_are_none_where_no_street_is_known(self):
        assert await Town([REGISTERED], []).offered() == []

    async def test_put_the_registered_one_in_no_special_place(self):
        town = sparse(4)
        places = {(await town.offered(account)).index(registered) for account, registered in town.people.items()}
        assert places == set(range(10))
