"""`helpdesk completion`: writes a shell's completion script, and answers it. Installs nothing.

A script asks the program with :data:`VARIABLE` set. The shell completes files only where the
program says that a file belongs there.
"""

import os
from enum import StrEnum
from typing import Annotated

import typer

from cli import output
from cli.command import AsJson

VARIABLE = f"_{output.NAME.upper()}_COMPLETE"
"""Set by the shell when it asks what could come next."""
BASH = f"""\
_{output.NAME}_completion() {{
    local IFS=$'\\n'
    COMPREPLY=( $( env COMP_WORDS="${{COMP_WORDS[*]}}" COMP_CWORD=$COMP_CWORD \\
                   {VARIABLE}=complete_bash $1 2>/dev/null ) )
    if [[ ${{COMPREPLY[0]}} == '<file>' ]]; then
        COMPREPLY=()
        compopt -o default
    fi
    return 0
}}

complete -F _{output.NAME}_completion {output.NAME}
"""


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

    script = BASH
    if shell is not Shell.BASH:
        script = get_completion_script(
            prog_name=output.NAME, complete_var=VARIABLE, shell=shell.value
        )
    if json:
        output.as_json({"shell": shell.value, "script": script})
    else:
        output.data(script)


def be_ready() -> None:
    """Let the shells be answered, if it is one that asks."""
    if VARIABLE not in os.environ:
        return
    from typer._completion_classes import completion_init

    from cli.completion_shells import register

    completion_init()
    register()
