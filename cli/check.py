"""`helpdesk check`: whether the desk's database is whole, beside a relay that may be running."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli import options, output
from cli.output import ExitCode

if TYPE_CHECKING:
    from relay.store.sqlite.integrity import Report


@options.settings_flags("database")
def check(
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    **given: str | None,
) -> None:
    """Look for damage in the database: pages, references, numbers, times, summaries, audit log."""
    from relay.store.sqlite.identity import Kind, must_be
    from relay.store.sqlite.integrity import check_database

    database = options.load(**given).database_path
    must_be(database, Kind.CURRENT)
    report = check_database(database)
    if json:
        output.as_json(_plain(report))
    else:
        _show(report)
    if report.findings:
        output.complain(f"{database} is damaged; put a backup back with `helpdesk restore`.")
        raise typer.Exit(ExitCode.FAILED)


def _show(report: "Report") -> None:
    from relay.store.sqlite.integrity import Check

    counts = dict.fromkeys(Check, 0)
    for finding in report.findings:
        counts[finding.check] += 1
    rows = [(name.value, f"{count} found" if count else "ok") for name, count in counts.items()]
    output.table(("CHECK", "RESULT"), rows)
    for finding in report.findings:
        where = f"#{finding.request}: " if finding.request else ""
        output.data(f"{finding.check}: {where}{finding.problem}")
    output.say(f"Checked {output.much(report.requests, report.messages)}.")


def _plain(report: "Report") -> dict[str, object]:
    from msgspec import to_builtins

    plain: dict[str, object] = to_builtins(report)
    return {"ok": not report.findings, **plain}
