"""Signals of the relay's process: caught from its first moment, handed to the relay when it runs.

All signals that would end the process by default are caught, but for those that report a fault of
the program, such as SIGSEGV, and for SIGQUIT, which ends it at once.
"""

import atexit
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ENDS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGXCPU})
"""Stop the relay: a service manager, Ctrl+C, a closed terminal, and a limit of CPU time."""
NAMES = ("USR1", "USR2", "ALRM", "VTALRM", "PROF", "IO", "PWR", "STKFLT")
CAUGHT = (
    *sorted(ENDS),
    *(signal.Signals[f"SIG{name}"] for name in NAMES if f"SIG{name}" in signal.Signals.__members__),
    *range(signal.SIGRTMIN, signal.SIGRTMAX + 1),
)
"""Numbers of the signals that are caught. Those that are no :data:`ENDS` stop nothing."""
ALWAYS = frozenset({signal.SIGTERM, signal.SIGINT})
"""Caught even if the process was started with them ignored, as `nohup` does with SIGHUP."""


class SignalCatcher:
    """Handlers of all signals in :data:`CAUGHT`, which keep them until somebody receives them."""

    def __init__(self) -> None:
        """Catch nothing yet."""
        self._came: list[int] = []
        self._receive: Callable[[int], object] = self._came.append

    def catch(self) -> None:
        """Catch the signals from here on, until the process has ended."""
        for number in CAUGHT:
            if number in ALWAYS or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda number, _: self._receive(number))
        # Writing to a terminal from the background would stop the process, if that is ignored not.
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        # The interpreter takes its handlers away before it ends; it leaves what is ignored.
        atexit.register(_ignore)

    @contextmanager
    def delivered_to(self, receive: Callable[[int], object]) -> Iterator[None]:
        """Call *receive* with the number of each signal within the block, and of those before it.

        It is called between any two instructions of the main thread.
        """
        self._receive = receive
        for number in self._came:
            receive(number)
        try:
            yield
        finally:
            self._receive = self._came.append


SIGNALS = SignalCatcher()
"""The signals of this process."""


def name_of(number: int) -> str:
    """Return the name of signal *number*, such as ``SIGUSR1`` or ``SIGRTMIN+2``."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIGRTMIN+{number - signal.SIGRTMIN}"


def _ignore() -> None:
    for number in CAUGHT:
        signal.signal(number, signal.SIG_IGN)
