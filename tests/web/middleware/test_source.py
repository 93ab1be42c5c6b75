from __future__ import annotations

from ipaddress import ip_network

import pytest

from web.middleware.source import UNKNOWN, source_of

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


class TheSource:
    @pytest.mark.parametrize(
        ("peer", "forwarded_for", "expected"),
        [
            ("192.0.2.1", None, "192.0.2.1"),
            ("192.0.2.1", "198.51.100.9", "192.0.2.1"),  # nobody asked a stranger where it comes from
            ("10.0.0.1", "198.51.100.9", "198.51.100.9"),
            ("10.0.0.1", "203.0.113.5, 198.51.100.9", "198.51.100.9"),  # what stands before it the client wrote itself
            ("10.0.0.1", "198.51.100.9, 10.0.0.2", "198.51.100.9"),
            ("10.0.0.1", "rubbish", "10.0.0.1"),
            ("10.0.0.1", None, "10.0.0.1"),
            ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
            ("fd00::1", "2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
            ("::ffff:192.0.2.1", None, "192.0.2.1"),
            (None, "198.51.100.9", UNKNOWN),
        ],
    )
    def test_is_the_clients_address_as_far_as_it_can_be_believed(
        self, peer: str | None, forwarded_for: str | None, expected: str
    ) -> None:
        assert source_of(peer, forwarded_for, PROXIES) == expected
