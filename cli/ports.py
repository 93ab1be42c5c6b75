"""Ports of this machine that are free, and stay so until somebody listens on them."""

from __future__ import annotations

import errno
import random
import socket

LOWEST, HIGHEST = 10_000, 32_767
"""Where free ports are looked for: above the well-known ones, and below those that Linux (32768 and up, see ip(7)) and other
systems (49152 and up, RFC 6335) by default give to outgoing connections. One of those may be taken by any program between the
moment in which it is chosen and the moment in which somebody listens on it, or until the next start."""


def free_port(host: str) -> int:
    """This will give a port of `host` on which nobody listens. Raises OSError where none is to be had."""
    for port in random.SystemRandom().sample(range(LOWEST, HIGHEST + 1), 200):
        try:
            with socket.create_server((host, port)):
                return port
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    with socket.create_server((host, 0)) as listener:
        left: int = listener.getsockname()[1]
        return left
