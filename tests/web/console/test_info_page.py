"""The info page: staff writes it in the console, everybody reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from tests.web.people import Somebody, at_the_console, let_in
from tests.web.scene import Scene
from tests.web.visitor import Visitor, hidden, words
from web.access.roles import Role


@pytest.fixture
async def editor(scene: Scene) -> AsyncIterator[Visitor]:
    yield await at_the_console(scene)


async def publish(scene: Scene, editor: Visitor, source: str, *, language: str = "en", **changes: str):
    page = await editor.open(f"/console/info-page?language={language}")
    form = {"language": language, "source": source, "based_on": hidden(page, "based_on"), "do": "publish", "code": ""}
    reply = await editor.send("/console/info-page", **form | changes)
    await scene.utility.project()
    return reply


class TheInfoPage:
    async def test_says_what_seed_says_until_staff_has_written_it(self, scene: Scene) -> None:
        assert "Juice cards and tokens" in words(await Visitor(scene).open("/info"))

    async def test_is_what_staff_published_under_the_utilitys_name_and_contacts(self, scene: Scene, editor: Visitor) -> None:
        await publish(scene, editor, "# Offices\n\nOpen from **nine**.")
        page = await Visitor(scene).open("/info")
        assert "<h2>Offices</h2>" in page.text and "<strong>nine</strong>" in page.text
        assert "<h1>Test Power</h1>" in page.text and "help@test.example" in page.text
        assert "Juice cards and tokens" not in page.text

    async def test_is_read_in_the_readers_language_or_the_utilitys_first(self, scene: Scene, editor: Visitor) -> None:
        scene.described = msgspec.structs.replace(scene.described, languages=("en", "fr"))
        await publish(scene, editor, "# Offices")
        assert "Offices" in words(await Visitor(scene).open("/info", **{"Accept-Language": "fr"}))
        await publish(scene, editor, "# Bureaux", language="fr")
        assert "Bureaux" in words(await Visitor(scene).open("/info", **{"Accept-Language": "fr"}))
        assert "Offices" in words(await Visitor(scene).open("/info", **{"Accept-Language": "de"}))

    async def test_can_be_taken_back(self, scene: Scene, editor: Visitor) -> None:
        await publish(scene, editor, "# Offices")
        await publish(scene, editor, "")
        assert "Juice cards and tokens" in words(await Visitor(scene).open("/info"))

    async def test_runs_nothing_that_was_typed(self, scene: Scene, editor: Visitor) -> None:
        await publish(scene, editor, "<script>alert(1)</script> [x](javascript:alert(1)) </textarea><b>")
        for visitor, path in ((Visitor(scene), "/info"), (editor, "/console/info-page")):
            page = await visitor.open(path)
            assert "<script>alert" not in page.text and "<b>" not in page.text and 'href="javascript' not in page.text


class TheEditor:
    async def test_begins_with_what_seed_says_in_each_language(self, scene: Scene, editor: Visitor) -> None:
        scene.described = msgspec.structs.replace(scene.described, languages=("en", "fr"))
        assert "# What is owed" in (await editor.open("/console/info-page?language=en")).text
        assert "# Cartes Juice et jetons" in (await editor.open("/console/info-page?language=fr")).text

    async def test_says_which_languages_are_not_written_yet_and_what_is_read_instead(self, scene: Scene, editor: Visitor) -> None:
        scene.described = msgspec.structs.replace(scene.described, languages=("en", "fr"))
        assert "finds the one in" not in words(await editor.open("/console/info-page"))
        await publish(scene, editor, "# Offices")
        assert "whoever reads Français finds the one in English" in words(await editor.open("/console/info-page"))

    async def test_shows_a_preview_without_publishing(self, scene: Scene, editor: Visitor) -> None:
        reply = await editor.send("/console/info-page", language="en", source="# Soon\n<b>", based_on="0", do="preview")
        assert reply.status_code == 200 and "<h2>Soon" in reply.text
        assert "# Soon\n&lt;b&gt;</textarea>" in reply.text
        await scene.utility.project()
        assert "Soon" not in words(await Visitor(scene).open("/info"))

    async def test_loses_nothing_where_somebody_else_published_meanwhile(self, scene: Scene, editor: Visitor) -> None:
        mine = hidden(await editor.open("/console/info-page"), "based_on")
        other = Visitor(scene)
        await (await let_in(scene, name="bob")).sign_in(other)
        await publish(scene, other, "# Bob's")
        reply = await editor.send("/console/info-page", language="en", source="# Mine", based_on=mine, do="publish", code="")
        assert reply.status_code == 409 and "Somebody else published" in words(reply)
        assert "# Mine</textarea>" in reply.text and "# Bob&#39;s</textarea>" in reply.text
        assert "Bob's" in words(await Visitor(scene).open("/info"))
        again = hidden(reply, "based_on")
        await editor.send("/console/info-page", language="en", source="# Both", based_on=again, do="publish", code="")
        await scene.utility.project()
        assert "Both" in words(await Visitor(scene).open("/info"))

    async def test_keeps_a_text_that_is_too_long(self, editor: Visitor) -> None:
        reply = await editor.send("/console/info-page", language="en", source="ü" * 12_001, based_on="0", do="publish", code="")
        assert reply.status_code == 422 and "12,000 characters" in words(reply)
        assert "ü" * 12_001 in reply.text

    async def test_asks_for_a_code_before_it_publishes_where_the_last_is_old(
        self, scene: Scene, visitor: Visitor, ann: Somebody
    ) -> None:
        await ann.sign_in(visitor)
        scene.later(minutes=11)
        reply = await publish(scene, visitor, "# Offices")
        assert reply.status_code == 422 and "# Offices</textarea>" in reply.text
        assert "Offices" not in words(await Visitor(scene).open("/info"))
        await publish(scene, visitor, "# Offices", code=ann.code())
        assert "Offices" in words(await Visitor(scene).open("/info"))

    @pytest.mark.parametrize("language", ["xx", "", "de"])
    async def test_knows_the_utilitys_languages_only(self, scene: Scene, editor: Visitor, language: str) -> None:
        reply = await editor.send("/console/info-page", language=language, source="x", based_on="0", do="publish", code="")
        assert reply.status_code == 422
        assert (await editor.open(f"/console/info-page?language={language}")).status_code in (200, 422)

    async def test_lists_every_edition_and_who_published_it(self, scene: Scene, editor: Visitor) -> None:
        await publish(scene, editor, "# One")
        await publish(scene, editor, "# Two")
        listed = words(await editor.open("/console/info-page/editions"))
        assert listed.index("en 2") < listed.index("en 1") and listed.count("staff:ann") == 2
        assert "<h2>One</h2>" in (await editor.open("/console/info-page/editions/en/1")).text
        assert "# One</textarea>" in (await editor.open("/console/info-page?language=en&from=1")).text
        for nowhere in ("en/3", "fr/1", "en/x", f"en/{'9' * 30}"):
            assert (await editor.open(f"/console/info-page/editions/{nowhere}")).status_code == 404

    @pytest.mark.parametrize("role", [Role.AUDITOR, Role.ANALYST, Role.OPERATOR])
    async def test_is_for_staff_alone(self, scene: Scene, role: Role) -> None:
        assert (await (await at_the_console(scene, role)).open("/console/info-page")).status_code == 403

    async def test_takes_nothing_from_another_site(self, scene: Scene, editor: Visitor) -> None:
        form = {"language": "en", "source": "# Evil", "based_on": "0", "do": "publish", "code": ""}
        reply = await editor.send("/console/info-page", {"Sec-Fetch-Site": "cross-site"}, **form)
        assert reply.status_code == 403
        await scene.utility.project()
        assert "Evil" not in words(await Visitor(scene).open("/info"))


class TheApi:
    async def test_publishes_previews_and_shows_the_page(self, scene: Scene) -> None:
        key = scene.api_key(Role.STAFF)
        assert (await scene.get("/info")).json["edition"] == 0
        body = {"language": "en", "source": "# Offices", "based_on": 0}
        put = await scene._ask("PUT", "/info", key, "test.example", {"json": body})
        assert put.status_code == 200 and put.json["edition"] == 1
        await scene.utility.project()
        page = (await scene.get("/info")).json
        assert page["source"] == "# Offices" and page["html"] == "<h2>Offices</h2>\n" and "published_by" not in page
        assert (await scene.post("/info/previews", {"source": "<b>"}, token=key)).json["html"] == "<p>&lt;b&gt;</p>\n"
        late = await scene._ask("PUT", "/info", key, "test.example", {"json": body | {"source": "# Late"}})
        assert late.status_code == 409 and late.json["rule"] == "InfoPageChanged"
        again = await scene._ask("PUT", "/info", key, "test.example", {"json": body})
        assert again.status_code == 200 and again.json == {"edition": 1, "position": 0}
        editions = (await scene.get("/info/editions", token=key)).json["items"]
        assert [row["published_by"] for row in editions] == ["staff:some staff"]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"source": "x" * 12_001}, "source"),
            ({"source": None}, "source"),
            ({"language": "EN"}, "language"),
            ({"language": "de"}, "language"),
            ({"based_on": -1}, "based_on"),
            ({"based_on": "1"}, "based_on"),
        ],
    )
    async def test_names_the_field_that_it_cannot_take(self, scene: Scene, change: dict, field: str) -> None:
        body = {"language": "en", "source": "# Offices", "based_on": 0} | change
        reply = await scene._ask("PUT", "/info", scene.api_key(Role.STAFF), "test.example", {"json": body})
        assert reply.status_code == 422 and field in reply.json["errors"]
