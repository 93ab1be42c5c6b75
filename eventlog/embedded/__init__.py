"""PostgreSQL out of a wheel, for a machine that has none: no system user, no port, no installation.

`EmbeddedServer(folder)` keeps one cluster under `folder/postgres`. It listens on a Unix socket in a private folder only
and asks for a random password that lies beside the data.
"""

from eventlog.embedded.server import EmbeddedServer, ServerCannotStart

__all__ = ["EmbeddedServer", "ServerCannotStart"]
