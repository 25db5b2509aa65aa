"""`helpdesk backup`, `restore` and `import`: copies the whole desk to one file, and back."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options, output
from cli.command import AsJson

if TYPE_CHECKING:
    from relay.store.offline import Returned

PURGED_AT_ONCE = 500
"""Numbers of requests that one `purge` takes, as many as a filter of the protocol."""


@options.settings_flags("database")
def backup(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="The file to write.", callback=options.require_utf8_name
        ),
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
    json: AsJson = False,
    **given: str | None,
) -> None:
    """Back up the desk to one file, checked and synced, whether its relay runs or not."""
    from cli.displacement import content, displacement
    from relay.store.backends import database_at

    settings, target = options.load(**given), Path(file)
    database = settings.database_path
    reason = displacement(settings)
    if reason is None:
        database_at(database).backup(target, force=force)
    else:
        database_at(database).backup_of(content(settings), target, force=force)
        output.error(f"The relay stores nothing: {reason}.")
    size = target.stat().st_size
    if json:
        output.as_json({"database": str(database), "file": file, "bytes": size})
    else:
        output.info(f"{database} is backed up, {size} bytes, to {file}.")


@options.settings_flags("database")
def restore(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="A backup of a desk.", callback=options.require_utf8_name
        ),
    ],
    json: AsJson = False,
    **given: str | None,
) -> None:
    """Restore the desk from a backup; the relay must not run. The old database is kept."""
    from cli.displacement import require_place
    from relay.store.backends import database_at

    settings = options.load(**given)
    require_place(settings)
    database = settings.database_path
    done = database_at(database).restore(Path(file), datetime.now(UTC))
    if json:
        from msgspec import to_builtins

        output.as_json(
            {"database": str(database), "file": file, "kept": done.kept and str(done.kept)}
            | {"returned": to_builtins(done.returned)}
        )
    else:
        before = f"; what was there before is kept in {done.kept}" if done.kept else ""
        output.info(f"{database} is restored from {file}{before}.")
    _tell_returned(done.returned)


def _tell_returned(returned: "Returned") -> None:
    """Say what was erased since *returned* was saved, and how it is erased again."""
    from relay.sanitize import printable_line

    for entry in returned.erasures:
        at = datetime.fromtimestamp(entry.at / 1000, UTC).astimezone().isoformat(" ", "minutes")
        number = f"{entry.requests} request{'' if entry.requests == 1 else 's'}"
        by = f" by {printable_line(entry.by)}" if entry.by else ""
        output.info(f"since that was saved, {at}: {entry.action}{by}, {number}.")
    if returned.unknown:
        output.error(
            "The former desk cannot be read, so what was erased since that was saved may be there "
            "again: see your records of erasures, and erase it again with `helpdesk purge`."
        )
    if not returned.requests:
        return
    output.error(
        f"What was erased since then is there again, {len(returned.requests)} requests, and the "
        "audit log lacks it. Keep this list, and erase them again, at most "
        f"{PURGED_AT_ONCE} at a time:"
    )
    for first in range(0, len(returned.requests), PURGED_AT_ONCE):
        numbers = " ".join(map(str, returned.requests[first : first + PURGED_AT_ONCE]))
        output.error(f"helpdesk purge {numbers}")


@options.settings_flags("database")
def import_(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A file written by `export` (jsonl); - reads stdin.",
            callback=options.require_utf8_name,
        ),
    ],
    json: AsJson = False,
    **given: str | None,
) -> None:
    """Import an export as the desk; the relay must not run. The old database is kept."""
    from msgspec import to_builtins

    from cli.displacement import require_place
    from relay.store.backends import database_at

    settings = options.load(**given)
    require_place(settings)
    database = settings.database_path
    with _seekable(file, database) as (source, name):
        done = database_at(database).import_export(source, datetime.now(UTC), name)
    if json:
        counted: dict[str, object] = {"requests": done.requests, "messages": done.messages}
        counted["agents_without_token"] = done.without_token
        kept = done.kept and str(done.kept)
        returned = to_builtins(done.returned)
        output.as_json(
            {"database": str(database), "file": file, **counted, "kept": kept, "returned": returned}
        )
    else:
        before = f"; what was there before is kept in {done.kept}" if done.kept else ""
        count = output.count_text(done.requests, done.messages)
        output.info(f"{database} has the {count} of {name}{before}.")
        if done.without_token:
            output.info("Its agents have no token yet; `helpdesk agent token NAME` makes one.")
    _tell_returned(done.returned)


@contextmanager
def _seekable(file: str, database: Path) -> Iterator[tuple[Path, str]]:
    """Yield *file*, and what to call it, as a file that can be read twice.

    What comes from stdin (``-``) or a pipe waits beside *database*, readable for its owner only.
    """
    from shutil import copyfileobj
    from tempfile import gettempdir

    from relay.files import temporary_file

    path, name = Path(file), "stdin" if file == "-" else file
    if file != "-" and not path.is_fifo():
        yield path, name
        return
    if file == "-" and sys.stdin.isatty():
        raise options.UsageError("FILE: stdin is a terminal; pipe an export to it.")
    folder = database.parent if database.parent.is_dir() else Path(gettempdir())
    with temporary_file(folder / f"{database.name}.import") as copy:
        with (
            copy.open("r+b") as target,
            sys.stdin.buffer if file == "-" else path.open("rb") as stream,
        ):
            copyfileobj(stream, target)
        yield copy, name
