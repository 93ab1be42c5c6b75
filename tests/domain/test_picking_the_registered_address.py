"""Strangers who try to tell the registered address from the nine made-up ones, with two picks each.

Two picks in ten give one chance in five to whoever knows nothing. The bounds here leave room for chance: a town has some
hundred accounts, which makes a success rate of 0.20 uncertain by 0.03.
"""

import random
from collections import Counter
from statistics import median

import pytest

from tests.domain.test_addresses import street_in
from tests.domain.towns import crowded, sparse, uneven

PICKS = 2
TOWNS = {"sparse": sparse, "uneven": uneven, "crowded": crowded}


def number_of(address):
    return int(address.split()[0])


async def lists_of(town):
    return {account: await town.offered(account) for account in town.people}


def success(town, lists, rank):
    """How often the two addresses of the least rank hold the registered one."""
    picked = {account: sorted(offered, key=lambda a: rank(account, a))[:PICKS] for account, offered in lists.items()}
    return sum(town.people[account] in picks for account, picks in picked.items()) / len(lists)


def rules_of_one_list(lists):
    middles = {account: median(map(number_of, offered)) for account, offered in lists.items()}
    streets = {account: Counter(map(street_in, offered)) for account, offered in lists.items()}
    return {
        "the first": lambda account, address: lists[account].index(address),
        "the last": lambda account, address: -lists[account].index(address),
        "the lowest number": lambda account, address: number_of(address),
        "the highest number": lambda account, address: -number_of(address),
        "the number in the middle": lambda account, address: abs(number_of(address) - middles[account]),
        "the number farthest from the middle": lambda account, address: -abs(number_of(address) - middles[account]),
        "the street named once": lambda account, address: streets[account][street_in(address)],
        "the street named often": lambda account, address: -streets[account][street_in(address)],
    }


def rules_of_all_lists(lists):
    numbers = Counter(number_of(address) for offered in lists.values() for address in offered)
    streets = Counter(street_in(address) for offered in lists.values() for address in offered)
    return {
        "the commonest number": lambda account, address: -numbers[number_of(address)],
        "the rarest number": lambda account, address: numbers[number_of(address)],
        "the commonest street": lambda account, address: -streets[street_in(address)],
        "the rarest street": lambda account, address: streets[street_in(address)],
    }


@pytest.mark.parametrize("shape", TOWNS)
class AStranger:
    async def test_who_reads_one_list_has_one_chance_in_five_by_any_rule(self, shape):
        town = TOWNS[shape](7)
        lists = await lists_of(town)
        found = {name: success(town, lists, rank) for name, rank in rules_of_one_list(lists).items()}
        assert max(found.values()) < 0.28, found

    async def test_who_counts_numbers_and_streets_over_every_list_gains_little(self, shape):
        town = TOWNS[shape](7)
        lists = await lists_of(town)
        found = {name: success(town, lists, rank) for name, rank in rules_of_all_lists(lists).items()}
        assert max(found.values()) < 0.36, found

    async def test_who_looks_for_houses_of_other_lists_must_read_very_many(self, shape):
        """A house in two lists is nobody's: there are fewer free houses than nine for each account.

        Where half a town are customers, this weakens the list soonest; reading lists is what the limits make slow.
        """
        town = TOWNS[shape](7)
        lists = await lists_of(town)
        chance = random.Random(3)
        read = {account for account in lists if chance.random() < 0.02}
        seen = Counter(address for account in read for address in lists[account])
        assert success(town, lists, lambda account, address: seen[address] - (account in read)) < 0.28
