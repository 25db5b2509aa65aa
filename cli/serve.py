"""`helpdesk serve`: runs the relay until a signal stops it."""

import gc
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options, output

if TYPE_CHECKING:
    import asyncio

    from relay.server import Started
    from relay.settings import Settings

RARELY = (100_000, 10, 10)
"""Allocations between two searches for cycles, and how many of them until an older generation is
searched. What waits for its commit is young and in no cycle; with a tenth of this, thousands of
texts on their way were searched again and again."""
OLDEST = 2
"""The generation with which everything is searched."""
LONGEST_NAME = 100
"""Characters that are logged of a variable's name."""
RELAY_FLAGS = [name for name in options.FLAGS if name not in {"url", "token"}]


@options.settings_flags(*RELAY_FLAGS)
def serve(
    demo: Annotated[bool, typer.Option("--demo", help="Serve a demo page.")] = False,
    **given: str | None,
) -> None:
    """Run the relay; writes a line to stderr when it is ready."""
    run_relay(given, demo=demo, ready=_say_ready)


def _say_ready(settings: "Settings", relay: "Started") -> None:
    """Write where the relay listens; before that, of a new desk, where it is and what it needs."""
    if relay.is_new:
        output.info(f"this is a new desk, in {settings.database_path}.")
    if not relay.has_agents:
        output.info("nobody is an agent yet; add the first with `helpdesk agent add NAME`.")
    output.info(f"ready on {', '.join(relay.urls)}")


def run_relay(
    given: Mapping[str, str | None],
    *,
    demo: bool,
    ready: "Callable[[Settings, Started], None]",
    adapted: "Callable[[Settings], Settings]" = lambda settings: settings,
) -> None:
    """Run the relay in this process, on uvloop where it is installed, until a signal stops it.

    It has the settings under the flags *given*, as *adapted* returns them.
    """
    import asyncio

    from cli import log_format, log_writer
    from relay.server import serve as serve_relay

    settings = adapted(options.load(**given))
    handler = log_format.to_stderr(settings.log_level, settings.log_format)
    counts = log_writer.describe_gaps(partial(log_format.gap_line, handler))
    _log_variables()
    gc.set_threshold(*RARELY)
    gc.callbacks.append(_once)
    gc.freeze()  # what was imported is there for ever, and need not be looked at
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve_relay(settings, demo=demo, ready=partial(ready, settings), counts=counts))


def _log_variables() -> None:
    """Log the variables that look like settings and set nothing."""
    from relay.log import SERVICE_VARIABLE_IGNORED, UNKNOWN_VARIABLE_IGNORED, Word, emit
    from relay.sanitize import printable_line
    from relay.settings import service_variables, unknown_variables

    for name, meant in unknown_variables().items():
        shown = Word(printable_line(name, LONGEST_NAME))
        emit(UNKNOWN_VARIABLE_IGNORED, variable=shown, meant=None if meant is None else Word(meant))
    for name in service_variables():
        emit(SERVICE_VARIABLE_IGNORED, variable=Word(printable_line(name, LONGEST_NAME)))


def _once(phase: str, search: dict[str, int]) -> None:
    """Never look again at what a search through everything has found to be in use.

    With 15,000 connected each further one would take a tenth of a second. Connections need none:
    they leave no cycles behind.
    """
    if phase == "stop" and search["generation"] == OLDEST:
        gc.freeze()


def _loop_factory() -> "Callable[[], asyncio.AbstractEventLoop]":
    import asyncio

    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
