"""Compares the relay of this checkout with that of another one, interleaved in one run, as ratios.

`python -m benchmarks.compare CHECKOUT` measures both alternating (A B B A), so that other load
on the machine affects both, and prints the median of each figure and of the ratios of the rounds. A
ratio above 1 is better in every row: more a second, or less time, or less memory. CHECKOUT needs a
`.venv` of its own, as `./run helpdesk --version` makes it. Needs `cc` and two idle cores.
"""

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from benchmarks.servers import HELPDESK, Server, running
from benchmarks.speed import Figures, Measure, closed, idle, opened, rate

ROUNDS = 5
LEAST = 0.97
"""A ratio below this is marked: more than the noise of several rounds."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one measurement; ``less`` where less of it is better."""

    name: str
    figure: str
    less: bool = False


CASES: tuple[tuple[str, Measure, tuple[Row, ...]], ...] = (
    ("1 in flight", closed(1), (Row("messages/s, 1 in flight", "per_second"),)),
    ("16 in flight", closed(16), (Row("messages/s, 16 in flight", "per_second"),)),
    (
        "2,500/s",
        rate(2_500),
        (
            Row("2,500 messages/s: p50 ms", "p50", less=True),
            Row("2,500 messages/s: p99 ms", "p99", less=True),
        ),
    ),
    ("opened", opened(1_000), (Row("a request opened: p50 ms", "open_p50", less=True),)),
    (
        "15,000 signed in",
        idle(15_000, "hello"),
        (
            Row("connections with hello/s", "connects_per_second"),
            Row("KiB for each of 15,000", "kib", less=True),
        ),
    ),
)


def of_checkout(folder: Path) -> Server:
    """Return the relay of the checkout in *folder*."""
    command = (str(folder.resolve() / ".venv/bin/helpdesk"), *HELPDESK.command[1:])
    return replace(HELPDESK, name=f"Helpdesk in {folder.name}", command=command)


def measure(server: Server, name: str, how: Measure) -> Figures:
    """Return the figures of *server* in one run of the measurement called *name*."""
    with running(server) as it:
        figures = how(it)
    shown = " ".join(f"{key}={value:g}" for key, value in figures.items())
    print(f"{server.name}: {name}: {shown}", file=sys.stderr)
    return figures


def compare(other: Server, rounds: int, only: str) -> Iterable[str]:
    """Yield a line of a table for each figure of the measurements whose name begins with *only*."""
    yield "| | before | now | ratio of the medians | of the rounds |"
    yield "| --- | --- | --- | --- | --- |"
    for name, how, rows in CASES:
        if not name.startswith(only):
            continue
        before: list[Figures] = []
        now: list[Figures] = []
        for number in range(rounds):
            turns = [(other, before), (HELPDESK, now)]
            for server, figures in turns if number % 2 else turns[::-1]:
                figures.append(measure(server, name, how))
        for row in rows:
            yield _line(row, [it[row.figure] for it in before], [it[row.figure] for it in now])


def _line(row: Row, before: list[float], now: list[float]) -> str:
    old, new = median(before), median(now)
    pairs = [b / n if row.less else n / b for b, n in zip(before, now, strict=True)]
    ratio = old / new if row.less else new / old
    mark = "" if ratio >= LEAST else " (slower)"
    return f"| {row.name} | {old:,.4g} | {new:,.4g} | {ratio:.3f}{mark} | {median(pairs):.3f} |"


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("checkout", type=Path, help="the folder of the other checkout")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", default="", help="measurements whose name begins so")
    chosen = parser.parse_args()
    for line in compare(of_checkout(chosen.checkout), chosen.rounds, chosen.only):
        print(line, flush=True)


if __name__ == "__main__":
    main()
