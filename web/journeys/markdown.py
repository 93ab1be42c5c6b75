"""Markdown that people of the utility wrote, as HTML that is safe on its pages."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

SCHEMES = {"http", "https", "mailto", "tel"}
INSIDE = re.compile(r"(?:/(?![/\\])|#)[^\\]*")
"""A link to a page of ours, or within this one."""

TAGS = {
    *("h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "a", "strong", "em", "code", "pre", "blockquote", "hr", "br"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
LOWEST = 6
MOST_COLUMNS = 40
"""A table fills its short rows up: a thousand columns in a thousand rows would be a million cells."""


@lru_cache(maxsize=64)
def html(source: str) -> str:
    """This will give the HTML of a text. Nothing in it runs, loads anything, or stands above the page's own heading.

    HTML in the text is shown as it was typed. Links lead to http, https, mailto, tel and pages of ours; a picture becomes a
    link to it. The sanitiser goes over what comes out, should the first ever let something through.
    """
    is_narrow = all(line.count("|") <= MOST_COLUMNS for line in source.split("\n"))
    rendered = _reader(tables=is_narrow).render(source)
    return nh3.clean(
        rendered,
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
    )


@cache
def _reader(*, tables: bool) -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}, renderer_cls=RendererHTML)
    if tables:
        reader.enable("table")
    reader.validateLink = _may_be_linked  # type: ignore[method-assign]
    reader.core.ruler.push("below_the_page", _below_the_page)
    return reader


def _may_be_linked(url: str) -> bool:
    scheme, colon, _ = url.partition(":")
    return INSIDE.fullmatch(url) is not None or (bool(colon) and scheme.lower() in SCHEMES)


def _below_the_page(state: StateCore) -> None:
    """Headings go one level down, since the page has its own; pictures become links."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(LOWEST, int(token.tag[1]) + 1)}"
        if token.children:
            token.children = [each for child in token.children for each in _without_picture(child)]


def _without_picture(token: Token) -> list[Token]:
    if token.type != "image":
        return [token]
    address = str(token.attrGet("src") or "")
    opened = Token("link_open", "a", 1, attrs={"href": address})
    return [opened, Token("text", "", 0, content=token.content or address), Token("link_close", "a", -1)]
