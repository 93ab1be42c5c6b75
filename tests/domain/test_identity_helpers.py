"""Addresses to pick from, links, system passwords and ids: made from secrets and randomness that are passed in."""

import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.account import LinkNoLongerValid
from domain.addresses import AddressChoices
from domain.ids import uuid7
from domain.links import Links
from domain.passwords import ALPHABET, make_password, normal_form

STREETS = [f"{name} Street" for name in ("Acacia", "Baobab", "Cedar", "Date", "Elm", "Fig", "Gum", "Hazel", "Ivy", "Jasmine")]
ACCOUNT = UUID(int=1)


def mac(purpose, message):
    return hmac.digest(b"secret" + purpose.encode(), message, "sha256")


def other_mac(purpose, message):
    return hmac.digest(b"another secret" + purpose.encode(), message, "sha256")


def choices(*somebodys):
    async def taken(addresses):
        return set(addresses) & set(somebodys)

    return AddressChoices(mac, taken)


class TheTenAddresses:
    REGISTERED = "12 Acacia Street, Bluewater 4001"

    async def test_are_ten_different_ones_with_the_registered_among_them(self):
        offered = await choices().of(ACCOUNT, self.REGISTERED, STREETS)
        assert len(offered) == len(set(offered)) == 10
        assert self.REGISTERED in offered

    async def test_are_always_the_same_for_an_account(self):
        assert await choices().of(ACCOUNT, self.REGISTERED, STREETS) == await choices().of(ACCOUNT, self.REGISTERED, STREETS)

    async def test_are_never_another_customers(self):
        offered = await choices().of(ACCOUNT, self.REGISTERED, STREETS)
        somebodys = next(address for address in offered if address != self.REGISTERED)
        again = await choices(somebodys).of(ACCOUNT, self.REGISTERED, STREETS)
        assert somebodys not in again
        assert len(again) == 10

    async def test_keep_all_but_the_one_somebody_moved_into(self):
        offered = await choices().of(ACCOUNT, self.REGISTERED, STREETS)
        somebodys = next(address for address in offered if address != self.REGISTERED)
        again = await choices(somebodys).of(ACCOUNT, self.REGISTERED, STREETS)
        assert len(set(offered) & set(again)) == 9

    async def test_are_written_like_the_registered_one(self):
        offered = await choices().of(ACCOUNT, self.REGISTERED, STREETS)
        assert all(address.endswith("Street, Bluewater 4001") for address in offered)
        assert all(address.split()[0].isdigit() for address in offered)

    async def test_name_each_street_once(self):
        for account in range(50):
            offered = await choices().of(UUID(int=account), self.REGISTERED, STREETS)
            assert len({street for address in offered for street in STREETS if street in address}) == 10

    @pytest.mark.parametrize("registered", ["12 ACACIA STREET, Bluewater 4001", "PO Box 44, Bluewater 4001"])
    async def test_keep_town_and_postcode_however_the_street_is_written(self, registered):
        offered = await choices().of(ACCOUNT, registered, STREETS)
        assert all(address.endswith(", Bluewater 4001") for address in offered)
        assert len({address.isupper() for address in offered if "ACACIA" in registered and "STREET" in address}) <= 1

    async def test_are_none_where_no_street_is_known(self):
        assert await choices().of(ACCOUNT, self.REGISTERED, []) == []

    async def test_put_the_registered_one_in_no_special_place(self):
        places = set()
        for account in range(200):
            offered = await choices().of(UUID(int=account), self.REGISTERED, STREETS)
            places.add(offered.index(self.REGISTERED))
        assert places == set(range(10))


class ALink:
    @settings(max_examples=50)
    @given(st.uuids(), st.uuids())
    def test_leads_back_to_what_it_was_made_of(self, account_id, subject_id):
        links = Links(mac)
        assert links.read("undo", links.make("undo", account_id, subject_id)) == (account_id, subject_id)

    def test_serves_one_purpose(self):
        links = Links(mac)
        with pytest.raises(LinkNoLongerValid):
            links.read("confirm", links.make("undo", ACCOUNT, ACCOUNT))

    def test_of_another_utility_proves_nothing(self):
        with pytest.raises(LinkNoLongerValid):
            Links(mac).read("undo", Links(other_mac).make("undo", ACCOUNT, ACCOUNT))

    @given(st.text())
    def test_that_is_nonsense_is_refused(self, text):
        with pytest.raises(LinkNoLongerValid):
            Links(mac).read("undo", text)


class ASystemPassword:
    def test_uses_all_of_128_bits_of_randomness_and_more(self):
        assert normal_form(make_password(lambda n: b"\xff" * n)) == "z" * 28
        assert len(ALPHABET) ** 28 >= 2**128

    @given(st.binary(min_size=18, max_size=18))
    def test_is_known_again_however_it_is_typed(self, noise):
        password = make_password(lambda n: noise)
        assert normal_form(password) == normal_form(password.upper().replace("-", " ").replace("0", "O").replace("1", "l"))


class AUuid7:
    def test_is_of_version_7_and_the_rfcs_variant(self):
        made = uuid7(datetime(2026, 1, 1, tzinfo=UTC), lambda n: b"\xff" * n)
        assert (made.version, made.variant) == (7, "specified in RFC 4122")

    @given(st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
    def test_sorts_by_time(self, earlier_noise, later_noise):
        at = datetime(2026, 1, 1, tzinfo=UTC)
        assert uuid7(at, lambda n: earlier_noise) < uuid7(at + timedelta(milliseconds=1), lambda n: later_noise)
