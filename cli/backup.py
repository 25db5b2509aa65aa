"""`helpdesk backup` and `helpdesk restore`: the whole desk to one file, and back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli import flags, output


@flags.settings_flags("database")
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the backup goes.")],
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
    **given: str | None,
) -> None:
    """Back the desk up to one file, while its relay runs or not; it is checked and synced."""
    from relay.store.backup import save

    database = flags.load(**given).database_path
    save(database, file, force=force)
    output.say(f"{database} is backed up, {file.stat().st_size} bytes, to {file}.")


@flags.settings_flags("database")
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup of a desk.")],
    **given: str | None,
) -> None:
    """Make a backup the desk; the relay must not run. What it replaces is kept beside."""
    from relay.store.restoring import restore as put_back

    database = flags.load(**given).database_path
    kept = put_back(database, file, datetime.now(UTC))
    before = f"; what was there before is kept in {kept}" if kept else ""
    output.say(f"{database} is restored from {file}{before}.")
