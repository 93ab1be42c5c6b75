"""The utility's info page (journey 7): read by everybody, written by its staff."""

from __future__ import annotations

from datetime import datetime

from falcon.asgi import Request, Response
from marshmallow import fields, validate

from domain.info_page import LONGEST
from projections.info_pages import InfoPageRow
from web.api.answers import Answer
from web.api.describe import describe
from web.api.schemas import AtLeast, Strict
from web.api.typed import Text
from web.api.wire import AT_LEAST_HEADER, answer, body_of, query_of, visit_of, wait
from web.journeys import info_page
from web.journeys.info_page import MOST_EDITION


class InfoPage(Answer, frozen=True):
    """`edition` is 0, and the texts are empty, where the utility has not written a page."""

    language: str
    edition: int
    source: str
    html: str
    published_at: datetime | None


class Published(Answer, frozen=True):
    edition: int
    position: int


class InfoPreview(Answer, frozen=True):
    html: str


class EditionOfPage(Answer, frozen=True):
    language: str
    edition: int
    source: str
    published_at: datetime
    published_by: str


class EditionsOfPage(Answer, frozen=True):
    items: tuple[EditionOfPage, ...]


ANY_TEXT = r"^[\s\S]*$"
"""The pattern of a text that may hold anything, line breaks too, or nothing."""


def source_field() -> fields.String:
    """This will make a field for the text of a page."""
    return fields.String(
        required=True,
        validate=[validate.Length(max=LONGEST), validate.Regexp(ANY_TEXT)],
        metadata={"description": "Markdown (CommonMark, with tables); HTML in it is shown as it is.", "examples": ["# Offices"]},
    )


class Draft(Strict):
    source = source_field()


class Publication(Strict):
    language = Text("^[a-z]{2,3}$", says="Send one of the utility's languages.", most=3, examples=["en"])
    source = source_field()
    based_on = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=0, max=MOST_EDITION),
        metadata={"description": "The edition that this text is to take the place of; 0 for the first one.", "examples": [3]},
    )


class InfoQuery(AtLeast):
    language = Text(
        "^[a-z]{2,3}$",
        says="Send a language, ISO 639-1.",
        most=3,
        required=False,
        description="Goes before what Accept-Language asks for.",
        examples=["en"],
    )


class Info:
    """GET and PUT /info"""

    @describe(
        "What the utility tells its customers, in the reader's language or its own first one.",
        query=InfoQuery,
        headers=AT_LEAST_HEADER,
        answer=InfoPage,
        problems=(422,),
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        query = query_of(req, InfoQuery)
        await wait(req, resp, query)
        visit = visit_of(req)
        wanted = [query["language"], *visit.languages] if "language" in query else visit.languages
        page = await info_page.shown(visit, wanted)
        if page is None:
            language = (await visit.services.description()).languages[0]
            answer(req, resp, InfoPage(language=language, edition=0, source="", html="", published_at=None))
            return
        row = page.row
        content = InfoPage(
            language=row.language, edition=row.edition, source=row.source, html=page.html, published_at=row.published_at
        )
        answer(req, resp, content)

    @describe(
        "Publish the page in a language. An empty text takes it back to what Seed says itself.",
        body=Publication,
        answer=Published,
        problems=(401, 403, 409, 422),
    )
    async def on_put(self, req: Request, resp: Response) -> None:
        data = await body_of(req, Publication)
        published = await info_page.publish(visit_of(req), **data)
        answer(req, resp, Published(edition=published.edition, position=published.position))


class Previews:
    """POST /info/previews"""

    @describe("What a text would look like as a page.", body=Draft, answer=InfoPreview, problems=(401, 403, 422))
    async def on_post(self, req: Request, resp: Response) -> None:
        data = await body_of(req, Draft)
        answer(req, resp, InfoPreview(html=info_page.preview(data["source"])))


class Editions:
    """GET /info/editions"""

    @describe(
        "The last hundred editions of the page in all languages, the newest first, and who published them.",
        query=AtLeast,
        headers=AT_LEAST_HEADER,
        answer=EditionsOfPage,
        problems=(401, 403, 422),
    )
    async def on_get(self, req: Request, resp: Response) -> None:
        await wait(req, resp, query_of(req, AtLeast))
        found = await info_page.editions(visit_of(req))
        answer(req, resp, EditionsOfPage(items=tuple(_edition(row) for row in found)))


def _edition(row: InfoPageRow) -> EditionOfPage:
    return EditionOfPage(
        language=row.language,
        edition=row.edition,
        source=row.source,
        published_at=row.published_at,
        published_by=row.published_by,
    )
