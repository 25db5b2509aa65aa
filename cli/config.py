"""`helpdesk config`: shows and checks the settings. Never shows a secret."""

import json as codec
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options, output
from cli.command import AsJson

if TYPE_CHECKING:
    from relay.settings import Settings

app = typer.Typer(
    help="Show and check the settings, and write a settings file.", rich_markup_mode=None
)
HIDDEN = "(set, not shown)"
SECRETS = ("identity_keys", "metrics_token", "token", "secrets")


@app.command()
@options.settings_flags()
def show(json: AsJson = False, **given: str | None) -> None:
    """Show every setting, its value, and the source of the value."""
    settings, places = _told(given)
    shown = _plain(settings)
    if json:
        output.as_json(
            {name: {"value": value, "from": places[name]} for name, value in shown.items()}
        )
        return
    from relay.sanitize import printable_line
    from relay.settings import service_variables

    rows = [
        (name, printable_line(_spelt(value), 60), printable_line(places[name], 200))
        for name, value in shown.items()
    ]
    output.table(("SETTING", "VALUE", "FROM"), rows)
    if ignored := service_variables():
        names = printable_line(", ".join(ignored), 500)
        output.info(f"{names}: of a Kubernetes Service, not of this program; they set nothing.")


@app.command()
@options.settings_flags()
def check(json: AsJson = False, **given: str | None) -> None:
    """Check whether the relay would accept the settings."""
    from relay.settings import unknown_variables

    _, places = _told(given)
    unknown = unknown_variables()
    if json:
        output.as_json({"ok": True, "set": _set(places), "unknown_variables": [*unknown]})
        return
    for name, meant in unknown.items():
        output.info(unknown_sentence(name, meant))
    output.info(f"the relay takes these settings; {len(_set(places))} of them are set.")


@app.command()
def init(
    file: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="The file to write; - is stdout.",
            callback=options.require_utf8_name,
        ),
    ] = "helpdesk.toml",
    json: AsJson = False,
) -> None:
    """Write a settings file that explains each setting and sets none."""
    from cli.output_file import STDOUT, open_output
    from relay.errors import StartError
    from relay.settings.template import starter

    if json and file == STDOUT:
        raise options.UsageError("--json: the file goes to stdout; give another place with -o.")
    if file != STDOUT and Path(file).exists():
        raise StartError(f"{file} is there already; give another file with -o.")
    with open_output(file) as write:
        write(starter().encode())
    if json:
        output.as_json({"file": file})
    elif file != STDOUT:
        output.info(f"{file} explains every setting; change it, then run `helpdesk config check`.")


def unknown_sentence(name: str, meant: str | None) -> str:
    """Return what there is to say of the variable *name*, which may have been *meant* as that."""
    from relay.sanitize import printable_line

    remedy = f"perhaps {meant} is meant" if meant else "`helpdesk config show` lists them"
    return f"{printable_line(name, 100)} is no setting, and sets nothing; {remedy}."


def _told(given: dict[str, str | None]) -> "tuple[Settings, dict[str, str]]":
    from relay.settings import load_with_sources

    return load_with_sources(options.config_file(given["config"]))


def _set(places: Mapping[str, str]) -> list[str]:
    return [name for name, place in places.items() if place != "default"]


def _plain(settings: "Settings") -> dict[str, object]:
    """Return *settings* as JSON has them, secrets hidden."""
    plain: dict[str, object] = settings.model_dump(mode="json")
    sites, webhooks = plain["sites"], plain["webhooks"]
    assert isinstance(sites, dict)  # noqa: S101 - as the model says
    assert isinstance(webhooks, dict)  # noqa: S101
    for part in (plain, *sites.values(), *webhooks.values()):
        part |= {name: HIDDEN for name in SECRETS if part.get(name)}
    for name, webhook in settings.webhooks.items():
        webhooks[name]["url"] = webhook.shown_url
    return plain


def _spelt(value: object) -> str:
    return value if isinstance(value, str) else codec.dumps(value, ensure_ascii=False)
