"""Lives of accounts to project: what Juice told and what Seed did, through the Portal's commands."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from domain.clock import Clock
from domain.commands.editing import Edit
from domain.commands.feeds import AccountTold, MeterTold
from domain.commands.tickets import DamagedCard
from domain.contact import GivenContact
from domain.damaged_cards import CardTold
from domain.difference import Finding, Sums
from domain.event import Context
from domain.low_balance import Forecast
from domain.portal import Portal
from domain.ticket_events import About
from domain.token_shelf import token_id
from domain.usage import Reading
from domain.wallet import Debt, Line, Receipt, Token, TransactionRecorded
from tests.domain.scenario import NOON, context
from tests.web.scene import DESCRIPTION

JUICE = context(by="juice")
VENDOR = context(by="system:vendor")
STAFF = context(by="staff:ann")


def told(number: str) -> AccountTold:
    return AccountTold(
        number=number,
        name=f"Holder {number}",
        address=f"{number} Acacia Road",
        language="en",
        email=f"holder{number}@example.org",
        phone=f"+2782{int(number):07d}",
    )


def receipt(
    juice_number: str,
    *,
    meter_id: UUID | None = None,
    change: int = 0,
    amount: int = 5000,
    after: int | None = None,
    minutes: int = 0,
) -> Receipt:
    lines = [Line(kind="energy", amount=amount - 750), Line(kind="tax", amount=750)]
    if after is not None:
        lines.append(
            Line(kind="arrears", amount=100, debt_id="D1", description="Meter", balance_before=after + 100, balance_after=after)
        )
    return Receipt(
        juice_number=juice_number,
        happened_at=NOON + timedelta(minutes=minutes),
        amount=amount,
        currency="ZAR",
        lines=tuple(lines),
        wallet_change=change,
        wallet_balance=change,
        meter_id=meter_id,
        milliunits=25_600,
        tokens=(Token(kind="credit", digits="12345678901234567890", order=1),),
    )


async def live(portal: Portal, number: str) -> None:
    """This will let an account have a bit of everything: purchases, usage, debts, a password, two cards."""
    await portal.describe_utility(JUICE, DESCRIPTION)
    for edition, source in enumerate(("# Offices", "")):  # in a language of its own: lives are led side by side
        await portal.publish_info_page(STAFF, language=f"x{number}", source=source, based_on=edition)
    await portal.learn_account(JUICE, told(number), currency="ZAR")
    skipped = {"aggregate_id": UUID(int=int(number)), "at_position": 1, "error": "KeyError at AccountOpened"}
    await portal.skip_parked(context(by="operator:joe"), read_model="tickets", reason="a test of old", **skipped)
    meter = MeterTold(account_number=number, number=f"07{number}", kind="STS", resource="electricity", unit="kWh", removed=False)
    await portal.learn_meter(JUICE, meter)
    debt = Debt(debt_id="D1", description="Meter", balance=900, original=1000, share=25, plan="share", opened_on="2025-01-01")
    await portal.learn_arrears(JUICE, account_number=number, debts=(debt,), as_of=NOON)
    for balance in (7, 0):  # Juice puts in, and takes out again, what nobody had told of
        await portal.compare_balance(JUICE, account_number=number, juice_balance=balance, through=None, as_of=NOON)
    days = [Reading(date(2026, 1, 1) + timedelta(days=day), 5_000 + day) for day in range(100)]
    await portal.learn_usage(JUICE, meter_number=f"07{number}", readings=days)
    found = await portal.find(f"07{number}")
    bought = [
        ("Cash", receipt(f"{number}-{n}", meter_id=found.meter_id, change=100 * n, minutes=n, after=900 - n)) for n in range(1, 4)
    ]
    await portal.learn_transactions(JUICE, account_number=number, transactions=bought)
    await portal.confirm_identity(
        context(), account_id=found.account_id, address=told(number).address, email=f"new{number}@example.org", phone="+27821"
    )
    await ask(portal, found.account_id, number)
    await clock(portal, found.account_id, found.meter_id)
    await share(portal, found.account_id)
    await redeem(portal, number)
    await mark(portal, number)
    refused = await sent(portal, number, f"9{number}")
    await portal.prove_redemption_absent(VENDOR, **refused, rule="BlockedMeter")
    await change_contacts(portal, found.account_id, number)


async def change_contacts(portal: Portal, account_id: UUID, number: str) -> None:
    """This will have the customer change their contacts and language in every way there is, and take some of it back."""
    later = context(at=NOON + timedelta(days=8))

    async def edit(at: Context = later, **changes: Any) -> None:
        await portal.edit(at, account_id=account_id, edit=Edit(**changes), via_issue=None)

    def given(name: str) -> GivenContact:
        return GivenContact(contact_id=portal.new_id(later), channel="email", value=f"{name}{number}@example.org")

    account = await portal.account(account_id)
    registered, phone = account.registered("email")[0], account.registered("sms")[0]
    await edit(context(), change=((registered.contact_id, given("asked")),))
    (change_id,) = (await portal.account(account_id)).contacts.requested
    await portal.agree_to_change(context(by="visitor"), account_id=account_id, change_id=change_id)
    await edit(add=(given("own"),), remove=(phone.contact_id,), language="fr")
    await portal.revert_change(later, account_id=account_id, contact_id=phone.contact_id)
    await portal.learn_account(JUICE, msgspec.structs.replace(told(number), email=f"own{number}@example.org"), currency="ZAR")


async def clock(portal: Portal, account_id: UUID, meter_id: UUID | None) -> None:
    """This will have the account's customer told often, and of a low balance at once."""
    assert meter_id is not None
    await portal.set_clock(context(), account_id=account_id, clock=Clock(pace="often"), via_issue=None)
    today = NOON.date()
    low = Forecast(ends_on=today + timedelta(days=2), known_until=today - timedelta(days=1), topped_up_at=NOON)
    noticer = context(by="system:notifier")
    await portal.notice_low_balance(noticer, account_id=account_id, forecasts={meter_id: low}, today=today)


