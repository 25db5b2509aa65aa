"""Entry point of `helpdesk`: handles signals and stderr while the program is not loaded yet.

Imports next to nothing by itself, so that there is next to no time before it.
"""

import os
import signal
import sys
from contextlib import suppress

from relay import open_files


def run() -> None:
    """Run the command that the arguments name, and exit with its code."""
    refusal = open_files.refusal()
    if refusal is not None:
        with suppress(OSError):  # stderr may be closed
            os.write(2, f"helpdesk: {refusal}\n".encode())
        sys.exit(1)
    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if sys.argv[1:2] == ["serve"]:
        from relay.signals import SIGNALS

        SIGNALS.catch()
        from cli import log_writer

        log_writer.replace_stderr()  # before anything is loaded that may write a warning
        usual = False
    if usual:  # ignored ones stay so
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from cli import app

    if usual:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    app.run()
