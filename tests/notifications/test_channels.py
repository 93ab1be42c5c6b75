"""E-mail and SMS, sent over real SMTP and HTTP to the catcher."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from notifications.channels import Channel, DeliveryDelayed, DeliveryRefused, Message
from notifications.channels.email import EmailChannel, MailServer
from notifications.channels.sms import SmsChannel, SmsGateway
from tests.inbox import Inbox

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ID = UUID("01920000-0000-7000-8000-000000000001")
MAIL = Message(
    id=ID,
    channel="email",
    at=NOON,
    to="pat@example.test",
    sender="Blue, Power",
    subject="Your password – here",
    text="The password is k3y5.\n",
    html="<p>The password is <b>k3y5</b>.</p>",
)
SMS = Message(id=ID, channel="sms", at=NOON, to="+254700000001", sender="Blue Power", subject="", text="Password k3y5")
NOWHERE = MailServer(host="127.0.0.1", port=9, sender="no-reply@blue.example", timeout=2)


@pytest.fixture
def email(inbox: Inbox) -> EmailChannel:
    return EmailChannel(replace(NOWHERE, host=inbox.smtp_host, port=inbox.smtp_port))


@pytest.fixture
async def sms(inbox: Inbox) -> AsyncIterator[SmsChannel]:
    async with httpx.AsyncClient() as client:
        yield SmsChannel(SmsGateway(url=inbox.sms_url, key=inbox.sms_key, timeout=2), client)


class AMessage:
    def test_shows_in_its_repr_neither_whom_it_goes_to_nor_what_it_says(self) -> None:
        for shown in (repr(MAIL), repr(SMS), str([MAIL, SMS])):
            assert not any(secret in shown for secret in ("pat@", "k3y5", "password", "+2547", "Password"))
            assert str(ID) in shown


class AnEmail:
    async def test_arrives_as_text_and_html_from_the_utility(self, inbox: Inbox, email: EmailChannel) -> None:
        await email.send(MAIL)
        (caught,) = inbox.messages(to=MAIL.to)
        assert (caught.subject, caught.text) == (MAIL.subject, MAIL.text)
        assert caught.html.strip() == MAIL.html
        assert caught.sender == '"Blue, Power" <no-reply@blue.example>'

    async def test_is_known_by_its_id_when_it_is_sent_again(self, inbox: Inbox, email: EmailChannel) -> None:
        await email.send(MAIL)
        await email.send(MAIL)
        first, second = inbox.messages()
        assert first.message_id == second.message_id == f"<{ID}@blue.example>"
        assert second.repeated

    @pytest.mark.parametrize(
        "to", ["a@b.test\r\nBcc: c@d.test", "a@b.test, c@d.test", "Pat <a@b.test>", "", "nobody", "a@b.test\n"]
    )
    async def test_goes_to_one_plain_address_or_nowhere(self, inbox: Inbox, email: EmailChannel, to: str) -> None:
        with pytest.raises(DeliveryRefused):
            await email.send(replace(MAIL, to=to))
        assert inbox.messages() == []

    @pytest.mark.parametrize("field", ["subject", "sender"])
    async def test_takes_no_line_break_into_a_header(self, inbox: Inbox, email: EmailChannel, field: str) -> None:
        with pytest.raises(DeliveryRefused):
            await email.send(replace(MAIL, **{field: "Hello\r\nBcc: c@d.test"}))
        assert inbox.messages() == []

    async def test_is_refused_for_good_where_the_server_says_so(self, inbox: Inbox, email: EmailChannel) -> None:
        inbox.faults("email", "refuse")
        with pytest.raises(DeliveryRefused, match="550") as refusal:
            await email.send(MAIL)
        assert "pat@" not in str(refusal.value)

    async def test_is_delayed_where_the_server_has_no_time(self, inbox: Inbox, email: EmailChannel) -> None:
        inbox.faults("email", "temporary")
        with pytest.raises(DeliveryDelayed, match="451"):
            await email.send(MAIL)

    async def test_is_delayed_where_nobody_listens(self) -> None:
        with pytest.raises(DeliveryDelayed, match="ConnectionRefusedError"):
            await EmailChannel(NOWHERE).send(MAIL)

    async def test_is_delayed_where_the_reply_is_lost(self, inbox: Inbox, email: EmailChannel) -> None:
        inbox.faults("email", "drop-connection-after-data")
        with pytest.raises(DeliveryDelayed):
            await email.send(MAIL)
        assert len(inbox.messages()) == 1

    async def test_does_not_wait_longer_than_its_timeout(self, inbox: Inbox) -> None:
        inbox.faults("email", "delay", seconds=60)
        hasty = EmailChannel(replace(NOWHERE, host=inbox.smtp_host, port=inbox.smtp_port, timeout=0.3))
        async with asyncio.timeout(20):
            with pytest.raises(DeliveryDelayed):
                await hasty.send(MAIL)


class AnSms:
    async def test_arrives(self, inbox: Inbox, sms: SmsChannel) -> None:
        await sms.send(SMS)
        (caught,) = inbox.messages(to=SMS.to)
        assert (caught.channel, caught.text, caught.message_id) == ("sms", SMS.text, str(ID))

    async def test_arrives_once_when_it_is_sent_again_after_a_lost_reply(self, inbox: Inbox, sms: SmsChannel) -> None:
        inbox.faults("sms", "drop-connection-after-data")
        with pytest.raises(DeliveryDelayed):
            await sms.send(SMS)
        await sms.send(SMS)
        assert len(inbox.messages()) == 1

    async def test_is_refused_for_good_where_the_gateway_says_so(self, inbox: Inbox, sms: SmsChannel) -> None:
        inbox.faults("sms", "refuse")
        with pytest.raises(DeliveryRefused, match="422"):
            await sms.send(SMS)

    async def test_is_delayed_where_our_key_is_wrong(self, inbox: Inbox) -> None:
        async with httpx.AsyncClient() as client:
            channel = SmsChannel(SmsGateway(url=inbox.sms_url, key="another"), client)
            with pytest.raises(DeliveryDelayed, match="401"):
                await channel.send(SMS)

    async def test_waits_as_long_as_the_gateway_asks(self) -> None:
        busy = httpx.MockTransport(lambda request: httpx.Response(429, headers={"Retry-After": "90"}))
        async with httpx.AsyncClient(transport=busy) as client:
            with pytest.raises(DeliveryDelayed) as delay:
                await SmsChannel(SmsGateway(url="http://gateway.test", key="k"), client).send(SMS)
        assert delay.value.retry_after == timedelta(seconds=90)


@pytest.mark.parametrize("make", [lambda: MAIL, lambda: SMS], ids=["email", "sms"])
class AFailure:
    async def test_says_neither_address_nor_text(
        self, inbox: Inbox, email: EmailChannel, sms: SmsChannel, make: Callable[[], Message]
    ) -> None:
        message = make()
        channel: Channel = email if message.channel == "email" else sms
        for kind in ("refuse", "temporary", "drop-connection-after-data"):
            inbox.faults(message.channel, kind)
            with pytest.raises((DeliveryRefused, DeliveryDelayed)) as failure:
                await channel.send(message)
            assert failure.value.__suppress_context__ or failure.value.__context__ is None
            assert message.to not in str(failure.value) and "k3y5" not in str(failure.value)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate of its own for 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "mail.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


class Keeper:
    """Takes mail from whoever shows the password, and nobody else."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
        self.kept.append(envelope.content)
        return "250 OK"


