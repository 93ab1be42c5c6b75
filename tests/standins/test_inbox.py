"""The catcher of mail and SMS: what it keeps, shows, and does wrong when told to."""

from __future__ import annotations

import re
import smtplib
import subprocess
import sys
from email.message import EmailMessage

import httpx
import pytest

from tests.inbox import ROOT, Inbox

PAT = "pat@example.test"
PHONE = "+254700000001"


def mail(to: str = PAT, subject: str = "Hello", text: str = "Good day", html: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Blue <blue@example.test>", to, subject
    message["Message-ID"] = "<one@example.test>"
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


def hand_over(inbox: Inbox, message: EmailMessage) -> None:
    with smtplib.SMTP(inbox.smtp_host, inbox.smtp_port, "test", timeout=60) as smtp:
        smtp.send_message(message)


def text_message(inbox: Inbox, id: str = "1", to: str = PHONE, text: str = "Good day", key: str = "") -> httpx.Response:
    headers = {"Authorization": f"Bearer {key or inbox.sms_key}"}
    return httpx.post(inbox.sms_url, json={"id": id, "to": to, "text": text}, headers=headers, timeout=2)


class TheInbox:
    def test_shows_a_mail_as_it_was_sent(self, inbox: Inbox) -> None:
        hand_over(inbox, mail(subject="Grüße", text="Naïve, 5 €\n", html="<p>Naïve</p>"))
        (caught,) = inbox.messages(to="PAT@example.test")
        assert (caught.channel, caught.to, caught.subject, caught.text) == ("email", PAT, "Grüße", "Naïve, 5 €\n")
        assert caught.html == "<p>Naïve</p>\n"

    def test_takes_an_sms_once_however_often_its_id_is_repeated(self, inbox: Inbox) -> None:
        assert [text_message(inbox).status_code for _ in range(3)] == [202, 202, 202]
        assert [caught.text for caught in inbox.messages(to="254 700 000 001")] == ["Good day"]

    def test_keeps_a_mail_that_was_sent_twice_and_says_so(self, inbox: Inbox) -> None:
        hand_over(inbox, mail())
        hand_over(inbox, mail())
        assert [caught.repeated for caught in inbox.messages()] == [False, True]

    def test_keeps_what_it_took_over_a_kill(self, inbox: Inbox) -> None:
        hand_over(inbox, mail())
        text_message(inbox)
        page = inbox.url
        inbox.restart()
        assert inbox.url == page
        assert [caught.channel for caught in inbox.messages()] == ["email", "sms"]
        assert text_message(inbox).status_code == 202
        assert len(inbox.messages()) == 2

    def test_wants_the_gateways_key(self, inbox: Inbox) -> None:
        assert text_message(inbox, key="another").status_code == 401
        assert inbox.messages() == []

    @pytest.mark.parametrize(
        "body", ["[]", "1", "{", '{"id": "1", "to": 5, "text": "x"}', '{"id": "1", "to": "12", "text": "x"}']
    )
    def test_refuses_a_bad_sms_with_a_reason(self, inbox: Inbox, body: str) -> None:
        headers = {"Authorization": f"Bearer {inbox.sms_key}", "Content-Type": "application/json"}
        reply = httpx.post(inbox.sms_url, content=body, headers=headers)
        assert reply.status_code in (400, 422)
        assert reply.json()["detail"]

    def test_gives_only_what_came_after_a_message(self, inbox: Inbox) -> None:
        for id in "123":
            text_message(inbox, id=id, text=id)
        first = inbox.messages()[0]
        assert [caught.text for caught in inbox.messages(after=first.id)] == ["2", "3"]


class TheInboxPage:
    def test_lists_the_newest_first_and_finds_by_a_part_of_the_address(self, inbox: Inbox) -> None:
        hand_over(inbox, mail(subject="Older"))
        hand_over(inbox, mail(subject="Newer"))
        text_message(inbox, text="Over the air")
        page = httpx.get(inbox.url).text
        assert page.index("Over the air") < page.index("Newer") < page.index("Older")
        assert "Over the air" not in httpx.get(inbox.url, params={"to": "pat@"}).text
        assert "Newer" not in httpx.get(inbox.url, params={"to": "+254 7000"}).text

    def test_names_the_zone_of_its_times(self, inbox: Inbox) -> None:
        text_message(inbox)
        for path in ("", f"/messages/{inbox.messages()[0].id}"):
            assert re.search(r"<time [^>]*>\d\d \w{3}, \d\d:\d\d:\d\d [A-Z+-]\S+</time>", httpx.get(inbox.url + path).text)

    def test_escapes_whatever_was_sent(self, inbox: Inbox) -> None:
        hand_over(inbox, mail(subject="<script>alert(1)</script>", text='<b>bold</b> https://a.test/?"><i>'))
        (caught,) = inbox.messages()
        for page in (inbox.url, f"{inbox.url}/messages/{caught.id}"):
            reply = httpx.get(page)
            assert "<script" not in reply.text and "<b>" not in reply.text and "<i>" not in reply.text
            assert "script-src" not in reply.headers["Content-Security-Policy"]
            assert "default-src 'none'" in reply.headers["Content-Security-Policy"]

    def test_makes_links_clickable_and_leaves_the_full_stop_outside(self, inbox: Inbox) -> None:
        text_message(inbox, text="Undo: https://blue.test/undo/a_b-c?x=1&y=2. Bye")
        page = httpx.get(f"{inbox.url}/messages/{inbox.messages()[0].id}").text
        assert 'href="https://blue.test/undo/a_b-c?x=1&amp;y=2"' in page

    def test_shows_a_mails_own_html_in_a_sandbox(self, inbox: Inbox) -> None:
        hand_over(inbox, mail(html="<h1>Hello</h1><script>alert(1)</script>"))
        reply = httpx.get(f"{inbox.url}/messages/{inbox.messages()[0].id}/html")
        assert "<h1>Hello</h1>" in reply.text
        assert reply.headers["Content-Security-Policy"].startswith("sandbox allow-popups")
        assert "allow-scripts" not in reply.headers["Content-Security-Policy"]

    def test_is_not_read_through_a_name_of_somebody_elses(self, inbox: Inbox) -> None:
        assert httpx.get(inbox.url, headers={"Host": "rebound.example"}).status_code == 403

    @pytest.mark.parametrize("path", ["/messages/99", "/messages/x", "/messages/9999999999999999999999", "/nothing"])
    def test_says_that_there_is_nothing(self, inbox: Inbox, path: str) -> None:
        assert httpx.get(inbox.url + path).status_code == 404

    def test_says_which_field_is_wrong(self, inbox: Inbox) -> None:
        assert "after" in httpx.get(f"{inbox.url}/api/messages?after=x").json()["detail"]


class FaultsToOrder:
    def test_refuse_as_often_as_ordered(self, inbox: Inbox) -> None:
        inbox.faults("email", "refuse", 1)
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
            hand_over(inbox, mail())
        assert refusal.value.recipients[PAT][0] == 550
        hand_over(inbox, mail())
        assert len(inbox.messages()) == 1

    def test_break_the_connection_after_a_message_was_kept(self, inbox: Inbox) -> None:
        inbox.faults("email", "drop-connection-after-data")
        inbox.faults("sms", "drop-connection-after-data")
        with pytest.raises(smtplib.SMTPServerDisconnected):
            hand_over(inbox, mail())
        with pytest.raises(httpx.RemoteProtocolError):
            text_message(inbox)
        assert [caught.channel for caught in inbox.messages()] == ["email", "sms"]

    def test_put_off_or_delay_an_sms(self, inbox: Inbox) -> None:
        inbox.faults("sms", "temporary")
        assert text_message(inbox).status_code == 503
        inbox.faults("sms", "delay", seconds=30)
        with pytest.raises(httpx.ReadTimeout):
            text_message(inbox)
        assert len(inbox.messages()) == 1

    def test_meet_only_the_address_they_name(self, inbox: Inbox) -> None:
        inbox.faults("sms", "refuse", to="+254700000009")
        assert text_message(inbox).status_code == 202
        assert text_message(inbox, id="2", to="+254700000009").status_code == 422

    def test_are_forgotten_when_told_so(self, inbox: Inbox) -> None:
        inbox.faults("sms", "refuse", 5)
        httpx.delete(f"{inbox.url}/__faults")
        assert text_message(inbox).status_code == 202

    @pytest.mark.parametrize(
        ("order", "field"),
        [
            ([], "body"),
            ({"channel": "pigeon", "kind": "refuse"}, "channel"),
            ({"channel": "sms", "kind": "explode"}, "kind"),
            ({"channel": "sms", "kind": ["refuse"]}, "kind"),
            ({"channel": "sms", "kind": "refuse", "times": True}, "times"),
            ({"channel": "sms", "kind": "delay", "seconds": -1}, "seconds"),
            ({"channel": "sms", "kind": "delay", "hours": 1}, "hours"),
        ],
    )
    def test_name_the_field_that_is_wrong(self, inbox: Inbox, order: object, field: str) -> None:
        reply = httpx.post(f"{inbox.url}/__faults", json=order)
        assert reply.status_code == 422
        assert reply.json()["detail"].startswith(field)


class AnInboxThatCannotStart:
    def test_names_the_port_and_the_option(self, inbox: Inbox) -> None:
        command = [sys.executable, "-m", "standins.inbox", "--state", str(inbox._state), "--smtp-port", str(inbox.smtp_port)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert ended.returncode == 1
        assert str(inbox.smtp_port) in ended.stderr and "--smtp-port" in ended.stderr
        assert ended.stderr.count("\n") == 1
