"""Terminal I/O of the command: data on stdout, messages and questions on stderr."""

import getpass
import io
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum

from relay.errors import StartError

NAME = "helpdesk"
_SURROGATES = re.compile("[\ud800-\udfff]")
"""Surrogates, which stand for bytes that are not UTF-8."""
STDIN_LIMIT = 2**22
"""Characters; more than a text or all canned responses may have."""


_quiet = False


class ExitCode(IntEnum):
    """The exit codes of the command."""

    DONE = 0
    FAILED = 1
    WRONG_USE = 2
    INTERRUPTED = 130


class _Closed(io.BytesIO):
    """Stand-in for a stdout that was closed before the command began."""

    def write(self, _: object, /) -> int:
        raise StartError("Nothing can be written, since stdout is closed; open it for the command.")


def configure_streams() -> None:
    """Make the standard streams usable, however the command was started.

    A closed stdin reads as empty, a closed stderr discards, and writing to a closed stdout raises
    :exc:`StartError`. Characters outside a stream's encoding are escaped; bytes of stdin that are
    not UTF-8 become surrogates, for :func:`given_text` to refuse.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # Takes the closed number as well, which a socket would get otherwise.
            nowhere = os.open(os.devnull, os.O_RDWR)
            closed = io.TextIOWrapper(_Closed(), "utf-8") if name == "stdout" else None
            setattr(sys, name, closed or os.fdopen(nowhere, mode, encoding="utf-8"))
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            readable = "surrogateescape" if name == "stdin" else "backslashreplace"
            stream.reconfigure(errors=readable)


def require_stdout() -> None:
    """Raise :exc:`StartError` if stdout is closed, before something is made to be shown once."""
    sys.stdout.buffer.write(b"")


def data(text: str) -> None:
    """Write *text* and a line's end to stdout; raise BrokenPipeError if nobody reads it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def lines(many: Iterable[str]) -> None:
    """Write *many* lines, which bear their ends, to stdout."""
    sys.stdout.writelines(many)
    sys.stdout.flush()


def as_json(value: object) -> None:
    """Write *value* to stdout as one line of JSON, in ASCII: any stream can spell it."""
    data(json.dumps(value))


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write *rows* to stdout under *heading*, each column as wide as its longest cell."""
    from rich.cells import cell_len

    lines = [heading, *rows]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (
            cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)
        )
        data("  ".join(cells).rstrip())


def coloured_table(
    heading: Sequence[str], rows: Sequence[Sequence[str]], colours: Mapping[str, str]
) -> None:
    """Write *rows* as :func:`table` does; on a terminal, with its width and *colours* of words."""
    if not sys.stdout.isatty():
        table(heading, rows)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*heading)
    for row in rows:
        drawn.add_row(*(Text(cell, colours.get(cell, "")) for cell in row))
    Console().print(drawn)


def set_quiet(wanted: bool) -> None:
    """Turn :func:`info` and :class:`Progress` off or on."""
    global _quiet  # noqa: PLW0603 - one process has one stderr
    _quiet = wanted


def info(sentence: str) -> None:
    """Write *sentence* to stderr, unless ``--quiet`` was given."""
    if not _quiet:
        error(sentence)


def error(sentence: str) -> None:
    """Write *sentence* to stderr, always; tokens in it are masked."""
    from relay.sanitize import mask_tokens

    sys.stderr.write(f"{NAME}: {mask_tokens(sentence)}\n")
    sys.stderr.flush()


def status_line(text: str) -> None:
    """Replace the line of stdout that the cursor is on by *text*."""
    sys.stdout.write(f"\r\x1b[K{text}")
    sys.stdout.flush()


def count_text(requests: int, messages: int) -> str:
    """Return how many *requests* with how many *messages*, in words."""
    one, other = (
        f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
        for number, what in ((requests, "request"), (messages, "message"))
    )
    return f"{one} with {other}"


class Progress:
    """Progress bar on one line of stderr, if that is a terminal."""

    STEPS = 50

    def __init__(self, total: int, what: str) -> None:
        """Show nothing yet of *total* things called *what*."""
        self._shown = _usual_terminal() and not _quiet and sys.stderr.isatty()
        self._total, self._what = total, what
        self._done = 0
        self._due = 1

    def step(self, more: int = 1) -> None:
        """Count so many more."""
        self._done += more
        if self._shown and self._done >= self._due:
            part = min(1.0, self._done / max(1, self._total))
            bar = ("#" * int(part * self.STEPS)).ljust(self.STEPS)
            sys.stderr.write(f"\r[{bar}] {part:4.0%} of {self._total} {self._what}")
            sys.stderr.flush()
            self._due = self._done + max(1, self._total // 200)

    def clear(self) -> None:
        """Leave the line as if nothing had been there."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def discard_stdout() -> None:
    """Send stdout nowhere, so that the interpreter's last flush after a broken pipe succeeds."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def has_terminal() -> bool:
    """Return whether there is a terminal to draw a screen on and read keys from."""
    return can_redraw() and sys.stdin.isatty()


def can_redraw() -> bool:
    """Return whether stdout is a terminal on which a line can be redrawn."""
    return _usual_terminal() and sys.stdout.isatty()


def _usual_terminal() -> bool:
    return os.environ.get("TERM") not in {"dumb", "unknown"}


def ask(question: str, default: str) -> str:
    """Return the answer to *question*, *default* if it is empty; EOFError if there is none."""
    begin_question(question, default)
    return end_question(default)


def begin_question(question: str, default: str) -> None:
    """Write *question* on stderr, with the *default* that an empty answer stands for."""
    _prompt(f"{question} [{default}]: ")


def end_question(default: str) -> str:
    """Return the answer as :func:`ask` does, after :func:`begin_question`."""
    return _line() or default


def ask_secret(question: str) -> str:
    """Return the answer to *question*, typed unseen where there is a terminal."""
    if sys.stdin.isatty():
        return getpass.getpass(f"{question}: ", stream=sys.stderr).strip()
    _prompt(f"{question}: ")
    return _line()


def can_ask_again() -> bool:
    """Return whether a person answers, who can give another answer in place of a wrong one."""
    return sys.stdin.isatty()


def given_text(text: str) -> str:
    """Return *text*, or all of stdin for ``-``.

    Raises :exc:`StartError` if stdin gives nothing, more than :data:`STDIN_LIMIT` or no UTF-8.
    """
    if text != "-":
        return text
    if sys.stdin.isatty():
        info("Type the text, and end it with Ctrl+D on a line of its own.")
    said = sys.stdin.read(STDIN_LIMIT + 1)
    if not said.strip():
        raise StartError("Nothing came on stdin; pipe a text to it.")
    if len(said) > STDIN_LIMIT:
        raise StartError("That is longer than any relay takes; shorten it.")
    if not said.isascii() and _SURROGATES.search(said):
        raise StartError("What stdin gives has to be text in UTF-8.")
    return said


def _prompt(prompt: str) -> None:
    sys.stderr.write(prompt)
    sys.stderr.flush()


def _line() -> str:
    line = sys.stdin.readline()
    if not line:
        sys.stderr.write("\n")
        raise EOFError
    return line.strip()
