"""Puts words and facts together. Pure: the same content, utility and language give the same message."""

from __future__ import annotations

import re
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.contact import ContactChannel
from domain.utility import Description
from notifications.messages.colours import dark_enough, solid
from notifications.messages.contents import Content
from wording import formats
from wording.catalogue import ENGLISH, catalogue, known
from wording.colours import INK, colour, readable_on

TEMPLATES = Path(__file__).with_name("templates")


class Rendered(NamedTuple):
    """A message's words; an SMS has no subject and no HTML."""

    subject: str
    text: str
    html: str | None


def render(content: Content, channel: ContactChannel, utility: Description, language: str = ENGLISH) -> Rendered:
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
    words = catalogue(language)
    environment.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {"layout": f"layout.{form}", "kit": f"kit.{form}"}
    # Not `_`, whose result is taken for safe HTML: a text in a variable is escaped like any other.
    environment.filters |= {"translated": words.gettext}
    environment.filters |= {"in_fours": formats.in_fours, "in_lines": formats.in_lines, "phone": formats.phone}
    environment.filters |= {"quoted": formats.quoted, "brief": formats.brief}
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
