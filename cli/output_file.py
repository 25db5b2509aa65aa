"""The output of a command: stdout, or a file that has its name only once it is complete.

Never leaves a partial file under the name that was asked for, however the command ends.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from relay.errors import StartError
from relay.files import Write, atomic_write
from relay.store.backends import reject_desk_files

STDOUT = "-"


@contextmanager
def open_output(file: str, *, never: Path | None = None, flag: str = "-o") -> Iterator[Write]:
    """Yield a function that writes to *file*, which is replaced at the end; ``-`` is stdout.

    A link is followed; a device or a pipe is written to directly. Raises :exc:`StartError` if it
    cannot be written, is the database *never* or belongs to a desk; *flag* is the option that
    named it.
    """
    if file == STDOUT:
        yield sys.stdout.buffer.write
        sys.stdout.buffer.flush()
        return
    path = Path(file)
    if path.is_dir():
        raise StartError(f"{file} is a folder; give a file in it.")
    if never and path.exists() and path.samefile(never):
        raise StartError(f"{file} is the desk's database; give another file.")
    reject_desk_files(path)
    regular = path.is_file() or not path.exists()
    try:
        with atomic_write(path.resolve()) if regular else _stream(path) as write:
            yield write
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StartError(
            f"Cannot write {file} ({reason}); give another file with {flag}."
        ) from error


@contextmanager
def _stream(path: Path) -> Iterator[Write]:
    with path.open("wb") as file:
        yield file.write
