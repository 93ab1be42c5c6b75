"""The utility's info page (journey 7): read by everybody, written by its staff."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from domain import writings
from domain.commands.info_page import Published
from domain.info_page import LONGEST, InfoPageTooLong
from projections.info_pages import InfoPageRow
from web.journeys import markdown, standard_info
from web.journeys.refusals import FieldErrors, NotFound
from web.journeys.visit import Visit
from wording.catalogue import N_, chosen

MOST_EDITION = 10**9


class InfoShown(msgspec.Struct, frozen=True, kw_only=True):
    """An edition as it is read: `html` is safe to be shown as it is."""

    row: InfoPageRow
    html: str


class InfoRead(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader finds on the page, written by the utility or else by us: `html` is safe to be shown as it is."""

    language: str
    html: str


async def read(visit: Visit, wanted: Sequence[str]) -> InfoRead:
    """This will give what the page says: the utility's own text, or ours in the first of the wanted languages."""
    page = await shown(visit, wanted)
    if page is not None:
        return InfoRead(language=page.row.language, html=page.html)
    language = chosen(wanted, (await visit.services.description()).languages)
    return InfoRead(language=language, html=markdown.html(await standard(visit, language)))


async def standard(visit: Visit, language: str) -> str:
    """This will give the text that stands there while the utility has written none, as Markdown."""
    return standard_info.source(language, (await visit.services.description()).default_arrears_share)


async def shown(visit: Visit, wanted: Sequence[str]) -> InfoShown | None:
    """This will give the page in the first of the wanted languages that it is written in, or the utility's first.

    None where the utility has not written any.
    """
    present = {language: row for language, row in (await visit.services.views.info_pages.present()).items() if row.source}
    described = await visit.services.description()
    written = [language for language in described.languages if language in present]
    if not written:
        return None
    row = present[chosen(wanted, written)]
    return InfoShown(row=row, html=markdown.html(row.source))


def preview(source: str) -> str:
    """This will give the HTML that a text would have. Raises InfoPageTooLong."""
    text = writings.paragraphs(source)
    if len(text) > LONGEST:
        raise InfoPageTooLong
    return markdown.html(text)


async def present(visit: Visit, language: str) -> InfoPageRow | None:
    """This will give the latest edition in a language that the utility offers. Raises FieldErrors."""
    await _offered(visit, language)
    return (await visit.services.views.info_pages.present()).get(language)


async def unwritten(visit: Visit) -> dict[str, str]:
    """This will say which languages that are offered have no text, while another has: by each, the one that is read instead."""
    present = {language for language, row in (await visit.services.views.info_pages.present()).items() if row.source}
    offered = (await visit.services.description()).languages
    written = [language for language in offered if language in present]
    return {language: written[0] for language in offered if language not in present} if written else {}


async def editions(visit: Visit) -> list[InfoPageRow]:
    """This will give the last hundred editions, of all languages, the newest first."""
    return await visit.services.views.info_pages.latest()


async def edition(visit: Visit, language: str, number: int) -> InfoShown:
    """This will give one edition. Raises NotFound."""
    row = await visit.services.views.info_pages.edition(language, number) if number <= MOST_EDITION else None
    if row is None:
        raise NotFound
    return InfoShown(row=row, html=markdown.html(row.source))


async def publish(visit: Visit, *, language: str, source: str, based_on: int) -> Published:
    """This will publish a text in the place of the edition that its writer began with.

    Raises FieldErrors, and the domain's InfoPageChanged, InfoPageTooLong.
    """
    await _offered(visit, language)
    return await visit.services.portal.publish_info_page(visit.context(), language=language, source=source, based_on=based_on)


async def _offered(visit: Visit, language: str) -> None:
    if language not in (await visit.services.description()).languages:
        raise FieldErrors({"language": N_("Choose one of the languages that are offered.")})
