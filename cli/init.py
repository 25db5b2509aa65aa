"""`helpdesk init`: makes a desk: the settings file, the first agent, and the line for the pages."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli import options, output
from cli.agent import Role, add_agent, write_token
from cli.command import AsJson
from relay.errors import StartError
from relay.files import user_name

if TYPE_CHECKING:
    from relay.settings import Settings
    from relay.wire.agent_out import AgentAdded

Value = TypeVar("Value")

NONE = "none"
"""The answer of who has no pages yet."""
SOMEBODY = "Sam"
"""The agent's name that is proposed to root, who is nobody in particular."""


def _text(flag: str) -> Callable[[str | None], str | None]:
    return lambda text: None if text is None else options.require_utf8(flag, text)


def _flag(name: str, metavar: str, help_text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        name, metavar=metavar, help=help_text, callback=_text(name)
    )
    return option


def init(
    *,
    public_url: Annotated[
        str | None, _flag("--public-url", "URL", "The address of the relay for browsers.")
    ] = None,
    allowed_origins: Annotated[
        str | None, _flag("--allowed-origins", "ORIGINS", "Origins of your pages, or none.")
    ] = None,
    name: Annotated[
        str | None, _flag("--agent", "NAME", "The first agent's name, which customers see.")
    ] = None,
    database: Annotated[
        str | None, _flag("--database", "PATH", "The file with all data, if not the usual one.")
    ] = None,
    file: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="The settings file to write.",
            callback=options.require_utf8_name,
        ),
    ] = "helpdesk.toml",
    json: AsJson = False,
) -> None:
    """Make a desk: write its settings file, add the first agent, print the line for your pages.

    It asks for what no flag says: the relay's address for browsers, the origins of the pages with
    the widget, and your name. The first agent is an admin; the token is not shown again.
    """
    path = Path(file)
    if os.path.lexists(path):
        raise _exists(path)
    output.require_stdout()
    values = _answers(public_url, allowed_origins)
    if database is not None:
        values["database"] = str(options.load(database=database).database_name)
    agent = name or output.ask("Your name, which customers see", _usual_name())
    with _new_file(path, values):
        settings = options.load(str(path))
        added = _first_agent(settings, agent)
    if not json:
        output.info(f"{path} has the settings; the desk is in {settings.database_path}.")
        write_token(added.agent, added.token, json=False)
    tag = _tag(settings)
    if json:
        made = {"file": str(path), "database": str(settings.database_path), "snippet": tag}
        write_token(added.agent, added.token, json=True, more=made)
        return
    if tag is not None:
        output.info("this line is for your pages:")
        output.data(tag)
    elsewhere = "" if path == Path("helpdesk.toml") else f" --config {path}"
    output.info(f"now run `helpdesk serve{elsewhere}`, and then `helpdesk login`.")


def _answers(public_url: str | None, allowed_origins: str | None) -> dict[str, object]:
    """Return the settings for the file, from the flags or from what a person answers."""
    from relay.settings import Settings

    own = Settings.model_fields["url"].default
    question = "The relay's address for browsers"
    url = _valid("public_url", public_url, question, own, _web_address)
    question = "Origins of the pages with the widget, such as https://shop.example"
    origins = _valid("allowed_origins", allowed_origins, question, NONE, _origins)
    values = {"public_url": None if url == own else url, "allowed_origins": origins}
    return {name: value for name, value in values.items() if value}


def _web_address(text: str) -> str:
    from relay.settings import types

    return types.web_address(types.with_scheme(text))


def _origins(text: str) -> list[str]:
    from relay.settings import origins, types

    typed = [part for part in text.replace(",", " ").split() if part != NONE]
    return [origins.origin_or_wildcard(types.with_scheme(part)) for part in typed]


def _valid(
    name: str, flag: str | None, question: str, default: str, check: Callable[[str], Value]
) -> Value:
    """Return what *check* makes of the *flag* or, without one, of the answer to *question*.

    A person is asked again after a wrong answer.
    """
    while True:
        text = output.ask(question, default) if flag is None else flag
        try:
            return check(text)
        except ValueError as invalid:
            problem = _problem(name, str(invalid))
        if flag is not None:
            raise options.UsageError(f"--{name.replace('_', '-')}: {problem}")
        if not output.can_ask_again():
            raise StartError(f"{question}: {problem}")
        output.error(f"{problem[0].upper()}{problem[1:]}")


def _problem(name: str, said: str) -> str:
    from relay.settings import Settings, types

    return f"{said or f'it has to be {types.takes(Settings.model_fields[name])}'}."


def _usual_name() -> str:
    user = user_name(os.geteuid())
    return user.capitalize() if os.geteuid() and user.isalpha() else SOMEBODY


@contextmanager
def _new_file(path: Path, values: Mapping[str, object]) -> Iterator[None]:
    """Write *values* to the new file *path*, which is gone if the block raises.

    Its mode is 0600, since it is the place for secrets, too.
    """
    from relay.settings.template import starter

    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise _exists(path) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(starter(values).encode())
        yield
    except BaseException:
        path.unlink()
        raise


def _exists(path: Path) -> StartError:
    return StartError(f"{path} is there already, and stays as it is; give another file with -o.")


def _first_agent(settings: "Settings", name: str) -> "AgentAdded":
    """Add the agent *name* as an admin to the desk of *settings* on this machine."""
    import asyncio

    from cli.relay_client import admin_client

    async def add() -> "AgentAdded":
        async with admin_client(settings, here=True) as client:
            return await add_agent(client, name, Role.ADMIN)

    return asyncio.run(add())


def _tag(settings: "Settings") -> str | None:
    """Return the line for the pages of *settings*, None if it is not known before a start."""
    from cli.snippet import widget_tag
    from relay.settings.model import DEFAULT_SITE

    if settings.public_url is None and not settings.port:
        output.info("the port is free to choose; while the relay runs, see `helpdesk snippet`.")
        return None
    return widget_tag(settings, settings.port, DEFAULT_SITE, {})
