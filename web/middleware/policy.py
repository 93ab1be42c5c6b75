"""How this deployment is reached: over HTTPS or not, and through which proxies."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network


@dataclass(frozen=True, kw_only=True)
class Policy:
    """`secure` says that browsers reach the portal over HTTPS only; `trusted_proxies` are believed about the client's address."""

    secure: bool = True
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()

    @property
    def session_cookie(self) -> str:
        """The session cookie's name: browsers tie `__Host-` to one host, to HTTPS and to the path `/` (RFC 6265bis)."""
        return "__Host-seed" if self.secure else "seed"

    @property
    def device_cookie(self) -> str:
        """The name of the cookie by which a device that logged in before is known again."""
        return "__Host-seed-device" if self.secure else "seed-device"

    @property
    def language_cookie(self) -> str:
        """The name of the cookie that keeps the language chosen on a page."""
        return "__Host-seed-language" if self.secure else "seed-language"

    @property
    def console_cookie(self) -> str:
        """The name of the cookie with a person's session on the console."""
        return "__Host-seed-console" if self.secure else "seed-console"

    @property
    def console_device_cookie(self) -> str:
        """The name of the cookie by which a device is known again on which a person signed in before."""
        return "__Host-seed-console-device" if self.secure else "seed-console-device"
