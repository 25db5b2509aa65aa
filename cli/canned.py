"""`helpdesk canned`: edits the canned responses. A wrong file changes none of them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options, output
from cli.command import AsJson, desk_flags, run_operation
from relay.errors import Code, HelpdeskError, Refused, StartError

if TYPE_CHECKING:
    from cli.relay_client import RelayClient
    from relay.wire.agent_in import CannedSet
    from relay.wire.objects import Canned

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes of a file of responses: more than a desk may have of them."""
app = typer.Typer(
    help="Manage canned responses; {customer} and {agent} are replaced by names.",
    rich_markup_mode=None,
)
Name = Annotated[
    str,
    typer.Argument(
        help="The name by which agents find it.", callback=options.require_utf8_name, metavar="NAME"
    ),
]
Words = Annotated[str, typer.Argument(metavar="TEXT", help="The text; - reads stdin.")]


@app.command()
@desk_flags
def add(name: Name, text: Words, json: AsJson = False, **given: str | None) -> None:
    """Add a response under a new name."""

    def must_be_new(known: dict[str, str]) -> None:
        if name in known:
            raise HelpdeskError(f"There is one called {name}; `helpdesk canned edit` changes it.")

    _set(name, text, must_be_new, given)
    _say(f"{name} is there for all agents.", {"name": name}, json=json)


@app.command()
@desk_flags
def edit(name: Name, text: Words, json: AsJson = False, **given: str | None) -> None:
    """Change the text of a response."""
    _set(name, text, lambda known: _must_know(name, known), given)
    _say(f"{name} is changed for all agents.", {"name": name}, json=json)


@app.command("list")
@desk_flags
def list_canned(json: AsJson = False, **given: str | None) -> None:
    """List all responses, by name."""
    found = run_operation(_all, given, reads=True, agents_may=True)
    if json:
        output.as_json(_plain(found))
        return
    from relay.sanitize import printable_line

    output.table(
        ("NAME", "TEXT"), [(printable_line(one.name), printable_line(one.text)) for one in found]
    )


@app.command()
@desk_flags
def rm(name: Name, json: AsJson = False, **given: str | None) -> None:
    """Remove a response."""
    from relay.wire import agent_in, agent_out

    async def operation(client: "RelayClient") -> None:
        _must_know(name, _known(client))
        await client.ask(agent_in.CannedRemove(ref="remove", name=name), agent_out.Ok)

    run_operation(operation, given, reads=True, agents_may=True)
    _say(f"{name} is gone.", {"name": name}, json=json)


@app.command("export")
@desk_flags
def export_canned(
    file: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="The file to write; - is stdout.",
            callback=options.require_utf8_name,
        ),
    ] = "-",
    **given: str | None,
) -> None:
    """Write all responses as JSON, for `canned import`."""
    import json

    from cli.output_file import open_output

    found = run_operation(_all, given, reads=True, agents_may=True)
    with open_output(file, never=options.load(**given).database_path) as write:
        write(f"{json.dumps(_plain(found), indent=1)}\n".encode())


@app.command("import")
@desk_flags
def import_canned(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="A file written by `canned export`; - reads stdin."),
    ],
    json: AsJson = False,
    **given: str | None,
) -> None:
    """Add the responses of a file, replacing those with the same name."""
    from relay.wire import agent_out

    responses = _read(file)

    async def operation(client: "RelayClient") -> int:
        frames = _checked(responses, client)
        for frame in frames:
            await client.ask(frame, agent_out.Ok)
        return len(frames)

    count = run_operation(operation, given, insists=True, agents_may=True)
    _say(f"{count} canned responses were taken from {file}.", {"responses": count}, json=json)


async def _all(client: "RelayClient") -> "list[Canned]":
    return sorted(client.welcome.canned, key=lambda one: one.name)


def _plain(found: "list[Canned]") -> list[dict[str, str]]:
    return [{"name": one.name, "text": one.text} for one in found]


def _known(client: "RelayClient") -> dict[str, str]:
    return {one.name: one.text for one in client.welcome.canned}


def _must_know(name: str, known: dict[str, str]) -> None:
    if name not in known:
        raise HelpdeskError(f"There is no response {name}; `helpdesk canned list` shows them all.")


def _set(
    name: str,
    text: str,
    check: Callable[[dict[str, str]], None],
    given: dict[str, str | None],
) -> None:
    from relay.wire import agent_in, agent_out

    words = options.require_utf8("TEXT", output.given_text(text))

    async def operation(client: "RelayClient") -> None:
        check(_known(client))
        await client.ask(agent_in.CannedSet(ref="set", name=name, text=words), agent_out.Ok)

    run_operation(operation, given, agents_may=True)


def _read(file: str) -> "list[Canned]":
    """Return the responses in *file*; raise :exc:`StartError` if it holds something else."""
    from pathlib import Path

    from msgspec import MsgspecError, json

    from relay.files import read_regular
    from relay.wire.objects import Canned

    if file == "-":
        data = output.given_text(file).encode()
    else:
        data = read_regular(Path(file), LARGEST_FILE)
    try:
        return json.decode(data, type=list[Canned])
    except (MsgspecError, UnicodeDecodeError) as error:
        raise StartError(
            f"{file} is no list of canned responses ({error}); give what `canned export` wrote."
        ) from None


def _checked(responses: "list[Canned]", client: "RelayClient") -> "list[CannedSet]":
    """Return the frames that store *responses* in one step at the last of them.

    Raises :exc:`StartError` if the desk would refuse one.
    """
    from relay.service.handlers.admins import must_fit
    from relay.wire.agent_in import CannedSet
    from relay.wire.validation import validated

    frames: list[CannedSet] = []
    known = _known(client)
    for place, one in enumerate(responses, 1):
        try:
            more = place < len(responses)
            wanted = CannedSet("set", one.name, one.text, more=more)
            frame = validated(wanted, client.welcome.limits.text)
            assert isinstance(frame, CannedSet)  # noqa: S101 - a check gives back what it got
            _must_be_new(frame.name, frames)
            known[frame.name] = frame.text
            must_fit(known)
        except Refused as refused:
            raise StartError(f"Response {place} in the file: {refused} Nothing changed.") from None
        frames.append(frame)
    return frames


def _must_be_new(name: str, before: "list[CannedSet]") -> None:
    if any(one.name == name for one in before):
        raise Refused(Code.INVALID, f"There is another {name} before it.")


def _say(sentence: str, result: dict[str, object], *, json: bool) -> None:
    if json:
        output.as_json(result)
    else:
        output.info(sentence)
