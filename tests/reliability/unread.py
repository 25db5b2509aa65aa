"""Kinds of stderr on which nobody reads what a relay writes."""

import os
import termios
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path


def fill(pipe: int) -> None:
    """Write to *pipe* until it is full."""
    os.set_blocking(pipe, False)
    try:
        while True:
            os.write(pipe, b"\n" * 4096)
    except BlockingIOError:
        os.set_blocking(pipe, True)


@contextmanager
def full_pipe() -> Iterator[int]:
    """Yield a pipe that is full and that nobody reads."""
    reading, writing = os.pipe()
    fill(writing)
    yield writing
    os.close(reading)
    os.close(writing)


@contextmanager
def broken_pipe() -> Iterator[int]:
    """Yield a pipe whose reader is gone."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@contextmanager
def stopped_terminal() -> Iterator[int]:
    """Yield a terminal in which Ctrl+S was pressed."""
    master, slave = os.openpty()
    termios.tcflow(slave, termios.TCOOFF)
    yield slave
    os.close(master)
    os.close(slave)


@contextmanager
def full_disk() -> Iterator[int]:
    """Yield a file on a disk without room."""
    with Path("/dev/full").open("wb") as stderr:
        yield stderr.fileno()


@contextmanager
def unwritable() -> Iterator[int]:
    """Yield a file that is open for reading alone."""
    with Path(os.devnull).open("rb") as stderr:
        yield stderr.fileno()


Stderr = Callable[[], AbstractContextManager[int]]
KINDS: list[Stderr] = [
    full_pipe,
    broken_pipe,
    stopped_terminal,
    full_disk,
    unwritable,
]
"""What stderr may be when nobody reads the log, as a file's number for as long as it is needed."""
