"""`helpdesk doctor`: whether the desk is well, from its settings to a message that goes around."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options, output
from cli.output import ExitCode

if TYPE_CHECKING:
    from cli.doctor_checks import Verdict

COLOURS = {"ok": "green", "warning": "yellow", "failed": "bold red", "not run": "dim"}


@options.settings_flags("host", "port", "database", "public_url", "allowed_origins")
def doctor(
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    **given: str | None,
) -> None:
    """Examine the desk: settings, database, certificate, and a message that goes around."""
    from cli.doctor_checks import Outcome

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

    from cli import doctor_checks
    from cli.doctor_checks import Outcome, Verdict
    from relay.errors import StartError
    from relay.sanitize import mask_tokens

    try:
        settings = options.load(**given)
    except StartError as error:
        yield Verdict("settings", Outcome.FAILED, mask_tokens(str(error)))
        return
    yield from doctor_checks.settings_verdicts(settings)
    yield from doctor_checks.origins_verdicts(settings)
    yield from doctor_checks.database_verdicts(settings)
    yield doctor_checks.certificate(settings.public_url, datetime.now(UTC))
    yield asyncio.run(doctor_checks.round_trip(settings))
