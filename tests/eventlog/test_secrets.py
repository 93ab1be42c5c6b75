"""What follows from the master key."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from eventlog.secrets import UtilitySecrets
from tests.eventlog.scenes import MASTER, secrets


class AUtilitysSecrets:
    def test_never_change(self) -> None:
        """Numbers, ids and hashes in logs of today must be found for ever."""
        known = secrets()
        assert known.natural_id("card-redemption", "4711") == UUID("ee1e3a40-98fc-8f87-9b0e-e71b70e54045")
        assert known.number_hash("account", "4711").hex() == "7ab32c65a55010e28e4b01c49b1756a5194eff28030e27d29869261eda2072e6"
        assert known.body_hash(b"{}").hex() == "c017f61a1f252ed0542f7fbb39b6123e209a0bce19ca530254050634e22f5d11"
        assert known.password_verifier("abcd") == "OIzEoZYPMinFQgFB7KZkFTKe0SMzGKOaO-GLh3u2Uu4="
        assert known.key("wrap-account-keys").hex() == "9b36d747cfcb0e377f76ca42c13e68425e13fd68f292469fcc9a6de9078c3742"

    def test_differ_between_utilities_and_master_keys(self) -> None:
        ids = {
            known.natural_id("card-redemption", "4711")
            for known in (UtilitySecrets(MASTER, "one"), UtilitySecrets(MASTER, "two"), UtilitySecrets(bytes(32), "one"))
        }
        assert len(ids) == 3

    def test_differ_between_purposes(self) -> None:
        assert secrets().mac("one", b"x") != secrets().mac("two", b"x")

    @given(some.lists(some.binary()), some.lists(some.binary()))
    def test_hash_parts_so_that_none_runs_into_the_next(self, one: list[bytes], other: list[bytes]) -> None:
        assert (secrets().mac("p", *one) == secrets().mac("p", *other)) == (one == other)

    @given(some.text())
    def test_give_ids_that_are_uuids_of_version_8(self, key: str) -> None:
        natural = secrets().natural_id("kind", key)
        assert natural.version == 8
        assert natural.variant == "specified in RFC 4122"

    def test_are_in_no_representation(self) -> None:
        assert repr(secrets()) == "UtilitySecrets(…)"

    def test_need_a_whole_master_key(self) -> None:
        with pytest.raises(ValueError, match="32 bytes, not 5"):
            UtilitySecrets(b"short", "test")