async def mark(portal: Portal, number: str) -> None:
    """This will mark the tokens of the first two purchases, and take one mark back."""
    account = await portal.account((await portal.find(number)).account_id)
    moved = [event for event in await portal.event_log.load(account.wallet_id) if isinstance(event, TransactionRecorded)]
    tokens = [token_id(account.wallet_id, event.originator_version, 1) for event in moved[:2]]
    for token in tokens:
        await portal.mark_token_entered(context(), account_id=account.id, token_id=token)
    await portal.remove_token_mark(context(), account_id=account.id, token_id=tokens[1])


async def ask(portal: Portal, account_id: UUID, number: str) -> None:
    """This will ask the utility something, have it answered and closed, and open it again; and Seed asks something too."""
    words = f"{number} Acacia Road"
    card = DamagedCard(serial=f"Serial of {words}", damage="code-gone")
    asked = await portal.open_ticket(
        context(), account_id=account_id, topic="meter", subject=f"Where is {words}?", text=words, card=card
    )
    used = CardTold(standing="used", amount=5000, currency="ZAR", used_at=NOON, used_meter=f"Meter of {words}")
    await portal.note_damaged_card(STAFF, reference=asked.reference, told=used)
    await portal.comment_ticket(STAFF, reference=asked.reference, text=f"We come to {words}.")
    await portal.close_ticket(STAFF, reference=asked.reference, comment=f"We were at {words}.", outcome="already-used")
    await portal.reopen_ticket(context(), reference=asked.reference, text=f"Not at {words}!", of_account=account_id)
    about = About(kind="purchase", id=account_id)
    doubt: dict[str, Any] = {"cause": "purchase-in-doubt", "about": about}
    await portal.open_ticket_by_system(
        VENDOR, account_id=account_id, topic="payment", subject="We ask for you.", text="No answer came.", **doubt
    )
    await portal.close_ticket_by_system(VENDOR, comment="It went through.", **doubt)


async def share(portal: Portal, account_id: UUID) -> None:
    """This will choose shares of each purchase for three debts: Juice takes one, refuses one, and says nothing of the third."""
    limits = {"present": 25, "least": 25, "most": 60}
    for debt_id, percent in (("D1", 40), ("D2", 30), ("D3", 60)):
        await portal.choose_share(context(), account_id=account_id, debt_id=debt_id, description="Meter", share=percent, **limits)
        share_id = portal.share_id(account_id, debt_id)
        message_id = (await portal.arrears_share(share_id)).message_id
        assert message_id is not None
        named = {"share_id": share_id, "message_id": message_id}
        await portal.send_share(VENDOR, **named)
        if debt_id == "D1":
            await portal.send_share_again(VENDOR, **named)
            await portal.confirm_share(VENDOR, **named)
        elif debt_id == "D2":
            await portal.refuse_share(VENDOR, **named, rule="ShareOutOfLimits")
        else:
            await portal.doubt_share(VENDOR, **named, reason="JuiceSilent")
            await portal.flag_share(VENDOR, **named)


async def sent(portal: Portal, number: str, serial: str) -> dict[str, UUID]:
    """This will reserve a card for an account, and have Juice asked."""
    found = await portal.find(f"07{number}")
    reserved = await portal.reserve_redemption(
        context(),
        serial=serial,
        code="ABCDEF123456",
        amount=5000,
        currency="ZAR",
        account_id=found.account_id,
        meter_id=None,
    )
    ids = {"redemption_id": reserved.redemption_id, "message_id": reserved.message_id}
    await portal.send_redemption(VENDOR, **ids)
    return ids


