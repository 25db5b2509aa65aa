"""`helpdesk backup`, `restore` and `import`: copies the whole desk to one file, and back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli import options, output
from cli.command import AsJson


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
    from relay.store.backends import database_at

    database, target = options.load(**given).database_path, Path(file)
    database_at(database).backup(target, force=force)
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
    from relay.store.backends import database_at

    database = options.load(**given).database_path
    kept = database_at(database).restore(Path(file), datetime.now(UTC))
    if json:
        result = {"database": str(database), "file": file, "kept": kept and str(kept)}
        output.as_json(result)
    else:
        before = f"; what was there before is kept in {kept}" if kept else ""
        output.info(f"{database} is restored from {file}{before}.")


@options.settings_flags("database")
def import_(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A file written by `export` (jsonl).",
            callback=options.require_utf8_name,
        ),
    ],
    json: AsJson = False,
    **given: str | None,
) -> None:
    """Import an export as the desk; the relay must not run. The old database is kept."""
    from relay.store.backends import database_at

    database = options.load(**given).database_path
    done = database_at(database).import_export(Path(file), datetime.now(UTC))
    if json:
        counted = {"requests": done.requests, "messages": done.messages}
        kept = done.kept and str(done.kept)
        output.as_json({"database": str(database), "file": file, **counted, "kept": kept})
    else:
        before = f"; what was there before is kept in {done.kept}" if done.kept else ""
        count = output.count_text(done.requests, done.messages)
        output.info(f"{database} has the {count} of {file}{before}.")
