"""Purchases and cards at a Juice that stores no replies and sells again what comes twice: still once, or left to staff."""

from datetime import timedelta

import pytest

from domain.commands.deciding import NotATransactionOfIt
from domain.juice_transaction import TransactionRecognised, TransactionTaken
from domain.purchase import NONE_AFTER, NothingToDecide, ReasonMissing, Stage, TooEarlyToSay
from domain.purchase_events import PurchaseDecided, PurchaseDoubted, PurchaseNeverLeft, PurchaseSentAgain
from domain.redemption import Stage as Card
from domain.wallet import PowerPurchased
from tests.domain.scenario import context
from tests.vending import test_purchasing, test_redeeming
from tests.vending.test_purchasing import NOW
from vending.claims import Claims
from vending.juice_without_advice import MOST, JuiceWithoutAdvice
from vending.lost_vends import PROVEN_AFTER
from vending.purchasing import Purchasing
from vending.receipts import receipt_of
from vending.redeeming import Redeeming
from vending.sending import Again, Ended

SECOND = timedelta(seconds=1)


def without_advice(world) -> None:
    """This will have the world's Juice know no message ids. `world.ids` are the purchases that the vendor knows of."""
    world.juice.knows_messages = False
    world.ids = []

    async def under_way():
        return world.ids

    world.adapter = JuiceWithoutAdvice(world.juice, Claims(world.portal, under_way))


class Purchases(test_purchasing.World):
    """One purchase, at a Juice without advice."""

    def __init__(self, **faults) -> None:
        super().__init__(**faults)
        without_advice(self)
        self.purchasing = Purchasing(self.portal, self.adapter, self.cards)

    async def paid(self, **differently):
        await super().paid(**differently)
        self.ids.append(self.id)
        return self

    async def another(self):
        """A second purchase, of the same for the same meter."""
        self.first = self.id
        await super().paid()
        self.ids.append(self.id)
        return self

    async def both(self, at=NOW) -> None:
        """A vendor looks at both."""
        for purchase_id in (self.first, self.id):
            await self.purchasing.advance(purchase_id, context(at, by="system:vendor"), attempts=1)

    async def stages(self) -> tuple[Stage, Stage]:
        return (await self.portal.purchase(self.first)).stage, await self.stage()

    def recognised(self) -> list[str]:
        return [event.juice_number for event in self.log.all if isinstance(event, TransactionRecognised)]


class APurchase:
    async def test_claims_the_transaction_of_its_reply(self):
        world = await Purchases().paid()
        assert isinstance(await world.advance(), Ended)
        assert (await world.stage(), world.cards.charged, world.recognised()) == (Stage.CAPTURED, 5000, ["T1"])

    async def test_whose_reply_was_lost_is_found_among_the_transactions(self):
        world = await Purchases(juice=("lost-reply",)).paid()
        await world.until_ended()
        assert (await world.stage(), world.recognised(), world.juice.asked) == (Stage.CAPTURED, ["T1"], ["vend", "reprint"])
        assert (world.count(PowerPurchased), len(world.juice.sold)) == (1, 1)

    async def test_that_may_still_arrive_is_not_sent_again(self):
        world = await Purchases(juice=("lost-request",)).paid()
        for at in (NOW, NOW + SECOND, NOW + PROVEN_AFTER - SECOND):
            assert isinstance(await world.advance(at), Again)
        assert (world.juice.asked.count("vend"), await world.stage()) == (1, Stage.IN_DOUBT)

    async def test_is_sent_again_once_it_is_proven_that_it_never_arrived(self):
        world = await Purchases(juice=("lost-request",)).paid()
        await world.advance()
        assert isinstance(await world.advance(NOW + PROVEN_AFTER), Ended)
        assert (await world.stage(), world.count(PurchaseSentAgain), len(world.juice.sold)) == (Stage.CAPTURED, 1, 1)

    async def test_that_never_left_is_sent_again_soon_and_was_never_in_doubt(self):
        world = await Purchases(juice=("never-left", "never-left")).paid()
        assert [await world.advance(NOW + n * SECOND) for n in range(2)] == [Again(SECOND), Again(SECOND)]
        assert (await world.stage(), world.count(PurchaseNeverLeft), world.count(PurchaseDoubted)) == (Stage.AUTHORISED, 2, 0)
        assert isinstance(await world.advance(NOW + 2 * SECOND), Ended)
        assert (await world.stage(), len(world.juice.sold), world.cards.charged) == (Stage.CAPTURED, 1, 5000)

    async def test_whose_second_copy_never_left_is_sent_soon_once_the_first_is_proven_lost(self):
        world = await Purchases(juice=("lost-request", "", "never-left")).paid()
        await world.advance()
        assert isinstance(await world.advance(NOW + PROVEN_AFTER), Again)
        assert (await world.stage(), len(world.juice.sold)) == (Stage.IN_DOUBT, 0)
        assert isinstance(await world.advance(NOW + PROVEN_AFTER + SECOND), Ended)
        assert (await world.stage(), len(world.juice.sold)) == (Stage.CAPTURED, 1)

    async def test_that_never_left_counts_as_sent_where_nobody_lived_to_say_so(self):
        world = await Purchases(juice=("never-left",)).paid()

        async def dies(*_, **__):
            raise ConnectionError

        world.portal.take_back_purchase = dies
        with pytest.raises(ConnectionError):
            await world.advance()
        assert isinstance(await world.advance(NOW + SECOND), Again)
        assert (world.juice.asked.count("vend"), await world.stage()) == (1, Stage.IN_DOUBT)

    async def test_is_not_what_a_till_sold_for_cash(self):
        world = await Purchases(juice=("lost-request",)).paid()
        world.juice.sell_elsewhere(5000)
        await world.advance()
        assert isinstance(await world.advance(NOW + SECOND), Again)
        assert await world.stage() is Stage.IN_DOUBT

    async def test_for_which_two_transactions_fit_is_left_to_staff(self):
        world = await Purchases(juice=("lost-reply",)).paid()
        world.juice.sell_elsewhere(5000, "Cash-CC")
        for at in (NOW, NOW + SECOND, NOW + PROVEN_AFTER * 2):
            assert isinstance(await world.advance(at), Again)
        assert world.flags()[0] == "ambiguous" and world.flags().count("ambiguous") == 1
        assert (await world.stage(), world.recognised(), world.cards.charged) == (Stage.IN_DOUBT, [], 0)

    async def test_is_not_settled_by_a_reply_to_another_question(self):
        world = await Purchases().paid()

        async def of_another_meter(*_, **__):
            return world.juice.sell_elsewhere(5000, "Cash-CC", meter="0999")

        world.juice.vend = of_another_meter
        assert isinstance(await world.advance(), Again)
        assert await world.stage() is Stage.IN_DOUBT


