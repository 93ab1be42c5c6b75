"""Publishing the utility's info page."""

from __future__ import annotations

import msgspec

from domain.commands.base import Commands
from domain.event import Context
from domain.info_page import InfoPage
from domain.log import Position


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """The edition that stands there now; `position` is 0 where the text stood there already."""

    edition: int
    position: Position


class InfoPageCommands(Commands):
    """Journey 7."""

    code: str

    async def publish_info_page(self, context: Context, *, language: str, source: str, based_on: int) -> Published:
        """This will publish a text in a language, in the place of edition `based_on` (0: of none).

        Raises InfoPageChanged, InfoPageTooLong.
        """

        async def command() -> Published:
            page = await self.load(InfoPage, self.natural_id("info-page", self.code))
            edition = page.publish(context, language=language, source=source, based_on=based_on)
            return Published(edition=edition, position=await self.save(page))

        return await self.attempt(command)
