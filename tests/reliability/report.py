"""Table of a long run: amounts of work and errors, for the terminal and a page."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

BEGIN, END = "<!-- made by the command: begin -->", "<!-- made by the command: end -->"
MOST_GROWN = 4 * 2**20
"""Bytes, however long the run: some four hundred conversations of a kilobyte each are a leak."""
HEADINGS = (
    "what",
    "how much",
    "messages acknowledged",
    "lost",
    "doubled",
    "out of order",
    "bytes of memory grown",
    "broken claims",
)


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table; None is what this kind of run does not count."""

    what: str
    extent: str
    acknowledged: int | None = None
    lost: int | None = None
    doubled: int | None = None
    disordered: int | None = None
    grown: int | None = None
    broken: int | None = None

    @property
    def good(self) -> bool:
        """Whether nothing was lost, doubled, out of order or broken, and memory stayed flat."""
        wrong = (self.lost, self.doubled, self.disordered, self.broken)
        return not any(wrong) and (self.grown or 0) <= MOST_GROWN

    def cells(self) -> tuple[str, ...]:
        """Return the line's cells, as the headings want them."""
        counts = (self.acknowledged, self.lost, self.doubled, self.disordered, self.grown)
        shown = ["" if count is None else f"{count:,}" for count in (*counts, self.broken)]
        return self.what, self.extent, *shown


def table(results: Sequence[Result]) -> str:
    """Return *results* as a table in Markdown, which is also plain to read."""
    lines = [HEADINGS, *(result.cells() for result in results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    rule = tuple("-" * width for width in widths)
    padded = (
        " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in (HEADINGS, rule, *lines[1:])
    )
    return "\n".join(f"| {line} |" for line in padded)


def write(page: Path, command: str, day: str, shown: str) -> None:
    """Put the table *shown* and the *command* that made it on *day* between the page's marks."""
    text = page.read_text()
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{page} has no marks to write between")
    made = f"Made by `{command}` on {day}, on {machine()}:"
    page.write_text(f"{before}{BEGIN}\n\n{made}\n\n{shown}\n\n{END}{after}")


def machine() -> str:
    """Return what this machine is, without its name."""
    kind = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores"
    return f"{kind}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
