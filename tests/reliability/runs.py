"""Long runs, each a row of the table. Progress is written to stderr."""

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.fuzz.search import FOLDER, search
from tests.reliability.displacement import WAYS, displace_all_ways
from tests.reliability.herd import drop_all_at_once
from tests.reliability.kills import kill_again_and_again
from tests.reliability.oracle import Outcome
from tests.reliability.report import Result
from tests.reliability.soak import soak
from tests.reliability.stops import stop_again_and_again
from tests.reliability.transcript import Breach


def kills(rounds: int, seed: int) -> Result:
    """Kill a relay under load *rounds* times."""

    def begun(number: int) -> None:
        if number % 10 == 0:
            _tell(f"round {number} of {rounds}")

    with TemporaryDirectory(prefix="helpdesk-") as folder:
        run = kill_again_and_again(Path(folder) / "desk.db", rounds, Random(seed), begun=begun)
        outcome = asyncio.run(run)
    return _counted(
        "SIGKILL under load from 50 customers and 5 agents", f"{rounds} rounds", outcome
    )


def stops(rounds: int, seed: int) -> Result:
    """Stop a relay whose log nobody reads under load *rounds* times."""

    def begun(number: int) -> None:
        if number % 10 == 0:
            _tell(f"stop {number} of {rounds}")

    with TemporaryDirectory(prefix="helpdesk-") as folder:
        run = stop_again_and_again(Path(folder) / "desk.db", rounds, Random(seed), begun=begun)
        stopped = asyncio.run(run)
    for sentence in stopped.broken:
        _tell(sentence)
    counted = _counted("stops by signals, nobody reads the log", f"{rounds} stops", stopped.outcome)
    return replace(counted, broken=len(stopped.broken))


def soaking(seconds: int, seed: int) -> Result:
    """Watch the memory of a relay that is talked to for *seconds*."""
    with TemporaryDirectory(prefix="helpdesk-") as folder:
        soaked = asyncio.run(soak(Path(folder) / "desk.db", seconds, Random(seed)))
    extent = f"{seconds} s, {soaked.conversations:,} requests"
    return _counted("customers come, talk and go", extent, soaked.outcome, soaked.grown)


def herding(size: int, seed: int) -> Result:
    """Drop *size* clients at once."""
    with TemporaryDirectory(prefix="helpdesk-") as folder:
        back = asyncio.run(drop_all_at_once(Path(folder) / "desk.db", size, Random(seed)))
    extent = (
        f"{size:,} clients, back in {back.seconds:.0f} s, turned away {back.turned_away:,} times"
    )
    for sentence in back.broken:
        _tell(sentence)
    broken = len(back.broken)
    return replace(_counted("all clients dropped at once", extent, back.outcome), broken=broken)


def displacing(seed: int) -> Result:
    """Move, remove and replace the files of running relays."""
    with TemporaryDirectory(prefix="helpdesk-") as folder:
        done = asyncio.run(displace_all_ways(Path(folder), Random(seed)))
    for sentence in done.broken:
        _tell(sentence)
    return Result(
        "the files of a desk moved, removed, replaced",
        f"{len(WAYS)} ways",
        done.acknowledged,
        done.lost,
        broken=len(done.broken),
    )


def testing(what: str, *paths: str) -> Result:
    """Run the tests in *paths*, which need users, mounts or namespaces of their own."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or "SKIPPED" in done.stdout:
        _tell(done.stdout)
    summary = done.stdout.rstrip().splitlines()[-1].strip("= ")
    return Result(what, summary.partition(" in ")[0], broken=int(done.returncode != 0))


def fuzzing(target: str, seconds: int) -> Result:
    """Search for bytes that break *target* for *seconds*."""
    found = search(target, seconds, FOLDER)
    if found.crashes:
        _tell(found.output)
    extent = f"{seconds} s, {found.executions:,} executions"
    return Result(f"fuzzing: {target}", extent, broken=len(found.crashes))


def _counted(what: str, extent: str, outcome: Outcome, grown: int | None = None) -> Result:
    for breach, sentence in outcome.breaches[:20]:
        _tell(f"{breach}: {sentence}")
    lost, doubled, disordered = (outcome.count(breach) for breach in Breach)
    return Result(what, extent, outcome.acknowledged, lost, doubled, disordered, grown)


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
