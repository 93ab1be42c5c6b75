"""What Seed says is translated, whole, with every value in its place; and what is not marked for translation is found."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Message

from tests.words import catalogue, found, languages
from wording.catalogue import LANGUAGES, chosen, known, offered
from wording.catalogue import catalogue as spoken

VALUES = re.compile(r"%\(\w+\)[sd]|%%")
TEXTS = sorted({each.text for each in found()}, key=str)


def messages(language: str) -> dict[str | tuple[str, str], Message]:
    held = {}
    for message in catalogue(language):
        if message.id:
            held[message.id if isinstance(message.id, str) else tuple(message.id)] = message
    return held


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


class ACatalogue:
    @pytest.mark.parametrize("language", languages())
    def test_says_every_text_there_is_and_no_other(self, language: str) -> None:
        said = {text for text, message in messages(language).items() if all(forms(message)) and not message.fuzzy}
        assert set(TEXTS) - said == set(), "run .venv/bin/python -m tests.words and translate what is empty"
        assert said - set(TEXTS) == set(), "run .venv/bin/python -m tests.words: nobody says these any more"

    @pytest.mark.parametrize("language", languages())
    def test_has_every_value_where_english_has_it(self, language: str) -> None:
        for text, message in messages(language).items():
            singular, plural = (text, text) if isinstance(text, str) else text
            for form in forms(message):
                wanted = (sorted(VALUES.findall(singular)), sorted(VALUES.findall(plural)))
                assert sorted(VALUES.findall(form)) in wanted, (text, form)

    @pytest.mark.parametrize("language", languages())
    def test_is_what_is_spoken(self, language: str) -> None:
        assert spoken(language).gettext("Log in") != "Log in"
        assert language in LANGUAGES and known(language) == language


class ALanguage:
    def test_that_nobody_translated_is_english(self) -> None:
        assert known("tlh") == "en" and spoken("tlh").gettext("Log in") == "Log in"

    def test_is_the_first_that_is_wanted_of_those_that_are_offered(self) -> None:
        assert chosen(("de", "fr", "en"), ("en", "fr")) == "fr"
        assert chosen(("de",), ("fr", "en")) == "fr"
        assert offered(("tlh", "fr")) == ("fr",) and offered(("tlh",)) == ("en",)
