"""Markdown of the utility's staff, also of one whose sign-in was stolen: nothing of it runs or loads anything."""

from __future__ import annotations

import re

import pytest

from web.journeys.markdown import html


class AText:
    def test_stands_below_the_pages_own_heading(self):
        assert "<h2>Offices</h2>" in html("# Offices") and "<h3>North</h3>" in html("## North")
        assert "<h6>x</h6>" in html("###### x") and "<h1" not in html("# a\n\nb\n===")

    def test_may_have_lists_tables_and_emphasis(self):
        rendered = html("- **one**\n- *two*\n\n3. three\n\n| kWh | price |\n|---|---|\n| 1 | 2 |\n\n> said\n\n`code`")
        for tag in ("<ul>", "<strong>", "<em>", '<ol start="3">', "<table>", "<td>", "<blockquote>", "<code>"):
            assert tag in rendered

    @pytest.mark.parametrize(
        "address", ["https://a.example/x", "http://a.example", "mailto:a@b.example", "tel:+27115550100", "/redeem"]
    )
    def test_may_link_to(self, address):
        assert re.search(rf'<a href="{re.escape(address)}" rel="noopener noreferrer">', html(f"[here]({address})"))

    @pytest.mark.parametrize(
        "attack",
        [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<iframe src='https://evil.example'></iframe>",
            "<svg/onload=alert(1)>",
            "<style>*{display:none}</style>",
            "<form action=//evil.example><input name=password></form>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](java&#115;cript:alert(1))",
            "[x](&#x6A;avascript:alert(1))",
            "[x](\x01javascript:alert(1))",
            "[x](vbscript:msgbox(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](file:///etc/passwd)",
            "[x](//evil.example)",
            "[x](/\\evil.example)",
            "[x](\\\\evil.example)",
            "<javascript:alert(1)>",
            "[x]: javascript:alert(1)\n\n[x]",
            "![x](https://evil.example/pixel.png)",
            "![x](data:image/svg+xml;base64,PHN2Zz4=)",
            '[x](https://a.example "\\" onmouseover=alert(1) ")',
            '```js" onmouseover="alert(1)\ncode\n```',
        ],
    )
    def test_runs_and_loads_nothing(self, attack):
        rendered = html(attack)
        tags = set(re.findall(r"<\s*/?\s*([a-zA-Z0-9]+)", rendered))
        assert tags <= {"p", "a", "code", "pre", "h2", "h3"}, rendered
        for tag in re.findall(r"<[a-z][^>]*>", rendered):
            assert not re.search(r"\bon[a-z]+\s*=|\bsrc\b|\bstyle\b", re.sub(r'"[^"]*"', '""', tag)), rendered
        for address in re.findall(r'href="([^"]*)"', rendered):
            assert re.match(r"(https?|mailto|tel):|/(?![/\\])|#", address), rendered

    def test_shows_a_picture_from_elsewhere_as_a_link_to_it(self):
        assert '<a href="https://a.example/map.png" rel="noopener noreferrer">Map</a>' in html(
            "![Map](https://a.example/map.png)"
        )

    def test_cannot_grow_beyond_measure(self):
        wide = "|" + "a|" * 1500 + "\n|" + "-|" * 1500 + "\n" + "x\n" * 3000
        assert len(html(wide)) < 3 * len(wide)
