"""Runs wrk against a server on this machine. Only the standard library is used here."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.contestant import Told

CONNECTIONS = 32

UNIQUE = "UNIQUEUNIQUEUNIQUEUN"
"""Where these 20 letters stand in a request, each that is sent has letters and digits of its own."""

COUNTED = 8
"""How many of them are digits that count."""

SOURCE = "somebody"
"""Where this word stands, it has an address that hardly anybody else has."""

SCRIPT = """\
local requests, at, count, prefix = {}, 0, 0, "%s"
function init(args)
  math.randomseed(os.time())
%s
end
function request()
  at, count = at %% #requests + 1, count + 1
  local found = requests[at]:gsub("%s", string.format("%%s%%0%dd", prefix, count))
  return (found:gsub("%s", string.format("10.%%d.%%d.%%d", math.random(0, 255), math.random(0, 255), math.random(0, 255))))
end
function done(summary, latency)
  local wrong = summary.errors
  io.write(string.format('\\n{"count": %%d, "seconds": %%f, "p50_ms": %%f, "p99_ms": %%f, "wrong": %%d}\\n', summary.requests,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    wrong.connect + wrong.read + wrong.write + wrong.status + wrong.timeout))
end
"""


class Ask(NamedTuple):
    """One request."""

    path: str
    headers: Mapping[str, str]
    method: str = "GET"
    body: str = ""


class WrongAnswers(Exception):
    """Some requests were answered with an error, or not at all."""


def wrk(port: int, asks: Sequence[Ask], seconds: float, folder: Path) -> Told:
    """This will send the requests in their order, again and again, over 32 connections. Raises WrongAnswers."""
    file = folder / "wrk.lua"
    file.touch(mode=0o600)
    file.write_text(script(asks))
    command = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{max(1, round(seconds))}s"]
    command += ["--timeout", "10s", "--script", str(file), f"http://127.0.0.1:{port}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise WrongAnswers(f"wrk: {done.stderr.strip()}")
    told: Told = json.loads(done.stdout.strip().splitlines()[-1])
    if told.pop("wrong"):
        raise WrongAnswers(" ".join(line.strip() for line in done.stdout.splitlines() if line.strip()[:3] in ("Non", "Soc")))
    return told


def script(asks: Sequence[Ask]) -> str:
    """This will write what wrk runs: the requests, and what of them is new each time."""
    prefix = uuid.uuid4().hex[: len(UNIQUE) - COUNTED]
    return SCRIPT % (prefix, "\n".join(map(_line, asks)), UNIQUE, COUNTED, SOURCE)


def _line(ask: Ask) -> str:
    headers = ", ".join(f"[{_quoted(name)}] = {_quoted(value)}" for name, value in ask.headers.items())
    body = _quoted(ask.body) if ask.body else "nil"
    return f"  requests[#requests + 1] = wrk.format({_quoted(ask.method)}, {_quoted(ask.path)}, {{{headers}}}, {body})"


def _quoted(text: str) -> str:
    return json.dumps(text)
