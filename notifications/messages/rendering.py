"""Puts words and facts together. Pure: the same content, utility and language give the same message."""

from __future__ import annotations

import gettext
import re
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.contact import ContactChannel
from domain.utility import Description
from notifications.messages import formats
from notifications.messages.colours import INK, colour, dark_enough, readable_on, solid
from notifications.messages.contents import Content

TEMPLATES = Path(__file__).with_name("templates")
LOCALE = Path(__file__).with_name("locale")
CATALOGUE = "messages"
"""Translated words are found at `locale/LANGUAGE/LC_MESSAGES/messages.mo`, beside this file."""
FALLBACK_LANGUAGE = "en"


class Rendered(NamedTuple):
    """A message's words; an SMS has no subject and no HTML."""

    subject: str
    text: str
    html: str | None


def render(content: Content, channel: ContactChannel, utility: Description, language: str = FALLBACK_LANGUAGE) -> Rendered:
    """This will write a message in the utility's name, colours and zone, and in English where the language is not known."""
    language = known(language)
    facts = {"content": content, "utility": utility, **_formats(utility, language)}
    if channel == "sms":
        words = _environment("text", language).get_template(f"{content.KIND}.sms").render(facts)
        return Rendered("", " ".join(words.split()), None)
    facts |= {"colours": _colours(utility), "language": language}
    letter = f"{content.KIND}.letter"
    text = _environment("text", language).get_template(letter)
    html = _environment("html", language).get_template(letter)
    # The subject is a header: one line, whatever a name holds.
    subject = " ".join("".join(text.blocks["subject"](text.new_context(facts))).split())
    plain = re.sub(r"\n{3,}", "\n\n", text.render(facts)).strip() + "\n"
    return Rendered(subject, plain, html.render(facts))


def known(language: str) -> str:
    """This will give the language itself where its words are known, else English: dates and words never differ in theirs."""
    return language if gettext.find(CATALOGUE, LOCALE, [language]) else FALLBACK_LANGUAGE


@cache
def _environment(form: str, language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=form == "html",  # noqa: S701 (a plain mail and an SMS are shown as they are)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    words = gettext.translation(CATALOGUE, LOCALE, [language], fallback=True)
    environment.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {"layout": f"layout.{form}", "kit": f"kit.{form}"}
    environment.filters |= {"in_fours": formats.in_fours, "in_lines": formats.in_lines, "phone": formats.phone}
    return environment


def _formats(utility: Description, language: str) -> dict[str, object]:
    return {
        "money": partial(formats.money, language=language),
        "units": partial(formats.units, language=language),
        "moment": partial(formats.moment, zone=utility.zone, language=language),
        "short_moment": partial(formats.short_moment, zone=utility.zone, language=language),
        "zone_name": formats.zone_name(utility.zone, language),
    }


def _colours(utility: Description) -> dict[str, str]:
    primary = solid(colour(utility.primary_colour))
    return {
        "primary": primary,
        "on_primary": readable_on(primary),
        "accent": colour(utility.accent_colour),
        "link": dark_enough(primary),
        "ink": INK,
    }