async def redeem(portal: Portal, number: str) -> None:
    """This will redeem the card whose serial is the account's number."""
    found = await portal.find(f"07{number}")
    ids = await sent(portal, number, number)
    told = receipt(f"{number}-card", meter_id=found.meter_id, change=50, minutes=10, after=800)
    await portal.settle_redemption(VENDOR, **ids, receipt=told)


async def buy(portal: Portal, number: str) -> UUID:
    """This will buy power with a credit card, after a card that was declined and a reply that was lost for a while."""
    found = await portal.find(f"07{number}")
    requested = await portal.request_purchase(
        context(), account_id=found.account_id, meter_id=None, amount=5000, currency="ZAR", language="en"
    )
    id = {"purchase_id": requested.purchase_id}
    await portal.open_checkout(context(), **id, checkout_id=f"cs_{number}")
    await portal.notice_purchase(VENDOR, **id, notice_id=f"evt_{number}_1", kind="declined")
    await portal.notice_purchase(VENDOR, **id, notice_id=f"evt_{number}_2", kind="authorised")
    ends = NOON + timedelta(days=7)
    held = {"payment_id": f"pi_{number}", "amount": 5000, "currency": "ZAR", "authorised_until": ends, "card": "visa 4242"}
    await portal.authorise_purchase(VENDOR, **id, **held)
    await portal.send_purchase(VENDOR, **id)
    await portal.doubt_purchase(VENDOR, **id, reason="JuiceSilent")
    await portal.flag_purchase(VENDOR, **id, reason="doubt-lasts")
    await portal.send_purchase_again(VENDOR, **id, copies=(await portal.purchase(id["purchase_id"])).copies)
    bought = receipt(f"{number}-bought", meter_id=found.meter_id, change=70, minutes=20, after=700)
    await portal.issue_purchase(VENDOR, **id, receipt=bought)
    await portal.capture_purchase(VENDOR, **id)
    return requested.purchase_id


async def buy_in_vain(portal: Portal, number: str) -> None:
    """This will have purchases end in each of the other ways."""
    found = await portal.find(f"07{number}")
    for place, end in enumerate(("abandoned", "released", "uncollected")):
        requested = await portal.request_purchase(
            context(), account_id=found.account_id, meter_id=None, amount=5000, currency="ZAR", language="en"
        )
        id = {"purchase_id": requested.purchase_id}
        if end == "abandoned":
            await portal.abandon_purchase(VENDOR, **id, reason="cancelled")
            continue
        ends = NOON + timedelta(days=7)
        held = {"payment_id": f"pi_{number}_{place}", "amount": 5000, "currency": "ZAR", "authorised_until": ends, "card": None}
        await portal.authorise_purchase(VENDOR, **id, **held)
        await portal.send_purchase(VENDOR, **id)
        await portal.prove_purchase_absent(VENDOR, **id, rule="BlockedMeter")
        if end == "released":
            await portal.release_purchase(VENDOR, **id)
            continue
        found_made = receipt(f"{number}-found", meter_id=found.meter_id, minutes=30, after=690)
        await portal.correct_purchase(VENDOR, **id, receipt=found_made)
        await portal.leave_purchase_uncollected(VENDOR, **id, rule="PaymentNotCapturable")


async def differ(portal: Portal, number: str) -> tuple[UUID, UUID]:
    """This will have the books differ twice: one difference stays open, the other is settled by staff."""
    account = await portal.find(number)
    ids = []
    for place, kind in enumerate(("issued-without-charge", "hold-left-open")):
        purchase_id = portal.purchase_id(f"{number}-{place}")
        finding = Finding(
            kind=kind,  # type: ignore[arg-type]
            subject=f"{number}-{place}",
            account_id=account.account_id,
            about=About(kind="purchase", id=purchase_id),
            message_id=f"{number}-{place}",
            recorded=5000 - 5000 * place,
            currency="ZAR",
            told=5000 * place,
            told_currency="ZAR",
        )
        await portal.find_difference(VENDOR, day=NOON.date(), finding=finding)
        ids.append(portal.difference_id(finding))
    await portal.settle_difference(STAFF, difference_id=ids[1], how="released", case=f"Case {number}")
    added = Sums(currency="ZAR", issued=5000, juice_issued=5000, charged=0, provider_charged=0, payments=1, differences=2)
    await portal.reconcile_day(VENDOR, day=NOON.date(), sums=added, settled_at=NOON)
    return ids[0], ids[1]
