"""The services' logs: JSON lines that hold no secret, not even in a traceback."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

PROGRAM = """
import logging, structlog
from cli.logs import configure
configure("info")

def log_in(password):
    raise ValueError("refused")

try:
    log_in("hunter" + "2")
except ValueError:
    {call}
"""


def lines(program: str) -> list[dict]:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


class ALogLine:
    @pytest.mark.parametrize(
        "call", ["structlog.get_logger().exception('stumbled')", "logging.getLogger('a').exception('stum%s', 'bled')"]
    )
    def test_tells_the_error_without_the_variables_around_it(self, call):
        (line,) = lines(PROGRAM.format(call=call))
        assert line["event"] == "stumbled"
        assert line["level"] == "error"
        assert line["exception"][0]["exc_value"] == "refused"
        assert "hunter2" not in json.dumps(line)

    def test_holds_the_facts_that_were_given_with_it(self):
        (line,) = lines(PROGRAM.format(call="logging.getLogger('a').error('parked', extra={'position': 7, 'reason': 'x'})"))
        assert (line["event"], line["position"], line["reason"]) == ("parked", 7, "x")

    def test_cannot_be_forged_by_what_somebody_typed(self):
        typed = 'x\\n{\\"event\\": \\"forged\\"}'
        (line,) = lines(PROGRAM.format(call=f"logging.getLogger('a').warning('%s', \"{typed}\")"))
        assert "forged" in line["event"]

    def test_below_the_level_is_left_out(self):
        assert lines(PROGRAM.format(call="structlog.get_logger().debug('a'); logging.getLogger('a').debug('b')")) == []
