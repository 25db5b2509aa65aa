"""How long the command takes: `helpdesk --help`, and an export of a million messages.

`python -m benchmarks.commands [MESSAGES]` prints seconds and, for the exports, the peak of memory.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from subprocess import DEVNULL, Popen
from tempfile import TemporaryDirectory

from benchmarks.filling import fill

PROGRAM = str(Path(sys.executable).with_name("helpdesk"))


def run(*arguments: str) -> tuple[float, float]:
    """Run `helpdesk`; return the seconds it took and the MiB it had at its peak."""
    began = time.perf_counter()
    process = Popen([PROGRAM, *arguments], stdout=DEVNULL, stderr=DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"helpdesk {' '.join(arguments)} failed")
    return time.perf_counter() - began, used.ru_maxrss / 1024


def middle(measure: Callable[[], float], rounds: int = 11) -> float:
    """Return the median of *rounds* measurements."""
    return median(measure() for _ in range(rounds))


def main(messages: int) -> None:
    """Print the figures."""
    print(f"helpdesk --help: {middle(lambda: run('--help')[0]) * 1000:.0f} ms (median of 11)")
    with TemporaryDirectory(prefix="helpdesk-benchmark-") as folder:
        database = Path(folder) / "desk.db"
        fill(database, messages)
        for form in ("jsonl", "csv", "html"):
            target = Path(folder) / f"out.{form}"
            seconds, peak = run(
                "export", "--database", str(database), "--format", form, "-o", str(target)
            )
            size = target.stat().st_size / 2**20
            print(
                f"export of {messages:,} messages as {form}: {seconds:.1f} s, {peak:.0f} MiB "
                f"of memory, a file of {size:.0f} MiB"
            )
            target.unlink()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
