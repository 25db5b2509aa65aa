"""`helpdesk doctor`: examines the desk, from its settings to a message through the relay."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options, output
from cli.output import ExitCode

if TYPE_CHECKING:
    from cli.doctor_checks import CheckResult
    from relay.settings import Settings

COLOURS = {"ok": "green", "warning": "yellow", "failed": "bold red", "not run": "dim"}


@options.settings_flags("host", "port", "database", "public_url", "allowed_origins")
def doctor(
    url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="The address at which browsers reach the relay, if not public_url."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    **given: str | None,
) -> None:
    """Check the desk: settings, database, public address, and send a test message."""
    from cli.doctor_checks import Outcome

    results = list(_examine(given, url))
    if json:
        output.as_json(
            [{"check": one.check, "outcome": one.outcome, "says": one.says} for one in results]
        )
    else:
        rows = [(one.check, one.outcome.value, one.says) for one in results]
        output.coloured_table(("CHECK", "OUTCOME", "WHAT IT SAYS"), rows, COLOURS)
    failed = [one.check for one in results if one.outcome is Outcome.FAILED]
    if failed:
        output.error(f"Not well: {', '.join(failed)}.")
        raise typer.Exit(ExitCode.FAILED)


def _examine(given: "Mapping[str, str | None]", url: str | None) -> "Iterator[CheckResult]":
    import asyncio

    from cli import doctor_checks, doctor_clients, doctor_probe
    from cli.doctor_checks import CheckResult, Outcome
    from relay.errors import StartError
    from relay.sanitize import mask_tokens

    try:
        settings = options.load(**given)
        _ = settings.database_path  # has a place
    except StartError as error:
        yield CheckResult("settings", Outcome.FAILED, mask_tokens(str(error)))
        return
    running = _running(settings, given)
    yield from doctor_checks.settings_results(running)
    yield from doctor_checks.change_results(settings, running)
    yield from doctor_checks.origins_results(running)
    yield from doctor_checks.database_results(running)
    yield doctor_checks.certificate(running.public_url, datetime.now(UTC))
    yield from doctor_clients.public_results(running, url)
    yield from doctor_clients.fault_results(running)
    urls = _listening_urls(running, given)
    yield asyncio.run(doctor_probe.round_trip(running, urls))


def _running(settings: "Settings", given: "Mapping[str, str | None]") -> "Settings":
    """Return the settings with which the relay runs, and where none does *settings*.

    The flags *given* go before.
    """
    from cli import relay_addresses

    running = relay_addresses.running_settings(settings) or settings
    flags = [name for name, value in given.items() if value is not None and name != "config"]
    return running.model_copy(update={name: getattr(settings, name) for name in flags})


def _listening_urls(settings: "Settings", given: "Mapping[str, str | None]") -> list[str]:
    """Return where the relay that runs listens, or where a flag says; nothing if none runs."""
    from cli import relay_addresses
    from relay.errors import StartError

    if given["host"] or given["port"]:
        return relay_addresses.settings_urls(settings)
    try:
        return relay_addresses.listening_urls(settings)
    except StartError:
        return []
