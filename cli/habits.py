"""What all commands have in common, given to each when it is registered: ``--quiet``.

A command does nothing for it: :func:`cli.output.say` is silent then, what goes wrong is still told.
"""

from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any

import typer

from cli import output

FOR_PEOPLE = frozenset({"demo", "serve", "tui"})
"""Commands that go on until they are ended: two draw a screen, and the relay has a log level."""
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
        return command(*args, **given)

    # Before the flags that say which desk, after those that say what to do there.
    own = list(plain.parameters.values())
    place = next((n for n, one in enumerate(own) if one.name == "config"), len(own))
    hushed.__dict__["__signature__"] = plain.replace(parameters=[*own[:place], QUIET, *own[place:]])
    return hushed