class TwoPurchasesThatAreAlike:
    async def test_get_one_transaction_each_where_both_replies_are_lost(self):
        world = await (await Purchases(juice=("lost-reply",)).paid()).another()
        await world.both()
        await world.both(NOW + SECOND)
        assert (await world.stages(), sorted(world.recognised())) == ((Stage.CAPTURED, Stage.CAPTURED), ["T1", "T2"])

    async def test_do_not_share_the_one_that_arrived(self):
        world = await (await Purchases(juice=("lost-request",)).paid()).another()
        world.juice.faults.clear()
        world.juice.faults.extend(["lost-request", "lost-reply"])
        await world.both()
        await world.both(NOW + SECOND)
        assert sorted(await world.stages()) == [Stage.CAPTURED, Stage.IN_DOUBT]
        await world.both(NOW + PROVEN_AFTER)
        assert await world.stages() == (Stage.CAPTURED, Stage.CAPTURED)
        assert (len(world.juice.sold), world.cards.charged) == (2, 10000)

    async def test_cannot_claim_the_same_transaction(self):
        world = await (await Purchases(juice=("lost-reply",)).paid()).another()
        await world.both()
        receipt = receipt_of(world.juice.sold[0], None)
        await world.portal.issue_purchase(context(), purchase_id=world.first, receipt=receipt, recognise=True)
        with pytest.raises(TransactionTaken):
            await world.portal.issue_purchase(context(), purchase_id=world.id, receipt=receipt, recognise=True)
        assert world.recognised() == ["T1"]


class ACard:
    async def cards(self, *faults):
        world = test_redeeming.World(*faults)
        without_advice(world)
        world.redeeming = Redeeming(world.portal, world.adapter)
        return await world.reserve()

    async def test_whose_reply_was_lost_is_found_by_its_serial(self):
        world = await self.cards("lost-reply")
        await world.until_ended()
        assert (await world.stage(), world.count(TransactionRecognised), len(world.juice.sold)) == (Card.REDEEMED, 1, 1)

    async def test_that_never_arrived_is_sent_again_once_that_is_proven(self):
        world = await self.cards("lost-request")
        await world.advance()
        assert isinstance(await world.advance(NOW + PROVEN_AFTER - SECOND), Again)
        assert isinstance(await world.advance(NOW + PROVEN_AFTER), Ended)
        assert (await world.stage(), world.juice.asked.count("redeem")) == (Card.REDEEMED, 2)

    @pytest.mark.parametrize(("is_used", "stage", "sent"), [(False, Card.REDEEMED, 2), (True, Card.IN_DOUBT, 1)])
    async def test_that_a_full_list_does_not_show_is_sent_again_only_if_juice_calls_it_unused(self, is_used, stage, sent):
        world = await self.cards("lost-request")
        await world.advance()
        for _ in range(MOST):
            world.juice.sell_elsewhere(5000)
        world.juice.used |= {"S1": "another"} if is_used else {}
        await world.advance(NOW + PROVEN_AFTER - SECOND)
        assert world.juice.asked.count("redeem") == 1
        await world.advance(NOW + PROVEN_AFTER)
        assert (await world.stage(), world.juice.asked.count("redeem")) == (stage, sent)

    async def test_that_was_used_elsewhere_ends_as_proven_absent(self):
        world = await self.cards()
        world.juice.used["S1"] = "another"
        await world.advance()
        for at in (NOW + PROVEN_AFTER, NOW + PROVEN_AFTER * 2):
            if isinstance(await world.advance(at), Ended):
                break
        assert await world.stage() is Card.PROVEN_ABSENT


