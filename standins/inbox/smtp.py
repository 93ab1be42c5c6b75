"""The mail server's half: takes whatever it is given over real SMTP, unless a fault was ordered."""

from __future__ import annotations

import asyncio
import email
import email.message
import email.policy
import socket

from aiosmtpd.smtp import SMTP, Envelope, Session

from standins.inbox.faults import Faults
from standins.inbox.store import Store

LARGEST_MAIL = 5_000_000
ANSWERS = {
    "refuse": "550 5.1.1 No such mailbox here",
    "temporary": "451 4.3.0 Not now, try again later",
}


class Catcher:
    """The handler that aiosmtpd calls; its method names are aiosmtpd's."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self._store = store
        self._faults = faults

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """This will accept a recipient, or answer as ordered."""
        fault = self._faults.take("email", address, ANSWERS)
        if fault is not None:
            return ANSWERS[fault.kind]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """This will keep the mail, once for each recipient; faults ordered for after that come after that."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        mail = email.message_from_bytes(content, policy=email.policy.default)
        for to in envelope.rcpt_tos:
            self._store.add(
                channel="email",
                to=to,
                sender=str(mail["From"] or envelope.mail_from or ""),
                subject=str(mail["Subject"] or ""),
                text=_body(mail, "plain") or "",
                html=_body(mail, "html"),
                message_id=str(mail["Message-ID"] or "").strip(),
            )
        fault = self._faults.take("email", envelope.rcpt_tos[0], ("delay", "drop-connection-after-data"))
        if fault is not None and fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        elif fault is not None and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 2.0.0 Kept"


def _body(mail: email.message.EmailMessage, kind: str) -> str | None:
    part = mail.get_body(preferencelist=(kind,))
    if part is None:
        return None
    try:
        content = part.get_content()
    except (LookupError, ValueError):  # a charset that nobody knows: show the bytes rather than lose the mail
        payload = part.get_payload(decode=True)
        content = payload.decode("latin-1") if isinstance(payload, bytes) else ""
    return content.replace("\r\n", "\n") if isinstance(content, str) else ""


async def serve_smtp(listener: socket.socket, store: Store, faults: Faults) -> asyncio.Server:
    """This will serve SMTP on a bound socket in the running loop."""
    loop = asyncio.get_running_loop()

    def connection() -> SMTP:
        return SMTP(
            Catcher(store, faults),
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            hostname="inbox.localhost",
            ident="inbox",
            loop=loop,
        )

    return await loop.create_server(connection, sock=listener)
