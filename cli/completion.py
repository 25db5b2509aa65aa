"""`helpdesk completion`: writes a shell's completion script. Installs nothing."""

import os
from enum import StrEnum
from typing import Annotated

import typer

from cli import output
from cli.command import AsJson

VARIABLE = f"_{output.NAME.upper()}_COMPLETE"
"""Set by the shell when it asks what could come next."""


class Shell(StrEnum):
    """The shells that have a completion script."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
    json: AsJson = False,
) -> None:
    """Print a completion script for a shell."""
    from typer._completion_shared import get_completion_script

    script = get_completion_script(prog_name=output.NAME, complete_var=VARIABLE, shell=shell.value)
    if json:
        output.as_json({"shell": shell.value, "script": script})
    else:
        output.data(script)


def be_ready() -> None:
    """Let the shells be answered, if it is one that asks."""
    if VARIABLE in os.environ:
        from typer._completion_classes import completion_init

        completion_init()
