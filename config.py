"""The settings: every one with its name, default and meaning. The only reader of the environment."""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingNotUsable(Exception):
    """A setting has a value that cannot be meant; the message names the setting and never repeats a secret."""


# Each parser takes the text and gives the value, or raises ValueError with what was expected.


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65535:
        raise ValueError("a port from 1 to 65535, or 0 for a free one")
    return int(text)


def _count(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text):
        raise ValueError("a whole number from 1 to 999")
    return int(text)


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,3})?", text) or float(text) == 0:
        raise ValueError("seconds from 0.001 to 99")
    return float(text)


def _flag(text: str) -> bool:
    known = {"yes": True, "true": True, "1": True, "on": True, "no": False, "false": False, "0": False, "off": False}
    if text.lower() not in known:
        raise ValueError("yes or no")
    return known[text.lower()]


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("an address such as https://portal.example")
    return text.rstrip("/")


def _database(text: str) -> str:
    if not re.match(r"postgres(ql)?://", text) and "dbname=" not in text:
        raise ValueError("an address such as postgresql://user:password@host/database, or libpq's host=… dbname=…")
    return text


def _master_key(text: str) -> bytes:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise ValueError("64 hexadecimal digits (make one: openssl rand -hex 32)")
    return bytes.fromhex(text)


def _level(text: str) -> str:
    if text.lower() not in ("debug", "info", "warning", "error"):
        raise ValueError("debug, info, warning or error")
    return text.lower()


def _codes(text: str) -> tuple[str, ...]:
    codes = tuple(part.strip() for part in text.split(",") if part.strip())
    if any(not re.fullmatch(r"[a-z][a-z0-9]{1,30}", code) for code in codes) or len(set(codes)) < len(codes):
        raise ValueError("codes of lower-case letters and digits, each once, separated by commas")
    return codes


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        raise ValueError("addresses or networks such as 10.0.0.0/8, separated by commas") from None


def _setting(name: str, default: str, parse: Callable[[str], Any], meaning: str, *, empty: Any = None) -> Any:
    return field(metadata={"name": name, "default": default, "parse": parse, "meaning": meaning, "empty": empty})


@dataclass(frozen=True, kw_only=True)
class UtilitySettings:
    """One utility: its code, the host names it answers to, its Juice, and its account with the provider of card payments.

    Without `cards_key` it takes no credit cards; without `cards_url` the provider is Stripe itself. Without `juice_advice` its
    Juice keeps no message ids.
    """

    code: str
    hosts: tuple[str, ...]
    juice_url: str
    juice_key: str = field(repr=False)
    juice_advice: bool = True
    cards_url: str | None = None
    cards_key: str | None = field(default=None, repr=False)
    cards_webhook_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, repr=False)
