"""Runs a relay as `helpdesk serve` does, with an adjustable clock and limits for tests.

It accepts the flags of `helpdesk serve` and its own, which are not settings.
"""

import argparse
import sys
from pathlib import Path

from cli import log_writer, main
from relay import clock as clocks
from relay.desk.events import Millis
from relay.server import keepalive
from relay.store.sqlite import transaction


def launcher(**changes: object) -> tuple[str, ...]:
    """Return the program that runs a relay with *changes*, which are this module's flags."""
    flags = (f"--{name}={value}" for name, value in changes.items())
    return sys.executable, str(Path(__file__)), *flags


def _prepare(given: argparse.Namespace) -> None:
    if given.clock:
        true_wall = clocks.SystemClock.wall

        def wall(clock: clocks.SystemClock) -> Millis:
            return Millis(true_wall(clock) + int(given.clock.read_text()))

        clocks.SystemClock.wall = wall  # type: ignore[method-assign, assignment]
    if given.keepalive:
        keepalive.KEEPALIVE_SECONDS = given.keepalive
    if given.queued:
        log_writer.MAX_LINES = given.queued
    if given.remembered:
        transaction.CACHE_LIMIT = given.remembered


def _flags() -> argparse.ArgumentParser:
    flags = argparse.ArgumentParser(allow_abbrev=False)
    flags.add_argument("--clock", type=Path, help="holds the milliseconds that the clock is ahead")
    flags.add_argument("--keepalive", type=int, help="the seconds between two pings")
    flags.add_argument("--queued", type=int, help="the lines of the log that wait for a reader")
    flags.add_argument("--remembered", type=int, help="the requests that the writer remembers")
    return flags


if __name__ == "__main__":
    own, theirs = _flags().parse_known_args()
    _prepare(own)
    sys.argv = ["helpdesk", "serve", *theirs]
    main.run()
