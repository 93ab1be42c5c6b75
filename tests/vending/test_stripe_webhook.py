"""What is believed of what comes to our webhook address."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from vending.card_provider import ProviderEvent, WebhookRefused
from vending.stripe_webhook import read_webhook

SECRET, OLD_SECRET = "whsec_the_secret", "whsec_before"  # noqa: S105
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PURCHASE = "0192d3f4-0000-7000-8000-000000000001"
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "payment_intent.succeeded",
    "created": int(NOW.timestamp()),
    "data": {
        "object": {
            "object": "payment_intent",
            "id": "pi_1",
            "metadata": {"utility": "blue", "purchase_id": PURCHASE},
            "note": "é",
        }
    },
}
BODY = json.dumps(EVENT, ensure_ascii=False).encode()


def signed(body: bytes = BODY, secret: str = SECRET, at: datetime = NOW) -> str:
    """The header that Stripe's own library makes."""
    made: str = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, int(at.timestamp()))
    return made


def believed(body: bytes = BODY, header: str | None = None, now: datetime = NOW) -> ProviderEvent:
    return read_webhook(body, signed() if header is None else header, now, SECRET)


class AWebhook:
    def test_signed_by_stripes_own_library_is_believed(self) -> None:
        event = believed()
        assert (event.id, event.kind, event.payment_id, event.at) == ("evt_1", "captured", "pi_1", NOW)
        assert (event.utility, str(event.purchase_id)) == ("blue", PURCHASE)

    def test_signed_with_several_secrets_is_believed_for_ours(self) -> None:
        old = signed(secret=OLD_SECRET).partition("v1=")[2]
        new = signed().partition("v1=")[2]
        stamp = int(NOW.timestamp())
        for signatures in ([old, new], [new, old]):
            assert believed(header=",".join([f"t={stamp}", *(f"v1={each}" for each in signatures), "v0=" + old])).id == "evt_1"

    @pytest.mark.parametrize("header", [signed(secret=OLD_SECRET), signed().replace("v1=", "v0="), signed(BODY + b" ")])
    def test_without_a_signature_of_ours_is_refused(self, header: str) -> None:
        with pytest.raises(WebhookRefused):
            believed(header=header)

    @pytest.mark.parametrize("seconds", [0, 299, 300, -299, -300])
    def test_holds_for_five_minutes(self, seconds: int) -> None:
        assert believed(now=NOW + timedelta(seconds=seconds)).id == "evt_1"

    @pytest.mark.parametrize("seconds", [301, 3600, -301, -86400])
    def test_of_another_time_is_refused(self, seconds: int) -> None:
        with pytest.raises(WebhookRefused, match="another time"):
            believed(now=NOW + timedelta(seconds=seconds))

    def test_whose_time_was_changed_is_refused(self) -> None:
        later = NOW + timedelta(hours=1)
        header = signed().replace(str(int(NOW.timestamp())), str(int(later.timestamp())))
        with pytest.raises(WebhookRefused, match="none of ours"):
            believed(header=header, now=later)

    @given(place=st.integers(0, len(BODY) - 1), flip=st.integers(1, 255))
    def test_with_any_byte_changed_is_refused(self, place: int, flip: int) -> None:
        changed = bytearray(BODY)
        changed[place] ^= flip
        with pytest.raises(WebhookRefused):
            believed(bytes(changed))

    @given(place=st.integers(0, len(signed()) - 1), put=st.characters(codec="utf-8"))
    def test_with_any_letter_of_its_header_changed_is_refused(self, place: int, put: str) -> None:
        header = signed()
        changed = header[:place] + put + header[place + 1 :]
        # Signatures are compared as they are written.
        if changed != header:
            with pytest.raises(WebhookRefused):
                believed(header=changed)

    @given(header=st.text(max_size=80) | st.none(), body=st.binary(max_size=80))
    def test_that_is_anything_at_all_is_refused_and_no_fault(self, header: str | None, body: bytes) -> None:
        with pytest.raises(WebhookRefused):
            read_webhook(body, header, NOW, SECRET)

    @pytest.mark.parametrize(
        "body", [b"", b"null", b"[]", b"{}", b'{"id": "evt_1"}', b'{"id": 1, "type": "x", "created": "now"}']
    )
    def test_that_is_signed_and_no_event_is_refused(self, body: bytes) -> None:
        with pytest.raises(WebhookRefused, match="no event"):
            believed(body, signed(body))

    def test_that_is_refused_is_not_quoted(self) -> None:
        with pytest.raises(WebhookRefused) as refusal:
            believed(BODY + b" ")
        told = repr(refusal.value) + repr(refusal.value.__cause__)
        assert PURCHASE not in told and SECRET not in told