class StaffDecides:
    """Of a purchase for which two transactions fit, both of which Juice's feed has told of."""

    async def ambiguous(self):
        world = await Purchases(juice=("lost-reply",)).paid()
        world.juice.sell_elsewhere(5000, "Cash-CC")
        await world.advance()
        await world.advance(NOW + SECOND)
        purchase = await world.portal.purchase(world.id)
        told = [("Cash-CC", receipt_of(sale, purchase.meter_id)) for sale in world.juice.sold]
        await world.portal.learn_transactions(context(by="juice"), account_number="1001", transactions=told)
        return world

    async def decide(self, world, number, *, at=NOW + PROVEN_AFTER * 2, reason="Juice's operators looked it up"):
        await world.portal.decide_purchase(context(at, by="staff:ann"), purchase_id=world.id, juice_number=number, reason=reason)

    async def test_by_the_transaction_that_it_is_and_the_card_is_charged(self):
        world = await self.ambiguous()
        assert [receipt.juice_number for receipt in await world.portal.candidates(world.id)] == ["T1", "T2"]
        await self.decide(world, "T2", at=NOW + SECOND)
        assert isinstance(await world.advance(), Ended)
        assert (await world.stage(), world.recognised(), world.cards.charged) == (Stage.CAPTURED, ["T2"], 5000)
        (decided,) = [event for event in world.log.all if isinstance(event, PurchaseDecided)]
        assert (decided.by, decided.juice_number, decided.reason) == ("staff:ann", "T2", "Juice's operators looked it up")
        assert world.count(PowerPurchased) == 0, "the wallet knows the transaction already, from the feed"

    async def test_that_it_is_none_and_the_money_is_let_go(self):
        world = await self.ambiguous()
        await self.decide(world, None)
        assert isinstance(await world.advance(), Ended)
        assert (await world.stage(), world.cards.charged) == (Stage.RELEASED, 0)

    async def test_not_that_it_is_none_while_a_copy_may_arrive(self):
        world = await self.ambiguous()
        with pytest.raises(TooEarlyToSay):
            await self.decide(world, None, at=NOW + NONE_AFTER - SECOND)
        assert NONE_AFTER >= PROVEN_AFTER

    async def test_not_without_a_reason(self):
        world = await self.ambiguous()
        with pytest.raises(ReasonMissing):
            await self.decide(world, "T1", reason="  ")

    async def test_not_by_what_juice_has_not_told_of_or_what_is_another_meters(self):
        world = await self.ambiguous()
        for number in ("T3", "nonsense"):
            with pytest.raises(NotATransactionOfIt):
                await self.decide(world, number)
        other = receipt_of(world.juice.sell_elsewhere(5000, "Cash-CC", meter="0999"), None)
        await world.portal.learn_transactions(context(by="juice"), account_number="1001", transactions=[("Cash-CC", other)])
        with pytest.raises(NotATransactionOfIt):
            await self.decide(world, other.juice_number)

    @pytest.mark.parametrize("kind", ["Cash", "JC"])
    async def test_not_by_what_was_paid_for_in_another_way(self, kind):
        world = await self.ambiguous()
        at_a_till = receipt_of(world.juice.sell_elsewhere(5000, kind), (await world.portal.purchase(world.id)).meter_id)
        await world.portal.learn_transactions(context(by="juice"), account_number="1001", transactions=[(kind, at_a_till)])
        assert at_a_till not in await world.portal.candidates(world.id)
        with pytest.raises(NotATransactionOfIt):
            await self.decide(world, at_a_till.juice_number)

    async def test_not_by_what_another_purchase_has_claimed(self):
        world = await (await self.ambiguous()).another()
        await world.advance()  # its reply is lost too
        claimed = receipt_of(world.juice.sold[0], (await world.portal.purchase(world.id)).meter_id)
        await world.portal.issue_purchase(context(), purchase_id=world.id, receipt=claimed, recognise=True)
        world.id = world.first
        with pytest.raises(TransactionTaken):
            await self.decide(world, "T1")

    async def test_nothing_of_a_purchase_that_is_not_ambiguous(self):
        world = await Purchases(juice=("lost-request",)).paid()
        await world.advance()
        with pytest.raises(NothingToDecide):
            await self.decide(world, None)
