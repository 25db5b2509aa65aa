"""Repeated hang-ups of the terminal: the console keeps the typed text."""

import signal
import subprocess
import sys

HUNG_UP_TWICE = """
import signal
from functools import partial
from types import SimpleNamespace
from helpdesk_tui.app import Console

told = []

def flush():
    if not told:
        told.append(True)
        signal.raise_signal(signal.SIGHUP)  # the kernel's, in the midst of the keyboard's own
        print("kept", flush=True)

console = SimpleNamespace(
    workspace=SimpleNamespace(
        main_screen=SimpleNamespace(typed=None), draft_saver=SimpleNamespace(flush=flush)
    ),
    composer_actions=SimpleNamespace(load_edited=lambda: None, close_editor=lambda: None),
    _driver=None,
)
signal.signal(signal.SIGHUP, partial(Console.hang_up, console))
signal.raise_signal(signal.SIGHUP)
"""


def test_a_second_hang_up_does_not_end_it_before_all_is_kept() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HUNG_UP_TWICE], stdout=subprocess.PIPE, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("kept\n", -signal.SIGHUP)
