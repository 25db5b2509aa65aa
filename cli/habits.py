"""What all commands have in common, given to each when it is registered: ``--quiet``, and an end
in order when a signal asks for one.

A command does nothing for it: :func:`cli.output.say` is silent then, what goes wrong is still told,
and what a command has begun and not finished is put away before the signal ends the process.
"""

import gc
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any

import typer

from cli import output

FOR_PEOPLE = frozenset({"demo", "serve", "tui"})
"""Commands that go on until they are ended: two draw a screen, and the relay has a log level."""
ENDS = (signal.SIGTERM, signal.SIGHUP)
QUIET = Parameter(
    "quiet",
    Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[
        bool, typer.Option("--quiet", "-q", help="Say nothing on stderr but what goes wrong.")
    ],
)


def give(app: typer.Typer) -> None:
    """Give what is common to all commands of *app*, and of the groups in it."""
    for info in app.registered_commands:
        if info.callback is not None and info.callback.__name__ not in FOR_PEOPLE:
            info.callback = _with_quiet(info.callback)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            give(group.typer_instance)


def _with_quiet(command: Callable[..., Any]) -> Callable[..., Any]:
    plain = signature(command)

    @wraps(command)
    def hushed(*args: Any, quiet: bool, **given: Any) -> Any:
        output.be_quiet(quiet)
        try:
            with _heeding_signals():
                return command(*args, **given)
        except _Told as told:
            number = int(told.code or 0)
        gc.collect()  # lets go of connections, too, so that none leaves files beside a database
        os.kill(os.getpid(), number)  # which does what it always does
        return None  # where the signal is blocked

    # Before the flags that say which desk, after those that say what to do there.
    own = list(plain.parameters.values())
    place = next((n for n, one in enumerate(own) if one.name == "config"), len(own))
    hushed.__dict__["__signature__"] = plain.replace(parameters=[*own[:place], QUIET, *own[place:]])
    return hushed


class _Told(SystemExit):
    """A signal has asked for an end; ``code`` is its number. A loop lets no other kind pass."""


@contextmanager
def _heeding_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise :exc:`_Told` in what is done meanwhile."""

    def end(number: int, _: object) -> None:
        raise _Told(number)

    # Ignored ones stay so, and who calls a command in a thread hears of signals elsewhere.
    is_main = threading.current_thread() is threading.main_thread()
    usual = [one for one in ENDS if is_main and signal.getsignal(one) is signal.SIG_DFL]
    for one in usual:
        signal.signal(one, end)
    try:
        yield
    finally:
        for one in usual:
            signal.signal(one, signal.SIG_DFL)
