"""Process of the relay of `helpdesk demo`; ends when its standard input does.

Its database lies in a temporary folder which goes with it, even if the console was killed.
"""

import os
import signal
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cli import log_writer, output
from cli.app import exit_code
from cli.serve import run_relay
from relay.errors import StartError
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
            ready=lambda _, relay: output.as_json(
                {"url": relay.urls[0], "database": str(database)}
            ),
            adapted=_for_this_machine if port else _on_a_free_port,
        )


def _end_with_parent() -> None:
    """Wait until the pipe from the parent closes, however the parent ended; then end as well."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _for_this_machine(settings: "Settings") -> "Settings":
    """Return *settings* without the address that the desk otherwise has for browsers."""
    return settings.model_copy(update={"public_url": None})


def _on_a_free_port(settings: "Settings") -> "Settings":
    """Return *settings*, with a free port if theirs is taken, perhaps by the desk itself."""
    from relay.server.listeners import listen_tcp

    settings = _for_this_machine(settings)
    try:
        for listener in listen_tcp(settings.host, settings.port):
            listener.close()
    except StartError:
        return settings.model_copy(update={"port": 0})
    return settings


if __name__ == "__main__":
    sys.exit(exit_code(demo_relay))
