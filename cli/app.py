"""The commands by name; shared behaviour; errors become a sentence and an exit code."""

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
    watch,
    webhooks,
)
from cli.output import ExitCode
from relay.errors import HelpdeskError

FOR_PEOPLE = frozenset({"demo", "serve", "tui"})
"""Commands that go on until they are ended: two draw a screen, and the relay has a log level."""
ENDS = (signal.SIGTERM, signal.SIGHUP)
QUIET = Parameter(
    "quiet",
    Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[
        bool, typer.Option("--quiet", "-q", help="Say nothing on stderr but what goes wrong.")
    ],
)


def give(app: typer.Typer) -> None:
    """Give what is common to all commands of *app*, and of the groups in it."""
    for info in app.registered_commands:
        if info.callback is not None and info.callback.__name__ not in FOR_PEOPLE:
            info.callback = _with_quiet(info.callback)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            give(group.typer_instance)


def _with_quiet(command: Callable[..., Any]) -> Callable[..., Any]:
    plain = signature(command)

    @wraps(command)
    def hushed(*args: Any, quiet: bool, **given: Any) -> Any:
        output.be_quiet(quiet)
        try:
            with _heeding_signals():
                return command(*args, **given)
        except _Told as told:
            number = int(told.code or 0)
        gc.collect()  # lets go of connections, too, so that none leaves files beside a database
        os.kill(os.getpid(), number)  # which does what it always does
        return None  # where the signal is blocked

    # Before the flags that say which desk, after those that say what to do there.
    own = list(plain.parameters.values())
    place = next((n for n, one in enumerate(own) if one.name == "config"), len(own))
    hushed.__dict__["__signature__"] = plain.replace(parameters=[*own[:place], QUIET, *own[place:]])
    return hushed


class _Told(SystemExit):
    """A signal has asked for an end; ``code`` is its number. A loop lets no other kind pass."""


@contextmanager
def _heeding_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise :exc:`_Told` in what is done meanwhile."""

    def end(number: int, _: object) -> None:
        raise _Told(number)

    # Ignored ones stay so, and who calls a command in a thread hears of signals elsewhere.
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
app.command()(demo.demo)
app.command()(serve.serve)
app.command()(tui.tui)
app.command()(login.login)
app.add_typer(agent.app, name="agent")
app.add_typer(requests.app, name="requests")
app.command()(send.send)
app.command()(stats.stats)
app.command()(watch.watch)
app.command()(usage.usage)
app.add_typer(canned.app, name="canned")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(config.app, name="config")
app.command()(snippet.snippet)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(replay.replay)
app.command()(export.export)
app.command("import")(backup.import_)
app.command()(purge.hold)
app.command()(purge.unhold)
app.command()(purge.purge)
app.command()(check.check)
app.command()(doctor.doctor)
app.command()(completion.completion)
give(app)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        output.data(f"{output.NAME} {version(output.NAME)}")
        raise typer.Exit


@app.callback()
def helpdesk(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Tell the version.")
    ] = False,
) -> None:
    """A support desk for people who live in a terminal."""


def run() -> None:
    """Run the command that the arguments name, and exit with its code."""
    output.mend_streams()
    completion.be_ready()
    sys.exit(exit_code(lambda: app(prog_name=output.NAME, standalone_mode=False)))


def exit_code(work: Callable[[], int | None]) -> int:
    """Do *work* and return the code to exit with; whatever goes wrong is said in a sentence."""
    try:
        code = work()
    except HelpdeskError as error:
        output.complain(str(error))
    except typer.TyperException as wrong:
        output.complain(_usage(wrong))
        return wrong.exit_code
    except (typer.Abort, EOFError):
        output.complain("An answer is missing; type it, or give it as a flag.")
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        output.stop_writing()
    except OSError as error:
        output.complain(_failed(error))
    except Exception as error:
        if os.environ.get("HELPDESK_LOG_LEVEL", "").upper() == "DEBUG":
            raise
        output.complain(
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
