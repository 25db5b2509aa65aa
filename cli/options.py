"""Shared command-line options: settings as flags, and checks of arguments."""

from collections.abc import Callable
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeVar

import typer

from cli.output import ExitCode
from cli.setting_flags import SETTING_FLAGS
from relay.errors import StartError

if TYPE_CHECKING:
    from relay.settings import Settings

REPEATED = frozenset({"host"})
"""Settings whose flag may be given several times."""

Command = TypeVar("Command", bound=Callable[..., None])


class UsageError(typer.TyperException):
    """The command line is wrong: exit code 2."""

    exit_code = ExitCode.WRONG_USE


class Flag(NamedTuple):
    """The metavar and the help of a flag."""

    metavar: str
    help: str


ZONE = Flag("ZONE", "Time zone of dates and times, such as Europe/Berlin; by default yours.")
CONFIG = Flag(
    "FILE",
    "The settings file; by default helpdesk.toml here, in the user's folder or in /etc/helpdesk.",
)
FLAGS = {name: Flag(*shown) for name, shown in SETTING_FLAGS.items()}
"""Of each setting that a command line may show."""


def settings_flags(*names: str) -> Callable[[Command], Command]:
    """Add the settings *names* and ``--config`` as flags to a command.

    It gets them as further keywords, fit for :func:`load`.
    """

    def decorate(command: Command) -> Command:
        plain = signature(command)
        own = [one for one in plain.parameters.values() if one.kind is not one.VAR_KEYWORD]
        flags = [
            flag_parameter("config", CONFIG),
            *(flag_parameter(name, FLAGS[name]) for name in names),
        ]
        command.__dict__["__signature__"] = plain.replace(parameters=[*own, *flags])
        return command

    return decorate


def zone_flag(command: Command) -> Command:
    """Add ``--tz`` to a command, as a further keyword for :func:`cli.time_zone.pop_zone`."""
    plain = signature(command)
    *own, rest = plain.parameters.values()
    parameters = [*own, flag_parameter("tz", ZONE), rest]
    command.__dict__["__signature__"] = plain.replace(parameters=parameters)
    return command


def load(config: str | None = None, **given: str | None) -> "Settings":
    """Return the settings under the flags *given*; raise :exc:`UsageError` if one is wrong."""
    from relay import settings

    try:
        return settings.load(config_file(config), **given)
    except settings.FlagError as error:
        raise UsageError(str(error)) from None


def require_utf8_name(name: str) -> str:
    """Return *name*; raise :exc:`UsageError` if its bytes are no text: nothing could store it."""
    return require_utf8("A name", name)


def require_utf8(what: str, text: str) -> str:
    """Return *text*, called *what*; raise :exc:`UsageError` if nothing could store its bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{what} has to be text in UTF-8.") from None
    return text


def request_number(word: str) -> int:
    """Return the number of a request that *word* is, ``42`` or ``#42``; else :exc:`UsageError`."""
    number = word.removeprefix("#")
    if not (number.isascii() and number.isdigit() and 0 < int(number[:17]) <= 2**53):
        raise UsageError(f"{word!r} is no request's number.")
    return int(number)


def config_file(config: str | None) -> Path | None:
    """Return the file of settings that a flag or a variable names, if one does."""
    from relay.settings import environment, types

    chosen = config or environment.config_variable()
    try:
        return types.in_full(chosen) if chosen else None
    except ValueError as unknown:
        if config:
            raise UsageError(f"--config: {unknown}.") from None
        raise StartError(f"HELPDESK_CONFIG: {unknown}.") from None


def flag_parameter(name: str, flag: Flag) -> Parameter:
    """Return the parameter of a command that Typer shows as *flag*; None where it is not given."""
    option = typer.Option(metavar=flag.metavar, help=flag.help, show_default=False)
    taken = list[str] if name in REPEATED else str
    return Parameter(
        name, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[taken | None, option]
    )
