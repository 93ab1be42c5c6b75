"""Links, system passwords and ids: made from secrets and randomness that are passed in."""

import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.ids import uuid7
from domain.links import LinkNoLongerValid, Links
from domain.passwords import ALPHABET, make_password, normal_form

ACCOUNT = UUID(int=1)


def mac(purpose, message):
    return hmac.digest(b"secret" + purpose.encode(), message, "sha256")


def other_mac(purpose, message):
    return hmac.digest(b"another secret" + purpose.encode(), message, "sha256")


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

    @pytest.mark.parametrize("bent", ["{}=", "{}====", "{}AAAA", " {}", "{}\n"])
    def test_has_one_form(self, bent):
        with pytest.raises(LinkNoLongerValid):
            Links(mac).read("undo", bent.format(Links(mac).make("undo", ACCOUNT, ACCOUNT)))

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
