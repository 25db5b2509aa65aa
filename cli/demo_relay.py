"""Process of the relay of `helpdesk demo`; ends when its standard input does.

Its database lies in a temporary folder which goes with it, even if the console was killed.
"""

import os
import signal
import socket
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cli import log_writer, output
from cli.app import exit_code
from cli.serve import run_relay
from relay.signals import SIGNALS

if TYPE_CHECKING:
    from relay.settings import Settings


def demo_relay() -> None:
    """Run the relay; one line of JSON on stdout says where it is when it is ready."""
    SIGNALS.catch()
    log_writer.replace_stderr()
    port = sys.argv[1] if len(sys.argv) > 1 else None
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with TemporaryDirectory(prefix="helpdesk-") as folder:
        database = Path(folder) / "demo.db"
        run_relay(
            {"port": port, "database": str(database)},
            demo=True,
            ready=lambda url: output.as_json({"url": url, "database": str(database)}),
            adapted=_on_a_free_port,
        )


def _end_with_parent() -> None:
    """Wait until the pipe from the parent closes, however the parent ended; then end as well."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _on_a_free_port(settings: "Settings") -> "Settings":
    """Return *settings*, with a free port if nobody chose one and the usual one is taken.

    The demo is for this machine alone, whatever address the desk otherwise has for browsers.
    """
    settings = settings.model_copy(update={"public_url": None})
    if "port" in settings.model_fields_set:
        return settings
    try:
        with socket.create_server((settings.host[0], settings.port)):
            return settings
    except OSError:
        return settings.model_copy(update={"port": 0})


if __name__ == "__main__":
    sys.exit(exit_code(demo_relay))
