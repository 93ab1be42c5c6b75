"""What people are told, in which words, and in whose colours."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from gettext import GNUTranslations
from html import unescape
from io import BytesIO
from types import SimpleNamespace
from typing import Any, Literal

import msgspec
import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from hypothesis import given
from hypothesis import strategies as st

from domain.contact import ContactChannel
from domain.utility import Description
from domain.wallet import Line, Receipt, Token
from notifications.messages import rendering
from notifications.messages.colours import dark_enough, solid
from notifications.messages.contents import (
    CONTENTS,
    ArrearsShareChanged,
    ArrearsShareNotChanged,
    ContactChangeReverted,
    ContactChangeToAgree,
    ContactConfirmed,
    ContactRemoved,
    ContactsChanged,
    ContactsUndone,
    ContactToConfirm,
    Content,
    IdentityToContinue,
    LowBalance,
    PasswordChanged,
    PasswordToGiven,
    PasswordToRegistered,
    PurchaseInDoubt,
    PurchaseNotMade,
    PurchaseReceipt,
    RedemptionInDoubt,
    RedemptionNotMade,
    RedemptionReceipt,
    RequestAnswered,
    RequestClosed,
    RequestReceived,
    TokensAgain,
)
from notifications.messages.rendering import render
from wording.colours import ENOUGH, WHITE, colour, contrast, readable_on
from wording.formats import money, units
from wording.refused import SENTENCES

AT = datetime(2026, 11, 23, 22, 5, tzinfo=UTC)  # the next day already, 01:05, in Nairobi
SITE = "https://kivu-light.portal.example"
PROOF = "A1b2C3d4E5f6G7h-" * 4  # as long as a real link's last part
PASSWORD = "0a1b-2c3d-4e5f-6g7h-8j9k-mnpq-rstv"
CONFIRM, UNDO, CONTINUE = (f"{SITE}/{purpose}/{PROOF}" for purpose in ("confirm", "undo", "continue"))
KIVU = Description(
    code="KIVU",
    name="Kivu Light & Power",
    currency="KES",
    zone="Africa/Nairobi",
    primary_colour="#0b6e4f",
    accent_colour="#f2b134",
    support_phone="+254 20 555 0100",
    support_email="help@kivu.example",
    streets=(),
    default_arrears_share=100,
)
TOKENS = (
    Token(kind="credit", digits="59386323472137426967", order=3),
    Token(kind="key-change", digits="47186281207955155808", order=1),
    Token(kind="key-change", digits="52059556253782091701", order=2),
)
RECEIPT = Receipt(
    juice_number="J-100234",
    happened_at=AT,
    amount=50000,
    currency="KES",
    lines=(
        Line(kind="arrears", amount=10000, description="Connection fee", balance_before=40000, balance_after=30000),
        Line(kind="tax", amount=6400),
        Line(kind="energy", amount=33600),
    ),
    wallet_change=0,
    wallet_balance=1250,
    milliunits=25600,
    tokens=TOKENS,
)
REVERT = f"{SITE}/revert/{PROOF}"
CHANGES: tuple[Literal["added", "changed", "removed", "removed by staff"], ...] = (
    "added",
    "changed",
    "removed",
    "removed by staff",
)
EXPIRES = AT + timedelta(hours=72)
TO_GIVEN = PasswordToGiven(
    password=PASSWORD,
    issued_at=AT,
    expires_at=EXPIRES,
    via="website",
    login_link=f"{SITE}/login",
    confirm_link=CONFIRM,
)
TO_REGISTERED = PasswordToRegistered(
    password=PASSWORD,
    issued_at=AT,
    expires_at=EXPIRES,
    via="website",
    login_link=f"{SITE}/login",
    undo_link=UNDO,
    undo_until=AT + timedelta(days=30),
)
REDEEMED = RedemptionReceipt(receipt=RECEIPT, meter="04123456789", was_in_doubt=False, link=f"{SITE}/activity")
IN_DOUBT = RedemptionInDoubt(sent_at=AT, amount=50000, currency="KES", link=f"{SITE}/redemptions/1")
AGAIN = TokensAgain(receipt=RECEIPT, meter="04123456789", link=f"{SITE}/tokens")
SAID = "Thank you. A colleague comes tomorrow between two and four, and changes the fuse in the cabinet on the pole."
REQUEST = {"reference": "K7RT-94PQ", "link": f"{SITE}/requests/K7RT-94PQ"}
ANSWERED = RequestAnswered(said=SAID, is_automatic=False, **REQUEST)
CLOSED = RequestClosed(closed_at=AT, said=SAID, is_automatic=False, until=AT + timedelta(days=30), **REQUEST)
LOW = LowBalance(
    meter="04123456789",
    resource="electricity",
    is_wallet=False,
    days_left=2,
    buy_link=f"{SITE}/buy",
    clock_link=f"{SITE}/edit",
)
SHARE: dict[str, Any] = {
    "description": "Old meter's account",
    "share": 40,
    "former_share": 20,
    "link": f"{SITE}/arrears/share",
}
EVERY: list[Content] = [
    TO_GIVEN,
    TO_REGISTERED,
    msgspec.structs.replace(TO_REGISTERED, password=None),
    IdentityToContinue(asked_at=AT, expires_at=AT + timedelta(days=1), continue_link=CONTINUE),
    ContactConfirmed(confirmed_at=AT, login_link=f"{SITE}/login"),
    ContactsUndone(undone_at=AT, login_link=f"{SITE}/login"),
    REDEEMED,
    IN_DOUBT,
    *(
        RedemptionNotMade(sent_at=AT, amount=50000, currency="KES", why=SENTENCES[rule], again=again, link=f"{SITE}/redeem")
        for rule, again in (("BlockedMeter", True), ("CardUsed", False))
    ),
    AGAIN,
    RequestReceived(opened_by="customer", opened_at=AT, **REQUEST),
    RequestReceived(opened_by="staff", opened_at=AT, **REQUEST),
    RequestReceived(opened_by="system", opened_at=AT, **REQUEST),
    ANSWERED,
    CLOSED,
    msgspec.structs.replace(CLOSED, said=None),
    msgspec.structs.replace(CLOSED, outcome="You get another card in its place."),
    ContactToConfirm(added_at=AT, confirm_link=CONFIRM),
    *(
        ContactsChanged(
            change=change,
            channel="email",
            place="w***@a***.example",
            former="*** **10" if change == "changed" else None,
            changed_at=AT,
            revert_link=None if change == "removed by staff" else REVERT,
            revert_until=AT + timedelta(days=30),
        )
        for change in CHANGES
    ),
    *(
        ContactRemoved(removed_at=AT, by_utility=by_utility, revert_link=revert_link, revert_until=AT + timedelta(days=30))
        for by_utility, revert_link in ((False, REVERT), (False, None), (True, None))
    ),
    *(
        ContactChangeToAgree(
            place="*** **10", new=new, asked_at=AT, expires_at=AT + timedelta(days=1), agree_link=f"{SITE}/change/{PROOF}"
        )
        for new in ("*** **11", None)
    ),
    ContactChangeReverted(reverted_at=AT, password_link=f"{SITE}/get-password"),
    ArrearsShareChanged(changed_at=AT, **SHARE),
    ArrearsShareNotChanged(chosen_at=AT, **SHARE),
    PasswordChanged(changed_at=AT, password_link=f"{SITE}/get-password", undo_link=None, undo_until=None),
    PasswordChanged(changed_at=AT, password_link=f"{SITE}/get-password", undo_link=UNDO, undo_until=AT + timedelta(days=30)),
    LOW,
    msgspec.structs.replace(LOW, days_left=1, is_wallet=True, resource="water"),
    msgspec.structs.replace(LOW, days_left=0, resource="gas"),
    PurchaseReceipt(receipt=RECEIPT, meter="04123456789", was_in_doubt=True, link=f"{SITE}/purchases/1"),
    PurchaseInDoubt(sent_at=AT, amount=50000, currency="KES", link=f"{SITE}/purchases/1"),
    PurchaseNotMade(sent_at=AT, amount=50000, currency="KES", why=SENTENCES["BlockedMeter"], link=f"{SITE}/purchases/1"),
]
BOTH: list[ContactChannel] = ["email", "sms"]
GSM_7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""3GPP TS 23.038, the basic table: one other character makes every segment less than half as long."""
GSM_7_TWICE = set("^{}\\[~]|€\f")
"""Its extension table: each of these counts as two."""


