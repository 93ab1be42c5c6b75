"""Whose is it? Of a thing that a request can name, nobody but its owner, or whoever holds its proof, learns that it exists."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from falcon.asgi import Request
from falcon.testing import Result
from marshmallow import fields

from tests.domain.scenario import context
from tests.projections.lives import receipt
from tests.utility import OpenUtility
from tests.web.access.things import HELD, NOTHING, PLACES, PLAIN, Named, Place, key, made
from tests.web.api.live import application
from tests.web.api.test_tokens import JUICE, bought
from tests.web.scene import ACCOUNT, METER, OTHER_ACCOUNT, OTHER_METER, OWN_PASSWORD, Scene, played
from web.access.matrix import API, MATRIX, Reach
from web.access.roles import Role
from web.api.describe import Operation
from web.api.typed import Id
from web.site import forms

PROOFS = ("link", "account_ticket")
"""Fields of bodies that prove a right to something, beside the ids in them."""

SOMEBODYS = {Reach.OWN, Reach.HOLDER}
NEW_EACH_TIME = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32}\b|(?<=\"ticket\" value=\")[\w-]+")
"""Ids of requests, and what a form is given for its next sending."""

Things = dict[str, str]
"""Names of things by their kind."""

LAST = ("change link", "revert link", "undo link")
"""In this order, since each ends what those before it need."""

sources = count(1)


@pytest.fixture
async def two(utility: OpenUtility, other_utility: OpenUtility) -> AsyncIterator[Scene]:
    """The web on two utilities with logs of their own, whose accounts and meters have the same numbers."""
    async with played(utility, other_utility) as scene:
        yield scene


def places() -> set[Place]:
    """Where the live routes let somebody's thing be named: in paths by the matrix, in bodies of the API by their schemas."""
    found = {
        Place(method, template, name)
        for (method, template), rule in MATRIX.items()
        if SOMEBODYS & set(rule.values())
        for name in re.findall(r"{(\w+)}", template)
    }
    operations: dict[tuple[str, str], Operation] = application()._router.find(f"{API}/openapi.json")[0].operations
    for (method, template), operation in operations.items():
        if operation.body is not None:
            found |= {Place(method, template, name) for name in _things_of(operation.body().fields)}
    return found


def _things_of(schema: dict[str, fields.Field]) -> Iterator[str]:
    for name, each in schema.items():
        one = each.inner if isinstance(each, fields.List) else each
        if isinstance(one, Id) or name in PROOFS:
            yield name


class Read(dict[str, Any]):
    """A query that notes what is looked at in it."""

    noted: set[str]

    def get(self, name: str, default: Any = None) -> Any:
        self.noted.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self.noted.add(str(name))
        return super().__contains__(name)

    def __getitem__(self, name: str) -> Any:
        self.noted.add(name)
        return super().__getitem__(name)


