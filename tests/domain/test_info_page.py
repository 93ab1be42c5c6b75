from __future__ import annotations

from domain.info_page import LONGEST, InfoPage, InfoPageChanged, InfoPagePublished, InfoPageTooLong
from tests.domain.scenario import Scenario, context

ANN = context(by="staff:ann")


def published(source: str, *, based_on: int, language: str = "en"):
    return lambda page: page.publish(ANN, language=language, source=source, based_on=based_on)


class AnInfoPage:
    def test_is_published_edition_after_edition_in_each_language(self):
        page = Scenario(InfoPage).given(published("# Offices", based_on=0))
        page.when(published("# Our offices", based_on=1)).then(
            (InfoPagePublished, {"language": "en", "edition": 2, "source": "# Our offices"})
        )
        page.when(published("# Bureaux", based_on=0, language="fr")).then((InfoPagePublished, {"language": "fr", "edition": 1}))

    def test_is_not_published_over_what_its_writer_has_not_seen(self):
        page = Scenario(InfoPage).given(published("# Offices", based_on=0), published("# Our offices", based_on=1))
        page.when(published("# Late", based_on=1)).then_refused(InfoPageChanged)

    def test_is_recorded_once_where_the_same_text_is_sent_twice(self):
        page = Scenario(InfoPage).given(published("# Offices", based_on=0))
        page.when(published("# Offices\r\n", based_on=0)).then_nothing()

    def test_may_be_taken_back(self):
        page = Scenario(InfoPage).given(published("# Offices", based_on=0))
        page.when(published("", based_on=1)).then((InfoPagePublished, {"edition": 2, "source": ""}))

    def test_is_not_endless(self):
        Scenario(InfoPage).when(published("x" * (LONGEST + 1), based_on=0)).then_refused(InfoPageTooLong)
        Scenario(InfoPage).when(published("x" * LONGEST, based_on=0)).then((InfoPagePublished, {"edition": 1}))
