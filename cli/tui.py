"""`helpdesk tui`: runs the console, signed in by a flag, a variable or the saved profile."""

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options, output

if TYPE_CHECKING:
    from pathlib import Path

    from relay.settings.model import Console


PLAIN = "Use lines instead of a screen: one per event and command; `help` lists the commands."
NO_MOUSE = "Leave the mouse to the terminal."

FIRST_LOOK = 1.0
"""Seconds that the relay has to refuse a token before the console takes the screen."""


@options.settings_flags("url", "token")
def tui(
    plain: Annotated[bool, typer.Option("--plain", help=PLAIN)] = False,
    no_mouse: Annotated[bool, typer.Option("--no-mouse", help=NO_MOUSE)] = False,
    **given: str | None,
) -> None:
    """Run the console, in which agents answer customers."""
    import asyncio

    from cli import profile
    from cli.login import name_at
    from relay.client import Unreachable

    if not plain:
        require_terminal()
    settings = options.load(**given)
    url, token = profile.where(settings, profile.read())
    if plain:
        from helpdesk_tui.plain import run_plain

        raise typer.Exit(run_plain(url, token))
    with suppress(Unreachable, TimeoutError):  # the console says so itself, and goes on calling
        asyncio.run(asyncio.wait_for(name_at(url, token), FIRST_LOOK))
    own = settings.console.model_copy(update={"mouse": False}) if no_mouse else settings.console
    raise typer.Exit(run_console(url, token, preferences=own))


def require_terminal() -> None:
    """Raise StartError if there is no terminal to draw on and to read keys from."""
    from relay.errors import StartError

    if not output.has_terminal():
        raise StartError("The console needs a terminal for its screen and keys; run it in one.")


def run_console(
    url: str,
    token: str,
    state_dir: "Path | None" = None,
    notice: str = "",
    preferences: "Console | None" = None,
) -> int:
    """Run the console until it is left, and return its exit code.

    Drafts go to *state_dir*; *notice* is shown where no request is open.
    """
    from helpdesk_tui.app import run

    return run(url, token, state_dir, notice, preferences)
