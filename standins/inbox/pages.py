"""What a person sees: the list, one message, and a mail as its reader sees it. Plain HTML, no script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from standins.inbox.store import Caught

TEMPLATES = Path(__file__).with_name("templates")
STYLE = (TEMPLATES / "inbox.css").read_text()
LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


def with_links(text: str) -> Markup:
    """This will escape a text and make its links clickable."""
    parts, end = [], 0
    for found in LINK.finditer(text):
        parts.append(escape(text[end : found.start()]))
        parts.append(Markup('<a href="{0}" target="_blank" rel="noopener noreferrer">{0}</a>').format(found.group()))
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def first_words(message: Caught) -> str:
    """This will give the beginning of a message on one line, without the lines drawn under its headings."""
    return " ".join(word for word in message.text.split() if word.strip("=-"))[:160]


def moment(at: datetime) -> str:
    """This will give the time on this machine's clock, with the name of its zone."""
    return f"{at.astimezone():%d %b, %H:%M:%S %Z}"


_environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
_environment.filters |= {"with_links": with_links, "first_words": first_words, "moment": moment}


def listing(found: Sequence[Caught], *, to: str, older: int | None, newest: bool, refresh: bool) -> str:
    """This will show messages, newest first. `older` is the id to go on from, `newest` whether this is the first page."""
    kept = {"to": to} if to else {}
    return _environment.get_template("list.html").render(
        found=found,
        to=to,
        newest=newest,
        refresh=refresh,
        older_page=older and "/?" + urlencode(kept | {"before": str(older)}),
        newest_page="/?" + urlencode(kept),
        refreshing_page="/?" + urlencode(kept | {"refresh": "on"}),
    )


def message(found: Caught) -> str:
    """This will show one message: who, when, and its text with its links."""
    return _environment.get_template("message.html").render(message=found)


def mail(found: Caught) -> str:
    """This will give a mail's own HTML, its links opening beside; it is served in a sandbox."""
    return '<!doctype html><base target="_blank">' + (found.html or "")