class Settings:
    """What the environment says; a setting that is absent or empty has its default."""

    host: str = _setting("HOST", "127.0.0.1", str, "The address the site listens on.")
    port: int = _setting("PORT", "8000", _port, "The port the site listens on.")
    public_url: str | None = _setting(
        "SEED_PUBLIC_URL", "", _url, "Where people reach the site, for links in messages; empty: `http://HOST:PORT`."
    )
    secure_cookies: bool | None = _setting(
        "SEED_SECURE_COOKIES", "", _flag, "Whether cookies are sent over HTTPS only; empty: yes where `SEED_PUBLIC_URL` is https."
    )
    trusted_proxies: tuple[Network, ...] = _setting(
        "SEED_TRUSTED_PROXIES", "", _networks, "Proxies whose `X-Forwarded-For` is believed, separated by commas.", empty=()
    )
    web_workers: int = _setting("SEED_WEB_WORKERS", "2", _count, "How many processes serve the site.")
    at_once: int = _setting("SEED_AT_ONCE", "4", _count, "How many requests a process works on at once, in each lane.")
    longest_queue: int = _setting("SEED_LONGEST_QUEUE", "64", _count, "How many wait for that in each lane; more are sent away.")
    patience: float = _setting("SEED_PATIENCE", "1", _seconds, "Seconds that a request waits at most; then it is sent away.")
    data_dir: Path = _setting(
        "SEED_DATA_DIR", ".seed", Path, "The folder for the embedded database, the master key and the stand-ins' state."
    )
    database_url: str | None = _setting(
        "DATABASE_URL", "", _database, "The PostgreSQL (17 or later) to use; empty: one of Seed's own under `SEED_DATA_DIR`."
    )
    replica_url: str | None = _setting(
        "SEED_REPLICA_URL", "", _database, "A streaming replica of it, which dashboards and analysts may read."
    )
    keys_database_url: str | None = _setting(
        "SEED_KEYS_DATABASE_URL", "", _database, "Another database for the accounts' keys, so that its backups are its own."
    )
    master_key: bytes | None = _setting(
        "SEED_MASTER_KEY", "", _master_key, "The key that wraps all others, 64 hex digits; empty: `SEED_DATA_DIR/master.key`."
    )
    utility_codes: tuple[str, ...] = _setting(
        "SEED_UTILITIES",
        "",
        _codes,
        "The utilities' codes; the first answers where a host name is none of theirs; empty: the demo's.",
        empty=(),
    )
    smtp_host: str | None = _setting(
        "SEED_SMTP_HOST", "", str, "The mail server; empty: the inbox of `seed run`, for e-mails and SMS."
    )
    smtp_port: int = _setting("SEED_SMTP_PORT", "25", _port, "The mail server's port.")
    smtp_user: str | None = _setting("SEED_SMTP_USER", "", str, "The name to log in to the mail server with; empty: no login.")
    smtp_password: str | None = _setting("SEED_SMTP_PASSWORD", "", str, "The password for it.")
    smtp_starttls: bool = _setting("SEED_SMTP_STARTTLS", "no", _flag, "Whether the connection to the mail server is encrypted.")
    mail_from: str = _setting("SEED_MAIL_FROM", "seed@localhost", str, "The sender of e-mails.")
    sms_url: str | None = _setting("SEED_SMS_URL", "", _url, "The address of the SMS gateway that messages are posted to.")
    sms_key: str | None = _setting("SEED_SMS_KEY", "", str, "The bearer key for the SMS gateway.")
    juice_port: int = _setting("SEED_JUICE_PORT", "0", _port, "The port of the Juice stand-in; 0: the one it had, or a free one.")
    juice_advice: bool = _setting(
        "SEED_JUICE_ADVICE", "yes", _flag, "Whether the Juice stand-in keeps message ids; `no`: it sells again what comes twice."
    )
    cards_port: int = _setting(
        "SEED_CARDS_PORT", "0", _port, "The port of the credit-card stand-in; 0: the one it had, or a free one."
    )
    inbox_port: int = _setting("SEED_INBOX_PORT", "0", _port, "The port of the inbox page; 0: the one it had, or a free one.")
    inbox_smtp_port: int = _setting(
        "SEED_INBOX_SMTP_PORT", "0", _port, "The port of the inbox's mail server; 0: the one it had, or a free one."
    )
    log_level: str = _setting("SEED_LOG_LEVEL", "info", _level, "The least serious lines that are logged.")
    utilities: tuple[UtilitySettings, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """This will read all settings. Raises SettingNotUsable, naming the setting."""
        values = {each.name: _read(each, environment) for each in fields(cls) if each.metadata}
        utilities = tuple(_utility(code, environment) for code in values["utility_codes"])
        return cls(**values, utilities=utilities)

    @classmethod
    def read(cls) -> Settings:
        """This will read all settings from this process's environment. Raises SettingNotUsable."""
        return cls.from_environment(os.environ)

    @property
    def url(self) -> str:
        """Where people reach the site; without SEED_PUBLIC_URL on this machine only."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 (compared, not bound)
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def cookies_are_secure(self) -> bool:
        """Whether cookies go over HTTPS only."""
        return self.secure_cookies if self.secure_cookies is not None else self.url.startswith("https:")

    @property
    def metrics_dir(self) -> Path:
        """Where the web processes of this server count together."""
        return self.data_dir.absolute() / "metrics"

    def __repr__(self) -> str:
        return "Settings(…)"


def passed_on(**changes: str) -> dict[str, str]:
    """This will give our environment with `changes` for a process we start; the programs of this Python are in its reach.

    Started by us, a process logs what needs a look only, unless SEED_LOG_LEVEL asks for more.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {"SEED_LOG_LEVEL": "warning", **os.environ, "PATH": path, "PYTHONUNBUFFERED": "1", **changes}


def count_together(folder: Path) -> None:
    """This will have the library of the metrics share its counts there between processes: it reads that from the environment."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


EACH_UTILITY = (
    ("SEED_UTILITY_CODE_HOSTS", "", "Host names the utility with that code answers to, separated by commas."),
    ("SEED_UTILITY_CODE_JUICE_URL", "required", "The address of its Juice."),
    ("SEED_UTILITY_CODE_JUICE_KEY", "required", "The bearer key for its Juice."),
    (
        "SEED_UTILITY_CODE_JUICE_ADVICE",
        "yes",
        "Whether its Juice stores replies under message ids; `no`: a lost vend is found among its transactions.",
    ),
    ("SEED_UTILITY_CODE_CARDS_KEY", "", "Its secret key at Stripe; empty: it takes no credit cards."),
    (
        "SEED_UTILITY_CODE_CARDS_WEBHOOK_SECRET",
        "",
        "The secret of its webhook endpoint at Stripe, `whsec_…`; required where there is a key.",
    ),
    ("SEED_UTILITY_CODE_CARDS_URL", "", "Where its card payments are asked for; empty: Stripe's own address."),
)
"""Settings there are once for each utility, with its code in capitals in the place of CODE."""


def documented() -> list[tuple[str, str, str]]:
    """This will list name, default and meaning of every setting, in order."""
    described = [each.metadata for each in fields(Settings) if each.metadata]
    return [*((each["name"], each["default"], each["meaning"]) for each in described), *EACH_UTILITY]


def _read(each: Field[Any], environment: Mapping[str, str]) -> Any:
    name = each.metadata["name"]
    text = environment.get(name, "").strip() or each.metadata["default"]
    return _parse(name, text, each.metadata["parse"]) if text else each.metadata["empty"]


def _parse(name: str, text: str, parse: Callable[[str], Any]) -> Any:
    try:
        return parse(text)
    except ValueError as error:
        raise SettingNotUsable(f"{name} is not usable: expected {error}.") from None


def _utility(code: str, environment: Mapping[str, str]) -> UtilitySettings:
    prefix = f"SEED_UTILITY_{code.upper()}"
    hosts = tuple(host.strip().lower() for host in environment.get(f"{prefix}_HOSTS", "").split(",") if host.strip())
    for needed in (f"{prefix}_JUICE_URL", f"{prefix}_JUICE_KEY"):
        if not environment.get(needed, "").strip():
            raise SettingNotUsable(f"{needed} is missing: SEED_UTILITIES names {code}.")
    url = _parse(f"{prefix}_JUICE_URL", environment[f"{prefix}_JUICE_URL"].strip(), _url)
    advice = environment.get(f"{prefix}_JUICE_ADVICE", "").strip() or "yes"
    cards_key, cards_secret, cards_url = (
        environment.get(f"{prefix}_CARDS_{name}", "").strip() or None for name in ("KEY", "WEBHOOK_SECRET", "URL")
    )
    if cards_key is not None and cards_secret is None:
        raise SettingNotUsable(f"{prefix}_CARDS_WEBHOOK_SECRET is missing: it goes with {prefix}_CARDS_KEY.")
    return UtilitySettings(
        code=code,
        hosts=hosts,
        juice_url=url,
        juice_key=environment[f"{prefix}_JUICE_KEY"].strip(),
        juice_advice=_parse(f"{prefix}_JUICE_ADVICE", advice, _flag),
        cards_url=_parse(f"{prefix}_CARDS_URL", cards_url, _url) if cards_url else None,
        cards_key=cards_key,
        cards_webhook_secret=cards_secret,
    )
