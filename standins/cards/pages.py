"""What a person sees. Plain HTML, no script; nothing that is typed is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader

from standins.cards.amounts import shown
from standins.cards.numbers import DECLINES, TEST_CARDS, Typed
from standins.http import Reply

TEMPLATES = Path(__file__).with_name("templates")
STYLE = (TEMPLATES / "cards.css").read_text()

_environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)


def pay(session: dict[str, Any], typed: Typed | None = None, *, status: int = 200) -> Reply:
    """This will ask for a card. What was typed and cannot be meant stands there again, but for the security code."""
    declined = session["standin"].get("declined")
    cards = [(" ".join(number[at : at + 4] for at in range(0, 16, 4)), says) for number, (_, says, _) in TEST_CARDS.items()]
    return _page(
        status,
        "pay.html",
        [session["success_url"]],
        typed=typed or Typed("", "", "", ""),
        declined=DECLINES[declined] if declined and typed is None else None,
        amount=shown(session["amount_total"], session["currency"]),
        cards=cards,
        **_common(session),
    )


def challenge(session: dict[str, Any]) -> Reply:
    """This will ask what the card's bank asks."""
    last4, amount = session["standin"]["challenged"]["last4"], shown(session["amount_total"], session["currency"])
    return _page(200, "challenge.html", [session["success_url"]], last4=last4, amount=amount, **_common(session))


def notice(status: int, title: str, text: str, back: str | None) -> Reply:
    """This will say one thing, and lead back."""
    return _page(status, "notice.html", [], title=title, text=text, back=back)


def _common(session: dict[str, Any]) -> dict[str, Any]:
    return {"name": session["standin"]["name"], "back": session["cancel_url"], "here": f"/c/pay/{session['id']}"}


def _page(status: int, template: str, leads_to: list[str], **facts: Any) -> Reply:
    # A form may end at the shop: browsers ask this policy about every redirect that follows it.
    parts = [urlsplit(url) for url in leads_to]
    forms = " ".join(["'self'", *(f"{part.scheme}://{part.netloc}" for part in parts)])
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": f"default-src 'none'; style-src 'self'; img-src data:; form-action {forms}; base-uri 'none'",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    return Reply(status, _environment.get_template(template).render(**facts).encode(), headers)