async def fields_of_the_site(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> set[Place]:
    """Every field of a form or query that the site's code looks at, found by sending it empty ones."""
    noted: set[str] = set()
    fields_read = forms.fields

    async def noting(req: Request, *names: str, **options: Any) -> dict[str, str]:
        noted.update(names)
        return await fields_read(req, *names, **options)

    def query(req: Request) -> Read:
        read = Read(req._params)
        read.noted = noted
        return read

    monkeypatch.setattr(forms, "fields", noting)
    monkeypatch.setattr(Request, "params", property(query))
    found = set()
    for (method, template), rule in MATRIX.items():
        if template.startswith(("/api/", "/console")) or not {Role.VISITOR, Role.CUSTOMER} & set(rule):
            continue
        for token in (None, await scene.log_in()):
            noted.clear()
            path = re.sub(r"{(\w+)}", "A", template)
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            if method == "POST":
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            address = f"10.2.{next(sources) // 250}.{next(sources) % 250}"
            await scene.client.simulate_request(
                method, path, headers=headers, host="test.example", remote_addr=address, body="" if method == "POST" else None
            )
            found |= {Place(method, template, NEW_EACH_TIME.sub("{contact}", name)) for name in noted}
    return found


class Asker:
    """Asks for a thing by its name at a place, as somebody, at a utility."""

    def __init__(self, scene: Scene, things: Things) -> None:
        self.scene = scene
        self.things = things

    async def ask(
        self, place: Place, named: Named, name: str, token: str | None, *, host: str = "test.example", own: Things | None = None
    ) -> Result:
        known = self.things | (own or {})
        sent = {field: known[value[1:-1]] if str(value)[:1] == "{" else value for field, value in named.sent.items()}
        sent[place.where] = [name] if place.where == "muted" else name
        path = re.sub(r"{(\w+)}", lambda part: str(sent.pop(part[1])), place.template)
        headers = key() | ({"Authorization": f"Bearer {token}"} if token else {})
        options: dict[str, Any] = {}
        if place.template.startswith(API) and place.method in ("POST", "PUT") and sent:
            options["json"] = sent
        elif place.method == "POST":
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
            options["body"] = urlencode(sent | {"idempotency_key": "k" * 32})
        elif sent:
            options["params"] = sent
        # An address of its own each time, so that no limit by source is met.
        options["remote_addr"] = f"10.1.{next(sources) // 250}.{next(sources) % 250}"
        return await self.scene.client.simulate_request(place.method, path, headers=headers, host=host, **options)


def seen(reply: Result, name: str) -> tuple[Any, ...]:
    """All of an answer that could tell one name from another, with the name itself left out."""
    apart = ("x-request-id", "ratelimit", "content-length", "set-cookie")
    headers = {header: value for header, value in reply.headers.items() if header not in apart}
    cookies = {cookie: noted(each.value).replace(name, "…") for cookie, each in reply.cookies.items()}
    body = NEW_EACH_TIME.sub("…", reply.text.replace(name, "…"))
    return reply.status_code, headers, cookies, body


def noted(value: str) -> str:
    """What a cookie says: the page that was asked for stands there in base64."""
    try:
        return base64.urlsafe_b64decode(value).decode()
    except ValueError:
        return value


async def written(scene: Scene) -> int:
    async with scene.utility.pool.connection() as connection:
        row = await (await connection.execute("SELECT count(*) FROM u_test.events")).fetchone()
    assert row is not None
    return int(row[0])


class EveryPlaceWhereAThingIsNamed:
    def test_is_tried_here(self) -> None:
        forgotten = places() - set(PLACES)
        assert not forgotten, (
            "whose thing is named there? Give each of these a line in PLACES, in tests/web/access/things.py: which kind of thing"
            f" it is, and what a request sends beside it; a new kind of thing is made in `made`: {sorted(forgotten)}"
        )
        gone = {place for place in PLACES if place[:2] not in MATRIX}
        assert not gone, f"there are no such routes any more: take their lines out of PLACES: {sorted(gone)}"

    async def test_of_the_sites_forms_and_queries_is_tried_here(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        read = await fields_of_the_site(scene, monkeypatch)
        assert {Place("POST", "/login", "password"), Place("GET", "/requests/new", "purchase")} <= read
        forgotten = {place for place in read - set(PLACES) if place.where not in PLAIN}
        assert not forgotten, (
            "does that name somebody's thing? If so, each of these gets a line in PLACES, in tests/web/access/things.py; what"
            f" names nobody's goes to PLAIN: {sorted(forgotten)}"
        )
        gone = PLAIN - {place.where for place in read}
        assert not gone, f"nobody reads these any more: take them out of PLAIN: {sorted(gone)}"

    async def test_answers_strangers_as_if_there_were_no_such_thing(self, two: Scene) -> None:
        things = await made(two)
        another, namesake = await _another(two), await _namesake(two)
        asker, before = Asker(two, things), await written(two)
        told_apart, tried = [], 0
        for place, named in PLACES.items():
            for kind in named.kinds:
                # Another customer here, the customer of the other utility who has the same number, and visitors of both.
                strangers = [namesake, Stranger(None, "other.example", {})]
                strangers += [] if kind in HELD else [another, Stranger(None, "test.example", {})]
                for who in strangers:
                    theirs = await asker.ask(place, named, things[kind], who.token, host=who.host, own=who.things)
                    nothing = await asker.ask(place, named, NOTHING[kind], who.token, host=who.host, own=who.things)
                    tried += 1
                    if seen(theirs, things[kind]) != seen(nothing, NOTHING[kind]) or theirs.status_code >= 500:
                        told_apart.append((place, kind, who.host, bool(who.token), theirs.status_code, nothing.status_code))
        assert not told_apart
        assert tried > 2 * len(PLACES)
        assert await written(two) == before, "nothing was done to anything of the owner's"

    async def test_takes_no_proof_of_another_thing(self, two: Scene) -> None:
        things = await made(two)
        asker, before, wrong = Asker(two, things), await written(two), []
        for place, named in PLACES.items():
            if not set(named.kinds) <= HELD:
                continue
            for kind in HELD - set(named.kinds):
                if len(things[kind]) == len(NOTHING[named.kinds[0]]):
                    theirs = await asker.ask(place, named, things[kind], None)
                    nothing = await asker.ask(place, named, NOTHING[kind], None)
                    if seen(theirs, things[kind]) != seen(nothing, NOTHING[kind]):
                        wrong.append((place, kind, theirs.status_code, nothing.status_code))
        assert not wrong
        assert await written(two) == before

    async def test_answers_the_owner_otherwise(self, two: Scene) -> None:
        """Were it not so, the tests above would see nothing."""
        things, blind = await made(two), []
        asker = Asker(two, things)
        # What was taken back is gone: that comes last.
        for place, named in sorted(
            PLACES.items(), key=lambda each: LAST.index(each[1].kinds[0]) if each[1].kinds[0] in LAST else -1
        ):
            for kind in named.kinds:
                token = None if kind in HELD else await two.log_in()
                theirs = await asker.ask(place, named, things[kind], token)
                nothing = await asker.ask(place, named, NOTHING[kind], token)
                if seen(theirs, things[kind]) == seen(nothing, NOTHING[kind]):
                    blind.append((place, kind, theirs.status_code))
        assert not blind


class ANameThatBothUtilitiesKnow:
    async def test_leads_each_ones_customer_to_their_own(self, two: Scene, other_utility: OpenUtility) -> None:
        await bought(two, "T0")
        namesake = await _namesake(two)
        told = receipt("T0", meter_id=(await other_utility.portal.find(METER)).meter_id, amount=700)
        await other_utility.portal.learn_transactions(JUICE, account_number=ACCOUNT, transactions=[("Cash", told)])
        await other_utility.project()
        ours = await two.get("/me/receipts/T0", token=await two.log_in())
        theirs = await two.get("/me/receipts/T0", token=namesake.token, host="other.example")
        assert (ours.json["amount"], theirs.json["amount"]) == (5000, 700)

    async def test_opens_each_ones_account_to_its_own_password_alone(self, two: Scene, other_utility: OpenUtility) -> None:
        found = await other_utility.portal.find(ACCOUNT)
        changed = {"current": OWN_PASSWORD, "chosen": "another password", "via_issue": None}
        await other_utility.portal.choose_password(context(), account_id=found.account_id, **changed)
        assert (await two.post("/session", {"number": ACCOUNT, "password": OWN_PASSWORD})).status_code == 201
        refused = await two.post("/session", {"number": ACCOUNT, "password": OWN_PASSWORD}, host="other.example")
        assert refused.status_code == 401
        opened = await two.post("/session", {"number": ACCOUNT, "password": "another password"}, host="other.example")
        assert opened.status_code == 201


class Stranger(NamedTuple):
    """Somebody to whom the thing is nothing: by their session, where they are, and with things of their own."""

    token: str | None
    host: str
    things: Things


async def _another(scene: Scene) -> Stranger:
    await bought(scene, "O0", account=OTHER_ACCOUNT, meter=OTHER_METER)
    token = await scene.log_in(OTHER_ACCOUNT)
    shelf = (await scene.get("/me/tokens", token=token)).json
    own = {"token": shelf["items"][0]["tokens"][0]["token_id"], "contact": shelf["contacts"][0]["contact_id"]}
    return Stranger(token, "test.example", own)


async def _namesake(scene: Scene) -> Stranger:
    reply = await scene.post("/session", {"number": ACCOUNT, "password": OWN_PASSWORD}, host="other.example")
    return Stranger(str(reply.json["token"]), "other.example", {})
