"""The table of commands, their shared behaviour, and the exit code of each error."""

import errno
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any

import typer
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

COMMANDS: dict[str, Callable[..., None] | typer.Typer] = {
    "demo": demo.demo,
    "serve": serve.serve,
    "tui": tui.tui,
    "login": login.login,
    "agent": agent.app,
    "requests": requests.app,
    "send": send.send,
    "stats": stats.stats,
    "watch": watch.watch,
    "usage": usage.usage,
    "canned": canned.app,
    "webhooks": webhooks.app,
    "config": config.app,
    "snippet": snippet.snippet,
    "backup": backup.backup,
    "restore": backup.restore,
    "replay": replay.replay,
    "export": export.export,
    "import": backup.import_,
    "hold": purge.hold,
    "unhold": purge.unhold,
    "purge": purge.purge,
    "check": check.check,
    "doctor": doctor.doctor,
    "healthcheck": healthcheck.healthcheck,
    "completion": completion.completion,
    "version": version.version,
}
"""Every command and group by its name, in the order of docs/cli.md; a new one is added here."""
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


app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    # The same text on every screen: docs/cli.md is made from it.
    context_settings={"terminal_width": 80, "help_option_names": ["-h", "--help"]},
)
for name, command in COMMANDS.items():
    if isinstance(command, typer.Typer):
        app.add_typer(command, name=name)
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
