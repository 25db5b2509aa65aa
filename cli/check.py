"""`helpdesk check`: looks for damage in the database, beside a relay that may be running."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli import options, output
from cli.output import ExitCode

if TYPE_CHECKING:
    from relay.store.offline import CheckReport


@options.settings_flags("database")
def check(
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    **given: str | None,
) -> None:
    """Check the database for damage: pages, references, numbers, times, summaries, audit log."""
    from cli.displacement import require_place
    from relay.store.backends import database_at
    from relay.store.offline import DatabaseKind

    settings = options.load(**given)
    require_place(settings)
    location = settings.database_path
    database = database_at(location)
    database.require(DatabaseKind.CURRENT)
    report = database.check()
    if json:
        output.as_json(_plain(report))
    else:
        _show(report)
    if report.findings:
        output.error(f"{location} is damaged; put a backup back with `helpdesk restore`.")
        raise typer.Exit(ExitCode.FAILED)


def _show(report: "CheckReport") -> None:
    from relay.store.offline import Check

    counts = dict.fromkeys(Check, 0)
    for finding in report.findings:
        counts[finding.check] += 1
    rows = [(name.value, f"{count} found" if count else "ok") for name, count in counts.items()]
    output.table(("CHECK", "RESULT"), rows)
    for finding in report.findings:
        where = f"#{finding.request}: " if finding.request else ""
        output.data(f"{finding.check}: {where}{finding.problem}")
    output.info(f"Checked {output.count_text(report.requests, report.messages)}.")


def _plain(report: "CheckReport") -> dict[str, object]:
    from msgspec import to_builtins

    plain: dict[str, object] = to_builtins(report)
    return {"ok": not report.findings, **plain}
