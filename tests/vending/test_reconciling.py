"""Reconciling a day: what differs is written down once, what differs no more is settled, and half a book is no comparison."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from domain.difference import Difference
from domain.difference_events import DayReconciled, DifferenceFound, DifferenceSettled
from domain.kept import Kept
from domain.purchase import Stage
from domain.purchase_events import PurchaseRequested
from domain.redemption import Stage as Card
from domain.redemption_events import RedemptionReserved
from domain.ticket_events import About
from tests.domain.scenario import NOON, context
from tests.vending.test_juice_without_advice import without_advice
from tests.vending.test_purchasing import World
from tests.web.scene import DESCRIPTION
from vending.gathering import Gathering
from vending.juice_refusals import JuiceSilent
from vending.lost_vends import PROVEN_AFTER
from vending.purchasing import Purchasing
from vending.reconciling import AWAY, DAYS_BACK, SETTLES_WITHIN, DayNotOver, ReadModelsBehind, Reconciler, UtilityUnknown, bounds
from vending.redeeming import Redeeming
from vending.sending import Ended

DAY = NOON.date()
AFTER = NOON + timedelta(days=1, hours=4)


class InMemory:
    """Finds processes and open differences in the log itself."""

    def __init__(self, log) -> None:
        self.log = log
        self.behind = False

    async def touched(self, since: datetime, until: datetime):
        kinds = {PurchaseRequested: "purchase", RedemptionReserved: "redemption"}
        return [(kinds[type(e)], e.originator_id) for e in self.log.all if type(e) in kinds and since <= e.at < until]

    async def open(self):
        ids = {event.originator_id for event in self.log.all if isinstance(event, DifferenceFound)}
        found = []
        for id in ids:
            events = self.log.streams[id]
            if Difference.fold(id, events).is_open:
                day = [event.day for event in events if isinstance(event, DifferenceFound)][-1]
                found.append(SimpleNamespace(difference_id=id, day=day))
        return found

    async def caught_up(self) -> bool:
        return not self.behind


class Town(World):
    """A purchase, a Juice, a provider, and whoever compares their books."""

    async def described(self) -> "Town":
        self.cards.utility = self.portal.code
        await self.portal.describe_utility(context(by="juice"), DESCRIPTION)
        self.known = InMemory(self.log)
        self.reconciler = Reconciler(self.portal, Gathering(self.portal, self.juice, self.cards, self.known), self.known)
        return self

    async def bought(self, **differently) -> "Town":
        await self.described()
        await self.paid(**differently)
        await self.until_ended()
        return self

    async def reconcile(self, day: date = DAY, at: datetime = AFTER):
        return await self.reconciler.reconcile(day, context(at, by="system:vendor"))

    async def round(self, at: datetime = AFTER) -> None:
        await self.reconciler.round(lambda: context(at, by="system:vendor"))

    def found(self) -> list[str]:
        return [event.kind for event in self.log.all if isinstance(event, DifferenceFound)]

    def settled(self) -> list[str]:
        return [event.how for event in self.log.all if isinstance(event, DifferenceSettled)]


class ADay:
    async def test_whose_books_agree_has_no_difference_and_its_sums_are_written_down(self):
        town = await Town().bought()
        compared = await town.reconcile()
        assert (compared.findings, town.found()) == ((), [])
        assert (compared.sums.issued, compared.sums.juice_issued, compared.sums.provider_charged) == (5000, 5000, 5000)
        assert town.count(DayReconciled) == 1

    async def test_reconciled_again_writes_nothing_again(self):
        town = await Town().bought()
        town.cards._set(town.payment, captured=4000)
        for _ in range(2):
            await town.reconcile()
        assert (town.found(), town.settled(), town.count(DayReconciled)) == (["charged-amount-differs"], [], 1)

    async def test_is_not_compared_before_it_is_over_in_the_utilitys_zone(self):
        town = await Town().bought()
        _, ends = bounds(DAY, DESCRIPTION.zone)
        with pytest.raises(DayNotOver):
            await town.reconcile(at=ends - timedelta(seconds=1))
        assert await town.reconcile(at=ends)

    async def test_of_a_utility_that_juice_has_not_described_has_no_bounds(self):
        town = await World().paid()
        known = InMemory(town.log)
        with pytest.raises(UtilityUnknown):
            await Reconciler(town.portal, Gathering(town.portal, town.juice, town.cards, known), known).reconcile(DAY, context())

    def test_has_23_to_25_hours(self):
        lengths = {bounds(DAY + timedelta(days=each), "Europe/Paris") for each in range(365)}
        assert {ends - begins for begins, ends in lengths} == {timedelta(hours=hours) for hours in (23, 24, 25)}


class ADifference:
    async def test_is_found_where_juice_has_lost_what_it_issued(self):
        town = await Town().bought()
        town.juice.sold.clear()
        (finding,) = (await town.reconcile()).findings
        assert (finding.kind, finding.account_id) == ("issued-unknown-to-juice", town.account_id)

    async def test_is_found_where_seeds_log_was_restored_from_before_a_sale(self):
        town = await Town().bought()
        for kept in (town.log.all, town.log.streams.pop(town.id)):
            kept[:] = [event for event in kept if event.originator_id != town.id]
        assert {finding.kind for finding in (await town.reconcile()).findings} == {
            "juice-unknown-to-seed",
            "charged-without-issue",
        }

    async def test_is_found_where_money_is_still_held_for_what_was_not_issued(self):
        town = await Town(juice=("BlockedMeter",)).bought()
        assert (await town.reconcile()).findings == ()
        town.cards._set(town.payment, state="authorised")
        (finding,) = (await town.reconcile()).findings
        assert (finding.kind, finding.told, finding.payment_id) == ("hold-left-open", 5000, town.payment)

    async def test_of_a_payment_that_began_on_another_day_is_looked_up(self):
        town = await Town().bought(at=NOON + timedelta(days=3))
        assert (await town.reconcile()).findings == ()
        town.cards._set(town.payment, state="released", captured=0)
        assert [finding.kind for finding in (await town.reconcile()).findings] == ["issued-without-charge"]

    async def test_is_none_where_another_uses_the_same_account_at_the_provider(self):
        town = await Town().bought()
        page = town.cards.checkouts[town.page]
        for utility in (None, "another"):
            payment = replace(page.payment, id=f"pi_{utility}", utility=utility, purchase_id=None)
            town.cards.checkouts[f"cs_{utility}"] = replace(page, id=f"cs_{utility}", payment=payment)
        assert (await town.reconcile()).findings == ()

    async def test_is_settled_by_itself_once_the_books_agree(self):
        town = await Town().bought()
        taken, town.juice.sold = town.juice.sold, []
        await town.reconcile()
        town.juice.sold = taken
        await town.reconcile()
        assert (town.found(), town.settled()) == (["issued-unknown-to-juice"], ["vanished"])

    async def test_that_staff_settled_is_not_found_again(self):
        town = await Town().bought()
        town.juice.sold.clear()
        (finding,) = (await town.reconcile()).findings
        settled = {"difference_id": town.portal.difference_id(finding), "how": "juice-corrected", "case": None}
        await town.portal.settle_difference(context(by="staff:ann"), **settled)
        await town.reconcile()
        assert (town.found(), town.settled()) == (["issued-unknown-to-juice"], ["juice-corrected"])

    async def test_is_never_settled_by_a_comparison_of_another_day(self):
        town = await Town().bought()
        town.juice.sold.clear()
        await town.reconcile()
        await town.reconcile(DAY - timedelta(days=1))
        assert town.settled() == []


DAYS_LATER = timedelta(days=40)
LATER = DAY + DAYS_LATER


class ARefund:
    async def test_made_weeks_later_is_found_in_the_books_of_its_own_day(self):
        town = await Town().bought()
        town.cards.refund(town.payment, 5000, NOON + DAYS_LATER)
        (finding,) = (await town.reconcile(LATER, AFTER + DAYS_LATER)).findings
        assert (finding.kind, finding.told, finding.account_id) == ("refunded-after-issue", 0, town.account_id)
        assert finding.payment_id == town.payment

    async def test_is_found_anew_where_more_is_given_back(self):
        town = await Town().bought()
        for days, amount in enumerate((1000, 1500)):
            late = timedelta(days=days + 1)
            town.cards.refund(town.payment, amount, NOON + late)
            await town.reconcile(DAY + late, AFTER + late)
        assert (town.found(), town.settled()) == (["refunded-after-issue"] * 2, ["changed"])
        assert [event.told for event in town.log.all if isinstance(event, DifferenceFound)] == [4000, 2500]

    async def test_of_what_was_charged_in_vain_settles_that_difference(self):
        town = await Town(juice=("BlockedMeter",)).bought()
        town.cards._set(town.payment, state="captured", captured=5000)
        await town.reconcile()
        town.cards.refund(town.payment, 5000, NOON + timedelta(days=1))
        await town.round(AFTER + timedelta(days=1))
        assert (town.found(), town.settled()) == (["charged-without-issue"], ["vanished"])

    async def test_that_failed_is_no_difference_any_more(self):
        town = await Town().bought()
        town.cards.refund(town.payment, 5000, NOON)
        await town.reconcile()
        town.cards._set(town.payment, refunded=0)
        await town.reconcile()
        assert (town.found(), town.settled()) == (["refunded-after-issue"], ["vanished"])

    async def test_to_another_that_uses_the_same_account_at_the_provider_is_none_of_ours(self):
        town = await Town().bought()
        page = town.cards.checkouts[town.page]
        payment = replace(page.payment, id="pi_theirs", utility="another", purchase_id=None, at=NOON - DAYS_LATER)
        town.cards.checkouts["cs_theirs"] = replace(page, id="cs_theirs", payment=payment)
        town.cards.refund("pi_theirs", 5000, NOON)
        town.cards.refunded.append((NOON, "pi_that_nobody_has"))
        assert (await town.reconcile()).findings == ()


class ADispute:
    async def test_begun_weeks_later_is_found_and_goes_by_itself_where_it_is_won(self):
        town = await Town().bought()
        town.cards.dispute(town.payment, 5000, NOON + DAYS_LATER)
        (finding,) = (await town.reconcile(LATER, AFTER + DAYS_LATER)).findings
        assert (finding.kind, finding.recorded, finding.told) == ("charge-disputed", 5000, 0)
        town.cards._set(town.payment, disputed=0)
        await town.reconcile(LATER, AFTER + DAYS_LATER)
        assert town.settled() == ["vanished"]


class AJuiceWithoutMessageIds:
    async def test_is_compared_by_its_numbers(self):
        town = await Town().described()
        town.juice.knows_messages = False
        await town.paid()
        town.juice.sell_elsewhere(700)
        await town.until_ended()
        compared = await town.reconcile()
        assert (compared.findings, compared.sums.juice_issued) == ((), 5000)
        town.juice.sold.clear()
        assert [finding.kind for finding in (await town.reconcile()).findings] == ["issued-unknown-to-juice"]


class HarderTown(Town):
    """The same, at a Juice without advice."""

    async def described(self) -> "HarderTown":
        await super().described()
        without_advice(self)
        self.purchasing = Purchasing(self.portal, self.adapter, self.cards)
        self.reconciler = Reconciler(self.portal, Gathering(self.portal, self.adapter, self.cards, self.known), self.known)
        return self

    async def given_up(self, at: datetime = NOON) -> "HarderTown":
        """A purchase whose first copy was lost on its way, and whose second one Juice refused."""
        self.juice_faults = ("lost-request", "", "BlockedMeter")
        await self.described()
        await self.paid()
        await self.advance(at)
        assert isinstance(await self.advance(at + PROVEN_AFTER), Ended)
        assert await self.stage() is Stage.RELEASED
        return self

    async def given_up_card(self, *faults: str) -> "HarderTown":
        """A card, tried after such faults until it has an end."""
        await self.described()
        await self.request()
        self.juice.faults.extend(faults)
        self.reserved = await self.portal.reserve_redemption(
            context(),
            serial="S1",
            code="ABCDEF123456",
            amount=5000,
            currency="ZAR",
            account_id=self.account_id,
            meter_id=None,
        )
        redeeming = Redeeming(self.portal, self.adapter)
        for at in (NOON, NOON + PROVEN_AFTER):
            await redeeming.advance(self.reserved.redemption_id, context(at, by="system:vendor"), attempts=1)
        assert (await self.portal.redemption(self.reserved.redemption_id)).stage is Card.PROVEN_ABSENT
        return self

    def arrives(self, after: timedelta, type: str = "Cash-CC", meter: str = "0701", amount: int = 5000, serial=None) -> None:
        """Juice makes a transaction of which nobody is told."""
        self.juice.now = NOON + after
        self.juice._enter(None, amount, type, serial, meter)

    async def kinds(self, day: date = DAY, at: datetime = AFTER) -> list[str]:
        return sorted(finding.kind for finding in (await self.reconcile(day, at)).findings)


SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


class ACopyAtAJuiceWithoutAdvice:
    async def test_that_arrived_after_its_absence_was_proven_is_named_with_whose_it_is(self):
        town = await HarderTown().given_up()
        assert await town.kinds() == []
        town.arrives(HOUR)
        compared = await town.reconcile()
        (finding,) = compared.findings
        assert (finding.kind, finding.account_id, finding.juice_number) == ("juice-unknown-to-seed", town.account_id, "T1")
        assert (finding.message_id, finding.told) == (str((await town.portal.purchase(town.id)).message_id), 5000)
        assert (compared.sums.issued, compared.sums.juice_issued) == (0, 5000)

    async def test_that_arrived_after_midnight_is_named_in_the_books_of_that_day(self):
        town = await HarderTown().given_up()
        _, ends = bounds(DAY, DESCRIPTION.zone)
        town.arrives(ends + SECOND - NOON)
        day = timedelta(days=1)
        assert (await town.kinds(), await town.kinds(DAY + day, AFTER + day)) == ([], ["juice-unknown-to-seed"])

    @pytest.mark.parametrize("change", [{"type": "Cash"}, {"meter": "0999"}, {"amount": 4999}, {"serial": "S9", "type": "JC"}])
    async def test_is_nothing_that_a_till_sold(self, change):
        town = await HarderTown().given_up()
        town.arrives(HOUR, **change)
        assert await town.kinds() == []

    async def test_of_what_juice_refused_at_once_is_none(self):
        town = await HarderTown(juice=("BlockedMeter",)).bought()
        town.arrives(HOUR)
        assert await town.kinds() == []

    async def test_of_what_was_issued_is_named_as_the_second_for_as_long_as_one_may_arrive(self):
        town = await HarderTown().bought()
        assert await town.kinds() == []
        town.arrives(HOUR)
        assert await town.kinds() == []
        town.arrives(timedelta(minutes=2))
        (finding,) = (await town.reconcile()).findings
        assert (finding.kind, finding.juice_number, finding.payment_id) == ("issued-twice", "T3", town.payment)

    async def test_of_what_is_in_doubt_is_named_until_it_is_claimed(self):
        town = await HarderTown(juice=("lost-reply",)).described()
        await town.paid()
        await town.advance()
        assert await town.kinds() == ["juice-unknown-to-seed"]
        await town.until_ended()
        assert (await town.kinds(), town.settled()) == ([], ["vanished"])

    async def test_that_staff_took_for_none_of_it_is_named(self):
        town = await HarderTown(juice=("lost-reply",)).described()
        await town.paid()
        town.juice.sell_elsewhere(5000, "Cash-CC")
        for _ in range(2):
            await town.advance()
        decided = context(NOON + HOUR, by="staff:ann")
        await town.portal.decide_purchase(decided, purchase_id=town.id, juice_number=None, reason="Juice's operators said so")
        await town.until_ended()
        assert await town.kinds() == ["issued-twice", "juice-unknown-to-seed"]

    async def test_of_a_card_is_named_by_its_serial(self):
        town = await HarderTown().given_up_card("lost-request", "", "VendorCredit")
        assert await town.kinds() == []
        town.arrives(HOUR, type="JC", serial="S1")
        (finding,) = (await town.reconcile()).findings
        assert (finding.kind, finding.account_id) == ("juice-unknown-to-seed", town.account_id)
        assert finding.about == About(kind="redemption", id=town.reserved.redemption_id)

    async def test_of_a_card_that_was_refused_at_once_and_then_used_at_a_till_is_none(self):
        town = await HarderTown().given_up_card("VendorCredit")
        town.arrives(HOUR, type="JC", serial="S1")
        assert await town.kinds() == []

    async def test_is_looked_for_only_where_juice_keeps_no_message_ids(self):
        town = await Town().bought()
        town.juice.sell_elsewhere(5000, "Cash-CC")
        assert (await town.reconcile()).findings == ()


class ABookThatCannotBeRead:
    @pytest.mark.parametrize("which", ["juice", "payments", "refunds", "disputes", "read models"])
    async def test_decides_nothing_and_is_compared_later(self, which, monkeypatch):
        town = await Town().bought()
        town.juice.sold.clear()
        await town.reconcile()
        before = len(town.log.all)

        async def silent(**query):
            raise JuiceSilent

        town.known.behind = which == "read models"
        with monkeypatch.context() as patched:
            if which == "juice":
                patched.setattr(town.juice, "transactions", silent)
            if which in ("payments", "refunds", "disputes"):
                patched.setattr(town.cards, which, silent)
            with pytest.raises(AWAY):
                await town.reconcile()
            await town.round()
            assert len(town.log.all) == before
        town.known.behind = False
        await town.round()
        assert await town.portal.reconciled(DAY - timedelta(days=1)) is not None

    def test_may_be_the_read_models(self):
        assert ReadModelsBehind in AWAY


class ARound:
    async def test_makes_up_for_a_week_and_then_compares_a_day_once(self):
        town = await Town().bought()
        await town.round(AFTER)
        assert town.count(DayReconciled) == DAYS_BACK
        await town.round(AFTER + timedelta(hours=1))
        assert town.count(DayReconciled) == DAYS_BACK
        await town.round(AFTER + timedelta(days=1))
        assert town.count(DayReconciled) == DAYS_BACK + 1

    async def test_waits_until_a_day_has_settled(self):
        town = await Town().bought()
        _, ends = bounds(DAY, DESCRIPTION.zone)
        await town.round(ends + timedelta(hours=2, minutes=59))
        assert await town.portal.reconciled(DAY) is None
        await town.round(ends + timedelta(hours=3))
        assert await town.portal.reconciled(DAY) is not None

    async def test_compares_a_day_again_that_was_compared_before_it_had_settled(self):
        town = await Town().bought()
        _, ends = bounds(DAY, DESCRIPTION.zone)
        await town.reconcile(ends + timedelta(minutes=1))
        town.juice.sold = []
        for _ in range(2):
            await town.round(ends + SETTLES_WITHIN)
        assert town.found() == ["issued-unknown-to-juice"] and town.count(DayReconciled) == DAYS_BACK + 1

    async def test_looks_again_at_days_with_open_differences(self):
        town = await Town().bought()
        taken, town.juice.sold = town.juice.sold, []
        await town.round(AFTER)
        town.juice.sold = taken
        await town.round(AFTER + timedelta(days=1))
        assert town.settled() == ["vanished"]

    async def test_of_two_vendors_at_once_finds_a_difference_once(self):
        town = await Town().bought()
        town.juice.sold.clear()
        other = Reconciler(town.portal, town.reconciler.gathering, town.known)
        for reconciler in (town.reconciler, other):
            await reconciler.reconcile(DAY, context(AFTER, by="system:vendor"))
        assert town.found() == ["issued-unknown-to-juice"]

    async def test_of_a_utility_that_nobody_has_described_does_nothing(self):
        town = await Town().described()
        town.log.streams.clear()
        town.portal.kept = Kept()
        await town.round()
        assert town.count(DayReconciled) == 0
