"""Answers that are given again: only while they would be made of the same, and for a minute."""

import asyncio

from tests.eventlog.scenes import until
from web.rendered import Rendered


class AnAnswer:
    async def test_is_given_again_while_it_would_be_made_of_the_same(self):
        rendered = Rendered()
        rendered.keep("page", "facts", b"made")
        assert rendered.find("page", "facts") == b"made"
        assert rendered.find("page", "other facts") is None
        assert rendered.find("another page", "facts") is None

    async def test_takes_the_place_of_the_former_one(self):
        rendered = Rendered()
        rendered.keep("page", "facts", b"made")
        rendered.keep("page", "other facts", b"made anew")
        assert rendered.find("page", "facts") is None
        assert rendered.find("page", "other facts") == b"made anew"

    async def test_is_let_go_where_there_are_many_newer_ones(self):
        rendered = Rendered(most=2)
        for number in range(3):
            rendered.keep(number, "facts", b"made")
        assert [rendered.find(number, "facts") for number in range(3)] == [None, b"made", b"made"]

    async def test_is_let_go_when_its_time_is_over_though_nobody_asks(self):
        rendered = Rendered(lasts=0.02)
        rendered.keep("page", "facts", b"made")
        await asyncio.sleep(0.01)
        rendered.keep("another page", "facts", b"made")
        await until(lambda: rendered.find("page", "facts") is None)
        await until(lambda: rendered.find("another page", "facts") is None)
