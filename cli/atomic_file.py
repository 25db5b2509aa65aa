"""Where a command's bytes go: stdout, or a file that has its name only once it is complete.

Never leaves half a file under the name that was asked for, whatever ends the command.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_urlsafe

from relay.errors import StartError
from relay.store.sqlite.files import must_be_nobodys

STDOUT = "-"
Write = Callable[[bytes], object]


@contextmanager
def target(file: str, *, never: Path | None = None, flag: str = "-o") -> Iterator[Write]:
    """Yield what writes to *file*, which is synced and named at the end; ``-`` is stdout.

    A link is followed, and a device or a pipe is written to as it is. Raises :exc:`StartError` if
    it cannot be written, is the database *never* or belongs to a desk; *flag* named it.
    """
    if file == STDOUT:
        yield sys.stdout.buffer.write
        sys.stdout.buffer.flush()
        return
    place = Path(file)
    if place.is_dir():
        raise StartError(f"{file} is a folder; give a file in it.")
    if never and place.exists() and place.samefile(never):
        raise StartError(f"{file} is the desk's database; give another file.")
    must_be_nobodys(place)
    whole = replacing(place.resolve()) if place.is_file() or not place.exists() else _into(place)
    try:
        with whole as write:
            yield write
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StartError(
            f"Cannot write {file} ({reason}); give another file with {flag}."
        ) from error


@contextmanager
def _into(place: Path) -> Iterator[Write]:
    with place.open("wb") as file:
        yield file.write


@contextmanager
def replacing(place: Path) -> Iterator[Write]:
    """Yield what writes to a new file, for its owner alone, that is *place* once it is synced.

    Raises OSError if it cannot be; *place* is as it was then.
    """
    # Named before it is there: a signal right behind its making must find what is to go.
    part = place.with_name(f".{place.name}.{token_urlsafe(6)}.part")
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file.write
            file.flush()
            os.fsync(descriptor)
        part.replace(place)
        folder = os.open(place.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
