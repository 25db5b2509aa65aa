"""The table of commands, their shared behaviour, and the exit code of each error."""

import errno
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any, ClassVar

import typer
from typer._click.core import Context
from typer._click.formatting import HelpFormatter
from typer.core import TyperGroup
from typer.main import get_command

from cli import (
    agent,
    backup,
    canned,
    check,
    completion,
    config,
    demo,
    doctor,
    export,
    healthcheck,
    init,
    login,
    output,
    purge,
    replay,
    requests,
    send,
    serve,
    snippet,
    stats,
    tui,
    usage,
    version,
    watch,
    webhooks,
)
from cli.output import ExitCode
from relay.errors import HelpdeskError

GROUPS: dict[str, dict[str, Callable[..., None] | typer.Typer]] = {
    "Try it, set it up": {
        "demo": demo.demo,
        "init": init.init,
        "serve": serve.serve,
        "agent": agent.app,
        "snippet": snippet.snippet,
        "config": config.app,
        "doctor": doctor.doctor,
    },
    "Answer customers": {
        "login": login.login,
        "tui": tui.tui,
        "requests": requests.app,
        "send": send.send,
        "canned": canned.app,
    },
    "Follow and count": {
        "stats": stats.stats,
        "watch": watch.watch,
        "usage": usage.usage,
        "webhooks": webhooks.app,
        "healthcheck": healthcheck.healthcheck,
    },
    "Keep, move and delete data": {
        "backup": backup.backup,
        "restore": backup.restore,
        "export": export.export,
        "import": backup.import_,
        "replay": replay.replay,
        "check": check.check,
        "hold": purge.hold,
        "unhold": purge.unhold,
        "purge": purge.purge,
    },
    "The command itself": {
        "completion": completion.completion,
        "version": version.version,
    },
}
"""Every command and group by its name, under the headings of the help; a new one is added here."""
COMMANDS = {name: command for group in GROUPS.values() for name, command in group.items()}
FOR_PEOPLE = frozenset({"demo", "serve", "tui"})
"""Commands that go on until they are ended: two draw a screen, and the relay has a log level."""
ENDS = (signal.SIGTERM, signal.SIGHUP)
QUIET = Parameter(
    "quiet",
    Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[bool, typer.Option("--quiet", "-q", help="Write only errors to stderr.")],
)


def add_quiet_flag(app: typer.Typer) -> None:
    """Add ``--quiet``, and an end by signal, to all commands of *app* and of the groups in it."""
    for info in app.registered_commands:
        if info.callback is not None and info.callback.__name__ not in FOR_PEOPLE:
            info.callback = _with_quiet(info.callback)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            add_quiet_flag(group.typer_instance)


def _with_quiet(command: Callable[..., Any]) -> Callable[..., Any]:
    plain = signature(command)

    @wraps(command)
    def with_quiet(*args: Any, quiet: bool, **given: Any) -> Any:
        output.set_quiet(quiet)
        try:
            with _signals_as_exceptions():
                return command(*args, **given)
        except _Signalled as signalled:
            number = int(signalled.code or 0)
        gc.collect()  # lets go of connections, too, so that none leaves files beside a database
        os.kill(os.getpid(), number)  # which does what it always does
        return None  # where the signal is blocked

    # Before the flags that say which desk, after those that say what to do there.
    own = list(plain.parameters.values())
    place = next((n for n, one in enumerate(own) if one.name == "config"), len(own))
    with_quiet.__dict__["__signature__"] = plain.replace(
        parameters=[*own[:place], QUIET, *own[place:]]
    )
    return with_quiet


class _Signalled(SystemExit):
    """A signal, whose number is ``code``. Of exceptions an event loop lets only SystemExit pass."""


