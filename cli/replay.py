"""`helpdesk replay`: plays a request in the terminal, or repeats it on another relay."""

from collections.abc import Iterator
from datetime import tzinfo
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options, output
from cli.output import ExitCode
from cli.time_zone import pop_zone
from relay.errors import StartError

if TYPE_CHECKING:
    from cli.replay_player import Scene
    from relay.settings import Settings
    from relay.store.export_format import MessageLine, RequestLine
    from relay.store.offline import ExportSource

SPEEDS = {"1": 1.0, "4": 4.0, "max": float("inf")}


@options.settings_flags("database", "token")
@options.zone_flag
def replay(
    request: Annotated[str, typer.Argument(metavar="REQUEST", help="The request's number.")],
    *,
    speed: Annotated[
        str, typer.Option(metavar="SPEED", help="1 for the original speed, 4, or max.")
    ] = "1",
    begin: Annotated[
        int, typer.Option("--from", metavar="SEQ", min=1, help="The first message to play.")
    ] = 1,
    notes: Annotated[bool, typer.Option("--notes", help="Include the agents' notes.")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="Print everything at once.")] = False,
    to: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Repeat it at this relay, as a customer and an agent."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="With --to: write how it went as JSON.")
    ] = False,
    **given: str | None,
) -> None:
    """Play a request back as it happened; pauses are shortened to 2 s."""
    if speed not in SPEEDS:
        raise options.UsageError(f"--speed: {speed!r} is none of {', '.join(SPEEDS)}.")
    if to is not None and begin > 1:
        raise options.UsageError(
            "--to: What is acted again begins at its beginning, without --from."
        )
    if json and to is None:
        raise options.UsageError("--json: `helpdesk requests show --json` tells what was said.")
    number, zone = options.request_number(request), pop_zone(given)
    settings = options.load(**given)

    from cli.displacement import require_place
    from cli.replay_player import scenes
    from relay.store.backends import database_at

    require_place(settings)
    with database_at(settings.database_path).export_source() as source:
        first, log = _history(source, number)
        if begin > first.request.seq:
            raise StartError(f"#{number} ends with {first.request.seq}; give --from that or less.")
        if to is None:
            played = scenes(first, log, begin=begin, notes=notes)
            _play(first, played, SPEEDS[speed], zone, plain=plain or not output.can_redraw())
            return
        played = scenes(first, log, begin=begin, notes=True)
        _act(first, played, to, settings, SPEEDS[speed], zone=zone, notes=notes, json=json)


def _history(source: "ExportSource", number: int) -> "tuple[RequestLine, Iterator[MessageLine]]":
    from relay.store.export_format import MessageLine, RequestLine
    from relay.store.values import RequestFilter

    source.require_request(number)
    lines = source.histories(source.extent(RequestFilter(requests=(number,))))
    (first,) = (line for line in islice(lines, 1) if isinstance(line, RequestLine))
    return first, (line for line in lines if isinstance(line, MessageLine))


def _play(
    first: "RequestLine",
    played: "Iterator[Scene]",
    speed: float,
    zone: tzinfo | None,
    *,
    plain: bool,
) -> None:
    from cli.replay_player import Player, heading, on_terminal, scene_block

    output.data(heading(first))
    if plain:
        for scene in played:
            output.data(scene_block(scene, zone).rstrip("\n"))
        return
    with on_terminal() as stage:
        Player(stage, speed, zone).play(played)


def _act(
    first: "RequestLine",
    played: "Iterator[Scene]",
    url: str,
    settings: "Settings",
    speed: float,
    *,
    zone: tzinfo | None,
    notes: bool,
    json: bool,
) -> None:
    import asyncio

    from cli import profile
    from cli.replay_live import reenact
    from cli.replay_player import scene_block

    outcome = asyncio.run(
        reenact(
            first,
            played,
            url,
            profile.token_for(url, settings, profile.read()),
            speed=speed,
            notes=notes,
            sleep=asyncio.sleep,
            shown=lambda scene: (
                None if json else output.data(scene_block(scene, zone).rstrip("\n"))
            ),
        )
    )
    if json:
        output.as_json(outcome.plain)
    else:
        output.info(outcome.sentence)
    if outcome.refused:
        raise typer.Exit(ExitCode.FAILED)
