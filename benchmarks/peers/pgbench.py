"""Contestant: pgbench writes the very rows that Seed writes, with nothing around it: the limit of this PostgreSQL."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo

from benchmarks import wallets
from benchmarks.contestant import Told, contest, task, told
from benchmarks.seed.wallet_commands import CODE, SCOPE, release
from eventlog.embedded.binaries import program

HEADER = {"originator_id": "0197f0c2-5a00-7000-8000-000000000001", "originator_version": 1, "causation_id": None, "schema": 1}

APPEND = (
    "INSERT INTO {schema}.events (originator_id, originator_version, topic, state)"
    " VALUES (gen_random_uuid(), 1, 'wallet-opened', '{state}') RETURNING notification_id"
)

CLAIM = (
    "INSERT INTO {schema}.idempotency (scope, key, body_hash, state, claimed_at, claimant)"
    " VALUES ('{scope}', decode(md5(random()::text), 'hex'), decode(md5('a body'), 'hex'), 'claimed', now(), gen_random_uuid())"
    " RETURNING key AS key, claimant AS claimant \\gset"
)

ANSWER = (
    "WITH appended AS ({append}) UPDATE {schema}.idempotency SET state = 'answered', status = 201,"
    " answer = decode(md5('an answer'), 'hex'), position = (SELECT notification_id FROM appended)"
    " WHERE scope = '{scope}' AND key = :key AND claimant = :claimant"
)


def script(*, keyed: bool) -> str:
    """This will give what one command comes to; a keyed one claims its key first, in a transaction of its own."""
    known = {"schema": f"u_{CODE}", "scope": SCOPE, "state": json.dumps(HEADER | wallets.opened())}
    append = APPEND.format(**known)  # its JSON has blanks after colons, so that pgbench takes nothing in it for a variable
    return f"{CLAIM.format(**known)}\n{ANSWER.format(append=append, **known)};\n" if keyed else f"{append};\n"


def main(asked: dict[str, Any]) -> None:
    """This will write whenever it is asked to."""
    release(asked["dsn"])
    where = asked["database"]
    with tempfile.TemporaryDirectory(dir=asked["folder"]) as name:
        folder = Path(name)
        (folder / "script.sql").write_text(script(keyed=asked["keyed"]))
        passwords = folder / "passwords"  # a command line is everybody's to read
        passwords.touch(mode=0o600)
        passwords.write_text(f"*:*:*:*:{where['password']}\n")
        database = make_conninfo(host=where["host"], user=where["user"], dbname=where["dbname"], passfile=str(passwords))
        command = [program("pgbench"), "--no-vacuum", "--protocol", "prepared", "--file", str(folder / "script.sql")]
        command += ["--client", str(asked["callers"]), "--log", "--log-prefix", str(folder / "log"), "--dbname", database]

        def work(seconds: float = asked["seconds"]) -> Told:
            for old in folder.glob("log.*"):
                old.unlink()
            done = subprocess.run([*command, "--time", str(max(1, round(seconds)))], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                sys.exit((done.stderr.strip() or "pgbench failed").splitlines()[0])
            return read(folder)

        work(asked["warm_up_s"])
        contest(work)


def read(folder: Path) -> Told:
    """This will read pgbench's log: client, number, microseconds, script, and when it ended in seconds and microseconds."""
    lines = [line.split() for log in folder.glob("log.*") for line in log.read_text().splitlines()]
    taken = [int(line[2]) / 1e6 for line in lines]
    ended = [int(line[4]) + int(line[5]) / 1e6 for line in lines]
    began = [end - took for end, took in zip(ended, taken, strict=True)]
    return told(taken, max(ended) - min(began))


if __name__ == "__main__":
    main(task())