@contextmanager
def _signals_as_exceptions() -> Iterator[None]:
    """Raise :exc:`_Signalled` on SIGTERM and SIGHUP within the block."""

    def end(number: int, _: object) -> None:
        raise _Signalled(number)

    # Ignored signals stay ignored, and only the main thread may set handlers.
    is_main = threading.current_thread() is threading.main_thread()
    usual = [one for one in ENDS if is_main and signal.getsignal(one) is signal.SIG_DFL]
    for one in usual:
        signal.signal(one, end)
    try:
        yield
    finally:
        for one in usual:
            signal.signal(one, signal.SIG_DFL)


LONGEST_SENTENCE = 1000
"""Characters of a sentence in a list; a longer one would be cut, a shorter one wraps."""


class HelpGroup(TyperGroup):
    """Group of commands that prints its help if it is called alone."""

    headings: ClassVar[Mapping[str, Sequence[str]]] = {}
    """The names under each heading; without any, all are under "Commands"."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Print the help and end with exit code 0 if there is nothing to parse."""
        if not args and not ctx.resilient_parsing:
            typer.echo(ctx.get_help())
            raise typer.Exit
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write a list of names and sentences under each heading."""
        for heading, names in (self.headings or {"Commands": self.list_commands(ctx)}).items():
            with formatter.section(heading):
                formatter.write_dl(
                    [
                        (name, self.commands[name].get_short_help_str(LONGEST_SENTENCE))
                        for name in names
                    ]
                )


class Program(HelpGroup):
    """The command with its headings."""

    headings: ClassVar[Mapping[str, Sequence[str]]] = {
        heading: [*group] for heading, group in GROUPS.items()
    }


app = typer.Typer(
    cls=Program,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    # The same text on every screen: docs/cli.md is made from it.
    context_settings={"terminal_width": 80, "help_option_names": ["-h", "--help"]},
)
for name, command in COMMANDS.items():
    if isinstance(command, typer.Typer):
        app.add_typer(command, name=name, cls=HelpGroup)
    else:
        app.command(name)(command)
add_quiet_flag(app)


def _version(wanted: bool) -> None:
    if wanted:
        version.version()
        raise typer.Exit


@app.callback()
def helpdesk(
    shows_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A support desk for people who work in a terminal."""


program = get_command(app)
"""The command with all that are below it, as :func:`run` calls it."""


def run() -> None:
    """Run the command that the arguments name, and exit with its code."""
    output.configure_streams()
    completion.be_ready()
    sys.exit(exit_code(lambda: program(prog_name=output.NAME, standalone_mode=False)))


def exit_code(command: Callable[[], int | None]) -> int:
    """Run *command* and return its exit code; every error becomes one sentence on stderr."""
    try:
        code = command()
    except HelpdeskError as error:
        output.error(str(error))
    except typer.TyperException as wrong:
        output.error(_usage(wrong))
        return wrong.exit_code
    except (typer.Abort, EOFError):
        output.error("An answer is missing; type it, or give it as a flag.")
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        output.discard_stdout()
    except OSError as error:
        output.error(_failed(error))
    except Exception as error:
        if os.environ.get("HELPDESK_LOG_LEVEL", "").upper() == "DEBUG":
            raise
        output.error(
            f"This is a mistake in the program ({type(error).__name__}); please report it, "
            "with what HELPDESK_LOG_LEVEL=DEBUG shows."
        )
    else:
        return int(code or ExitCode.DONE)
    return ExitCode.FAILED


def _usage(wrong: typer.TyperException) -> str:
    """Return what was *wrong*, and where to read how it is right."""
    context = getattr(wrong, "ctx", None)
    # Pydantic's words in front of Typer's own sentence.
    message = wrong.format_message().replace("Value error, ", "")
    return f"{message.rstrip('.')}; see `{context.command_path} --help`." if context else message


def _failed(error: OSError) -> str:
    reason = error.strerror or type(error).__name__
    if error.errno == errno.ENOSPC:
        return f"{reason}; make room, or write elsewhere."
    place = f": {error.filename}" if error.filename else ""
    return f"{reason}{place}; check that path and address."
