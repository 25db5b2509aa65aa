"""Relay under `strace`, which counts its syncs or makes them fail.

The tracer is the relay's own child, so no right is needed and the process started stays the relay.
"""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

SYNCED = re.compile(r"\bf(?:data)?sync\(\d+<[^>]*-wal>\) += 0$", re.MULTILINE)
FAILED = re.compile(r"\bf(?:data)?sync\(.*= -1 EIO .*\(INJECTED\)$", re.MULTILINE)


def traced(program: Sequence[str], trace: Path, *more: str) -> tuple[str, ...]:
    """Return the command that runs *program* and writes its syncs to *trace*."""
    strace = shutil.which("strace")
    assert strace, "strace is missing; on Debian: apt-get install strace"
    return (
        strace,
        "-D",
        "-f",
        "-y",
        "-e",
        "trace=fsync,fdatasync",
        *more,
        "-o",
        str(trace),
        *program,
    )


def count(pattern: re.Pattern[str], trace: Path) -> int:
    """Return how many lines of *trace* are like *pattern*."""
    return len(pattern.findall(trace.read_text()))
