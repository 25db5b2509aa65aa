"""Answers of the program to the shells that ask what could come next, through Typer."""

import os
import re
from typing import cast

from typer._click.core import Parameter
from typer._click.shell_completion import (
    CompletionItem,
    ShellComplete,
    _resolve_context,
    _resolve_incomplete,
    add_completion_class,
)
from typer._completion_classes import BashComplete, FishComplete, ZshComplete

from cli.completion_values import FILES, completions

FILE_MARK = "<file>"
"""The answer to bash where a file belongs."""
_UNSAFE = re.compile(r"[^\w@%+=:,./-]")


def register() -> None:
    """Have Typer answer each shell by the classes of this module."""
    for name, answers in (("bash", Bash), ("zsh", Zsh), ("fish", Fish)):
        add_completion_class(cast("type[ShellComplete]", answers), name)


class Bash(BashComplete):
    """Answers bash: a value on each line, with its spaces escaped."""

    def complete(self) -> str:
        """Return the answer to what is in the environment."""
        found = _found(self)
        if found is None:
            return FILE_MARK
        return "\n".join(_UNSAFE.sub(r"\\\g<0>", item.value) for item in found)


class Zsh(ZshComplete):
    """Answers zsh: what it then evaluates."""

    def complete(self) -> str:
        """Return the answer to what is in the environment."""
        found = _found(self)
        if found is None:
            return "_files"
        items = "\n".join(map(self.format_completion, found))
        return f"_arguments '*: :(({items}))'" if items else ""


class Fish(FishComplete):
    """Answers fish, which asks first whether there are values, and completes files if not."""

    def complete(self) -> str:
        """Return the answer to what is in the environment."""
        found = _found(self)
        if os.environ.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
            raise SystemExit(int(found is None))
        return "\n".join(map(self.format_completion, found or ()))


def _found(shell: ShellComplete) -> list[CompletionItem] | None:
    """Return what *shell* can complete, None if it is a file."""
    words, begun = shell.get_completion_args()
    context = _resolve_context(shell.cli, shell.ctx_args, shell.prog_name, words)
    place, begun = _resolve_incomplete(context, words, begun)
    known = [item for item in place.shell_complete(context, begun) if item.type != "file"]
    if known or not isinstance(place, Parameter):
        return known
    if place.metavar in FILES:
        return None
    command = context.command_path.partition(" ")[2]
    values = completions(command, place.name or "", context.params)
    return [CompletionItem(value) for value in values if value.startswith(begun)]
