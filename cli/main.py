"""Entry point of `helpdesk`: handles Ctrl+C while the program is not loaded yet. Nothing else.

Imports nothing by itself, so that there is next to no time before it.
"""

import signal


def run() -> None:
    """Run the command that the arguments name, and exit with its code."""
    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if usual:  # ignored ones stay so
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from cli import app

    if usual:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    app.run()
