"""The commands by name; an error becomes one sentence and an exit code, never a traceback.

Imports nothing heavy: `helpdesk --help` answers at once.
"""

import errno
import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from cli import (
    agents,
    backup,
    canned,
    check,
    completion,
    config,
    costs,
    demo,
    doctor,
    export,
    habits,
    login,
    output,
    purging,
    replay,
    requests,
    sending,
    serve,
    snippet,
    stats,
    tui,
    watch,
    webhooks,
)
from cli.output import ExitCode
from relay.errors import HelpdeskError

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
app.add_typer(agents.app, name="agent")
app.add_typer(requests.app, name="requests")
app.command()(sending.send)
app.command()(stats.stats)
app.command()(watch.watch)
app.command()(costs.usage)
app.add_typer(canned.app, name="canned")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(config.app, name="config")
app.command()(snippet.snippet)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(replay.replay)
app.command()(export.export)
app.command("import")(backup.import_)
app.command()(purging.hold)
app.command()(purging.unhold)
app.command()(purging.purge)
app.command()(check.check)
app.command()(doctor.doctor)
app.command()(completion.completion)
habits.give(app)


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
