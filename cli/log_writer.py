"""Writes stderr in a thread of its own, from a bounded queue: nothing that logs waits for a reader.

Stderr may be a pipe that nobody reads, a terminal stopped by Ctrl+S, a file on a full disk, or
closed. Lines keep their order; those that find the queue full are dropped and counted.
"""

import atexit
import io
import os
import select
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from relay.metrics import Counts

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

MAX_LINES = 10_000
"""Lines that wait to be written, about 2 MiB; as many again may be in the hands of the thread."""
CHUNK = select.PIPE_BUF
"""Bytes of one write: a pipe takes so many in one piece, even if other processes write to it."""
RETRY = 0.25
"""Seconds until a write that failed is tried again: a full disk may have room by then."""
FLUSH_TIMEOUT = 1.0
"""Seconds that the process waits at its end for lines to be written."""


class LogWriter:
    """Queue of lines and the thread that writes them to a file descriptor."""

    def __init__(self, descriptor: int, counts: Counts, max_lines: int | None = None) -> None:
        """Start the thread, which writes to *descriptor*; *counts* gets the dropped lines.

        The queue holds *max_lines*, by default :data:`MAX_LINES`.
        """
        self.gap_line: Callable[[int], str] | None = None
        """Makes the line that is written in the place of as many dropped ones."""
        self.counts = counts
        self._descriptor = descriptor
        self._max_lines = MAX_LINES if max_lines is None else max_lines
        self._changed = threading.Condition()
        self._lines: list[bytes] = []
        self._dropped = 0
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def write(self, line: bytes) -> None:
        """Queue *line*, which bears its end, or drop it if the queue is full; never wait."""
        with self._changed:
            if len(self._lines) >= self._max_lines:
                self._dropped += 1
                self.counts.log_lines_dropped += 1
                return
            self._lines.append(line)
            if len(self._lines) == 1:
                self._changed.notify()

    def close(self, timeout: float = FLUSH_TIMEOUT) -> None:
        """Write what is queued, for *timeout* seconds at most; what is written later is lost."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._lines or self._closing)
                lines, self._lines = self._lines, []
                dropped, self._dropped = self._dropped, 0
            if not lines:
                return
            if dropped and self.gap_line is not None:
                lines.append(self.gap_line(dropped).encode())
            for chunk in _chunks(lines):
                self._write_out(chunk)

    def _write_out(self, chunk: bytes) -> None:
        """Write *chunk*, however long that takes; give up on an error only at the end."""
        while chunk:
            try:
                chunk = chunk[os.write(self._descriptor, chunk) :]
            except BlockingIOError:
                select.select((), (self._descriptor,), (), RETRY)
            except OSError:
                with self._changed:
                    if self._closing:
                        return
                    self._changed.wait_for(lambda: self._closing, RETRY)


def _chunks(lines: Sequence[bytes]) -> Iterator[bytes]:
    """Yield *lines* joined to chunks of :data:`CHUNK` bytes at most; a longer line is alone."""
    begun: list[bytes] = []
    size = 0
    for line in lines:
        if begun and size + len(line) > CHUNK:
            yield b"".join(begun)
            begun, size = [], 0
        begun.append(line)
        size += len(line)
    yield b"".join(begun)


class LineSplitter(io.RawIOBase):
    """Raw stream in the place of stderr that passes whole lines to a :class:`LogWriter`."""

    def __init__(self, descriptor: int, writer: LogWriter) -> None:
        """Pass lines to *writer*, which writes them to *descriptor*."""
        self._descriptor, self._writer = descriptor, writer
        self._begun = b""

    def writable(self) -> bool:
        """Return True: it takes bytes."""
        return True

    def write(self, data: "ReadableBuffer", /) -> int:
        """Queue the lines that *data* ends; keep the begun one."""
        added = bytes(data)
        *ended, self._begun = (self._begun + added).split(b"\n")
        for line in ended:
            self._writer.write(line + b"\n")
        return len(added)

    def isatty(self) -> bool:
        """Return whether lines go to a terminal."""
        return os.isatty(self._descriptor)

    def fileno(self) -> int:
        """Return the descriptor that is written to."""
        return self._descriptor


_writers: list[LogWriter] = []
"""The writer of this process, which has one stderr; none if it was not replaced."""


def replace_stderr() -> None:
    """Let this process write its stderr through a queue until it ends.

    Everything that Python writes there goes through it, tracebacks and warnings too. At the end
    what is queued is written within :data:`FLUSH_TIMEOUT`. A stderr that is closed stays so.
    """
    if sys.stderr is None or _writers:
        return
    descriptor, encoding = sys.stderr.fileno(), sys.stderr.encoding
    writer = LogWriter(descriptor, Counts())
    _writers.append(writer)
    lines = LineSplitter(descriptor, writer)
    sys.stderr = io.TextIOWrapper(lines, encoding, "backslashreplace", write_through=True)
    atexit.register(writer.close)


def describe_gaps(gap_line: Callable[[int], str]) -> Counts:
    """Have *gap_line* make the line that stands for dropped ones; return where they are counted."""
    if not _writers:
        return Counts()
    _writers[0].gap_line = gap_line
    return _writers[0].counts
