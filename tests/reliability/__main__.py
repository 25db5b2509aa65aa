"""`python -m tests.reliability`: runs the long tests of faults and load, and writes their table."""

import argparse
import shlex
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

from tests.fuzz.search import TARGETS
from tests.reliability import runs
from tests.reliability.report import Result, table, write

NAME = "./run reliability"
FILE_TESTS = (
    "tests/integration/faults/test_displaced_files.py",
    "tests/integration/faults/test_file_names.py",
    "tests/integration/faults/test_owners.py",
    "tests/integration/store/test_placement.py",
    "tests/integration/store/test_atomic_files.py",
)
"""Tests of the files around a desk, which depend on what the machine allows."""
ERASURE_TESTS = (
    "tests/integration/faults/test_clock_steps.py",
    "tests/integration/faults/test_erasures.py",
)
"""Tests of what deletes: clocks that are wrong, readers that hold bytes, kills."""
PLATFORM_TESTS = (
    "tests/integration/relay/test_unread_log.py",
    "tests/integration/relay/test_signals.py",
    "tests/integration/relay/test_listeners.py",
    "tests/integration/cli/test_environment.py",
    "tests/integration/cli/test_settings_file.py",
    "tests/integration/cli/test_healthcheck.py",
)
"""Tests of logs that nobody reads, signals, addresses, variables, users, and files of settings."""


def main() -> int:
    """Run what was asked for, two at a time, print the table; return 1 if a promise was broken."""
    given = _options().parse_args()
    seed = given.seed if given.seed is not None else Random().randrange(2**32)
    print(f"seed {seed}", file=sys.stderr, flush=True)
    with ProcessPoolExecutor(2) as pool:
        results = [future.result() for future in [pool.submit(run) for run in _runs(given, seed)]]
    shown = table(results)
    print(shown)
    if given.write:
        command = f"{NAME} {shlex.join(sys.argv[1:])}".rstrip()
        write(given.write, command, f"{datetime.now(UTC):%Y-%m-%d}", shown)
    return int(not all(result.good for result in results))


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog=NAME, description=__doc__)
    options.add_argument("--rounds", type=int, default=200, help="kills under load (200)")
    options.add_argument("--stops", type=int, default=50, help="stops, with an unread log (50)")
    options.add_argument("--clients", type=int, default=2000, help="dropped at once (2000)")
    options.add_argument("--soak", type=int, default=600, metavar="SECONDS", help="of talk (600)")
    options.add_argument("--files", type=int, default=1, help="displace a desk's files (1)")
    options.add_argument("--erasures", type=int, default=1, help="wrong clocks and readers (1)")
    options.add_argument("--platform", type=int, default=1, help="logs and environments (1)")
    options.add_argument(
        "--fuzz", type=int, default=120, metavar="SECONDS", help="for each target (120)"
    )
    options.add_argument("--seed", type=int, help="of all that is random; a new one if left out")
    options.add_argument("--write", type=Path, metavar="PAGE", help="put the table there as well")
    return options


def _runs(given: argparse.Namespace, seed: int) -> list[Callable[[], Result]]:
    """Return what is asked for; a 0 leaves a run out."""
    wanted: list[Callable[[], Result]] = []
    if given.rounds:
        wanted.append(partial(runs.kills, given.rounds, seed))
    if given.stops:
        wanted.append(partial(runs.stops, given.stops, seed))
    if given.soak:
        wanted.append(partial(runs.soaking, given.soak, seed))
    if given.clients:
        wanted.append(partial(runs.herding, given.clients, seed))
    if given.files:
        wanted.append(partial(runs.displacing, seed))
        wanted.append(partial(runs.testing, "other users, mounts and names", *FILE_TESTS))
    if given.erasures:
        wanted.append(partial(runs.testing, "wrong clocks, held erasures", *ERASURE_TESTS))
    if given.platform:
        wanted.append(partial(runs.testing, "logs, signals, environments", *PLATFORM_TESTS))
    if given.fuzz:
        wanted += [partial(runs.fuzzing, target, given.fuzz) for target in TARGETS]
    return wanted


if __name__ == "__main__":
    sys.exit(main())
