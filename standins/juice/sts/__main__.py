"""`python -m standins.juice.sts`: requests for credit tokens in, as JSON lines; tokens out, one a line, in order.

The first line that cannot be served ends the run: the error names the line and its field, and the exit code is 2.
"""

from __future__ import annotations

import argparse
import sys

from standins.juice.sts.fields import FieldRefused
from standins.juice.sts.issue import issue_token
from standins.juice.sts.lines import read_request


def main() -> int:
    """This will serve standard input to its end. Blank lines are passed over."""
    parser = argparse.ArgumentParser(prog="python -m standins.juice.sts", description=__doc__)
    parser.parse_args()
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if not line.strip():
            continue
        try:
            token = issue_token(**read_request(line))
        except FieldRefused as refused:
            print(f"line {number}: {refused}", file=sys.stderr)
            return 2
        print(token, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
