"""`python -m tests.reliability`: the long runs of the tests of faults and load, and their table."""

import argparse
import asyncio
import shlex
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.reliability.kills import Outcome, kill_again_and_again
from tests.reliability.ledger import Breach
from tests.reliability.report import Result, table, write

NAME = "./run reliability"


def main() -> int:
    """Run what was asked for, print the table, and return 1 if a promise was broken."""
    given = _options().parse_args()
    results = []
    for result in _runs(given):
        _tell(" · ".join(cell for cell in result.cells() if cell))
        results.append(result)
    shown = table(results)
    print(shown)
    if given.write:
        command = shlex.join([NAME, *sys.argv[1:]])
        write(given.write, command, f"{datetime.now(UTC):%Y-%m-%d}", shown)
    return int(not all(result.good for result in results))


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog=NAME, description=__doc__)
    options.add_argument("--rounds", type=int, default=200, help="kills under load (200)")
    options.add_argument("--seed", type=int, help="of all that is random; a new one if left out")
    options.add_argument("--write", type=Path, metavar="PAGE", help="put the table there as well")
    return options


def _runs(given: argparse.Namespace) -> Iterator[Result]:
    seed = given.seed if given.seed is not None else Random().randrange(2**32)
    _tell(f"seed {seed}")
    if given.rounds:
        yield _kills(given.rounds, Random(seed))


def _kills(rounds: int, rng: Random) -> Result:
    def begun(number: int) -> None:
        if number % 10 == 0:
            _tell(f"round {number} of {rounds}")

    with TemporaryDirectory(prefix="helpdesk-") as folder:
        database = Path(folder) / "desk.db"
        outcome = asyncio.run(kill_again_and_again(database, rounds, rng, begun=begun))
    return _counted("SIGKILL under load", f"{rounds} rounds", outcome)


def _counted(what: str, extent: str, outcome: Outcome) -> Result:
    for breach, sentence in outcome.breaches[:20]:
        _tell(f"{breach}: {sentence}")
    return Result(
        what,
        extent,
        outcome.acknowledged,
        outcome.count(Breach.LOST),
        outcome.count(Breach.DOUBLED),
        outcome.count(Breach.DISORDERED),
    )


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
