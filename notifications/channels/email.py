"""E-mail over SMTP (RFC 5321), as text and HTML together."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal

from notifications.channels.channel import DeliveryDelayed, DeliveryRefused, Message

PERMANENT = range(500, 600)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over. `sender` is the address in From; `timeout` is in seconds, for each step on the wire."""

    host: str
    port: int
    sender: str
    security: Literal["none", "starttls", "tls"] = "none"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 20.0
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)


class EmailChannel:
    """Sends each message over a connection of its own."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._sender = Address(addr_spec=server.sender)

    async def send(self, message: Message) -> None:
        """This will hand a message to the mail server.

        Raises DeliveryRefused where the server said no to this recipient or this content for good, and where the
        address is none; DeliveryDelayed for all else, a refused login or sender too: the contact is not to blame.
        """
        mail = self._compose(message)
        # smtplib blocks, and is the library that knows SMTP's corners; a thread waits for it.
        await asyncio.to_thread(self._hand_over, mail, message.to)

    def _compose(self, message: Message) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        try:
            mail["From"] = Address(message.sender, self._sender.username, self._sender.domain)
            mail["To"] = Address(addr_spec=message.to)
            mail["Subject"] = message.subject
        except (ValueError, IndexError, MessageError):  # a line break in a header, or no address
            raise DeliveryRefused("the message's headers cannot be written") from None
        mail["Date"] = message.at
        # Made from the message's id: a mail that is sent again is known by it.
        mail["Message-ID"] = f"<{message.id}@{self._sender.domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
        mail.set_content(message.text)
        if message.html is not None:
            mail.add_alternative(message.html, subtype="html")
        return mail

    def _hand_over(self, mail: EmailMessage, to: str) -> None:
        # Servers repeat the address in what they answer, so only the code of an answer is passed on.
        try:
            with self._connected() as smtp:
                smtp.send_message(mail, self._server.sender, [to])
        except smtplib.SMTPRecipientsRefused as refusal:
            code = next(iter(refusal.recipients.values()))[0]
            raise _failure(f"the mail server refused the recipient ({code})", code) from None
        except smtplib.SMTPDataError as refusal:
            raise _failure(f"the mail server refused the message ({refusal.smtp_code})", refusal.smtp_code) from None
        except smtplib.SMTPNotSupportedError:
            raise DeliveryRefused("the mail server does not take what this message needs") from None
        except smtplib.SMTPResponseException as refusal:
            raise DeliveryDelayed(f"the mail server refused to work for us ({refusal.smtp_code})") from None
        except (smtplib.SMTPException, OSError) as failure:
            raise DeliveryDelayed(f"the mail server could not be spoken to ({type(failure).__name__})") from None

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        # A name of its own for the greeting: the default asks the resolver for this machine's, which may take a minute.
        if server.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, self._sender.domain, timeout=server.timeout, context=server.tls
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, self._sender.domain, timeout=server.timeout)
        try:
            if server.security == "starttls":
                smtp.starttls(context=server.tls)
            if server.user is not None:
                smtp.login(server.user, server.password or "")
        except BaseException:
            smtp.close()
            raise
        return smtp


def _failure(reason: str, code: int) -> DeliveryRefused | DeliveryDelayed:
    return DeliveryRefused(reason) if code in PERMANENT else DeliveryDelayed(reason)