def segments(text: str) -> int:
    """How many SMS a text is paid as (3GPP TS 23.038 and 23.040): one of 160 septets, several of 153; else of 70 and 67."""
    if set(text) <= GSM_7 | GSM_7_TWICE:
        length, alone, each = len(text) + sum(character in GSM_7_TWICE for character in text), 160, 153
    else:
        length, alone, each = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if length <= alone else -(-length // each)


def named(content: Content) -> str:
    return content.KIND


def links(text: str) -> set[str]:
    return set(re.findall(r"https://[^\s\"<>]+", unescape(text)))


class EveryMessage:
    def test_is_tried_here(self) -> None:
        assert {content.KIND for content in EVERY} == set(CONTENTS)

    @pytest.mark.parametrize("content", EVERY, ids=named)
    def test_says_the_same_as_text_and_as_html(self, content: Content) -> None:
        mail = render(content, "email", KIVU)
        assert mail.html is not None and links(mail.text) == links(mail.html)
        words = set(re.findall(r"\w+", unescape(re.sub(r"<[^>]+>", " ", mail.html.split("<body")[1].split(">", 1)[1]))))
        written = re.sub(r"https://\S+", "", mail.text.split("\n-- \n")[0])
        assert set(re.findall(r"\w+", written)) <= words

    @pytest.mark.parametrize("content", EVERY, ids=named)
    def test_names_the_utility_and_how_to_reach_it(self, content: Content) -> None:
        mail, sms = render(content, "email", KIVU), render(content, "sms", KIVU)
        assert KIVU.name in mail.subject and KIVU.name in mail.text and KIVU.name in sms.text
        assert KIVU.support_phone in mail.text and KIVU.support_email in mail.text

    def test_groups_a_phone_number_that_has_no_spaces(self) -> None:
        mail = render(TO_GIVEN, "email", msgspec.structs.replace(KIVU, support_phone="+27115550100"))
        assert "+27 11 555 0100" in mail.text and mail.html is not None and "+27 11 555 0100" in mail.html

    @pytest.mark.parametrize("content", EVERY, ids=named)
    def test_fits_two_segments_as_an_sms(self, content: Content) -> None:
        text = render(content, "sms", KIVU).text
        assert set(text) <= GSM_7
        assert segments(text) <= 2

    @pytest.mark.parametrize("content", EVERY, ids=named)
    def test_has_a_subject_of_one_line_whatever_the_name_holds(self, content: Content) -> None:
        utility = msgspec.structs.replace(KIVU, name="Kivu\r\nBcc: a@b.test <i>&")
        mail = render(content, "email", utility)
        assert "\n" not in mail.subject and "Bcc: a@b.test <i>&" in mail.subject
        assert mail.html is not None and "<i>" not in mail.html

    @pytest.mark.parametrize("channel", BOTH)
    @pytest.mark.parametrize("content", EVERY, ids=named)
    def test_comes_out_the_same_each_time(self, content: Content, channel: ContactChannel) -> None:
        assert render(content, channel, KIVU) == render(content, channel, KIVU)

    @pytest.mark.parametrize("content", EVERY, ids=named)
    def test_tells_only_its_kind_in_its_repr(self, content: Content) -> None:
        assert repr(content) == str([content])[1:-1] == f"<{type(content).__name__}>"

    def test_is_written_in_a_language_whose_words_are_known(self, monkeypatch: pytest.MonkeyPatch) -> None:
        words, compiled = Catalog(locale="de"), BytesIO()
        words.add("Log in", "Anmelden")
        write_mo(compiled, words)
        compiled.seek(0)
        german_words = GNUTranslations(compiled)
        monkeypatch.setattr(rendering, "catalogue", lambda language: german_words)
        monkeypatch.setattr(rendering, "known", lambda language: language)
        rendering._environment.cache_clear()
        german = render(TO_GIVEN, "email", KIVU, "de").text
        assert "Anmelden:" in german and "Dienstag 24 November" in german
        rendering._environment.cache_clear()

    def test_is_written_in_english_where_the_words_are_not_known(self) -> None:
        assert render(TO_GIVEN, "email", KIVU, "xx") == render(TO_GIVEN, "email", KIVU)


class AnIssuedPassword:
    @pytest.mark.parametrize("content", [TO_GIVEN, TO_REGISTERED], ids=named)
    @pytest.mark.parametrize("channel", BOTH)
    def test_stands_there_in_groups_with_the_hour_it_expires_in_the_utilitys_zone(
        self, content: Content, channel: ContactChannel
    ) -> None:
        text = " ".join(render(content, channel, KIVU).text.split())
        assert PASSWORD in text
        assert ("Friday 27 November, 01:05 (Kenya Time)" if channel == "email" else "27 Nov 01:05") in text
        assert "on our website" in text and "24 Nov" in text

    @pytest.mark.parametrize("channel", BOTH)
    def test_comes_to_a_given_contact_with_its_confirmation_link_and_no_undo(self, channel: ContactChannel) -> None:
        text = render(TO_GIVEN, channel, KIVU).text
        assert CONFIRM in text and UNDO not in text

    @pytest.mark.parametrize("channel", BOTH)
    def test_comes_to_a_registered_contact_with_the_undo_link(self, channel: ContactChannel) -> None:
        text = render(TO_REGISTERED, channel, KIVU).text
        assert UNDO in text and CONFIRM not in text
        assert "not you?" in text.lower()

    def test_is_in_no_subject(self) -> None:
        assert not any(PASSWORD[:4] in render(content, "email", KIVU).subject for content in (TO_GIVEN, TO_REGISTERED))


class AReceipt:
    @pytest.mark.parametrize("content", [REDEEMED, AGAIN], ids=named)
    @pytest.mark.parametrize("channel", BOTH)
    def test_shows_the_tokens_in_fours_and_in_the_order_of_entry(self, content: Content, channel: ContactChannel) -> None:
        text = render(content, channel, KIVU).text
        places = [text.index(shown) for shown in ("4718 6281 2079 5515 5808", "5205 9556 2537 8209 1701", "5938 6323 4721")]
        assert places == sorted(places)
        assert "04123456789" in text

    def test_tells_where_the_money_went(self) -> None:
        text = render(REDEEMED, "email", KIVU).text
        for line in ("Connection fee: KES 100.00", "Connection fee, still owed: KES 300.00", "Tax: KES 64.00", "Units: 25.6 kWh"):
            assert line in text

    @pytest.mark.parametrize("channel", BOTH)
    def test_without_a_token_tells_of_the_wallet(self, channel: ContactChannel) -> None:
        receipt = msgspec.structs.replace(RECEIPT, tokens=(), milliunits=0)
        text = render(msgspec.structs.replace(REDEEMED, receipt=receipt, meter=None), channel, KIVU).text
        assert "Wallet now: KES 12.50" in text and "oken" not in text
        assert channel == "sms" or "nothing to enter" in text

    @pytest.mark.parametrize("channel", BOTH)
    def test_names_no_meter_where_it_is_not_known(self, channel: ContactChannel) -> None:
        text = render(msgspec.structs.replace(REDEEMED, meter=None), channel, KIVU).text
        assert "None" not in text and "the meter" in text

    @pytest.mark.parametrize("was_in_doubt", [True, False])
    def test_ends_a_doubt_only_where_there_was_one(self, was_in_doubt: bool) -> None:
        text = render(msgspec.structs.replace(REDEEMED, was_in_doubt=was_in_doubt), "email", KIVU).text
        assert ("counted once" in text) is was_in_doubt


class ADoubt:
    @pytest.mark.parametrize("channel", BOTH)
    def test_comes_with_the_promise(self, channel: ContactChannel) -> None:
        text = render(IN_DOUBT, channel, KIVU).text
        assert "never twice" in text and "KES 500.00" in text


class WhatTheUtilitySaid:
    NASTY = "<b>Hi</b> & {{ 7*7 }} %(x)s\n-- \nSubject: x\n\nGo to https://kivu.example\n" + "W" * 400

    @pytest.mark.parametrize("content", [ANSWERED, CLOSED], ids=named)
    def test_stands_in_mail_and_sms(self, content: Content) -> None:
        mail, sms = render(content, "email", KIVU), render(content, "sms", KIVU)
        assert SAID in " ".join(mail.text.replace("> ", "").split()) and mail.html is not None and SAID in mail.html
        assert "K7RT-94PQ" in mail.subject and '"Thank you. A colleague comes tomorrow' in sms.text and "..." in sms.text

    @pytest.mark.parametrize("content", [ANSWERED, CLOSED], ids=named)
    def test_passes_for_nothing_else(self, content: Content) -> None:
        mail = render(msgspec.structs.replace(content, said=self.NASTY), "email", KIVU)
        assert mail.html is not None and "<b>" not in mail.html and "{{ 7*7 }} %(x)s" in unescape(mail.html)
        quoted = [line for line in mail.text.splitlines() if line.startswith(">")]
        assert "> Subject: x" in quoted and "> --" in quoted and mail.text.count("\n-- \n") == 1
        assert "> Go to https://kivu.example" in quoted and "Subject" not in mail.subject

    @pytest.mark.parametrize("content", [ANSWERED, CLOSED], ids=named)
    def test_is_cut_short_on_one_line_in_an_sms(self, content: Content) -> None:
        for said in (self.NASTY, "W" * 400, "\n".join("abc" * 9)):
            text = render(msgspec.structs.replace(content, said=said), "sms", KIVU).text
            assert len(text) <= 2 * 153 and "\n" not in text

    def test_is_translated_where_it_is_automatic(self, monkeypatch: pytest.MonkeyPatch) -> None:
        german = SimpleNamespace(gettext=lambda text: text.replace(SAID, "Danke <3"), ngettext=lambda one, many, count: many)
        monkeypatch.setattr(rendering, "catalogue", lambda language: german)
        rendering._environment.cache_clear()
        mail = render(msgspec.structs.replace(ANSWERED, is_automatic=True), "email", KIVU)
        rendering._environment.cache_clear()
        assert "> Danke <3" in mail.text and mail.html is not None and "Danke &lt;3" in mail.html


class Money:
    @pytest.mark.parametrize(
        ("amount", "currency", "shown"),
        [(50000, "KES", "KES 500.00"), (1, "KES", "KES 0.01"), (123456789, "JPY", "JPY 123,456,789"), (1500, "KWD", "KWD 1.500")],
    )
    def test_is_written_with_its_currencys_places(self, amount: int, currency: str, shown: str) -> None:
        assert money(amount, currency, "en") == shown

    def test_below_nothing_is_marked(self) -> None:
        assert money(-50, "KES", "en").replace("-", "").strip() == "KES 0.50" and "-" in money(-50, "KES", "en")

    def test_buys_units_written_without_needless_places(self) -> None:
        assert [units(n, "kWh", "en") for n in (25600, 1, 1000000)] == ["25.6 kWh", "0.001 kWh", "1,000 kWh"]


any_colour = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


class AUtilitysColours:
    @given(any_colour)
    def test_can_always_be_read(self, primary: str) -> None:
        assert contrast(solid(primary), readable_on(solid(primary))) >= ENOUGH
        assert contrast(dark_enough(primary), WHITE) >= ENOUGH

    @given(any_colour)
    def test_are_left_alone_where_they_can_be_read(self, primary: str) -> None:
        assert solid(primary) == primary or contrast(primary, readable_on(primary)) < ENOUGH
        assert dark_enough(primary) == primary or contrast(primary, WHITE) < ENOUGH

    def test_have_the_contrast_that_the_standard_says(self) -> None:
        assert contrast("#000000", "#ffffff") == 21
        assert round(contrast("#777777", "#ffffff"), 2) == 4.48

    @pytest.mark.parametrize("text", ["red", "#12345", "#fff;background:url(x)", ""])
    def test_that_are_none_break_no_style(self, text: str) -> None:
        assert re.fullmatch("#[0-9a-f]{6}", colour(text))
        mail = render(TO_GIVEN, "email", msgspec.structs.replace(KIVU, primary_colour=text, accent_colour=text))
        assert mail.html is not None and "url(x)" not in mail.html

    def test_may_be_short(self) -> None:
        assert colour(" #0AF ") == "#00aaff"


class ANoticeOfALowBalance:
    LONG = "Sunny Vale Municipal Electricity Department"
    LONGEST_SITE = "https://customers.electricity.sunny-vale-municipality.example"

    @pytest.mark.parametrize("days_left", [0, 1, 2, 6])
    @pytest.mark.parametrize("resource", ["electricity", "water", "gas"])
    def test_fits_two_segments_however_long_the_utilitys_name_and_address_are(self, days_left: int, resource: str) -> None:
        links = {"buy_link": f"{self.LONGEST_SITE}/buy", "clock_link": f"{self.LONGEST_SITE}/edit"}
        content = msgspec.structs.replace(LOW, days_left=days_left, resource=resource, meter="0" * 20, **links)
        text = render(content, "sms", msgspec.structs.replace(KIVU, name=self.LONG)).text
        assert set(text) <= GSM_7 and segments(text) <= 2

    @pytest.mark.parametrize("channel", BOTH)
    @pytest.mark.parametrize(("days_left", "said"), [(0, "less than a day"), (1, "about 1 day "), (2, "about 2 days ")])
    def test_says_how_long_how_to_buy_and_how_to_get_fewer(self, channel: ContactChannel, days_left: int, said: str) -> None:
        text = render(msgspec.structs.replace(LOW, days_left=days_left), channel, KIVU)
        assert said in f"{text.subject} {text.text}".lower() and links(text.text) == {LOW.buy_link, LOW.clock_link}

    def test_tells_of_the_wallet_where_that_is_what_pays(self) -> None:
        wallet = render(msgspec.structs.replace(LOW, is_wallet=True), "email", KIVU).text
        assert "wallet" in wallet and "midday" in wallet
        assert "wallet" not in render(LOW, "email", KIVU).text


class Segments:
    @pytest.mark.parametrize(
        ("text", "number"),
        [("", 1), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2)],
    )
    def test_hold_160_or_153_septets(self, text: str, number: int) -> None:
        assert segments(text) == number

    def test_are_short_where_one_character_is_not_in_the_table(self) -> None:
        assert (segments("ê" * 70), segments("ê" * 71), segments("😀" * 36)) == (1, 2, 2)
