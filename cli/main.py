"""Entry point of `helpdesk`: handles signals while the program is not loaded yet. Nothing else.

Imports next to nothing by itself, so that there is next to no time before it.
"""

import signal
import sys


def run() -> None:
    """Run the command that the arguments name, and exit with its code."""
    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if sys.argv[1:2] == ["serve"]:
        from relay.signals import SIGNALS

        SIGNALS.catch()
        usual = False
    if usual:  # ignored ones stay so
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from cli import app

    if usual:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    app.run()
