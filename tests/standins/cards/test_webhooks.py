"""The stand-in's webhooks: signed, posted until they are taken, and late, twice or out of order where that is wanted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.cards_standin import CardsStandin, WebhookSite, order
from vending.card_provider import ProviderEvent
from vending.stripe_webhook import read_webhook

KINDS = ["authorised", "checkout-completed"]


async def paid(standin: CardsStandin, code: str = "blue") -> str:
    """The purchase of a checkout that was paid."""
    client, wanted = standin.client(code), order()
    opened = await client.open_checkout(wanted)
    standin.pay(str(opened.url))
    await client.aclose()
    return str(wanted.purchase_id)


def told(site: WebhookSite, standin: CardsStandin, purchase: str, count: int = 2, code: str = "blue") -> list[ProviderEvent]:
    """What the webhooks about a purchase say, read as Seed reads them."""
    now, secret = datetime.now(UTC), standin.webhook_secret(code)
    return [read_webhook(body, signature, now, secret) for _, body, signature in site.wait_for(count, purchase)]


class AWebhook:
    async def test_is_signed_with_the_secret_of_its_account(self, cards_standin: CardsStandin, webhook_site: WebhookSite) -> None:
        purchase = await paid(cards_standin, "green")
        events = told(webhook_site, cards_standin, purchase, code="green")
        assert [event.kind for event in events] == KINDS
        assert {event.utility for event in events} == {"green"}
        assert {path for path, body, _ in webhook_site.came if purchase.encode() in body} == {"/green"}

    async def test_is_the_same_event_as_in_the_list(self, cards_standin: CardsStandin, webhook_site: WebhookSite) -> None:
        began = datetime.now(UTC)
        posted = told(webhook_site, cards_standin, await paid(cards_standin))
        client = cards_standin.client()
        page = await client.events(since=began, until=datetime.max.replace(year=3000, tzinfo=UTC))
        await client.aclose()
        assert set(posted) <= set(page.events)

    async def test_is_posted_again_until_it_is_taken(self, cards_standin: CardsStandin, webhook_site: WebhookSite) -> None:
        webhook_site.statuses += [500, 404]
        events = told(webhook_site, cards_standin, await paid(cards_standin), count=4)
        assert len({event.id for event in events}) == 2 and len(events) == 4

    async def test_comes_twice_where_that_is_ordered(self, cards_standin: CardsStandin, webhook_site: WebhookSite) -> None:
        cards_standin.faults("double-webhooks", times=2)
        events = told(webhook_site, cards_standin, await paid(cards_standin), count=4)
        assert sorted(event.kind for event in events) == sorted(KINDS * 2)

    @pytest.mark.parametrize(("way", "kinds"), [("as-made", KINDS), ("reversed", KINDS[::-1])])
    async def test_is_held_back_and_let_go_in_either_order(
        self, cards_standin: CardsStandin, webhook_site: WebhookSite, way: str, kinds: list[str]
    ) -> None:
        cards_standin.faults("hold-webhooks", times=2)
        purchase = await paid(cards_standin)
        assert [each["held"] for each in cards_standin.waiting_webhooks()][-2:] == [True, True]
        cards_standin.let_webhooks_go(way)
        assert [event.kind for event in told(webhook_site, cards_standin, purchase)] == kinds

    async def test_outlives_a_kill(self, cards_standin: CardsStandin, webhook_site: WebhookSite) -> None:
        cards_standin.faults("hold-webhooks", times=2)
        purchase = await paid(cards_standin)
        cards_standin.restart()
        cards_standin.let_webhooks_go()
        assert [event.kind for event in told(webhook_site, cards_standin, purchase)] == KINDS

    async def test_tells_of_a_checkout_that_expired_and_of_an_authorisation_that_ran_out(
        self, cards_standin: CardsStandin, webhook_site: WebhookSite
    ) -> None:
        client, wanted = cards_standin.client(), order()
        await client.expire((await client.open_checkout(wanted)).id)
        assert [event.kind for event in told(webhook_site, cards_standin, str(wanted.purchase_id), 1)] == ["checkout-expired"]
        cards_standin.faults("expiring-authorisation", seconds=0)
        events = told(webhook_site, cards_standin, await paid(cards_standin), 3)  # nobody asks: it happens by itself
        assert [event.kind for event in events] == [*KINDS, "released"]
        await client.aclose()
