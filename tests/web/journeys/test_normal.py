from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from web.journeys import normal
from web.journeys.normal import LONGEST_INPUT, Unusable
from web.journeys.refusals import FieldErrors
from wording.masks import masked, masked_number

NORMALISERS = [
    normal.number,
    normal.serial,
    normal.code,
    normal.email,
    lambda text: normal.phone(text, "ZA"),
    lambda text: normal.phone(text, None),
]


class AnyText:
    @pytest.mark.parametrize("normalise", NORMALISERS)
    @given(text=st.text(max_size=400))
    def test_is_made_normal_or_refused_with_a_sentence_that_does_not_repeat_it(self, normalise, text: str) -> None:  # type: ignore[no-untyped-def]
        result = normalise(text)
        if isinstance(result, Unusable):
            assert str(result).endswith(".")
            assert len(text.strip()) < 8 or text.strip() not in str(result)
        else:
            assert normalise(result) == result


class Typing:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [(" 4100-0017 ", "41000017"), ("4100 0017", "41000017"), ("４１０００", "41000"), ("ab.12", "AB12")],
    )
    def test_of_a_number_is_forgiven(self, typed: str, meant: str) -> None:
        assert normal.number(typed) == meant

    @pytest.mark.parametrize("typed", ["082 555 O123", "082 CALL NOW", "082 555 0123 ext 4", "10111", "082 555", "082 555 019"])
    def test_of_a_phone_number_that_would_reach_another_is_not_forgiven(self, typed: str) -> None:
        assert isinstance(normal.phone(typed, "ZA"), Unusable)

    @pytest.mark.parametrize(
        ("typed", "region", "meant"),
        [
            ("082 123 4567", "ZA", "+27821234567"),
            ("+27 82 123 4567", None, "+27821234567"),
            ("0722 000 111", "KE", "+254722000111"),
        ],
    )
    def test_of_a_phone_number_is_read_as_in_its_region(self, typed: str, region: str | None, meant: str) -> None:
        assert normal.phone(typed, region) == meant

    @pytest.mark.parametrize(
        "typed", ["", "  ", "x", "a@b", "a@b@c.example", "a b@example.org", "a@example.org\r\nBcc: b@example.org"]
    )
    def test_of_an_email_address_that_is_none_is_refused(self, typed: str) -> None:
        assert isinstance(normal.email(typed), Unusable)

    @pytest.mark.parametrize(
        "typed", ["jürgen@example.org", "用户@example.org", "a=?utf-8?q?b?=@example.org", '"a b"@example.org', "a@example.test"]
    )
    def test_of_an_email_address_that_not_every_server_delivers_to_is_refused(self, typed: str) -> None:
        refused = normal.email(typed)
        assert isinstance(refused, Unusable) and "e-mail address" in refused

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            (" Ann.Lee@EXAMPLE.org ", "Ann.Lee@example.org"),
            ("a@bücher.example", "a@xn--bcher-kva.example"),
            ("o'neill+power=x?@example.org", "o'neill+power=x?@example.org"),
        ],
    )
    def test_of_an_email_address_becomes_what_every_server_takes(self, typed: str, meant: str) -> None:
        assert normal.email(typed) == meant and normal.email(meant) == meant

    @pytest.mark.parametrize(
        "number",
        [
            "+27800123456",  # toll-free
            "+27862001234",  # premium rate
            "+27860123456",  # shared cost
            "+27861123456",  # one number for a company
            "+27101234567",  # a fixed line
            "+447640123456",  # a pager
            "+447012345678",  # a personal number, which costs whoever calls it
            "+19002345678",
        ],
    )
    def test_of_a_phone_number_that_takes_no_sms_is_refused(self, number: str) -> None:
        assert isinstance(normal.phone(number, None), Unusable) and "phone number" in normal.phone(number, None)

    @pytest.mark.parametrize("number", ["+27821234567", "+12025550143", "+254722000111"])
    def test_of_a_phone_number_that_may_take_sms_is_accepted(self, number: str) -> None:
        assert normal.phone(number, None) == number

    @pytest.mark.parametrize("typed", ["12" + " " * 400 + "3", "1" * 33])
    def test_of_what_is_too_long_is_not_cut_to_something_else(self, typed: str) -> None:
        assert isinstance(normal.number(typed), Unusable) and isinstance(normal.serial(typed), Unusable)

    @pytest.mark.parametrize("typed", ["", "ABCD", "A" * 25, "1" * 20, "ABCDEFGHIJK!"])
    def test_of_a_code_that_can_be_none_is_refused(self, typed: str) -> None:
        assert isinstance(normal.code(typed), Unusable)

    def test_is_refused_for_all_fields_at_once(self) -> None:
        with pytest.raises(FieldErrors) as refused:
            normal.checked(number=normal.number(""), serial=normal.serial("1"), code=normal.code(""))
        assert set(refused.value.errors) == {"number", "code"}


class ThePublishedForm:
    """Whatever the OpenAPI document calls valid, the rules take: they are made of the same objects."""

    @given(st.from_regex(normal.NUMBER.typed, fullmatch=True).filter(lambda text: len(text) <= LONGEST_INPUT))
    def test_of_numbers_and_serials_is_what_is_taken(self, typed: str) -> None:
        assert not isinstance(normal.number(typed), Unusable) and not isinstance(normal.serial(typed), Unusable)

    @given(st.from_regex(normal.CODE.typed, fullmatch=True).filter(lambda text: len(text) <= LONGEST_INPUT))
    def test_of_codes_is_what_is_taken(self, typed: str) -> None:
        assert not isinstance(normal.code(typed), Unusable)

    def test_of_codes_leaves_tokens_out(self) -> None:
        pattern = re.compile(normal.CODE.typed)
        assert not pattern.fullmatch("1234 5678 9012 3456 7890") and pattern.fullmatch("1" * 19) and pattern.fullmatch("1" * 21)

    @settings(max_examples=500)
    @given(st.emails())
    def test_of_email_addresses_is_what_is_taken(self, typed: str) -> None:
        published, taken = re.fullmatch(normal.EMAIL, typed) is not None, not isinstance(normal.email(typed), Unusable)
        # No pattern can tell which names in other letters (RFC 3492) are well made: there it may call valid what is not taken.
        assert published == taken or (published and "xn--" in typed.lower())

    @pytest.mark.parametrize("typed", ["a@b.TEST", "a@sub.Local", "a@xn--bcher-kva.example", "a@b.xn--90ais", "a@ab--c.example"])
    def test_of_email_addresses_knows_their_odd_domains(self, typed: str) -> None:
        assert (re.fullmatch(normal.EMAIL, typed) is not None) == (not isinstance(normal.email(typed), Unusable))


class AMask:
    @pytest.mark.parametrize(
        ("channel", "value", "shown"),
        [("email", "ann.lee@post.example", "a•••@p•••.example"), ("sms", "+27821234567", "••• ••67")],
    )
    def test_shows_what_the_owner_recognises(self, channel: str, value: str, shown: str) -> None:
        assert masked(channel, value) == shown

    def test_of_a_number_shows_its_end_and_never_all_of_it(self) -> None:
        assert masked_number("07141000017") == "…0017"
        assert masked_number("1234") == "…34"
