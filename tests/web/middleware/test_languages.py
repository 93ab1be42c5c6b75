"""In which language somebody is answered."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from falcon.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from tests.web.scene import Scene
from web.middleware.languages import wanted


class WhatIsWanted:
    @pytest.mark.parametrize(
        ("choice", "accept", "languages"),
        [
            (None, None, ()),
            (None, "fr-CA,fr;q=0.9,en;q=0.8", ("fr", "en")),
            (None, "en;q=0.3, fr", ("fr", "en")),
            (None, "fr;q=0, en", ("en",)),
            ("fr", "en", ("fr", "en")),
            ("<script>", "*, en", ("en",)),
        ],
    )
    def test_is_the_choice_and_then_what_the_browser_asks_for(
        self, choice: str | None, accept: str | None, languages: tuple[str, ...]
    ) -> None:
        assert wanted(choice, accept) == languages

    @given(st.text(max_size=200), st.text(max_size=200))
    def test_may_be_anything(self, choice: str, accept: str) -> None:
        assert all(language.isascii() for language in wanted(choice, accept))


class AChoice:
    async def test_is_kept_by_the_browser_and_leads_back(self, scene: Scene) -> None:
        reply = await _choose(scene, language="en", back="/redeem")
        assert (reply.status_code, reply.headers["location"]) == (303, "/redeem")
        assert reply.cookies["__Host-seed-language"].value == "en"

    async def test_of_a_language_that_is_not_offered_is_refused(self, scene: Scene) -> None:
        assert (await _choose(scene, language="xx", back="/")).status_code == 422

    @pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example/", "/\\evil.example", "", "/a//b"])
    async def test_leads_to_no_other_site(self, scene: Scene, back: str) -> None:
        assert (await _choose(scene, language="en", back=back)).headers["location"] == "/"


async def _choose(scene: Scene, **form: str) -> Result:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    return await scene.client.simulate_post("/language", body=urlencode(form), headers=headers, host="test.example")