class AMailServerWithLoginAndTls:
    @pytest.fixture
    async def keeper(self, certificate: Path) -> AsyncIterator[tuple[Keeper, MailServer]]:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        keeper = Keeper()

        def connection() -> SMTP:
            return SMTP(
                keeper,
                hostname="mail.test",
                tls_context=context,
                require_starttls=True,
                auth_required=True,
                authenticator=lambda server, session, envelope, mechanism, login: AuthResult(
                    success=(login.login, login.password) == (b"seed", b"pass")
                ),
                loop=asyncio.get_running_loop(),
            )

        server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0)
        trusted = ssl.create_default_context(cafile=str(certificate))
        port = server.sockets[0].getsockname()[1]
        yield keeper, replace(NOWHERE, port=port, security="starttls", user="seed", password="pass", tls=trusted)
        server.close()

    async def test_is_given_mail_over_an_encrypted_connection(self, keeper: tuple[Keeper, MailServer]) -> None:
        await EmailChannel(keeper[1]).send(MAIL)
        assert b"k3y5" in keeper[0].kept[0]

    async def test_is_not_trusted_without_a_good_certificate(self, keeper: tuple[Keeper, MailServer]) -> None:
        with pytest.raises(DeliveryDelayed, match="SSLCertVerificationError"):
            await EmailChannel(replace(keeper[1], tls=ssl.create_default_context())).send(MAIL)

    async def test_delays_mail_where_the_login_is_wrong(self, keeper: tuple[Keeper, MailServer]) -> None:
        with pytest.raises(DeliveryDelayed):
            await EmailChannel(replace(keeper[1], password="wrong")).send(MAIL)
        assert keeper[0].kept == []
