"""Measures the command: `helpdesk --help`, and an export of a million messages.

`python -m benchmarks.commands [MESSAGES]` prints seconds, the processor time (other programs may
have used the processor for the rest) and, for the exports, the peak of memory.
"""

import os
import sys
import time
from pathlib import Path
from statistics import median
from subprocess import DEVNULL, Popen
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.fill import fill

PROGRAM = str(Path(sys.executable).with_name("helpdesk"))


class Ran(NamedTuple):
    """Seconds that a command took, those a processor worked on it, and the MiB at its peak."""

    seconds: float
    worked: float
    peak: float


def run(*arguments: str) -> Ran:
    """Run `helpdesk`; raise SystemExit if it fails."""
    began = time.perf_counter()
    process = Popen([PROGRAM, *arguments], stdout=DEVNULL, stderr=DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"helpdesk {' '.join(arguments)} failed")
    taken = time.perf_counter() - began
    return Ran(taken, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def main(messages: int) -> None:
    """Print the figures."""
    helps = [run("--help") for _ in range(11)]
    taken, worked = (median(part) * 1000 for part in list(zip(*helps, strict=True))[:2])
    print(f"helpdesk --help: {taken:.0f} ms, {worked:.0f} ms of work (medians of 11)")
    with TemporaryDirectory(prefix="helpdesk-benchmark-") as folder:
        database = Path(folder) / "desk.db"
        fill(database, messages)
        for form in ("jsonl", "csv", "html"):
            target = Path(folder) / f"out.{form}"
            ran = run("export", "--database", str(database), "--format", form, "-o", str(target))
            size = target.stat().st_size / 2**20
            print(
                f"export of {messages:,} messages as {form}: {ran.seconds:.1f} s, "
                f"{ran.worked:.1f} s of work, {ran.peak:.0f} MiB of memory, "
                f"a file of {size:.0f} MiB"
            )
            target.unlink()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
