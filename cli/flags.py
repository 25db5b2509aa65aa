"""Settings as flags. The texts stand here again, because `--help` must not load the settings.

A test holds names and texts equal to those of the settings. It never checks a value itself.
"""

import os
from collections.abc import Callable
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeVar

import typer

from cli.output import ExitCode

if TYPE_CHECKING:
    from relay.settings import Settings

Command = TypeVar("Command", bound=Callable[..., None])


class WrongUse(typer.TyperException):
    """The command was not called as it has to be."""

    exit_code = ExitCode.WRONG_USE


class Flag(NamedTuple):
    """How ``--help`` shows a setting."""

    metavar: str
    help: str


CONFIG = Flag("FILE", "The file of settings, if not helpdesk.toml here or in the user's folder.")
FLAGS = {
    "host": Flag("HOST", "The address that the relay listens on."),
    "port": Flag("PORT", "The port that the relay listens on; 0 takes a free one."),
    "database": Flag("PATH", "The SQLite file that holds everything."),
    "public_url": Flag("URL", "Where browsers reach the relay, if not at its host and port."),
    "allowed_origins": Flag(
        "ORIGINS", "Whose pages may bear the widget; the relay's own always may."
    ),
    "agent_origins": Flag("ORIGINS", "Whose pages may speak for agents; none may, unless listed."),
    "desk_name": Flag("NAME", "What customers see the desk called."),
    "greeting": Flag("TEXT", "What the desk says first in each request."),
    "away_message": Flag("TEXT", "What customers read while no agent is online."),
    "retention_days": Flag(
        "DAYS", "Days to keep a closed request: unset keeps it, 0 deletes it at closing."
    ),
    "auto_close_after": Flag(
        "HOURS", "Hours in which nobody writes, after which a request is closed; unset: never."
    ),
    "text_limit": Flag("N", "The longest message, in code points."),
    "frame_limit": Flag("N", "The longest frame taken, in bytes."),
    "messages_per_second": Flag("N", "Messages a second from one customer; 0 frees agents too."),
    "burst": Flag("N", "Messages that a customer may send at once; 0 frees agents too."),
    "bytes_per_second": Flag(
        "N", "Bytes a second from one connection; it is slowed down, and loses nothing."
    ),
    "connections_per_customer": Flag(
        "N", "Connections (tabs, devices) of one customer at the same time."
    ),
    "connections_per_address": Flag(
        "N",
        "Connections from one network address at the same time; "
        "0 lifts unauthenticated_per_address too.",
    ),
    "unauthenticated_per_address": Flag("N", "Those of them that have not yet said who they are."),
    "unauthenticated_connections": Flag(
        "N", "Connections that have not yet said who they are, all together."
    ),
    "connections_per_second": Flag("N", "New connections a second; others are asked to come back."),
    "connections_burst": Flag("N", "New connections that may come at once."),
    "trusted_proxies": Flag(
        "NETWORKS",
        "Whose X-Forwarded-For is believed; nobody's, not even this machine's, unless named.",
    ),
    "require_identity": Flag("BOOL", "Whether only customers with a signed identity come in."),
    "log_level": Flag("LEVEL", "How much the relay tells on stderr."),
    "log_format": Flag(
        "FORMAT", "How a line looks: console on a terminal, else json, unless it is set."
    ),
    "url": Flag("URL", "The relay that the console talks to."),
    "token": Flag("TOKEN", "The agent's token that the console shows the relay."),
}


def settings_flags(*names: str) -> Callable[[Command], Command]:
    """Give a command the settings *names* and ``--config`` as flags.

    It gets them as further keywords, fit for :func:`load`.
    """

    def give(command: Command) -> Command:
        plain = signature(command)
        own = [one for one in plain.parameters.values() if one.kind is not one.VAR_KEYWORD]
        flags = [_flag("config", CONFIG), *(_flag(name, FLAGS[name]) for name in names)]
        command.__dict__["__signature__"] = plain.replace(parameters=[*own, *flags])
        return command

    return give


def load(config: str | None = None, **given: str | None) -> "Settings":
    """Return the settings under the flags *given*; raise :exc:`WrongUse` if one is wrong."""
    from relay import settings

    try:
        return settings.load(file_of(config), **given)
    except settings.FlagError as error:
        raise WrongUse(str(error)) from None


def in_text(name: str) -> str:
    """Return *name*; raise :exc:`WrongUse` if its bytes are no text: nothing could store it."""
    return in_utf_8("A name", name)


def in_utf_8(what: str, text: str) -> str:
    """Return *text*, called *what*; raise :exc:`WrongUse` if nothing could store its bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise WrongUse(f"{what} has to be text in UTF-8.") from None
    return text


def request_number(word: str) -> int:
    """Return the number of a request that *word* is, ``42`` or ``#42``; else :exc:`WrongUse`."""
    number = word.removeprefix("#")
    if not (number.isascii() and number.isdigit() and 0 < int(number[:17]) <= 2**53):
        raise WrongUse(f"{word!r} is no request's number.")
    return int(number)


def file_of(config: str | None) -> Path | None:
    """Return the file of settings that a flag or a variable names, if one does."""
    from relay.errors import StartError
    from relay.settings import values

    chosen = config or os.environ.get("HELPDESK_CONFIG")
    try:
        return values.in_full(chosen) if chosen else None
    except ValueError as unknown:
        if config:
            raise WrongUse(f"--config: {unknown}.") from None
        raise StartError(f"HELPDESK_CONFIG: {unknown}.") from None


def _flag(name: str, flag: Flag) -> Parameter:
    option = typer.Option(metavar=flag.metavar, help=flag.help, show_default=False)
    return Parameter(
        name, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, option]
    )
