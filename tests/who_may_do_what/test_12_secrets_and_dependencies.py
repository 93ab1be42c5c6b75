"""No secret in the repository, in an error, in a log. Dependencies pinned with hashes in a lock file, audited in CI."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.who_may_do_what.known_weaknesses import Weakness, known, pins

ROOT = Path(__file__).parent.parent.parent
LOCKS = ("requirements.lock", "requirements-test.lock")
SECRETS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an API key of Seed": re.compile(r"\bseed_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"),
    "a live key of Stripe": re.compile(r"\b[sr]k_live_[0-9A-Za-z]{16,}"),
    "a webhook secret": re.compile(r"\bwhsec_[0-9A-Za-z+/]{32,}"),
    "a key of AWS": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of GitHub": re.compile(r"\bgh[pousr]_[0-9A-Za-z]{36}"),
    # At this very machine, or an example's, it opens nothing.
    "a password in an address": re.compile(
        r"\b(?:postgres(?:ql)?|https?|smtp)://[^\s/:@{}$<>\"']+:[^\s/@{}$<>\"']{6,}@(?!127\.|localhost|host\b|[a-z.]*example)"
    ),
}

ACCEPTED: dict[str, str] = {}
"""Weaknesses that do not touch Seed: the id of each -> why not, and until when it is looked at again."""


def kept() -> Iterator[tuple[str, str]]:
    """Every file of the repository that is text, with what it says."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = listed.stdout.decode().split("\0") if listed.returncode == 0 else []
    # A copy without git has the same files, and what was made of them.
    paths = [ROOT / name for name in names if name] or [
        path for path in ROOT.rglob("*") if path.is_file() and not {".venv", ".seed", "__pycache__"} & set(path.parts)
    ]
    for path in paths:
        try:
            yield str(path.relative_to(ROOT)), path.read_text()
        except (UnicodeDecodeError, FileNotFoundError):
            continue


class TheRepository:
    def test_holds_no_secret(self) -> None:
        files = list(kept())
        assert len(files) > 500
        found = [(name, what) for name, text in files for what, pattern in SECRETS.items() if pattern.search(text)]
        assert not found

    def test_would_be_seen_to_hold_one(self) -> None:
        samples = [
            "seed_" + "a" * 43,
            "sk_live_" + "4" * 24,
            "-----BEGIN " + "PRIVATE KEY-----",
            "postgresql://me:" + "hunter22@db.utility.net/x",
        ]
        for sample in samples:
            assert any(pattern.search(sample) for pattern in SECRETS.values()), sample

    def test_leaves_out_what_a_running_seed_writes(self) -> None:
        assert {".seed/", ".venv/"} <= {line.strip().lstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}


class ALock:
    @pytest.mark.parametrize("lock", LOCKS)
    def test_pins_each_package_to_one_version_by_its_hashes(self, lock: str) -> None:
        text = (ROOT / lock).read_text().replace("\\\n", " ")
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        assert len(lines) > 40
        for line in lines:
            assert re.match(r"[A-Za-z0-9._-]+(?:\[[a-z,-]+\])?==\S+ ", line), line[:80]
            assert re.search(r"--hash=sha256:[0-9a-f]{64}", line), line[:80]
            assert "://" not in line, "from the registry, and from nowhere else"

    def test_is_all_that_is_installed_from(self) -> None:
        installs = [line for line in (ROOT / "Makefile").read_text().splitlines() if "$(PIP) install" in line]
        assert installs
        for line in installs:
            assert "--require-hashes -r requirements" in line or "--no-deps" in line, line

    def test_names_everything_that_setup_asks_for(self) -> None:
        wanted = set(re.findall(r"^    ([a-z][a-z0-9-]+)(?:\[[a-z,]+\])?[>=]=", (ROOT / "setup.cfg").read_text(), re.MULTILINE))
        locked = set(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,-]+\])?==", (ROOT / LOCKS[1]).read_text(), re.MULTILINE))
        assert wanted and not {name for name in wanted if name.replace("_", "-") not in locked}


class EveryPinnedPackage:
    async def test_is_looked_up_among_those_with_known_weaknesses(self) -> None:
        pinned = pins(*(ROOT / lock for lock in LOCKS))
        try:
            async with asyncio.timeout(60):
                found = await known(pinned)
        except (httpx.TransportError, TimeoutError) as error:
            pytest.skip(f"NOT TRIED: known weaknesses of {len(pinned)} packages, the registry was not reached ({error!r})")
        weak = _weak(found)
        assert not weak, weak
        unaccounted = sorted(f"{name} {pinned[name]}" for name, weaknesses in found.items() if weaknesses is None)
        if unaccounted:
            pytest.skip(f"NOT TRIED: known weaknesses of {len(unaccounted)} of {len(pinned)} packages: {', '.join(unaccounted)}")

    async def test_is_told_from_a_version_that_nothing_is_said_of(self) -> None:
        weak = {"id": "PYSEC-1", "summary": "it leaks", "fixed_in": ["1.1"], "withdrawn": None}
        records = {
            "/leaky/1.0/json": {
                "info": {"version": "1.0"},
                "vulnerabilities": [weak, weak | {"id": "PYSEC-2", "withdrawn": "2020"}],
            },
            "/latest/json": {"info": {"version": "3.0"}, "vulnerabilities": []},
            "/older/json": {"info": {"version": "3.0"}, "vulnerabilities": []},
        }

        def registry(request: httpx.Request) -> httpx.Response:
            record = records.get(request.url.path.removeprefix("/pypi"))
            return httpx.Response(200, json=record) if record else httpx.Response(404)

        found = await known({"leaky": "1.0", "latest": "3.0", "older": "2.0"}, httpx.MockTransport(registry))
        assert found["latest"] == [] and found["older"] is None
        assert _weak(found) == ["leaky: PYSEC-1 (it leaks), mended in 1.1"]


def _weak(found: dict[str, list[Weakness] | None]) -> list[str]:
    return [
        f"{name}: {each.id} ({each.summary}), mended in {', '.join(each.fixed_in) or 'no version yet'}"
        for name, weaknesses in found.items()
        for each in weaknesses or ()
        if each.id not in ACCEPTED
    ]
