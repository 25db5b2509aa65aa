"""`helpdesk doctor`: whether the desk is well, from its settings to a message that goes around."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli import flags, output
from cli.output import ExitCode

if TYPE_CHECKING:
    from cli.verdicts import Verdict

COLOURS = {"ok": "green", "warning": "yellow", "failed": "bold red", "not run": "dim"}


@flags.settings_flags("host", "port", "database", "public_url", "allowed_origins")
def doctor(
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    **given: str | None,
) -> None:
    """Examine the desk: settings, database, certificate, and a message that goes around."""
    from cli.verdicts import Outcome

    verdicts = list(_examine(given))
    if json:
        output.as_json(
            [{"check": one.check, "outcome": one.outcome, "says": one.says} for one in verdicts]
        )
    else:
        rows = [(one.check, one.outcome.value, one.says) for one in verdicts]
        output.coloured_table(("CHECK", "OUTCOME", "WHAT IT SAYS"), rows, COLOURS)
    failed = [one.check for one in verdicts if one.outcome is Outcome.FAILED]
    if failed:
        output.complain(f"Not well: {', '.join(failed)}.")
        raise typer.Exit(ExitCode.FAILED)


def _examine(given: "Mapping[str, str | None]") -> "Iterator[Verdict]":
    import asyncio

    from cli import certificate, examining, probe
    from cli.verdicts import Outcome, Verdict
    from relay.errors import StartError

    try:
        settings = flags.load(**given)
    except StartError as error:
        yield Verdict("settings", Outcome.FAILED, output.masked(str(error)))
        return
    yield from examining.settings_verdicts(settings)
    yield from examining.origins_verdicts(settings)
    yield from examining.database_verdicts(settings)
    yield certificate.certificate(settings.public_url, datetime.now(UTC))
    yield asyncio.run(probe.round_trip(settings))
